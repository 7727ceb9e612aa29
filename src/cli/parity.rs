//! How a comparison of two scenarios reads.

use std::fmt::Write as _;

use miette::MietteDiagnostic;
use serde_json::Value;

use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::workflow::against::Difference;
use crate::workflow::against::Parity;
use crate::workflow::figure;

/// Returns that two scenarios part, if they do, in a sentence.
pub(crate) fn diagnostic(scenario: &str, parity: Option<&Parity>) -> Option<MietteDiagnostic> {
    let parity = parity.filter(|parity| !parity.is_exact())?;
    let drift = MietteDiagnostic::new(format!("scenario `{scenario}` is not what `{}` is", parity.other));
    Some(drift.with_code("HV0425").with_help(match parity.inputs.first() {
        None => "one of the two engines is wrong about this release, or the series changes what it does".to_owned(),
        Some(first) => format!("give both scenarios the same `{}` first", first.input),
    }))
}

/// Explains where two scenarios part: what they were given otherwise, the first difference, then the metrics.
pub(crate) fn explained(scenario: &str, parity: &Parity) -> String {
    let other = &parity.other;
    let mut page = String::new();
    for input in &parity.inputs {
        let name = &input.input;
        let _ = writeln!(page, "  given otherwise: {name} is {}, and {} in `{other}`", input.this, input.other);
    }
    if let Some(difference) = &parity.difference {
        let _ = writeln!(page, "  first difference: {}", place(difference));
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["  scenario", difference.field.as_deref().unwrap_or(difference.part)]);
        table.add_row([format!("  {scenario}"), value(&difference.this)]);
        table.add_row([format!("  {other}"), value(&difference.other)]);
        page.push_str(&drawn_table(&table));
    }
    if !parity.metrics.is_empty() {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["  metric".to_owned(), scenario.to_owned(), other.clone()]);
        for difference in &parity.metrics {
            let figures = [&difference.actual, &difference.expected].map(|it| figure::text(it.as_ref()));
            let [this, beside] = figures;
            table.add_row([format!("  {}", difference.name), this, beside]);
        }
        page.push_str(&drawn_table(&table));
    }
    page
}

/// Returns where a difference is, in a sentence.
fn place(difference: &Difference) -> String {
    let Difference { part, row, level, field, ulps, this_count, other_count, .. } = difference;
    let what = match *part {
        "executors" => "executor",
        "position_holds" => "hold",
        _ => "row",
    };
    let mut text = format!("{what} {} of {this_count} here and {other_count} there", row + 1);
    if !matches!(*part, "executors" | "position_holds") {
        let _ = write!(text, ", of `{part}`");
    }
    if let Some(level) = level {
        let _ = write!(text, ", level `{level}`");
    }
    match field {
        Some(field) => drop(write!(text, ", in `{field}`")),
        None => text.push_str(", which one of them has not"),
    }
    if let Some(ulps) = ulps.and_then(|ulps| usize::try_from(ulps).ok()) {
        let _ = write!(text, ", {} apart", counted(ulps, "float"));
    }
    text
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(_) => "there is one".to_owned(),
        other => other.to_string(),
    }
}
