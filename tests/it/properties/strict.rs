//! Whether JSON is what any reader takes: strict, with every number that has to be there.

use serde_json::Value;

/// The figures that need not exist: quotients, whose divisor may be nothing.
const MAY_BE_NULL: [&str; 6] =
    ["max_drawdown_pct", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "profit_factor", "hit_rate"];

/// What an executor does not have while it is open.
const NOT_YET: [&str; 3] = ["close_timestamp", "close_type", "fill_timestamp"];

/// The keys whose texts are decimals.
const DECIMALS: [&str; 20] = [
    "net_pnl_pct",
    "net_pnl_quote",
    "cum_fees_quote",
    "filled_amount_quote",
    "entry_price",
    "amount",
    "price",
    "prices",
    "amounts_quote",
    "start_price",
    "end_price",
    "limit_price",
    "total_amount_quote",
    "net_amount_base",
    "avg_entry_price",
    "realized_pnl_quote",
    "buy_amount_base",
    "buy_amount_quote",
    "sell_amount_base",
    "sell_amount_quote",
];

/// Returns what is wrong with a result's JSON; nothing where it is strict.
pub(crate) fn problems(result: &Value) -> Vec<String> {
    match serde_json::from_str::<Value>(&result.to_string()) {
        Ok(again) => {
            let mut problems = missing("result", result, &again);
            look("result", "", &again, &mut problems);
            problems
        }
        Err(error) => vec![error.to_string()],
    }
}

/// Returns the paths of the keys that are wanted and not found.
pub(crate) fn missing(at: &str, wanted: &Value, found: &Value) -> Vec<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .flat_map(|(key, wanted)| match found.get(key) {
                Some(found) => missing(&format!("{at}.{key}"), wanted, found),
                None => vec![format!("{at}.{key}")],
            })
            .collect(),
        (Value::Array(wanted), Value::Array(found)) => {
            let pairs = wanted.iter().zip(found).enumerate();
            pairs.flat_map(|(index, (wanted, found))| missing(&format!("{at}[{index}]"), wanted, found)).collect()
        }
        _ => Vec::new(),
    }
}

fn look(at: &str, key: &str, value: &Value, problems: &mut Vec<String>) {
    match value {
        Value::Null if MAY_BE_NULL.contains(&key) && at.starts_with("result.results") => {}
        Value::Null if NOT_YET.contains(&key) && at.starts_with("result.open_executors") => {}
        Value::Null => problems.push(format!("{at} is null")),
        // The exact value of a float has more digits than a decimal of hive's.
        Value::String(text) if DECIMALS.contains(&key) && !text.parse().is_ok_and(f64::is_finite) => {
            problems.push(format!("{at} is no decimal: `{text}`"));
        }
        Value::Array(items) => items.iter().for_each(|item| look(at, key, item, problems)),
        Value::Object(table) => {
            for (key, value) in table {
                look(&format!("{at}.{key}"), key, value, problems);
            }
        }
        Value::String(_) | Value::Bool(_) | Value::Number(_) => {}
    }
}
