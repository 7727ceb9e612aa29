//! Findings as annotations of a pull request: commands that GitHub's workflow runner reads from standard output.
//!
//! The format is documented as "workflow commands": `::error file=…,line=…::message`. A percent sign and line ends are
//! escaped everywhere, a colon and a comma in properties as well. GitHub shows no more than ten annotations of a kind for a
//! step: what is beyond them is told in plain lines of the log, and in the step's summary.

use std::fmt::Write as _;

use super::Report;
use super::words;
use crate::cli::explain::Explanation;
use crate::cli::explain::codes;
use crate::workflow::finding::Placed;

/// How many annotations of a kind GitHub shows for a step.
const SHOWN_MAX: usize = 10;

pub(super) fn render(report: &Report) -> String {
    let known = codes();
    let mut page = String::new();
    for kind in ["error", "warning", "notice"] {
        let all: Vec<&Placed> = report.findings.iter().filter(|finding| self::kind(finding) == kind).collect();
        // One of the ten says that there are more.
        let shown = if all.len() > SHOWN_MAX { SHOWN_MAX - 1 } else { all.len() };
        for finding in &all[..shown] {
            page.push_str(&annotation(finding, &known));
        }
        let rest = &all[shown..];
        if !rest.is_empty() {
            let _ = writeln!(page, "::{kind} title=hive::{} more in the log of this step", rest.len());
        }
        for finding in rest {
            page.push_str(&line(finding));
        }
    }
    page
}

/// Returns the kind of a finding's annotation.
fn kind(finding: &Placed) -> &'static str {
    match finding.severity {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    }
}

/// Writes a finding as plain lines, none of which the runner may take for a command.
fn line(finding: &Placed) -> String {
    let place = finding.place.as_ref().map_or_else(String::new, |place| format!("{}:{}: ", place.file, place.line));
    let code = finding.code.as_ref().map_or_else(String::new, |code| format!("[{code}]"));
    let words = words(finding).replace('\r', "").replace('\n', "\n  ");
    format!("{place}{}{code}: {words}\n", finding.severity).replace("::", ": :")
}

fn annotation(finding: &Placed, known: &[Explanation]) -> String {
    let word = kind(finding);
    let mut properties = Vec::new();
    let mut property = |name: &str, value: &str| properties.push(format!("{name}={}", escaped_property(value)));
    if let Some(place) = &finding.place {
        property("file", &place.file);
        property("line", &place.line.to_string());
        property("endLine", &place.end_line.to_string());
        // Columns count only where the finding stands in one line.
        if place.line == place.end_line {
            property("col", &place.column.to_string());
            property("endColumn", &place.end_column.to_string());
        }
    }
    let code = finding.code.as_deref().unwrap_or("hive");
    let title = known.iter().find(|known| known.code == code).map_or("", |known| known.title);
    property("title", format!("{code} {title}").trim_end());
    format!("::{word} {}::{}\n", properties.join(","), escaped(&words(finding)))
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
