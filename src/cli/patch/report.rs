//! How is the state of patches and hunks drawn?

use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::patch::PatchReport;
use crate::workflow::patch::report::FileReport;
use crate::workflow::patch::report::HunkReport;

/// Returns a line for each patch and, below it, for each hunk and each file without hunks.
pub(super) fn table(reports: &[PatchReport]) -> String {
    let mut rows = Vec::new();
    for report in reports {
        rows.push(Row { indent: 0, state: report.state, what: report.file.clone(), detail: String::new() });
        for file in &report.files {
            let hunks: Vec<&HunkReport> = report.hunks.iter().filter(|hunk| hunk.target == file.path).collect();
            if hunks.is_empty() {
                rows.push(Row { indent: 1, state: file.state, what: file.path.clone(), detail: origin(file) });
            }
            for hunk in hunks {
                let line = hunk.line.map(|line| format!(":{line}")).unwrap_or_default();
                let what = format!("{}{line}", file.path);
                rows.push(Row { indent: 1, state: hunk.state, what, detail: detail(hunk) });
            }
        }
    }
    drawn(&rows)
}

/// A line that begins with a state.
pub(super) struct Row {
    /// How deep the line stands.
    pub(super) indent: usize,
    /// The state.
    pub(super) state: &'static str,
    /// What is in that state.
    pub(super) what: String,
    /// What is odd about it.
    pub(super) detail: String,
}

/// Returns lines in columns. The state alone has a colour, which no column's width counts.
pub(super) fn drawn(rows: &[Row]) -> String {
    let width = |column: fn(&Row) -> usize| rows.iter().map(column).max().unwrap_or_default();
    let states = width(|row| 2 * row.indent + row.state.len());
    let whats = width(|row| 2 * row.indent + row.what.chars().count());
    let mut text = String::new();
    for row in rows {
        let indent = " ".repeat(2 * row.indent);
        let state_gap = " ".repeat(states - 2 * row.indent - row.state.len());
        let what_gap = " ".repeat(whats - 2 * row.indent - row.what.chars().count());
        let line = format!("{indent}{}{state_gap}  {indent}{}{what_gap}  {}", word(row.state), row.what, row.detail);
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Returns what is odd about the patches' texts, one line each.
pub(super) fn notes(reports: &[PatchReport]) -> Vec<String> {
    let notes = reports.iter().flat_map(|report| report.notes.iter().map(move |note| (report, note)));
    notes
        .map(|(report, note)| {
            let warning = toned(Tone::Doubtful, "warning");
            format!("{warning}: {}:{}: {}\n  hint: {}", report.file, note.line, note.message, note.help)
        })
        .collect()
}

/// Returns a state in its tone.
pub(super) fn word(state: &str) -> String {
    let tone = match state {
        "applied" | "absorbed" | "clean" => Tone::Good,
        "offset" | "fuzzy" | "needed-again" | "partly-absorbed" => Tone::Doubtful,
        _ => Tone::Bad,
    };
    toned(tone, state)
}

fn origin(file: &FileReport) -> String {
    file.from.as_ref().map(|from| format!("from {from}")).unwrap_or_default()
}

/// Returns what is odd about a hunk's place: `offset 13, fuzz 1, 2 places: 10, 40`.
fn detail(hunk: &HunkReport) -> String {
    let mut parts = Vec::new();
    if hunk.offset != 0 {
        parts.push(format!("offset {:+}", hunk.offset));
    }
    if hunk.fuzz != 0 {
        parts.push(format!("fuzz {}", hunk.fuzz));
    }
    if hunk.candidates > 1 {
        let places: Vec<String> = hunk.places.iter().map(ToString::to_string).collect();
        let more = if hunk.places.len() < hunk.candidates { ", …" } else { "" };
        parts.push(format!("{} places: {}{more}", hunk.candidates, places.join(", ")));
    }
    parts.join(", ")
}
