//! A replay as JSON: the fields that Hummingbot's own results have, prices and amounts as decimal text.

use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::controller::Controller;
use crate::engine::Replay;
use crate::engine::hold::Hold;
use crate::engine::series::HeldSeries;
use crate::engine::series::Series;
use crate::executor::ExecutorConfig;
use crate::executor::ExecutorInfo;
use crate::executor::OpenExecutor;
use crate::executor::Snapshot;
use crate::executor::dca::DcaOrder;
use crate::io::files::sha256_hex;
use crate::market::Decimal;
use crate::market::decimal::Operand;
use crate::metric;
use crate::metric::Convention;
use crate::metric::Value as Metric;

/// A replay, with what its figures are read by.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// What came of it.
    pub replay: &'a Replay,
    /// The controller, which knows its budget and its levels' names.
    pub controller: &'a dyn Controller,
    /// Whose definitions of the metrics are meant.
    pub convention: Convention,
    /// The length of a row of the series, in seconds.
    pub period: i64,
}

/// Computes the metrics of a replay, in the registry's order.
#[must_use]
pub fn measured(subject: &Subject<'_>) -> IndexMap<&'static str, Metric> {
    let replay = subject.replay;
    let figures =
        replay.executors.iter().map(|it| &it.figures).chain(replay.open.iter().map(|executor| &executor.figures));
    let last = |column: &[f64]| column.last().copied().unwrap_or(0.0);
    let series = &replay.series;
    metric::registry::measure(&metric::Run {
        executors: &replay.executors,
        total_pnl_quote: &series.total_pnl,
        total_amount_quote: subject.controller.total_amount_quote(),
        convention: subject.convention,
        hold: replay.hold.as_ref().zip(replay.last_close).map(|(hold, close)| hold.summary(close)),
        period: subject.period,
        position_quote: &series.position_quote,
        fees_quote: figures.map(|figures| figures.cum_fees_quote).sum(),
        volume_quote: last(&series.volume_quote),
        unrealized_pnl_quote: last(&series.executor_unrealized_pnl) + last(&series.position_unrealized_pnl),
    })
}

/// Returns the metrics of a replay as an object, in the registry's order.
#[must_use]
pub fn results(subject: &Subject<'_>) -> Map<String, Value> {
    let value = |metric| match metric {
        Metric::Count(count) => json!(count),
        // A figure that does not exist is null: JSON has no NaN.
        Metric::Figure(figure) => json!(figure),
        Metric::Counts(counts) => json!(counts),
    };
    measured(subject).into_iter().map(|(name, metric)| (name.to_owned(), value(metric))).collect()
}

/// Returns the whole replay as one object; `connector_name` and `trading_pair` name the market of its holds.
#[must_use]
pub fn replay_json(subject: &Subject<'_>, connector_name: &str, trading_pair: &str) -> Value {
    let Subject { replay, controller, .. } = *subject;
    let executors: Vec<Value> =
        replay.executors.iter().enumerate().map(|(seq, executor)| executor_json(seq, executor, controller)).collect();
    let mut json = json!({
        "results": results(subject),
        "n_executors": executors.len(),
        "executors": executors,
        "position_holds": holds_json(replay, connector_name, trading_pair),
        "position_held_timeseries": held_json(&replay.held),
        "pnl_timeseries": series_json(&replay.series),
    });
    if subject.convention == Convention::Causal {
        let open = replay.open.iter().enumerate().map(|(seq, executor)| open_json(seq, executor, controller));
        json["open_executors"] = open.collect();
        json["unstarted_count"] = json!(replay.unstarted_count);
    }
    json
}

fn executor_json(seq: usize, executor: &ExecutorInfo, controller: &dyn Controller) -> Value {
    let mut object = asked_json(Some(seq), &executor.config, controller);
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    put("close_timestamp", json!(executor.close_time as f64));
    put("close_type", json!(executor.close_type.name()));
    put("status", json!("TERMINATED"));
    put("is_active", json!(false));
    put("is_trading", json!(false));
    put("close_price", json!(executor.close_price));
    if let Some(grid) = &executor.grid {
        put("n_grid_fill_events", json!(grid.fill_event_count));
        put("grid_level_prices", json!(grid.prices));
        put("grid_tp_prices", json!(grid.take_profit_prices));
    }
    object.extend(figures_json(&executor.figures));
    Value::Object(object)
}

fn open_json(seq: usize, executor: &OpenExecutor, controller: &dyn Controller) -> Value {
    let mut object = asked_json(Some(seq), &executor.config, controller);
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    put("close_timestamp", Value::Null);
    put("close_type", Value::Null);
    put("status", json!("RUNNING"));
    put("is_active", json!(true));
    put("is_trading", json!(executor.fill_time.is_some()));
    put("fill_timestamp", json!(executor.fill_time.map(|time| time as f64)));
    object.extend(figures_json(&executor.figures));
    Value::Object(object)
}

/// Returns what was asked for; `seq` is its place among the executors.
pub(super) fn asked_json(
    seq: Option<usize>,
    config: &ExecutorConfig,
    controller: &dyn Controller,
) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    if let Some(seq) = seq {
        put("seq", json!(seq));
    }
    put("type", json!(config.kind()));
    if let Some(level) = config.level() {
        put("level_id", json!(controller.level_name(level)));
    }
    put("side", json!(config.side().to_string()));
    put("timestamp", json!(config.time() as f64));
    match config {
        ExecutorConfig::Position(config) => {
            put("entry_price", json!(config.entry_price.to_string()));
            put("amount", json!(config.amount_base().to_string()));
        }
        ExecutorConfig::Order(config) => {
            put("amount", json!(config.amount.to_string()));
            put("price", json!(config.price.to_string()));
            put("execution_strategy", json!(config.strategy.name()));
        }
        ExecutorConfig::Dca(config) => {
            let orders = config.orders();
            let texts = |figure: fn(&DcaOrder) -> Decimal| {
                orders.iter().map(|order| figure(order).to_string()).collect::<Vec<_>>()
            };
            put("prices", json!(texts(|order| order.price)));
            put("amounts_quote", json!(texts(|order| order.amount_quote)));
        }
        ExecutorConfig::Grid(config) => {
            put("start_price", json!(config.start_price.to_string()));
            put("end_price", json!(config.end_price.to_string()));
            put("limit_price", json!(config.limit_price.unwrap_or(Decimal::ZERO).to_string()));
            put("total_amount_quote", json!(config.total_amount_quote.to_string()));
        }
    }
    object
}

fn figures_json(figures: &Snapshot) -> Map<String, Value> {
    let text = |value: f64| Operand::from(value).to_string();
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    put("net_pnl_pct", json!(text(figures.net_pnl_pct)));
    put("net_pnl_quote", json!(text(figures.net_pnl_quote)));
    put("cum_fees_quote", json!(text(figures.cum_fees_quote)));
    put("filled_amount_quote", json!(text(figures.filled_amount_quote)));
    put("net_pnl_pct_f", json!(figures.net_pnl_pct));
    put("net_pnl_quote_f", json!(figures.net_pnl_quote));
    put("cum_fees_quote_f", json!(figures.cum_fees_quote));
    put("filled_amount_quote_f", json!(figures.filled_amount_quote));
    put("current_position_average_price", json!(figures.average_price));
    object
}

/// Returns the holds at the end, as Hummingbot lists them: one market has one.
fn holds_json(replay: &Replay, connector_name: &str, trading_pair: &str) -> Vec<Value> {
    let hold = |hold: &Hold| {
        json!({
            "connector_name": connector_name,
            "trading_pair": trading_pair,
            "net_amount_base": hold.net_amount_base.to_string(),
            "avg_entry_price": hold.avg_entry_price.to_string(),
            "realized_pnl_quote": hold.realized_pnl_quote.to_string(),
            "cum_fees_quote": hold.cum_fees_quote.to_string(),
            "volume_traded_quote": hold.volume_traded_quote.to_string(),
            "buy_amount_base": hold.buy_amount_base.to_string(),
            "buy_amount_quote": hold.buy_amount_quote.to_string(),
            "sell_amount_base": hold.sell_amount_base.to_string(),
            "sell_amount_quote": hold.sell_amount_quote.to_string(),
        })
    };
    replay.hold.iter().map(hold).collect()
}

/// Returns the profit's series as columns.
fn series_json(series: &Series) -> Value {
    let floats = |values: &[u32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
    let of_holds = |values: &[f64]| if values.is_empty() { vec![0.0; series.time.len()] } else { values.to_vec() };
    let mut columns = vec![
        ("timestamp", times(&series.time)),
        ("executor_realized_pnl", series.executor_realized_pnl.clone()),
        ("position_realized_pnl", of_holds(&series.position_realized_pnl)),
        ("position_unrealized_pnl", of_holds(&series.position_unrealized_pnl)),
        ("total_pnl", series.total_pnl.clone()),
        ("active_executors", floats(&series.active_count)),
        ("cumulative_volume", series.volume_quote.clone()),
    ];
    // Hummingbot's own series have no such columns.
    if !series.executor_unrealized_pnl.is_empty() {
        columns.push(("executor_unrealized_pnl", series.executor_unrealized_pnl.clone()));
        columns.push(("position_quote", series.position_quote.clone()));
    }
    table_json(&columns)
}

/// Returns columns as an object, with a hash for each, and one of the total profit as Python writes it where there is one.
pub(super) fn table_json(columns: &[(&str, Vec<f64>)]) -> Value {
    let mut table = columns_json(columns);
    if let Some((_, total)) = columns.iter().find(|(name, _)| *name == "total_pnl") {
        let total: Vec<String> = total.iter().map(|&value| python_repr(value)).collect();
        table.insert("total_pnl_sha256_repr".to_owned(), json!(sha256_hex(total.join("\n").as_bytes())));
    }
    Value::Object(table)
}

/// Returns what was held as columns; a count of rows alone where nothing was.
fn held_json(held: &HeldSeries) -> Value {
    if held.time.is_empty() {
        return json!({ "rows": 0 });
    }
    let net = held.long_amount.iter().zip(&held.short_amount).map(|(long, short)| long - short).collect();
    Value::Object(columns_json(&[
        ("timestamp", times(&held.time)),
        ("long_amount", held.long_amount.clone()),
        ("short_amount", held.short_amount.clone()),
        ("net_amount", net),
        ("unrealized_pnl", held.unrealized_pnl.clone()),
        ("realized_pnl", held.realized_pnl.clone()),
        ("n_holds", vec![1.0; held.time.len()]),
    ]))
}

fn times(times: &[i64]) -> Vec<f64> {
    times.iter().map(|&time| time as f64).collect()
}

/// Returns columns with a hash for each, so that long ones compare at a glance.
fn columns_json(columns: &[(&str, Vec<f64>)]) -> Map<String, Value> {
    let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let hashes: Map<String, Value> =
        columns.iter().map(|(name, values)| ((*name).to_owned(), json!(sha256_hex(&bytes(values))))).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let all: Map<String, Value> = columns.iter().map(|(name, values)| ((*name).to_owned(), json!(values))).collect();
    let mut table = Map::new();
    table.insert("rows".to_owned(), json!(columns.first().map_or(0, |(_, values)| values.len())));
    table.insert("columns".to_owned(), json!(names));
    table.insert("sha256_f64le".to_owned(), Value::Object(hashes));
    table.insert("all".to_owned(), Value::Object(all));
    table
}

/// Returns a float as Python's `repr` writes it.
fn python_repr(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return Decimal::from_shortest(value).to_string();
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a number");
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
