//! How a result reads that is not what was accepted: what it was made with, its metrics, where it parts first.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde_json::Value;
use serde_json::json;

use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::workflow::Comparison;
use crate::workflow::Metric;
use crate::workflow::figure;
use crate::workflow::golden::Parted;

/// Explains a difference: what made the golden otherwise, which metrics moved, and the first event in time that differs, column by
/// column.
pub(crate) fn explained(
    made_differently: &[(String, String, String)],
    comparison: &Comparison,
    parted: Option<&Parted>,
) -> String {
    let columns = parted.map_or_else(String::new, |parted| format!("\n{}", columns(parted)));
    brief(made_differently, comparison, parted) + &columns
}

/// Tells the same without the columns.
pub(crate) fn brief(
    made_differently: &[(String, String, String)],
    comparison: &Comparison,
    parted: Option<&Parted>,
) -> String {
    let mut page = String::new();
    for (name, then, now) in made_differently {
        let word = |value: &str| if value.is_empty() { "absent".to_owned() } else { format!("`{value}`") };
        let _ = writeln!(page, "  made with: {name} was {}, is {}", word(then), word(now));
    }
    if !comparison.metrics.is_empty() {
        let _ = write!(page, "\n{}", drawn_table(&metric_table(comparison)));
    }
    if let Some(parted) = parted {
        let _ = write!(page, "\n{}", first_event(parted));
    }
    page
}

/// Lays the metrics that moved beside their goldens.
pub(crate) fn metric_table(comparison: &Comparison) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  metric", "golden", "now", "difference"]);
    for [name, then, now, distance] in metric_rows(comparison) {
        table.add_row([format!("  {name}"), then, now, distance]);
    }
    table
}

/// Returns the metrics that moved: name, golden, now, difference.
pub(crate) fn metric_rows(comparison: &Comparison) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for difference in &comparison.metrics {
        if let (Some(Metric::Counts(then)), Some(Metric::Counts(now))) = (&difference.expected, &difference.actual) {
            let new = now.keys().filter(|name| !then.contains_key(*name));
            for name in then.keys().chain(new).filter(|name| then.get(*name) != now.get(*name)) {
                let [then, now] = [then, now].map(|counts| counts.get(name).copied().unwrap_or_default());
                let distance = format!("{:+}", i128::from(now) - i128::from(then));
                rows.push([format!("{} {name}", difference.name), then.to_string(), now.to_string(), distance]);
            }
            continue;
        }
        let distance = match (&difference.expected, &difference.actual) {
            (Some(Metric::Figure(Some(then))), Some(Metric::Figure(Some(now)))) => signed(now - then),
            (Some(Metric::Count(then)), Some(Metric::Count(now))) => {
                format!("{:+}", i128::from(*now) - i128::from(*then))
            }
            _ => String::new(),
        };
        let budget = match difference.budget_share {
            Some(share) if difference.within => format!(" ({} of its tolerance)", percent(share)),
            _ => String::new(),
        };
        let [then, now] = [&difference.expected, &difference.actual].map(|value| figure::text(value.as_ref()));
        rows.push([difference.name.clone(), then, now, format!("{distance}{budget}")]);
    }
    rows
}

/// Writes a difference with as many digits as a reader takes in.
pub(crate) fn signed(difference: f64) -> String {
    const DIGITS: i32 = 6;
    #[allow(clippy::cast_possible_truncation, reason = "the exponent of a float has four digits")]
    let exponent = difference.abs().log10().floor() as i32;
    match usize::try_from((DIGITS - 1).saturating_sub(exponent)) {
        Ok(decimals) if exponent >= -DIGITS => format!("{difference:+.decimals$}"),
        _ => format!("{difference:+.5e}"),
    }
}

/// Lays the metrics of a result that nobody has accepted yet below each other.
pub(crate) fn metrics(metrics: &IndexMap<String, Metric>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  metric", "now"]);
    for (name, value) in metrics {
        table.add_row([format!("  {name}"), figure::text(Some(value))]);
    }
    drawn_table(&table)
}

/// Returns a metric for scripts.
pub(crate) fn written_metric(metric: &Metric) -> Value {
    match metric {
        Metric::Count(count) => json!(count),
        Metric::Figure(figure) => json!(figure),
        Metric::Counts(counts) => json!(counts),
    }
}

/// Returns a comparison for scripts.
pub(crate) fn written(comparison: &Comparison) -> Value {
    let metric = |metric: &Option<Metric>| metric.as_ref().map(written_metric);
    json!({
        "verdict": comparison.verdict().to_string(),
        "metrics": comparison.metrics.iter().map(|difference| json!({
            "metric": difference.name,
            "golden": metric(&difference.expected),
            "now": metric(&difference.actual),
            "within_tolerance": difference.within,
            "budget_share": difference.budget_share,
        })).collect::<Vec<_>>(),
    })
}

/// Returns the first event that differs for scripts.
pub(crate) fn written_event(parted: &Parted) -> Value {
    json!({
        "time": parted.event.time,
        "kind": parted.event.kind.name(),
        "columns": parted.columns.iter().map(|(name, then, now)| json!({
            "name": name, "golden": then, "now": now,
        })).collect::<Vec<_>>(),
        "missing_count": parted.counts[0],
        "new_count": parted.counts[1],
        "changed_count": parted.counts[2],
        "same_count": parted.same_count,
    })
}

/// Returns what two results were made with otherwise for scripts.
pub(crate) fn written_inputs(made_differently: &[(String, String, String)]) -> Value {
    let each = made_differently.iter().map(|(name, then, now)| json!({ "name": name, "golden": then, "now": now }));
    each.collect()
}

/// Writes a share as whole percent; what is not nothing is not 0 %.
pub(crate) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 { "under 1 %".to_owned() } else { format!("{:.0} %", (share * 100.0).floor()) }
}

/// Tells the first event in time that differs.
fn first_event(parted: &Parted) -> String {
    format!("  {}\n  {}\n", event_sentence(parted), counts_sentence(parted))
}

/// Lays the columns of the first executor that differs side by side.
fn columns(parted: &Parted) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  field", "golden", "now", ""]);
    for [name, then, now, mark] in event_rows(parted) {
        table.add_row([format!("  {name}"), then, now, mark]);
    }
    drawn_table(&table)
}

/// Returns which event is the first in time that differs, in a sentence.
pub(crate) fn event_sentence(parted: &Parted) -> String {
    let column = |name: &str| parted.columns.iter().find(|(column, ..)| column == name);
    let either = |name: &str| column(name).and_then(|(_, then, now)| now.as_deref().or(then.as_deref())).unwrap_or("-");
    let (kind, moment) = (parted.event.kind.name(), moment(parted.event.time));
    format!("first event that differs: {} {} {kind} at {moment}", either("level"), either("side"))
}

/// Returns how many executors differ, in a sentence.
pub(crate) fn counts_sentence(parted: &Parted) -> String {
    let [missing, new, changed] = parted.counts;
    let same = parted.same_count;
    format!("{} missing, {new} new, {changed} changed, {same} the same", counted(missing, "executor"))
}

/// Returns the executor of the first event that differs, column by column: name, golden, now, whether they differ.
pub(crate) fn event_rows(parted: &Parted) -> Vec<[String; 4]> {
    let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".to_owned());
    let rows = parted.columns.iter().map(|(name, then, now)| {
        let mark = if then == now { "" } else { "differs" };
        [name.clone(), text(then), text(now), mark.to_owned()]
    });
    rows.collect()
}

/// Writes a moment: `2026-01-01 00:15:00 UTC`.
pub(crate) fn moment(time: i64) -> String {
    match jiff::Timestamp::from_second(time) {
        Ok(moment) => format!("{} UTC", moment.strftime("%Y-%m-%d %H:%M:%S")),
        Err(_) => time.to_string(),
    }
}
