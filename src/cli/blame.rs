//! `hive golden blame`: who moved which metric, and what changed with it.

use std::fmt::Write as _;

use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::Blame;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::golden::blame;
use crate::workflow::golden::blame::Change;
use crate::workflow::golden::blame::Commit;
use crate::workflow::golden::blame::Move;

/// How many changes of one kind people are told.
const CHANGES_SHOWN: usize = 12;

pub(crate) fn run(options: &Blame, printer: &Printer) -> Result<Exit, Error> {
    let (project, file, scenario) = place::scenario(&options.scenario, printer)?;
    let blame = blame::blame(&project, &file, scenario.as_deref(), &options.metrics)?;
    if printer.is_json() {
        printer.json(&written(&blame));
    } else {
        printer.result(&page(&blame));
    }
    Ok(Exit::Fine)
}

fn page(blame: &blame::Blame) -> String {
    let mut page = format!("{}  {}\n\n", toned(Tone::Strong, &blame.recipe), blame.file);
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  metric", "moved by", "on", "from", "to"]);
    for value in &blame.values {
        let (name, day) = match &blame.moves[value.by].commit {
            Some(commit) => (commit.short.clone(), day(commit).to_owned()),
            None => ("not committed".to_owned(), String::new()),
        };
        let from = value.from.clone().unwrap_or_else(|| "-".to_owned());
        table.add_row([format!("  {}", value.name), name, day, from, value.to.clone()]);
    }
    page.push_str(&drawn_table(&table));
    for moved in &blame.moves {
        page.push('\n');
        page.push_str(&explained(moved));
    }
    page
}

/// Explains a commit: its reason, and what changed with it.
fn explained(moved: &Move) -> String {
    let mut page = String::new();
    match &moved.commit {
        Some(commit) => {
            let _ = writeln!(page, "{}  {}  {}", toned(Tone::Strong, &commit.short), day(commit), commit.subject);
        }
        None => drop(writeln!(page, "{}", toned(Tone::Doubtful, "not committed"))),
    }
    for reason in &moved.reasons {
        let _ = writeln!(page, "  reason: {reason}");
    }
    match &moved.since {
        None => page.push_str("  the first golden of the scenario\n"),
        Some(since) => {
            list(&mut page, "input", &moved.inputs);
            list(&mut page, "lock", &moved.lock);
            let by: Vec<&str> = moved.lock_commits.iter().map(|commit| commit.short.as_str()).collect();
            if !by.is_empty() {
                let _ = writeln!(page, "  hive.lock was changed since {since} by {}", by.join(", "));
            }
            if moved.inputs.is_empty() && moved.lock.is_empty() {
                let _ = writeln!(page, "  no input and no fact of hive.lock changed since {since}");
            }
        }
    }
    page
}

fn list(page: &mut String, what: &str, changes: &[Change]) {
    for change in changes.iter().take(CHANGES_SHOWN) {
        let text =
            |side: &Option<String>| side.as_ref().map_or_else(|| "absent".to_owned(), |text| format!("`{text}`"));
        let _ = writeln!(page, "  {what}: {} was {}, is {}", change.name, text(&change.from), text(&change.to));
    }
    if let Some(more) = changes.len().checked_sub(CHANGES_SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(page, "  {what}: and {more} more");
    }
}

/// Returns the author's day.
fn day(commit: &Commit) -> &str {
    commit.date.get(..10).unwrap_or(&commit.date)
}

fn written(blame: &blame::Blame) -> Value {
    let commit = |commit: &Commit| {
        json!({
            "commit": commit.id, "short": commit.short, "author_date": commit.date, "subject": commit.subject,
        })
    };
    let change = |change: &Change| json!({ "name": change.name, "from": change.from, "to": change.to });
    json!({
        "recipe": blame.recipe,
        "scenario": blame.scenario,
        "golden": blame.file,
        "values": blame.values.iter().map(|value| json!({
            "name": value.name, "from": value.from, "to": value.to, "by": value.by,
        })).collect::<Vec<_>>(),
        "moves": blame.moves.iter().map(|moved| json!({
            "commit": moved.commit.as_ref().map(commit),
            "since": moved.since,
            "reasons": moved.reasons,
            "inputs": moved.inputs.iter().map(change).collect::<Vec<_>>(),
            "lock": moved.lock.iter().map(change).collect::<Vec<_>>(),
            "lock_commits": moved.lock_commits.iter().map(commit).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
