//! `hive patch series`: which patches need which, as a list, as a graph for Graphviz, or as JSON.

use std::fmt::Write as _;

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchSeries;
use crate::cli::patch::report;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::series;
use crate::workflow::patch::series::SeriesPatch;

pub(crate) fn run(options: &PatchSeries, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let placing = &options.patches.placing;
    let selection = placing.selection(&options.patches.named);
    let project = place::project(&selection.named, printer)?;
    let (here, progress) = (place::here(), printer.progress());
    let series = series::series(&project, &selection, placing.consent(), &here, global.options(), &progress)?;
    if options.dot {
        printer.result(&dot(&series.patches));
    } else if printer.is_json() {
        for patch in &series.patches {
            printer.json(patch);
        }
    } else {
        printer.result(&list(&series.patches));
        let free = series.patches.iter().filter(|patch| patch.needs.is_empty() && patch.needed_by.is_empty()).count();
        printer.note(&format!("{}, {free} of them on their own", counted(series.patches.len(), "patch file")));
    }
    for finding in &series.findings {
        printer.error(finding.as_ref());
    }
    Ok(if series.findings.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// Returns the series in order: each patch with its number, its state and who needs it, and below it what it needs.
fn list(patches: &[SeriesPatch]) -> String {
    let mut text = String::new();
    let digits = patches.len().to_string().len();
    let width = patches.iter().map(|patch| patch.state.len()).max().unwrap_or(0);
    for patch in patches {
        let gap = " ".repeat(width - patch.state.len());
        let (number, state, file) = (patch.number, report::word(patch.state), toned(Tone::Strong, &patch.file));
        let needed = match needed_by(patch, patches) {
            none if none.is_empty() => none,
            numbers => toned(Tone::Faint, &format!("  needed by {numbers}")),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{number:>digits$}  {state}{gap}  {file}{needed}");
        let lead = " ".repeat(digits + width + 4);
        for (index, need) in patch.needs.iter().enumerate() {
            let branch = if index + 1 == patch.needs.len() { "└─" } else { "├─" };
            let _ = writeln!(text, "{lead}{branch} needs {}: {} {}", need.number, need.place(), need.reason());
        }
    }
    text
}

fn needed_by(patch: &SeriesPatch, patches: &[SeriesPatch]) -> String {
    let later = patches.iter().filter(|later| later.needs.iter().any(|need| need.number == patch.number));
    later.map(|later| later.number.to_string()).collect::<Vec<_>>().join(", ")
}

/// Returns the graph in the language of Graphviz: an arrow leads from a patch to one that it needs.
fn dot(patches: &[SeriesPatch]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let mut text = "digraph series {\n  rankdir = BT;\n  node [shape = box];\n".to_owned();
    for patch in patches {
        let label = quoted(&format!("{} {}", patch.number, name(&patch.file)));
        let style = if patch.is_fine { "" } else { ", style = dashed" };
        let _ = writeln!(text, "  {} [label = {label}{style}];", patch.number);
    }
    for patch in patches {
        for need in &patch.needs {
            let _ = writeln!(text, "  {} -> {} [label = {}];", patch.number, need.number, quoted(&need.place()));
        }
    }
    text + "}\n"
}
