//! `hive outdated`: which releases are newer, and which patches have grown old.

use std::fmt::Write as _;

use crate::cli::arguments::Global;
use crate::cli::arguments::Outdated as Arguments;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::outdated;
use crate::workflow::outdated::Newer;
use crate::workflow::outdated::Outdated;
use crate::workflow::outdated::OutdatedPatch;
use crate::workflow::upgrade::report::Check;

pub(crate) fn run(options: &Arguments, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selected = &options.recipes.recipes;
    let project = place::project(selected, printer)?;
    let files = project.select(selected, &place::here())?;
    let all = outdated::outdated(&project, &files, place::today(), global.options(), &printer.progress())?;
    let is_old = all.iter().any(Outdated::is_old);
    if printer.is_json() {
        printer.json(&serde_json::json!({ "is_old": is_old, "recipes": all }));
    } else {
        for recipe in &all {
            printer.result(&page(recipe));
        }
    }
    Ok(if options.check && is_old { Exit::Findings } else { Exit::Fine })
}

fn page(recipe: &Outdated) -> String {
    let mut page = format!("{}  {}\n", toned(Tone::Strong, &recipe.recipe), recipe.upstream);
    let _ = writeln!(page, "  {}", newer(&recipe.newer));
    let proven = recipe.newer.seen().and_then(|newer| newer.newest.as_ref().map(|newest| (newer, newest)));
    if let Some((newer, newest)) = proven {
        let _ = match (newer.profile, &newer.newest_proven) {
            (Some(profile), _) => writeln!(page, "  profile   {profile} is proven for {newest}"),
            (None, Some(proven)) => {
                writeln!(page, "  profile   none is proven for {newest}; the newest with one is {proven}")
            }
            (None, None) => writeln!(page, "  profile   none is proven for {newest}, nor for one before it"),
        };
    }
    let is_newest = recipe.newer.seen().is_some_and(|newer| newer.newest.is_none() && newer.note.is_none());
    for patch in &recipe.patches {
        let (tone, words) = words(patch, is_newest);
        let _ = writeln!(page, "  {}  {}{}", toned(tone, &format!("{:<8}", words.0)), patch.file, words.1);
    }
    if let Some(note) = recipe.newer.seen().and_then(|newer| newer.note.as_ref()) {
        let _ = writeln!(page, "  {}", toned(Tone::Faint, note));
    }
    page + "\n"
}

fn newer(newer: &Check<Newer>) -> String {
    match newer {
        Check::NotChecked(why) => format!("{}  not checked: {why}", toned(Tone::Doubtful, "releases")),
        Check::Checked(Newer { newest: None, note: Some(_), .. }) => {
            format!("{}  no newer one is known", toned(Tone::Faint, "releases"))
        }
        Check::Checked(Newer { newest: None, .. }) => format!("{}  it is the newest", toned(Tone::Good, "releases")),
        Check::Checked(Newer { newest: Some(newest), versions, .. }) => {
            let count = counted(versions.len(), "newer release");
            format!("{}  {newest} is the newest, {count}", toned(Tone::Doubtful, "releases"))
        }
    }
}

/// Returns how old a patch is in a word, and what else there is to know.
fn words(patch: &OutdatedPatch, is_newest: bool) -> (Tone, (&'static str, String)) {
    let mut more = Vec::new();
    let mut word = (Tone::Good, "carried");
    match &patch.walk {
        Check::NotChecked(_) if is_newest => word = (Tone::Good, "fine"),
        Check::NotChecked(why) => {
            word = (Tone::Faint, "unknown");
            more.push(format!("not checked: {why}"));
        }
        Check::Checked(walk) => {
            if let Some(version) = &walk.absorbed_in {
                word = (Tone::Doubtful, "absorbed");
                more.push(format!("in {version}"));
            } else if let Some(version) = &walk.turned_in {
                word = (Tone::Bad, walk.state);
                more.push(format!("since {version}"));
                if patch.has_probe {
                    more.push("its probe may show it obsolete: `hive upgrade`".to_owned());
                }
            }
        }
    }
    if patch.is_for_own == Some(false) {
        word = (Tone::Bad, "outside");
        more.push(format!("it is for `{}`", patch.applies.as_deref().unwrap_or_default()));
    }
    match (patch.days_left, patch.expires) {
        (Some(days), Some(date)) if days <= 0 => {
            word = (Tone::Bad, "expired");
            more.push(format!("on {date}"));
        }
        (Some(days), Some(date)) if days <= OutdatedPatch::SOON_DAYS => {
            word = (Tone::Doubtful, "expires");
            more.push(format!("on {date}, in {days} days"));
        }
        (_, Some(date)) => more.push(format!("expires on {date}")),
        _ => {}
    }
    let more = if more.is_empty() { String::new() } else { format!(", {}", more.join("; ")) };
    (word.0, (word.1, more))
}
