//! How is the state of patches and hunks drawn?

use crate::cli::print::Tone;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::patch::PatchReport;
use crate::workflow::patch::report::FileReport;
use crate::workflow::patch::report::HunkReport;

/// Returns a line for each patch and, below it, for each hunk and each file without hunks.
pub(super) fn table(reports: &[PatchReport]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    for report in reports {
        table.add_row([word(report.state), toned(Tone::Strong, &report.file), String::new()]);
        for file in &report.files {
            let hunks: Vec<&HunkReport> = report.hunks.iter().filter(|hunk| hunk.target == file.path).collect();
            if hunks.is_empty() {
                table.add_row([format!("  {}", word(file.state)), format!("  {}", file.path), origin(file)]);
            }
            for hunk in hunks {
                let place = match hunk.line {
                    Some(line) => format!("  {}:{line}", file.path),
                    None => format!("  {}", file.path),
                };
                table.add_row([format!("  {}", word(hunk.state)), place, detail(hunk)]);
            }
        }
    }
    drawn_table(&table)
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
fn word(state: &str) -> String {
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
