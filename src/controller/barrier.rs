//! The keys that controllers of several kinds share: barriers, leverage, position mode, the candles' interval.

use serde_json::Value;

use crate::controller::config::Error;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::controller::config::decimal;
use crate::controller::config::wrong;
use crate::executor::dca::DcaTrailingStop;
use crate::executor::position::TrailingStop;
use crate::executor::position::TripleBarrier;
use crate::market::Decimal;

const ORDER_TYPES: [&str; 5] = ["MARKET", "LIMIT", "LIMIT_MAKER", "AMM_SWAP", "AMM_ADD"];

/// Checks the keys that a backtest accepts and does not use.
pub(super) fn check_unused(reader: Reader<'_>) -> Result<(), Error> {
    if !matches!(reader.value("id"), Some(Value::Null)) {
        reader.text("id", "")?;
    }
    let pair = reader.text("trading_pair", "WLD-USDT")?;
    let leverage = reader.whole("leverage", 20)?;
    if reader.model() >= Model::V2_17 {
        let refused = |key, found: String, expected| Err(Error::Value { key, found: format!("`{found}`"), expected });
        let is_pair = pair.split('-').count() == 2 && pair.split('-').all(|token| !token.trim().is_empty());
        if !is_pair {
            return refused("trading_pair", pair, "a pair such as BTC-USDT");
        }
        if leverage < 1 {
            return refused("leverage", leverage.to_string(), "1 or more");
        }
    }
    reader.flag("manual_kill_switch", false)?;
    reader.member("position_mode", None, &["HEDGE", "ONEWAY"], "HEDGE", "HEDGE or ONEWAY")?;
    order_type(reader, "take_profit_order_type", "LIMIT")?;
    match reader.value("initial_positions") {
        Some(Value::Array(positions)) if positions.iter().all(Value::is_object) => {}
        None => {}
        Some(found) => return Err(wrong("initial_positions", found, "a list of positions")),
    }
    match reader.value("candles_config") {
        Some(Value::String(text)) if text.trim().is_empty() || text.split(':').all(is_feed) => {}
        None | Some(Value::Array(_)) => {}
        Some(found) => return Err(wrong("candles_config", found, "a text such as \"binance.BTC-USDT.1m.100\"")),
    }
    Ok(())
}

/// Reads a type of order; null is a market order.
pub(super) fn order_type(reader: Reader<'_>, key: &'static str, default: &'static str) -> Result<&'static str, Error> {
    if matches!(reader.value(key), Some(Value::Null)) {
        return Ok("MARKET");
    }
    let known = if reader.model() < Model::V2_13 { &ORDER_TYPES[..4] } else { &ORDER_TYPES };
    reader.member(key, Some("OrderType."), known, default, "an order type such as LIMIT or MARKET")
}

/// Returns whether a text names a feed of candles: connector, pair, interval and count, with dots between them.
fn is_feed(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4 && parts[3].trim().parse::<i64>().is_ok()
}

/// Reads the barriers of a position.
///
/// # Errors
///
/// Refuses barriers that are not greater than zero.
pub(super) fn read(reader: Reader<'_>) -> Result<TripleBarrier, Error> {
    let barrier = read_decimals(reader)?;
    let float = |value: Decimal| value.to_f64();
    // Upstream takes a zero for no trailing stop at all.
    let trailing_stop = barrier
        .trailing_stop
        .map(|stop| TrailingStop { activation: stop.activation.to_f64(), delta: stop.delta.to_f64() })
        .filter(|stop| stop.activation > 0.0 && stop.delta > 0.0);
    Ok(TripleBarrier {
        stop_loss: barrier.stop_loss.map(float),
        // Upstream takes a profit that is zero as a float for none, but not such a loss.
        take_profit: barrier.take_profit.map(float).filter(|&profit| profit > 0.0),
        take_profit_at_market: order_type(reader, "take_profit_order_type", "LIMIT")? == "MARKET",
        time_limit: barrier.time_limit,
        trailing_stop,
    })
}

/// The barriers in the decimals that they were configured in, which a DCA computes with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DecimalBarrier {
    /// The loss at which all ends, as a fraction.
    pub(super) stop_loss: Option<Decimal>,
    /// The profit at which it ends, as a fraction.
    pub(super) take_profit: Option<Decimal>,
    /// How long it may live, in seconds.
    pub(super) time_limit: Option<i64>,
    /// Where it ends when the price falls back.
    pub(super) trailing_stop: Option<DcaTrailingStop>,
}

/// Reads the barriers as decimals.
///
/// # Errors
///
/// Refuses barriers that are not greater than zero.
pub(super) fn read_decimals(reader: Reader<'_>) -> Result<DecimalBarrier, Error> {
    Ok(DecimalBarrier {
        stop_loss: reader.positive_decimal("stop_loss", "0.03")?,
        take_profit: reader.positive_decimal("take_profit", "0.02")?,
        time_limit: reader.positive_whole("time_limit", Some(2700))?,
        trailing_stop: trailing_stop(reader)?,
    })
}

/// Reads the interval of the controller's own candles, and checks where they come from: only the scenario's candles are
/// there.
///
/// # Errors
///
/// Refuses an interval that no feed has, an omitted `candles_connector`, and candles of another pair.
pub(super) fn interval(reader: Reader<'_>, default: &str) -> Result<i64, Error> {
    const MEND: &str = "write `\"\"` to take the controller's own: upstream does not fill in the default";
    for (key, own, default) in [
        ("candles_connector", "connector_name", "binance_perpetual"),
        ("candles_trading_pair", "trading_pair", "WLD-USDT"),
    ] {
        let given = match reader.value(key) {
            None => return Err(Error::Omitted { key, mend: MEND }),
            Some(Value::Null) => continue,
            Some(_) => reader.text(key, "")?,
        };
        let own = reader.text(own, default)?;
        if !given.is_empty() && given != own {
            let mend = "a scenario has candles of one pair; leave the key empty";
            return Err(Error::Unsupported { what: format!("`{key}` = `{given}` beside `{own}`"), mend });
        }
    }
    let text = reader.text("interval", default)?;
    let found = INTERVALS.iter().find(|(name, _)| *name == text);
    let expected = "an interval such as 1m, 3m, 5m, 15m or 1h";
    found.map(|(_, seconds)| *seconds).ok_or_else(|| wrong("interval", &Value::String(text.clone()), expected))
}

/// The intervals of Hummingbot's candle feeds, in seconds.
const INTERVALS: [(&str, i64); 16] = [
    ("1s", 1),
    ("1m", 60),
    ("3m", 180),
    ("5m", 300),
    ("15m", 900),
    ("30m", 1800),
    ("1h", 3600),
    ("2h", 7200),
    ("4h", 14_400),
    ("6h", 21_600),
    ("8h", 28_800),
    ("12h", 43_200),
    ("1d", 86_400),
    ("3d", 259_200),
    ("1w", 604_800),
    ("1M", 2_592_000),
];

/// Reads a trailing stop: a table, a text `activation,delta`, or nothing.
pub(super) fn trailing_stop(reader: Reader<'_>) -> Result<Option<DcaTrailingStop>, Error> {
    const KEY: &str = "trailing_stop";
    const EXPECTED: &str = "{ activation_price, trailing_delta } greater than zero, or a text such as \"0.015,0.003\"";
    let found = match reader.value(KEY) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(found) => found,
    };
    let parts = match found {
        Value::String(text) => text
            .split_once(',')
            .map_or([None, None], |(activation, delta)| [activation.parse().ok(), delta.parse().ok()]),
        Value::Object(table) => ["activation_price", "trailing_delta"].map(|key| table.get(key).and_then(decimal)),
        _ => [None, None],
    };
    let [Some(activation), Some(delta)] = parts else {
        return Err(wrong(KEY, found, EXPECTED));
    };
    let taken = |value: Decimal| value.is_positive() || value.is_zero() && reader.model() < Model::V2_17;
    if !taken(activation) || !taken(delta) {
        return Err(wrong(KEY, found, EXPECTED));
    }
    Ok(Some(DcaTrailingStop { activation, delta }))
}
