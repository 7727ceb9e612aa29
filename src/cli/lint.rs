//! `hive lint`: lint recipes, patches and series, and mend what can be mended.

use std::path::Path;

use serde_json::json;

use crate::cli::arguments::Format;
use crate::cli::arguments::Global;
use crate::cli::arguments::Lint;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::counted;
use crate::cli::report;
use crate::cli::report::Case;
use crate::cli::report::Report;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::finding;
use crate::workflow::lint;
use crate::workflow::lint::Linted;
use crate::workflow::lint::Mend;

pub(crate) fn run(options: &Lint, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let here = place::here();
    let mend = match (options.fix, options.diff) {
        (false, _) => Mend::Not,
        (true, true) => Mend::Show,
        (true, false) => Mend::Write,
    };
    let root = options.root.as_ref().map(|root| here.join(root));
    let request = lint::Request {
        paths: &options.paths,
        from: &here,
        root: root.as_deref(),
        today: place::today(),
        options: global.options(),
        mend,
    };
    let linted = lint::lint(&project(&options.paths, &here, printer)?, &request)?;
    let error_count = linted.findings.iter().filter(|finding| finding::is_error(finding.as_ref())).count();
    match printer.format() {
        Format::Human => human(&linted, error_count, mend, printer),
        Format::Json => printer.json(&json(&linted, error_count)),
        format => {
            let findings = linted.findings.iter().flat_map(|finding| finding::flat(finding.as_ref())).collect();
            let cases = linted.files.iter().map(|file| Case { name: file.clone(), said: None }).collect();
            let report = Report { verb: "lint", cases, findings };
            printer.result(&report::render(&report, format));
        }
    }
    note(&linted, mend, printer);
    let would_mend = mend == Mend::Show && !linted.mended.is_empty();
    Ok(if error_count > 0 || would_mend { Exit::Findings } else { Exit::Fine })
}

/// Returns the project of some paths: that of the first recipe, else of the first file, else of the folder.
fn project(paths: &[String], here: &Path, printer: &Printer) -> Result<Project, Error> {
    let file = paths.iter().map(|path| here.join(path)).find(|path| path.is_file());
    let is_recipe = |path: &&String| Path::new(path).extension().is_some_and(|ending| ending == "toml");
    match file {
        Some(file) if !paths.iter().any(|path| is_recipe(&path)) => {
            place::whole(Project::discover(file.parent().unwrap_or(here)), printer)
        }
        _ => place::project(paths, printer),
    }
}

fn human(linted: &Linted, error_count: usize, mend: Mend, printer: &Printer) {
    if mend == Mend::Show {
        // Nothing but the difference, so that it can be applied.
        printer.result(&linted.diffs.concat());
    } else {
        let drawn: Vec<String> = linted.findings.iter().map(|finding| printer.drawn(finding.as_ref())).collect();
        printer.result(&drawn.join("\n"));
    }
    let warning_count = linted.findings.len() - error_count;
    printer.note(&format!(
        "{}, {}, {}",
        counted(linted.files.len(), "file"),
        counted(error_count, "error"),
        counted(warning_count, "warning"),
    ));
}

/// Says what was mended, what was not, and what could not be looked at.
fn note(linted: &Linted, mend: Mend, printer: &Printer) {
    if mend != Mend::Not && printer.format() == Format::Human {
        let words = if mend == Mend::Write { "mended" } else { "would be mended" };
        printer.note(&format!("{} {words}", counted(linted.mended.len(), "finding")));
        for refused in &linted.refused {
            let (file, line, rule) = (&refused.file, refused.line, refused.rule);
            printer
                .note(&format!("not mended: {rule} at {file}:{line}, because {}", refused.reason.unwrap_or_default()));
        }
    }
    let count = linted.unchecked_rule_count;
    if count > 0 {
        let labels: Vec<String> =
            linted.absent.iter().filter(|label| !label.is_empty()).map(|label| format!("`{label}`")).collect();
        let (what, hint) = if labels.is_empty() {
            ("no recipe names one for these patches".to_owned(), "name its tree with `--root DIR`")
        } else {
            (format!("not in the cache: {}", labels.join(", ")), "`hive fetch` downloads it")
        };
        printer.note(&format!("note: {count} rules look at the release as well, and had none ({what}); {hint}"));
    }
}

fn json(linted: &Linted, error_count: usize) -> serde_json::Value {
    let findings: Vec<_> = linted.findings.iter().map(|finding| finding::written(finding.as_ref())).collect();
    json!({
        "file_count": linted.files.len(),
        "error_count": error_count,
        "unchecked_rule_count": linted.unchecked_rule_count,
        "findings": findings,
        "mended": linted.mended,
        "refused": linted.refused,
        "diffs": linted.diffs,
    })
}
