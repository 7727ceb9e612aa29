//! What do a result's executors and its profit look like as tables?

use serde_json::Value;

/// The columns of executors: where they stand in an executor, and what they are called.
const EXECUTORS: [(&str, &[&str]); 17] = [
    ("id", &["id"]),
    ("type", &["type"]),
    ("timestamp", &["timestamp"]),
    ("close_timestamp", &["close_timestamp"]),
    ("side", &["side"]),
    ("level_id", &["custom_info", "level_id"]),
    ("status", &["status"]),
    ("close_type", &["close_type"]),
    ("entry_price", &["custom_info", "current_position_average_price"]),
    ("close_price", &["custom_info", "close_price"]),
    ("filled_amount_quote", &["filled_amount_quote"]),
    ("net_pnl_quote", &["net_pnl_quote"]),
    ("net_pnl_pct", &["net_pnl_pct"]),
    ("cum_fees_quote", &["cum_fees_quote"]),
    ("is_active", &["is_active"]),
    ("is_trading", &["is_trading"]),
    ("controller_id", &["controller_id"]),
];

/// The columns of profit over time.
const PROFIT: [&str; 7] = [
    "timestamp",
    "executor_realized_pnl",
    "position_realized_pnl",
    "position_unrealized_pnl",
    "total_pnl",
    "active_executors",
    "cumulative_volume",
];

/// Returns the executors of a result, a row each, as RFC 4180 has it.
#[must_use]
pub fn executors(packet: &Value) -> String {
    let names: Vec<&str> = EXECUTORS.iter().map(|(name, _)| *name).collect();
    let rows = rows(packet, "executors");
    table(&names, rows.iter().map(|executor| EXECUTORS.iter().map(|(_, path)| at(executor, path)).collect()))
}

/// Returns the profit of a result over time, a row a bar.
#[must_use]
pub fn profit(packet: &Value) -> String {
    let rows = rows(packet, "pnl_timeseries");
    table(&PROFIT, rows.iter().map(|row| PROFIT.iter().map(|name| at(row, &[name])).collect()))
}

fn rows<'p>(packet: &'p Value, name: &str) -> &'p [Value] {
    packet.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().fold(value, |value, name| value.get(name).unwrap_or(&Value::Null))
}

fn table<'v>(names: &[&str], rows: impl Iterator<Item = Vec<&'v Value>>) -> String {
    let mut text = names.join(",");
    text.push_str("\r\n");
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(cell).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
        plain => plain.to_string(),
    }
}

/// Returns a text as a cell. What a spreadsheet would take for a formula gets an apostrophe before it; a number does not.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let safe = if is_formula { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}
