//! A replay as JSON: the fields that Hummingbot's own results have, prices and amounts as decimal text.

use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::controller::Controller;
use crate::engine::Profile;
use crate::engine::Replay;
use crate::engine::replay::Series;
use crate::executor::ExecutorInfo;
use crate::io::files::sha256_hex;
use crate::market::decimal::Operand;
use crate::metric;
use crate::metric::Value as Metric;

/// Computes the metrics of a replay, in the registry's order.
#[must_use]
pub fn measured(replay: &Replay, controller: &dyn Controller, profile: &Profile) -> IndexMap<&'static str, Metric> {
    metric::registry::measure(&metric::Run {
        executors: &replay.executors,
        total_pnl_quote: &replay.series.realized_pnl_quote,
        total_amount_quote: controller.total_amount_quote(),
        convention: profile.convention,
    })
}

/// Returns the metrics of a replay as an object, in the registry's order.
#[must_use]
pub fn results(replay: &Replay, controller: &dyn Controller, profile: &Profile) -> Map<String, Value> {
    let value = |metric| match metric {
        Metric::Count(count) => json!(count),
        // A figure that does not exist is null: JSON has no NaN.
        Metric::Figure(figure) => json!(figure),
        Metric::Counts(counts) => json!(counts),
    };
    measured(replay, controller, profile).into_iter().map(|(name, metric)| (name.to_owned(), value(metric))).collect()
}

/// Returns the whole replay as one object.
#[must_use]
pub fn replay_json(replay: &Replay, controller: &dyn Controller, profile: &Profile) -> Value {
    let executors: Vec<Value> =
        replay.executors.iter().enumerate().map(|(seq, executor)| executor_json(seq, executor, controller)).collect();
    json!({
        "results": results(replay, controller, profile),
        "n_executors": executors.len(),
        "executors": executors,
        "position_holds": [],
        "position_held_timeseries": { "rows": 0 },
        "pnl_timeseries": series_json(&replay.series),
    })
}

fn executor_json(seq: usize, executor: &ExecutorInfo, controller: &dyn Controller) -> Value {
    let text = |value: f64| Operand::from(value).to_string();
    json!({
        "seq": seq,
        "type": "position_executor",
        "level_id": controller.level_name(executor.level),
        "side": executor.side.to_string(),
        "timestamp": executor.time as f64,
        "close_timestamp": executor.close_time as f64,
        "close_type": executor.close_type.name(),
        "status": "TERMINATED",
        "is_active": false,
        "is_trading": false,
        "entry_price": executor.entry_price.to_string(),
        "amount": executor.amount.to_string(),
        "net_pnl_pct": text(executor.net_pnl_pct),
        "net_pnl_quote": text(executor.net_pnl_quote),
        "cum_fees_quote": text(executor.cum_fees_quote),
        "filled_amount_quote": text(executor.filled_amount_quote),
        "net_pnl_pct_f": executor.net_pnl_pct,
        "net_pnl_quote_f": executor.net_pnl_quote,
        "cum_fees_quote_f": executor.cum_fees_quote,
        "filled_amount_quote_f": executor.filled_amount_quote,
        "close_price": executor.close_price,
        "current_position_average_price": executor.average_price,
    })
}

/// Returns the series as columns, with a hash for each so that long ones compare at a glance.
fn series_json(series: &Series) -> Value {
    let rows = series.time.len();
    let zeros = vec![0.0; rows];
    let floats = |values: &[u32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
    let time: Vec<f64> = series.time.iter().map(|&time| time as f64).collect();
    let columns: [(&str, Vec<f64>); 7] = [
        ("timestamp", time),
        ("executor_realized_pnl", series.realized_pnl_quote.clone()),
        ("position_realized_pnl", zeros.clone()),
        ("position_unrealized_pnl", zeros),
        ("total_pnl", series.realized_pnl_quote.clone()),
        ("active_executors", floats(&series.active_count)),
        ("cumulative_volume", series.volume_quote.clone()),
    ];
    let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let hashes: Map<String, Value> =
        columns.iter().map(|(name, values)| ((*name).to_owned(), json!(sha256_hex(&bytes(values))))).collect();
    let total: Vec<String> = series.realized_pnl_quote.iter().map(|&value| python_repr(value)).collect();
    json!({
        "rows": rows,
        "columns": columns.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "sha256_f64le": hashes,
        "total_pnl_sha256_repr": sha256_hex(total.join("\n").as_bytes()),
        "all": columns.into_iter().map(|(name, values)| (name.to_owned(), json!(values))).collect::<Map<_, _>>(),
    })
}

/// Returns a float as Python's `repr` writes it.
fn python_repr(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a number");
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
