//! What does the runner answer, and how does that read as a native result does?

use indexmap::IndexMap;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error as _;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::golden::Metric;
use crate::workflow::report;
use crate::workflow::upstream_engine::error::Error;
use crate::workflow::upstream_engine::error::Raised;

/// The metrics that count things; all others are figures, whether upstream writes a whole number or not.
const COUNTS: [&str; 7] = [
    "total_executors",
    "total_executors_with_position",
    "total_long",
    "total_short",
    "total_positions",
    "win_signals",
    "loss_signals",
];

/// The metric that counts by name, for which upstream writes 0 where there is nothing to count.
const NAMED_COUNTS: &str = "close_types";

/// Everything that upstream reports of a replay.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    /// How far it came.
    stage: String,
    /// The versions of the packages that move results.
    #[serde(default)]
    pub versions: IndexMap<String, String>,
    /// What it raised.
    error: Option<Raised>,
    /// The executors, in upstream's order.
    #[serde(default)]
    pub executors: Vec<Executor>,
    /// The summary, in upstream's order.
    #[serde(default)]
    results: Vec<(String, Figure)>,
    /// What ended executors left behind.
    #[serde(default)]
    holds: Vec<IndexMap<String, Option<String>>>,
    /// The value of what was held; `None` for a release that keeps no such series.
    held: Option<Columns>,
    /// The profit at each row; `None` for a release that keeps no such series.
    pub series: Option<Columns>,
}

/// An executor.
#[derive(Debug, Clone, Deserialize)]
pub struct Executor {
    #[serde(rename = "type")]
    kind: String,
    level_id: Option<String>,
    side: Option<String>,
    timestamp: Float,
    close_timestamp: Option<Float>,
    close_type: Option<String>,
    status: Option<String>,
    is_active: bool,
    is_trading: bool,
    close_price: Option<Float>,
    current_position_average_price: Option<Float>,
    net_pnl_pct: String,
    net_pnl_quote: String,
    cum_fees_quote: String,
    filled_amount_quote: String,
    net_pnl_pct_f: Float,
    net_pnl_quote_f: Float,
    cum_fees_quote_f: Float,
    filled_amount_quote_f: Float,
    asked: Asked,
    grid: Option<Grid>,
}

/// What a controller asked for.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    entry_price: Option<String>,
    amount: Option<String>,
    price: Option<String>,
    execution_strategy: Option<String>,
    prices: Option<Vec<String>>,
    amounts_quote: Option<Vec<String>>,
    start_price: Option<String>,
    end_price: Option<String>,
    limit_price: Option<String>,
    total_amount_quote: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Grid {
    prices: Vec<Float>,
    take_profit_prices: Vec<Float>,
    fill_event_count: usize,
}

/// A table: each column with its name.
#[derive(Debug, Clone, Deserialize)]
pub struct Columns {
    /// How many rows there are.
    pub count: usize,
    columns: Vec<(String, Vec<Float>)>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Figure {
    Count(i64),
    Counts(IndexMap<String, u64>),
    Float(Float),
    None(()),
}

/// A float that came as Python's `repr`: JSON readers differ in the last digit, and JSON has no NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Float(f64);

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom(format!("`{text}` is not a number")))
    }
}

impl Answer {
    /// Reads the runner's answer.
    ///
    /// # Errors
    ///
    /// Says what upstream raised, and that an answer is none.
    pub fn read(scenario: &str, bytes: &[u8]) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { scenario: scenario.to_owned(), source };
        let mut answer: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        match answer.error.take() {
            None => Ok(answer),
            Some(raised) if raised.is_refusal => {
                Err(Error::Candles { scenario: scenario.to_owned(), raised: Box::new(raised) })
            }
            Some(raised) => {
                Err(Error::Raised { scenario: scenario.to_owned(), stage: answer.stage, raised: Box::new(raised) })
            }
        }
    }

    /// Returns the metrics that upstream reports, in its order.
    #[must_use]
    pub fn metrics(&self) -> IndexMap<String, Metric> {
        let finite = |value: f64| Metric::Figure(value.is_finite().then_some(value));
        let metric = |name: &str, figure: &Figure| match figure {
            Figure::Counts(counts) => Metric::Counts(counts.clone()),
            Figure::Count(0) if name == NAMED_COUNTS => Metric::Counts(IndexMap::new()),
            Figure::Count(count) if COUNTS.contains(&name) => {
                u64::try_from(*count).map_or_else(|_| finite(*count as f64), Metric::Count)
            }
            Figure::Count(count) => finite(*count as f64),
            Figure::Float(Float(value)) => finite(*value),
            Figure::None(()) => Metric::Figure(None),
        };
        self.results.iter().map(|(name, figure)| (name.clone(), metric(name, figure))).collect()
    }

    /// Returns the metrics as an object.
    #[must_use]
    pub fn results(&self) -> Map<String, Value> {
        let value = |metric| match metric {
            Metric::Count(count) => json!(count),
            Metric::Figure(figure) => json!(figure),
            Metric::Counts(counts) => json!(counts),
        };
        self.metrics().into_iter().map(|(name, metric)| (name, value(metric))).collect()
    }

    /// Returns the replay as one object, as a native one has it; `null` for a series that the release does not keep.
    #[must_use]
    pub fn replay_json(&self) -> Value {
        json!({
            "results": self.results(),
            "n_executors": self.executors.len(),
            "executors": self.executors.iter().enumerate().map(|(seq, it)| it.json(seq)).collect::<Vec<_>>(),
            "position_holds": self.holds,
            "position_held_timeseries": self.held.as_ref().map(Columns::json),
            "pnl_timeseries": self.series.as_ref().map(Columns::json),
        })
    }

    /// Returns the rows of the ledger.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<String>> {
        self.executors.iter().map(Executor::row).collect()
    }
}

impl Executor {
    fn json(&self, seq: usize) -> Value {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
        let float = |value: Option<Float>| json!(value.map(|Float(value)| value));
        let Asked { entry_price, amount, price, execution_strategy, prices, amounts_quote, .. } = &self.asked;
        put("seq", json!(seq));
        put("type", json!(self.kind));
        if let Some(level) = &self.level_id {
            put("level_id", json!(level));
        }
        put("side", json!(self.side));
        put("timestamp", json!(self.timestamp.0));
        let texts = [("entry_price", entry_price), ("amount", amount), ("price", price)];
        let rest = [
            ("execution_strategy", execution_strategy),
            ("start_price", &self.asked.start_price),
            ("end_price", &self.asked.end_price),
            ("limit_price", &self.asked.limit_price),
            ("total_amount_quote", &self.asked.total_amount_quote),
        ];
        for (key, text) in texts.into_iter().chain(rest) {
            if let Some(text) = text {
                put(key, json!(text));
            }
        }
        for (key, list) in [("prices", prices), ("amounts_quote", amounts_quote)] {
            if let Some(list) = list {
                put(key, json!(list));
            }
        }
        put("close_timestamp", float(self.close_timestamp));
        put("close_type", json!(self.close_type));
        put("status", json!(self.status));
        put("is_active", json!(self.is_active));
        put("is_trading", json!(self.is_trading));
        put("close_price", float(self.close_price));
        if let Some(Grid { prices, take_profit_prices, fill_event_count }) = &self.grid {
            let floats = |values: &[Float]| json!(values.iter().map(|value| value.0).collect::<Vec<_>>());
            put("n_grid_fill_events", json!(fill_event_count));
            put("grid_level_prices", floats(prices));
            put("grid_tp_prices", floats(take_profit_prices));
        }
        put("net_pnl_pct", json!(self.net_pnl_pct));
        put("net_pnl_quote", json!(self.net_pnl_quote));
        put("cum_fees_quote", json!(self.cum_fees_quote));
        put("filled_amount_quote", json!(self.filled_amount_quote));
        put("net_pnl_pct_f", json!(self.net_pnl_pct_f.0));
        put("net_pnl_quote_f", json!(self.net_pnl_quote_f.0));
        put("cum_fees_quote_f", json!(self.cum_fees_quote_f.0));
        put("filled_amount_quote_f", json!(self.filled_amount_quote_f.0));
        put("current_position_average_price", float(self.current_position_average_price));
        Value::Object(object)
    }

    fn row(&self) -> Vec<String> {
        let none = || "-".to_owned();
        let float = |value: Option<Float>| value.map_or_else(none, |Float(value)| format!("{value:?}"));
        let time = |Float(time): Float| {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "upstream's times are whole seconds; others are written as they are"
            )]
            let whole = time as i64;
            if whole as f64 == time { whole.to_string() } else { format!("{time:?}") }
        };
        let or_none = |text: Option<&String>| text.cloned().unwrap_or_else(none);
        let asked = &self.asked;
        let [price, amount] = match (&asked.prices, &asked.amounts_quote, &asked.start_price, &asked.end_price) {
            (Some(prices), Some(amounts), ..) => [prices.join("/"), amounts.join("/")],
            (_, _, Some(start), Some(end)) => [format!("{start}/{end}"), or_none(asked.total_amount_quote.as_ref())],
            _ => [or_none(asked.entry_price.as_ref().or(asked.price.as_ref())), or_none(asked.amount.as_ref())],
        };
        vec![
            or_none(self.level_id.as_ref()),
            or_none(self.side.as_ref()),
            time(self.timestamp),
            self.close_timestamp.map_or_else(none, time),
            or_none(self.close_type.as_ref()),
            price,
            amount,
            float(self.close_price),
            float(Some(self.filled_amount_quote_f)),
            float(Some(self.cum_fees_quote_f)),
            float(Some(self.net_pnl_pct_f)),
            float(Some(self.net_pnl_quote_f)),
        ]
    }
}

impl Columns {
    fn json(&self) -> Value {
        if self.count == 0 {
            return json!({ "rows": 0 });
        }
        let columns: Vec<(&str, Vec<f64>)> = self
            .columns
            .iter()
            .map(|(name, values)| (name.as_str(), values.iter().map(|value| value.0).collect()))
            .collect();
        report::table_json(&columns)
    }
}
