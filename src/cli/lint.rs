//! `hive lint`: lint recipes and patches.

use serde_json::json;

use crate::cli::arguments::Global;
use crate::cli::arguments::Paths;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::counted;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::finding;
use crate::workflow::lint;

pub(crate) fn run(options: &Paths, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&options.paths);
    let linted = lint::lint(&project, &options.paths, &place::here(), place::today(), global.options())?;
    let error_count = linted.findings.iter().filter(|finding| finding::is_error(finding.as_ref())).count();
    if printer.is_json() {
        let findings: Vec<_> = linted.findings.iter().map(|finding| finding::written(finding.as_ref())).collect();
        printer.json(&json!({
            "file_count": linted.file_count, "error_count": error_count, "findings": findings,
        }));
    } else {
        let drawn: Vec<String> = linted.findings.iter().map(|finding| printer.drawn(finding.as_ref())).collect();
        printer.result(&drawn.join("\n"));
        let warning_count = linted.findings.len() - error_count;
        printer.note(&format!(
            "{}, {}, {}",
            counted(linted.file_count, "file"),
            counted(error_count, "error"),
            counted(warning_count, "warning"),
        ));
    }
    Ok(if error_count > 0 { Exit::Findings } else { Exit::Fine })
}
