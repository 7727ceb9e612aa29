//! What an attribution looks like: the causes in a sentence each, and a table of metrics and axes.

use std::fmt::Write as _;

use indexmap::IndexSet;

use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::attribution::Attribution;
use crate::workflow::attribution::Cause;
use crate::workflow::attribution::MetricShares;

/// How wide the axes' names may be altogether to stand above their columns; wider ones are numbered, and told below the table.
const NAMES_WIDTH_MAX: usize = 60;

/// How many runs without a result are shown.
const SHOWN_FAILURES: usize = 3;

/// Draws an attribution whole.
pub(crate) fn drawn(attribution: &Attribution) -> String {
    let mut page = head(attribution);
    page += &causes(attribution);
    page += &table(attribution);
    page += &foot(attribution);
    page
}

/// Tells the two sides and how they stand to each other.
fn head(attribution: &Attribution) -> String {
    let Attribution { recipe, scenario, engine, old, new, axes, .. } = attribution;
    let side = |told: &crate::workflow::attribution::Told| {
        let profile = told.profile.map_or_else(String::new, |profile| format!(", profile {profile}"));
        format!("{}  {}{profile}", told.name, told.upstream)
    };
    let mut text = format!("{}\n", toned(Tone::Strong, &format!("{recipe}/{scenario}")));
    let _ = writeln!(text, "  from  {}\n  to    {}", side(old), side(new));
    let verdict = match attribution.verdict {
        "identical" => toned(Tone::Good, "identical"),
        "within-tolerance" => toned(Tone::Doubtful, "within tolerance"),
        "fails" => {
            let reason = attribution.failure.as_deref().unwrap_or("it has no result");
            format!("{}: {reason}", toned(Tone::Bad, "the new side fails"))
        }
        verdict => toned(Tone::Bad, verdict),
    };
    let of = attribution.metric.as_ref().map_or_else(String::new, |metric| format!(" of {metric}"));
    let differ = match axes.len() {
        0 => "nothing differs".to_owned(),
        1 => "1 thing differs".to_owned(),
        count => format!("{count} things differ"),
    };
    let _ = writeln!(text, "  {verdict}{of}; {differ} ({engine} engine)");
    text
}

/// Tells the causes, a sentence each.
pub(crate) fn causes(attribution: &Attribution) -> String {
    let mut text = String::new();
    if attribution.causes_cancel {
        let cancel = toned(Tone::Doubtful, "changes that cancel each other out");
        let _ = writeln!(text, "\n{cancel}: each of these drifts alone, and all together do not");
    } else if !attribution.causes.is_empty() {
        text.push('\n');
    }
    for Cause { sentence, is_interaction, is_minimal, .. } in &attribution.causes {
        let word = if *is_interaction { "cause, an interaction" } else { "cause" };
        let doubt = if *is_minimal { "" } else { " (a smaller part of it may be enough: more runs tell)" };
        let _ = writeln!(text, "{}: {sentence}{doubt}", toned(Tone::Strong, word));
    }
    let effective = &attribution.method.effective;
    let in_causes: IndexSet<&String> = attribution.causes.iter().flat_map(|cause| &cause.axes).collect();
    let without: Vec<&str> = attribution
        .axes
        .iter()
        .filter(|axis| !in_causes.contains(&axis.name))
        .filter(|axis| {
            attribution.method.name == "nothing"
                || !has_share(attribution, &axis.name)
                || !effective.contains(&axis.name)
        })
        .map(|axis| axis.name.as_str())
        .collect();
    if !without.is_empty() {
        let _ = writeln!(text, "no cause: {}", without.join(", "));
    }
    if let Some(undo) = attribution.undo.as_ref().filter(|_| attribution.drifts()) {
        let _ = writeln!(text, "to undo it, take back: {}", undo.join(", "));
    }
    if !attribution.causes_are_complete && attribution.axes.len() > 1 {
        let _ = writeln!(text, "not every mixture was run, so there may be other causes");
    }
    text
}

fn has_share(attribution: &Attribution, axis: &str) -> bool {
    attribution.metrics.iter().any(|metric| metric.shares.as_ref().is_some_and(|shares| shares.contains_key(axis)))
}

/// Lays out the metrics that move, and the share of each axis.
pub(crate) fn table(attribution: &Attribution) -> String {
    let is_asked = |metric: &&MetricShares| match &attribution.metric {
        None => true,
        Some(asked) => metric.name == *asked || metric.name.split('.').next() == Some(asked),
    };
    let moving: Vec<&MetricShares> =
        attribution.metrics.iter().filter(|metric| metric.moves()).filter(is_asked).collect();
    if moving.is_empty() || attribution.verdict == "fails" {
        return String::new();
    }
    let has_share = |axis: &&str| {
        moving.iter().any(|metric| metric.shares.as_ref().is_some_and(|shares| shares.contains_key(*axis)))
    };
    let columns: Vec<&str> = attribution.axes.iter().map(|axis| axis.name.as_str()).filter(has_share).collect();
    let is_numbered = columns.iter().map(|name| name.len() + 2).sum::<usize>() > NAMES_WIDTH_MAX;
    let number_of = |place: usize| format!("[{}]", place + 1);
    let heads =
        columns.iter().enumerate().map(|(place, name)| if is_numbered { number_of(place) } else { (*name).to_owned() });
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let first = ["", "old", "new", "change"].map(str::to_owned);
    table.set_header(first.into_iter().chain(heads));
    for metric in moving {
        let number = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), rounded);
        let change = metric.by.map_or_else(|| metric.change.to_owned(), signed);
        let mut row = vec![metric.name.clone(), number(metric.old), number(metric.new), change];
        row.extend(columns.iter().map(|axis| match &metric.shares {
            None => "?".to_owned(),
            Some(shares) => shares.get(*axis).map_or_else(String::new, |share| signed(*share)),
        }));
        table.add_row(row);
    }
    let mut text = format!("\n{}", drawn_table(&table));
    if is_numbered {
        for (place, name) in columns.iter().enumerate() {
            let _ = writeln!(text, "  {} {name}", number_of(place));
        }
    }
    let _ = writeln!(text, "  shares: {}", attribution.method.words);
    text
}

/// Tells of the runs, and what could not be had.
fn foot(attribution: &Attribution) -> String {
    let runs = &attribution.runs;
    let mut text = format!("\n{}, {} of them from the cache\n", counted(runs.count, "run"), runs.cached_count);
    if runs.failed_count > 0 && attribution.verdict != "fails" {
        let _ = writeln!(text, "{} without a result:", counted(runs.failed_count, "mixture"));
        for failed in runs.failed.iter().take(SHOWN_FAILURES) {
            let _ = writeln!(text, "  {}: {}", failed.axes.join(" + "), failed.reason);
        }
    }
    for note in &attribution.notes {
        let _ = writeln!(text, "{}: {note}", toned(Tone::Doubtful, "note"));
    }
    text
}

/// Writes a number with as many digits as are looked at; JSON has them all.
fn rounded(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.6}") }
}

fn signed(value: f64) -> String {
    let text = rounded(value);
    if value > 0.0 { format!("+{text}") } else { text }
}
