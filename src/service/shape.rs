//! What do requests and results look like that are read by the use cases below: for the API's description alone?

#![allow(
    dead_code,
    reason = "the fields describe JSON; the use cases read it and say everything that is wrong at once"
)]

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// A backtest, as Hummingbot's clients ask for it.
#[derive(Debug, JsonSchema)]
#[schemars(extend("examples" = [example()]))]
pub struct Backtest {
    /// The begin, in seconds since 1970 in UTC.
    #[schemars(range(min = 0, max = 4_102_444_800_i64))]
    pub start_time: Option<i64>,
    /// The end.
    #[schemars(range(min = 0, max = 4_102_444_800_i64))]
    pub end_time: Option<i64>,
    /// The step of the replay: `1m`, `3m`, `1h`.
    #[schemars(extend("examples" = ["1m", "3m", "5m", "15m", "30m", "1h", "1s"]))]
    pub backtesting_resolution: Option<String>,
    /// What a trade costs, as a fraction of its amount.
    #[schemars(range(min = 0, max = 1))]
    pub trade_cost: Option<f64>,
    /// The controller's configuration, or the name of one in the configurations' folder.
    pub config: Config,
}

/// A backtest, as hive's own API takes it.
#[derive(Debug, JsonSchema)]
pub struct Start {
    /// The backtest.
    #[schemars(flatten)]
    pub backtest: Backtest,
    /// `parity` as Hummingbot does it, or `causal` without look-ahead.
    pub mode: Option<Mode>,
    /// The replay profile: one of `/api/profiles`.
    pub profile: Option<String>,
    /// Whose job it is: a workspace has one active job at most.
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$"))]
    pub workspace: Option<String>,
}

/// A controller's configuration.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Config {
    /// The configuration itself.
    Fields(Map<String, Value>),
    /// A name of one.
    Name(String),
}

/// With or without look-ahead.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Mode {
    /// As Hummingbot does it.
    Parity,
    /// Without look-ahead.
    Causal,
}

/// A backtest's result, as Hummingbot's API gives it.
#[derive(Debug, JsonSchema)]
pub struct Packet {
    /// The executors.
    pub executors: Vec<Map<String, Value>>,
    /// Column by column: the value at each row's time.
    pub processed_data: IndexMap<String, Value>,
    /// The metrics.
    pub results: Map<String, Value>,
    /// Positions that were held.
    pub position_holds: Option<Vec<Map<String, Value>>>,
    /// What was held over time.
    pub position_held_timeseries: Option<Vec<Map<String, Value>>>,
    /// The profit over time.
    pub pnl_timeseries: Option<Vec<Map<String, Value>>>,
}

/// A backtest's result, or why there is none.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Outcome {
    /// The result.
    Result(Box<Packet>),
    /// Why there is none.
    Failure {
        /// In words.
        error: String,
    },
}

/// A task that is gone.
#[derive(Debug, JsonSchema)]
pub struct Deleted {
    /// `deleted`.
    pub status: String,
    /// The task.
    pub task_id: String,
}

/// What became of a deed on a workspace's backtest: `stopping`, `paused` or `resumed`, and the job.
#[derive(Debug, JsonSchema)]
pub struct Deed {
    /// Whether it is about to stop.
    pub stopping: Option<bool>,
    /// Whether it waits.
    pub paused: Option<bool>,
    /// Whether it goes on.
    pub resumed: Option<bool>,
    /// The job.
    pub job_id: Option<String>,
    /// Why nothing was done.
    pub error: Option<String>,
}

/// A request that is right, where the project has such candles.
fn example() -> Value {
    json!({
        "start_time": 1_767_225_600,
        "end_time": 1_767_239_940,
        "backtesting_resolution": "1m",
        "trade_cost": 0.0006,
        "config": {
            "id": "example", "controller_type": "market_making", "controller_name": "pmm_simple",
            "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT", "total_amount_quote": 1000,
            "buy_spreads": "0.001", "sell_spreads": "0.001", "buy_amounts_pct": "", "sell_amounts_pct": "",
            "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800, "executor_refresh_time": 900,
            "cooldown_time": 300,
        },
    })
}
