//! `hive golden`: live with goldens.

use std::io::IsTerminal as _;

use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::Accept;
use crate::cli::arguments::Global;
use crate::cli::arguments::Golden;
use crate::cli::arguments::Prune;
use crate::cli::arguments::Review;
use crate::cli::arguments::Waiting;
use crate::cli::blame;
use crate::cli::drift;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::cli::review;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::Verdict;
use crate::workflow::golden;
use crate::workflow::golden::pending;
use crate::workflow::golden::pending::Before;
use crate::workflow::golden::pending::Pending;

pub(crate) fn run(verb: &Golden, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    match verb {
        Golden::Accept(options) => accept(options, global, printer),
        Golden::Review(options) => review(options, printer),
        Golden::Pending(options) => pending(options, printer),
        Golden::Reject(options) => reject(options, printer),
        Golden::Undo => undo(printer),
        Golden::Prune(options) => prune(options, printer),
        Golden::Blame(options) => blame::run(options, printer),
    }
}

fn accept(options: &Accept, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(std::slice::from_ref(&options.target), printer)?;
    let (file, scenario) = place::target(&project, &options.target)?;
    let (told, progress) = (options.inside.options(global), printer.progress());
    let accepted = golden::accept(&project, &file, scenario, &options.reason, place::in_ci(), told, &progress)?;
    if printer.is_json() {
        let list = accepted.iter().map(|golden| {
            json!({
                "file": golden.file,
                "written": golden.written,
                "new": golden.comparison.is_none(),
            })
        });
        printer.json(&list.collect::<Vec<_>>());
        return Ok(Exit::Fine);
    }
    for golden in accepted {
        let state = match (golden.written, &golden.comparison) {
            (false, _) => "unchanged".to_owned(),
            (true, None) => "new".to_owned(),
            (true, Some(comparison)) => match comparison.verdict() {
                Verdict::Identical => "replaced: the same result, made otherwise".to_owned(),
                Verdict::WithinTolerance => "replaced: within tolerance".to_owned(),
                Verdict::Drift => "replaced: another result".to_owned(),
            },
        };
        printer.result(&format!("{}  {state}\n", toned(Tone::Strong, &golden.file)));
    }
    Ok(Exit::Fine)
}

fn review(options: &Review, printer: &Printer) -> Result<Exit, Error> {
    let (project, waiting) = waiting(&options.waiting, printer)?;
    let all: Vec<&Pending> = waiting.iter().collect();
    if let Some(why) = &options.accept_all {
        refuse_in_ci("hive golden review")?;
        pending::accept(&project, &all, why)?;
        return Ok(decided("accepted", &all, printer));
    }
    if options.reject_all {
        refuse_in_ci("hive golden review")?;
        pending::reject(&project, &all)?;
        return Ok(decided("rejected", &all, printer));
    }
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if all.is_empty() || printer.is_json() || !is_terminal {
        return Ok(shown(&waiting, printer));
    }
    refuse_in_ci("hive golden review")?;
    let (told, waiting_count) = review::review(&project, waiting)?;
    printer.result(&format!("{told}\n"));
    Ok(if waiting_count == 0 { Exit::Fine } else { Exit::Drift })
}

/// Shows what waits, with its explanation.
fn shown(waiting: &[Pending], printer: &Printer) -> Exit {
    if printer.is_json() {
        return listed(waiting, printer);
    }
    for pending in waiting {
        let title = toned(Tone::Strong, &pending.name());
        printer.result(&format!("{title}  {}\n{}\n", state(pending), explained(pending)));
    }
    if waiting.is_empty() {
        printer.result("nothing waits for a decision\n");
        return Exit::Fine;
    }
    let hint = toned(Tone::Hint, "hint");
    printer.result(&format!(
        "{} to decide on\n{hint}: `hive golden accept RECIPE/SCENARIO --reason \"…\"` or `hive golden reject RECIPE/SCENARIO`\n",
        counted(waiting.len(), "result"),
    ));
    Exit::Drift
}

fn pending(options: &Waiting, printer: &Printer) -> Result<Exit, Error> {
    let (_, waiting) = waiting(options, printer)?;
    Ok(listed(&waiting, printer))
}

/// Lists what waits, a line each.
fn listed(waiting: &[Pending], printer: &Printer) -> Exit {
    if printer.is_json() {
        printer.json(&waiting.iter().map(written).collect::<Vec<_>>());
    } else if waiting.is_empty() {
        printer.result("nothing waits for a decision\n");
    } else {
        let width = waiting.iter().map(|pending| pending.name().len()).max().unwrap_or_default();
        for pending in waiting {
            printer.result(&format!("{:<width$}  {}\n", pending.name(), state(pending)));
        }
    }
    if waiting.is_empty() { Exit::Fine } else { Exit::Drift }
}

fn reject(options: &Waiting, printer: &Printer) -> Result<Exit, Error> {
    refuse_in_ci("hive golden reject")?;
    let (project, waiting) = waiting(options, printer)?;
    let all: Vec<&Pending> = waiting.iter().collect();
    pending::reject(&project, &all)?;
    Ok(decided("rejected", &all, printer))
}

/// Tells what was decided; a decision about nothing selects nothing.
fn decided(word: &str, all: &[&Pending], printer: &Printer) -> Exit {
    if printer.is_json() {
        printer.json(&json!({ word: all.iter().map(|pending| pending.name()).collect::<Vec<_>>() }));
    } else if all.is_empty() {
        printer.result("nothing waits for a decision\n");
    } else {
        for pending in all {
            printer.result(&format!("{}  {word}\n", toned(Tone::Strong, &pending.name())));
        }
    }
    if all.is_empty() { Exit::NothingSelected } else { Exit::Fine }
}

fn undo(printer: &Printer) -> Result<Exit, Error> {
    refuse_in_ci("hive golden undo")?;
    let project = place::project(&[], printer)?;
    let record = project.undo(Some(pending::VERB))?;
    let files: Vec<&str> = record.files.iter().map(|file| file.path.as_str()).collect();
    if printer.is_json() {
        printer.json(&json!({ "undone": record.what, "files": files }));
    } else {
        printer.result(&format!("{}\n", record.what));
        for file in files {
            printer.result(&format!("  {file}\n"));
        }
    }
    Ok(Exit::Fine)
}

fn prune(options: &Prune, printer: &Printer) -> Result<Exit, Error> {
    if !options.dry_run {
        refuse_in_ci("hive golden prune")?;
    }
    let project = place::project(&[], printer)?;
    let pruned = pending::prune(&project, options.dry_run)?;
    if printer.is_json() {
        printer.json(&pruned);
        return Ok(Exit::Fine);
    }
    let word = if options.dry_run { "would go" } else { "removed" };
    for file in &pruned.files {
        printer.result(&format!("{file}  {word}\n"));
    }
    for file in &pruned.left {
        printer.result(&format!("{file}  {}\n", toned(Tone::Faint, "left: it is no golden")));
    }
    if pruned.files.is_empty() {
        printer.result("every golden belongs to a scenario\n");
    }
    Ok(Exit::Fine)
}

fn waiting(options: &Waiting, printer: &Printer) -> Result<(Project, Vec<Pending>), Error> {
    let selectors: Vec<String> = options.target.iter().cloned().collect();
    let project = place::project(&selectors, printer)?;
    let Some(target) = &options.target else {
        let all = pending::all(&project, None, None)?;
        return Ok((project, all));
    };
    let (file, scenario) = place::target(&project, target)?;
    let recipe = file.rsplit_once('/').map_or(file.as_str(), |(_, name)| name).trim_end_matches(".toml");
    let all = pending::all(&project, Some(recipe), scenario)?;
    Ok((project, all))
}

fn refuse_in_ci(what: &'static str) -> Result<(), Error> {
    if place::in_ci() { Err(Error::InCi { what }) } else { Ok(()) }
}

/// Returns how a pending result stands to its golden, in a few words.
pub(crate) fn state(pending: &Pending) -> String {
    match (&pending.before, pending.comparison.as_ref().map(crate::workflow::Comparison::verdict)) {
        (Before::Absent, _) => "new".to_owned(),
        (Before::Broken { .. }, _) => "its golden cannot be read".to_owned(),
        (_, Some(Verdict::Drift)) => "drift".to_owned(),
        (_, Some(Verdict::WithinTolerance)) => "within tolerance".to_owned(),
        (_, _) => "identical".to_owned(),
    }
}

/// Explains a pending result, over as many lines as it takes.
pub(crate) fn explained(pending: &Pending) -> String {
    match (&pending.before, &pending.comparison) {
        (Before::Broken { problem, .. }, _) => format!("  {problem}\n"),
        (_, Some(comparison)) => drift::explained(&pending.made_differently, comparison, pending.parted.as_ref()),
        (_, None) => drift::metrics(&pending.result.metrics),
    }
}

fn written(pending: &Pending) -> Value {
    json!({
        "recipe": pending.recipe,
        "scenario": pending.scenario,
        "file": pending.file,
        "state": state(pending),
        "comparison": pending.comparison.as_ref().map(drift::written),
        "first_event": pending.parted.as_ref().map(drift::written_event),
        "made_differently": drift::written_inputs(&pending.made_differently),
    })
}
