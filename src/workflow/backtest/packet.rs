//! A replay as Hummingbot's backtesting API answers it: numbers for decimals and enumerations, columns by name and row.
//!
//! The shape is that of the routes which its clients know: `executors`, `processed_data`, `results`, and since v2.14
//! `position_holds`, `position_held_timeseries` and `pnl_timeseries`, which are always there. A figure that does not exist is
//! 0, as in Hummingbot's own answers: its clients do arithmetic with it. JSON has no NaN, and neither has an answer.

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap as _;
use serde::ser::SerializeSeq as _;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::controller::Controller;
use crate::engine::Profile;
use crate::engine::Replay;
use crate::engine::hold::Hold;
use crate::engine::rows::Rows;
use crate::engine::series::HeldSeries;
use crate::engine::series::Series;
use crate::executor::CloseType;
use crate::executor::ExecutorConfig;
use crate::executor::ExecutorInfo;
use crate::executor::Snapshot;
use crate::executor::dca::DcaMode;
use crate::executor::position::Entry;
use crate::market::Decimal;
use crate::market::Side;
use crate::metric::Convention;

/// The state of an executor that has ended, as Hummingbot numbers it.
const TERMINATED: u8 = 4;

/// The state of one that trades.
const RUNNING: u8 = 2;

/// A market order, as Hummingbot numbers it.
const MARKET: u8 = 1;

/// A limit order.
const LIMIT: u8 = 2;

/// A limit order that only makes.
const LIMIT_MAKER: u8 = 3;

/// What a venue says beside prices and volumes, which no stored candles have; Hummingbot's frames always do.
const ABSENT: [&str; 4] = ["quote_asset_volume", "n_trades", "taker_buy_base_volume", "taker_buy_quote_volume"];

/// The controller of an executor, where nobody says otherwise: Hummingbot's own default.
const CONTROLLER_ID: &str = "main";

/// What an answer is made of.
pub struct Packet<'a> {
    /// The rows that were replayed.
    pub rows: &'a Rows<'a>,
    /// What came of it.
    pub replay: &'a Replay,
    /// The controller, which knows its levels' names.
    pub controller: &'a dyn Controller,
    /// The controller's configuration, for the figures that a replay does not look at.
    pub config: &'a Map<String, Value>,
    /// Upstream's generation.
    pub profile: &'a Profile,
    /// The metrics; `null` for one that does not exist.
    pub results: Map<String, Value>,
}

impl Packet<'_> {
    /// Returns the answer as JSON text.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, whole numbers and finite floats can be written as JSON")
    }

    fn text(&self, key: &str, default: &str) -> String {
        self.config.get(key).and_then(Value::as_str).unwrap_or(default).to_owned()
    }

    fn market(&self) -> Market {
        Market {
            connector_name: self.text("connector_name", "binance_perpetual"),
            trading_pair: self.text("trading_pair", "WLD-USDT"),
            leverage: self.whole("leverage", 20),
            tells_order_time: self.profile.convention == Convention::Series,
        }
    }

    /// Returns a whole number of the configuration, as Hummingbot's models read it.
    fn whole(&self, key: &str, default: i64) -> i64 {
        let read = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        self.config.get(key).and_then(read).unwrap_or(default)
    }

    /// Returns a decimal of the configuration; `None` where there is none.
    fn figure(&self, key: &str) -> Option<f64> {
        let value = self.config.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|figure: &f64| figure.is_finite())
    }

    /// Returns how far a price may be from an order that is not placed yet: a list, or null.
    fn activation_bounds(&self) -> Value {
        let numbers =
            |text: &str| text.split(',').map(|part| part.trim().parse::<f64>().ok()).collect::<Option<Vec<_>>>();
        match self.config.get("executor_activation_bounds") {
            Some(Value::Array(list)) => {
                let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
                json!(list.iter().map(number).collect::<Option<Vec<f64>>>())
            }
            Some(Value::String(text)) if !text.trim().is_empty() => json!(numbers(text)),
            Some(Value::Number(number)) => json!([number.as_f64()]),
            _ => Value::Null,
        }
    }
}

/// What all executors of a replay have in common.
struct Market {
    connector_name: String,
    trading_pair: String,
    leverage: i64,
    /// Whether this generation tells when an order was last heard of: since v2.14.
    tells_order_time: bool,
}

impl Serialize for Packet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let market = self.market();
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("executors", &Executors { packet: self, market: &market })?;
        map.serialize_entry("processed_data", &ProcessedData(self.rows))?;
        map.serialize_entry("results", &finite(&self.results))?;
        let kept: Vec<String> = (self.replay.executors.iter().enumerate())
            .filter(|(_, executor)| executor.close_type == CloseType::PositionHold)
            .map(|(seq, _)| id(seq))
            .collect();
        let holds: Vec<Value> = self.replay.hold.iter().map(|hold| hold_json(hold, &market, &kept)).collect();
        map.serialize_entry("position_holds", &holds)?;
        map.serialize_entry("position_held_timeseries", &Held(&self.replay.held))?;
        map.serialize_entry("pnl_timeseries", &Profit(&self.replay.series))?;
        map.end()
    }
}

/// Returns the metrics with a zero for what does not exist, and no close types as an empty object.
fn finite(results: &Map<String, Value>) -> Map<String, Value> {
    let value = |key: &str, value: &Value| match value {
        Value::Object(counts) => json!(counts),
        _ if key == "close_types" => json!({}),
        Value::Null => json!(0),
        other => other.clone(),
    };
    results.iter().map(|(key, given)| (key.clone(), value(key, given))).collect()
}

/// The executors, one after the other.
struct Executors<'a> {
    packet: &'a Packet<'a>,
    market: &'a Market,
}

impl Serialize for Executors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Replay { executors, open, .. } = self.packet.replay;
        let mut list = serializer.serialize_seq(Some(executors.len() + open.len()))?;
        for (seq, executor) in executors.iter().enumerate() {
            list.serialize_element(&self.ended(seq, executor))?;
        }
        for (seq, executor) in open.iter().enumerate() {
            let close = self.packet.replay.last_close.unwrap_or(0.0);
            list.serialize_element(&self.told(
                executors.len() + seq,
                &executor.config,
                &executor.figures,
                None,
                close,
            ))?;
        }
        list.end()
    }
}

impl Executors<'_> {
    fn ended(&self, seq: usize, executor: &ExecutorInfo) -> Map<String, Value> {
        self.told(seq, &executor.config, &executor.figures, Some(executor), executor.close_price)
    }

    /// Returns an executor; `ended` is what is known of its end.
    fn told(
        &self,
        seq: usize,
        config: &ExecutorConfig,
        figures: &Snapshot,
        ended: Option<&ExecutorInfo>,
        close_price: f64,
    ) -> Map<String, Value> {
        let id = id(seq);
        let level = config.level().map(|level| self.packet.controller.level_name(level));
        let side = side(config.side());
        let mut custom = json!({
            "close_price": close_price,
            "level_id": level,
            "side": side,
            "current_position_average_price": figures.average_price,
        });
        if let Some(ended) = ended {
            if self.market.tells_order_time {
                custom["open_order_last_update"] = json!(ended.order_update_time as f64);
            }
            if let Some(grid) = &ended.grid {
                custom["grid_level_prices"] = json!(grid.prices);
                custom["grid_tp_prices"] = json!(grid.take_profit_prices);
                custom["grid_fill_event_count"] = json!(grid.fill_event_count);
                custom["grid_side"] = json!(ended.config.side().to_string());
                if let ExecutorConfig::Grid(config) = &ended.config {
                    custom["grid_limit_price"] = json!(config.limit_price.map_or(0.0, Decimal::to_f64));
                }
            }
        }
        let object = json!({
            "id": id,
            "timestamp": config.time() as f64,
            "type": config.kind(),
            "status": if ended.is_some() { TERMINATED } else { RUNNING },
            "config": self.config(&id, config, level.as_deref(), side),
            "net_pnl_pct": figures.net_pnl_pct,
            "net_pnl_quote": figures.net_pnl_quote,
            "cum_fees_quote": figures.cum_fees_quote,
            "filled_amount_quote": figures.filled_amount_quote,
            "is_active": ended.is_none(),
            "is_trading": ended.is_none() && figures.filled_amount_quote > 0.0,
            "custom_info": custom,
            "close_timestamp": ended.map(|ended| ended.close_time as f64),
            "close_type": ended.map(|ended| close_type(ended.close_type)),
            // Hummingbot's simulators leave it out.
            "controller_id": Value::Null,
            "side": side,
        });
        match object {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }

    fn config(&self, id: &str, config: &ExecutorConfig, level: Option<&str>, side: u8) -> Value {
        let Market { connector_name, trading_pair, leverage, .. } = self.market;
        let mut asked = Map::new();
        let mut put = |key: &str, value: Value| drop(asked.insert(key.to_owned(), value));
        put("id", json!(id));
        put("type", json!(config.kind()));
        put("timestamp", json!(config.time() as f64));
        put("controller_id", json!(CONTROLLER_ID));
        put("trading_pair", json!(trading_pair));
        put("connector_name", json!(connector_name));
        put("side", json!(side));
        put("leverage", json!(leverage));
        put("level_id", json!(level));
        match config {
            ExecutorConfig::Position(config) => {
                let barrier = &config.barrier;
                put("entry_price", json!(config.entry_price.to_f64()));
                put("amount", json!(config.amount_base_f64()));
                put("activation_bounds", Value::Null);
                put(
                    "triple_barrier_config",
                    json!({
                        "stop_loss": barrier.stop_loss,
                        "take_profit": barrier.take_profit,
                        "time_limit": barrier.time_limit,
                        "trailing_stop": barrier.trailing_stop.map(|stop| json!({
                            "activation_price": stop.activation, "trailing_delta": stop.delta,
                        })),
                        "open_order_type": if config.entry == Entry::Market { MARKET } else { LIMIT },
                        "take_profit_order_type": if barrier.take_profit_at_market { MARKET } else { LIMIT },
                        "stop_loss_order_type": MARKET,
                        "time_limit_order_type": MARKET,
                    }),
                );
            }
            ExecutorConfig::Dca(config) => {
                let orders = config.orders();
                let column = |figure: fn(&crate::executor::dca::DcaOrder) -> f64| orders.iter().map(figure).collect();
                let [amounts, prices]: [Vec<f64>; 2] =
                    [column(|order| order.amount_quote.to_f64()), column(|order| order.price.to_f64())];
                put("amounts_quote", json!(amounts));
                put("prices", json!(prices));
                put("take_profit", json!(config.take_profit.map(Decimal::to_f64)));
                put("stop_loss", json!(config.stop_loss.map(Decimal::to_f64)));
                let trailing = config.trailing_stop.map(|stop| {
                    json!({ "activation_price": stop.activation.to_f64(), "trailing_delta": stop.delta.to_f64() })
                });
                put("trailing_stop", json!(trailing));
                put("time_limit", json!(config.time_limit));
                put("mode", json!(if config.mode == DcaMode::Maker { "MAKER" } else { "TAKER" }));
                put("activation_bounds", self.packet.activation_bounds());
            }
            ExecutorConfig::Grid(config) => {
                put("start_price", json!(config.start_price.to_f64()));
                put("end_price", json!(config.end_price.to_f64()));
                put("limit_price", json!(config.limit_price.map_or(0.0, Decimal::to_f64)));
                put("total_amount_quote", json!(config.total_amount_quote.to_f64()));
                put("min_spread_between_orders", json!(config.min_spread_between_orders.to_f64()));
                put("min_order_amount_quote", json!(config.min_order_amount_quote.to_f64()));
                // What a replay does not look at is handed on as it was configured.
                put("max_open_orders", json!(self.packet.whole("max_open_orders", 2)));
                put("max_orders_per_batch", json!(self.packet.whole("max_orders_per_batch", 1)));
                put("order_frequency", json!(self.packet.whole("order_frequency", 3)));
                put("activation_bounds", json!(self.packet.figure("activation_bounds")));
                put("safe_extra_spread", json!(0.0001));
                put("deduct_base_fees", json!(false));
                put("keep_position", json!(config.keep_position));
                put("coerce_tp_to_step", json!(config.coerce_tp_to_step));
                put(
                    "triple_barrier_config",
                    json!({
                        "stop_loss": config.stop_loss,
                        "take_profit": config.take_profit,
                        "time_limit": config.time_limit,
                        "trailing_stop": Value::Null,
                        "open_order_type": LIMIT_MAKER,
                        "take_profit_order_type": LIMIT_MAKER,
                        "stop_loss_order_type": MARKET,
                        "time_limit_order_type": MARKET,
                    }),
                );
            }
            ExecutorConfig::Order(config) => {
                put("amount", json!(config.amount.to_f64()));
                put("price", json!(config.price.to_f64()));
                put("execution_strategy", json!(config.strategy.name()));
                put("position_action", json!("OPEN"));
                put("chaser_config", Value::Null);
                // Hummingbot's controllers leave these at their defaults.
                put("leverage", json!(1));
                put("slippage_pct", json!(0.05));
                put("slippage_multiplier", json!(5));
                put("max_slippage_pct", json!(5));
            }
        }
        Value::Object(asked)
    }
}

/// Returns a side as Hummingbot numbers it.
fn side(side: Side) -> u8 {
    match side {
        Side::Buy => 1,
        Side::Sell => 2,
    }
}

/// Returns why an executor ended, as Hummingbot numbers it.
fn close_type(close_type: CloseType) -> u8 {
    match close_type {
        CloseType::TimeLimit => 1,
        CloseType::StopLoss => 2,
        CloseType::TakeProfit => 3,
        CloseType::Expired => 4,
        CloseType::EarlyStop => 5,
        CloseType::TrailingStop => 6,
        CloseType::Failed => 8,
        CloseType::PositionHold => 10,
    }
}

/// Returns the name of an executor: Hummingbot draws random ones, and the same replay has the same here.
fn id(seq: usize) -> String {
    format!("executor-{seq}")
}

fn hold_json(hold: &Hold, market: &Market, kept: &[String]) -> Value {
    json!({
        "connector_name": market.connector_name,
        "trading_pair": market.trading_pair,
        "source_executor_ids": kept,
        "n_executors": kept.len(),
        "net_amount_base": hold.net_amount_base.to_f64(),
        "avg_entry_price": hold.avg_entry_price.to_f64(),
        "realized_pnl_quote": hold.realized_pnl_quote.to_f64(),
        "cum_fees_quote": hold.cum_fees_quote.to_f64(),
        "volume_traded_quote": hold.volume_traded_quote.to_f64(),
        "buy_amount_base": hold.buy_amount_base.to_f64(),
        "buy_amount_quote": hold.buy_amount_quote.to_f64(),
        "sell_amount_base": hold.sell_amount_base.to_f64(),
        "sell_amount_quote": hold.sell_amount_quote.to_f64(),
        "is_closed": hold.net_amount_base.is_zero(),
    })
}

/// The replayed rows, a column after the other; the key of a row is its open time as Python writes a float.
struct ProcessedData<'a>(&'a Rows<'a>);

impl Serialize for ProcessedData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.0;
        let candles = &*rows.candles;
        let keys: Vec<String> = candles.time.iter().map(|time| format!("{time}.0")).collect();
        let times: Vec<f64> = candles.time.iter().map(|&time| time as f64).collect();
        let has_frame = rows.reference_price.is_some() || rows.spread_multiplier.is_some() || rows.signal.is_some();
        let priced = [
            ("timestamp", &times),
            ("open", &candles.open),
            ("high", &candles.high),
            ("low", &candles.low),
            ("close", &candles.close),
            ("volume", &candles.volume),
        ];
        let mut map = serializer.serialize_map(None)?;
        for (name, values) in priced {
            map.serialize_entry(&format!("{name}_bt"), &Column { keys: &keys, values: Some(values), otherwise: 0.0 })?;
        }
        for name in ABSENT {
            map.serialize_entry(&format!("{name}_bt"), &Column { keys: &keys, values: None, otherwise: 0.0 })?;
        }
        for (name, values) in priced {
            map.serialize_entry(name, &Column { keys: &keys, values: Some(values), otherwise: 0.0 })?;
        }
        // A frame of the controller's own has the columns that it computes, and no others.
        let frame = [
            ("reference_price", rows.reference_price.as_ref().or((!has_frame).then_some(&candles.close)), 0.0),
            ("spread_multiplier", rows.spread_multiplier.as_ref(), 1.0),
            ("signal", rows.signal.as_ref(), 0.0),
        ];
        for (name, values, otherwise) in frame.into_iter().filter(|(_, values, _)| values.is_some() || !has_frame) {
            map.serialize_entry(name, &Column { keys: &keys, values, otherwise })?;
        }
        if has_frame {
            for name in ABSENT {
                map.serialize_entry(name, &Column { keys: &keys, values: None, otherwise: 0.0 })?;
            }
        }
        map.end()
    }
}

/// One column: its rows by their keys.
struct Column<'a> {
    keys: &'a [String],
    values: Option<&'a Vec<f64>>,
    /// What every row has where there are no values.
    otherwise: f64,
}

impl Serialize for Column<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.keys.len()))?;
        for (row, key) in self.keys.iter().enumerate() {
            let value = self.values.map_or(self.otherwise, |values| values[row]);
            map.serialize_entry(key, &if value.is_finite() { value } else { 0.0 })?;
        }
        map.end()
    }
}

/// How the profit grew, a row a candle.
struct Profit<'a>(&'a Series);

impl Serialize for Profit<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row {
            timestamp: f64,
            executor_realized_pnl: f64,
            position_realized_pnl: f64,
            position_unrealized_pnl: f64,
            total_pnl: f64,
            active_executors: u32,
            cumulative_volume: f64,
        }
        let series = self.0;
        let of_holds = |column: &[f64], row: usize| column.get(row).copied().unwrap_or(0.0);
        serializer.collect_seq((0..series.time.len()).map(|row| Row {
            timestamp: series.time[row] as f64,
            executor_realized_pnl: of_holds(&series.executor_realized_pnl, row),
            position_realized_pnl: of_holds(&series.position_realized_pnl, row),
            position_unrealized_pnl: of_holds(&series.position_unrealized_pnl, row),
            total_pnl: of_holds(&series.total_pnl, row),
            active_executors: series.active_count.get(row).copied().unwrap_or(0),
            cumulative_volume: of_holds(&series.volume_quote, row),
        }))
    }
}

/// What was held, a row a candle on which something was.
struct Held<'a>(&'a HeldSeries);

impl Serialize for Held<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row {
            timestamp: f64,
            long_amount: f64,
            short_amount: f64,
            net_amount: f64,
            unrealized_pnl: f64,
            realized_pnl: f64,
            n_holds: u8,
        }
        let held = self.0;
        serializer.collect_seq((0..held.time.len()).map(|row| Row {
            timestamp: held.time[row] as f64,
            long_amount: held.long_amount[row],
            short_amount: held.short_amount[row],
            net_amount: held.long_amount[row] - held.short_amount[row],
            unrealized_pnl: held.unrealized_pnl[row],
            realized_pnl: held.realized_pnl[row],
            n_holds: 1,
        }))
    }
}
