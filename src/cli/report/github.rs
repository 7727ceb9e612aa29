//! Findings as annotations of a pull request: commands that GitHub's workflow runner reads from standard output.
//!
//! The format is documented as "workflow commands": `::error file=…,line=…::message`. A percent sign and line ends are
//! escaped everywhere, a colon and a comma in properties as well.

use super::Report;
use super::words;
use crate::cli::explain::Explanation;
use crate::cli::explain::codes;
use crate::workflow::finding::Placed;

pub(super) fn render(report: &Report) -> String {
    let known = codes();
    report.findings.iter().map(|finding| annotation(finding, &known)).collect()
}

fn annotation(finding: &Placed, known: &[Explanation]) -> String {
    let word = match finding.severity {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    };
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
