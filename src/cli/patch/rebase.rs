//! `hive patch rebase`: what the releases between two versions do to a series, and the series made anew.

use std::fmt::Write as _;

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchRebase;
use crate::cli::patch::report::Row;
use crate::cli::patch::report::drawn;
use crate::cli::patch::report::word;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::rebase;
use crate::workflow::patch::rebase::Outcome;
use crate::workflow::patch::walk::Conflict;
use crate::workflow::patch::walk::Step;
use crate::workflow::patch::walk::Walk;
use crate::workflow::patch::walk::WalkedPatch;

/// How many lines are shown around a conflict.
const CONTEXT_LINE_COUNT: usize = 2;

/// How many lines of one side of a conflict are shown.
const SIDE_LINE_COUNT_MAX: usize = 24;

pub(crate) fn run(options: &PatchRebase, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selectors: Vec<String> = options.recipe.iter().cloned().collect();
    let project = place::project(&selectors, printer)?;
    let file = rebase::recipe(&project, options.recipe.as_deref(), &place::here())?;
    if options.abort {
        rebase::abort(&project, &file)?;
        printer.note("the rebase is forgotten; patches and recipe are as they were");
        return Ok(Exit::Fine);
    }
    let to = options.to.as_deref().unwrap_or_default();
    let progress = printer.progress();
    let outcome = if options.resume {
        rebase::resume(&project, &file, global.options(), &progress)?
    } else if options.dry_run {
        rebase::plan(&project, &file, to, global.options(), &progress)?
    } else {
        rebase::start(&project, &file, to, global.options(), &progress)?
    };
    if printer.is_json() {
        printer.json(&outcome);
    } else {
        show(&outcome, printer);
    }
    Ok(match &outcome {
        Outcome::Planned { walk } if walk.patches.iter().all(|patch| patch.is_fine) => Exit::Fine,
        Outcome::Done { .. } => Exit::Fine,
        Outcome::Planned { .. } | Outcome::Stopped { .. } => Exit::Findings,
    })
}

fn show(outcome: &Outcome, printer: &Printer) {
    let (Outcome::Planned { walk } | Outcome::Stopped { walk, .. } | Outcome::Done { walk, .. }) = outcome;
    printer.result(&page(walk));
    if let Some(note) = &walk.note {
        printer.note(note);
    }
    match outcome {
        Outcome::Planned { .. } => {}
        Outcome::Stopped { patch, files, .. } => {
            let files: Vec<String> = files.iter().map(|file| format!("  {file}\n")).collect();
            let mend = format!("run `hive patch rebase {} --continue`, or forget it with `--abort`", walk.recipe);
            printer
                .note(&format!("\n`{patch}` waits: merge these by hand, then {mend}\n{}", files.concat().trim_end()));
        }
        Outcome::Done { written, .. } => {
            printer.note(&format!("{} written; run `hive lock`, then `hive test`", counted(written.len(), "file")));
        }
    }
}

/// Draws a walk: each patch with what became of it, the proof below.
fn page(walk: &Walk) -> String {
    let mut page = String::new();
    let count = counted(walk.releases.len(), "release");
    let _ = writeln!(page, "{}  {} → {}, {count}", toned(Tone::Strong, &walk.recipe), walk.from, walk.to);
    for patch in &walk.patches {
        let _ = writeln!(page, "\n{}  {}", toned(Tone::Strong, &patch.file), outcome(patch));
        page += &drawn(&runs(&patch.steps));
        page += &proof(patch);
        for conflict in &patch.conflicts {
            page += &sides(conflict);
        }
        if let Some(hint) = &patch.hint {
            let _ = writeln!(page, "  {}: {hint}", toned(Tone::Hint, "hint"));
        }
    }
    page
}

/// Returns what became of a patch in a few words.
fn outcome(patch: &WalkedPatch) -> String {
    let state = word(patch.state);
    let after =
        |verb: &str| patch.turned_after.as_ref().map(|version| format!(", {verb} up to {version}")).unwrap_or_default();
    match (patch.state, &patch.absorbed_in, &patch.turned_in) {
        ("absorbed", Some(version), _) => format!("{state} in {version}{}", after("needed")),
        ("needed-again", Some(absorbed), Some(version)) => format!("{state} since {version}, absorbed in {absorbed}"),
        (_, _, Some(version)) => format!("{state} since {version}{}", after("applies")),
        _ => state,
    }
}

/// Returns the releases of a patch, those with the same state on one line.
fn runs(steps: &[Step]) -> Vec<Row> {
    let runs = steps.chunk_by(|a, b| a.state == b.state);
    let row = |run: &[Step]| {
        let (first, last) = (&run[0].version, &run[run.len() - 1].version);
        let what = if run.len() == 1 { first.clone() } else { format!("{first} … {last}") };
        Row { indent: 1, state: run[0].state, what, detail: counted(run.len(), "release") }
    };
    runs.map(row).collect()
}

/// Returns where the text stands, or stood, that makes the state what it is.
fn proof(patch: &WalkedPatch) -> String {
    let mut text = String::new();
    let told = |version: &Option<String>| patch.steps.iter().find(|step| Some(&step.version) == version.as_ref());
    let Some(step) = told(&patch.absorbed_in).or_else(|| patch.steps.last()) else {
        return text;
    };
    for hunk in &step.hunks {
        let place = hunk.line.map(|line| format!(":{line}")).unwrap_or_default();
        let _ = writeln!(text, "    {} {}{place} in {}", word(hunk.state), hunk.target, step.version);
    }
    text
}

/// Returns the places of a file at which both sides changed the same lines.
pub(crate) fn sides(conflict: &Conflict) -> String {
    let mut text = format!("    {}\n", conflict.path);
    let lines: Vec<&str> = conflict.text.lines().collect();
    let mut at = 0;
    while let Some(start) = (at..lines.len()).find(|line| lines[*line].starts_with("<<<<<<< ")) {
        let end = (start..lines.len()).find(|line| lines[*line].starts_with(">>>>>>> ")).unwrap_or(lines.len() - 1);
        let first = start.saturating_sub(CONTEXT_LINE_COUNT).max(at);
        let last = (end + CONTEXT_LINE_COUNT).min(lines.len() - 1);
        let mut side = 0;
        for (index, line) in lines.iter().enumerate().take(last + 1).skip(first) {
            let is_marker = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker));
            side = if is_marker || index < start || index > end { 0 } else { side + 1 };
            if side == SIDE_LINE_COUNT_MAX {
                let _ = writeln!(text, "    │ {}", toned(Tone::Faint, "…"));
            }
            if side < SIDE_LINE_COUNT_MAX {
                let shown = if is_marker { toned(Tone::Hint, line) } else { (*line).to_owned() };
                let _ = writeln!(text, "    │ {shown}");
            }
        }
        let _ = writeln!(text, "    ╵");
        at = end + 1;
    }
    text
}
