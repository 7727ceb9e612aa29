//! How the configuration of `pmm_mister` is read.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;

use super::Level;
use super::PmmMister;
use super::Trigger;
use super::amounts_quote;
use crate::controller::Mode;
use crate::controller::barrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::controller::config::wrong;
use crate::executor::position::Entry;
use crate::executor::position::TripleBarrier;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;

/// The key of the time that an unfilled executor may wait.
pub(super) const REFRESH_TIME: &str = "executor_refresh_time";
/// The keys of the times that a filled executor waits, of buys and of sells.
pub(super) const EFFECTIVIZATION_TIME: [&str; 2] =
    ["buy_position_effectivization_time", "sell_position_effectivization_time"];

/// The generations that know short positions and global bounds.
const SINCE_V2_15: RangeInclusive<Model> = Model::V2_15..=Model::V2_17;

/// The keys of the configuration.
pub(super) const KEYS: [Key; 41] = [
    ("id", ALWAYS),
    ("controller_name", ALWAYS),
    ("controller_type", ALWAYS),
    ("total_amount_quote", ALWAYS),
    ("manual_kill_switch", ALWAYS),
    ("initial_positions", ALWAYS),
    ("connector_name", ALWAYS),
    ("trading_pair", ALWAYS),
    ("portfolio_allocation", ALWAYS),
    ("target_base_pct", ALWAYS),
    ("min_base_pct", ALWAYS),
    ("max_base_pct", ALWAYS),
    ("buy_spreads", ALWAYS),
    ("sell_spreads", ALWAYS),
    ("buy_amounts_pct", ALWAYS),
    ("sell_amounts_pct", ALWAYS),
    ("executor_refresh_time", ALWAYS),
    ("buy_cooldown_time", ALWAYS),
    ("sell_cooldown_time", ALWAYS),
    ("buy_position_effectivization_time", ALWAYS),
    ("sell_position_effectivization_time", ALWAYS),
    ("price_distance_tolerance", ALWAYS),
    ("refresh_tolerance", ALWAYS),
    ("tolerance_scaling", ALWAYS),
    ("leverage", ALWAYS),
    ("position_mode", ALWAYS),
    ("position_side", SINCE_V2_15),
    ("take_profit", ALWAYS),
    ("take_profit_order_type", ALWAYS),
    ("open_order_type", ALWAYS),
    ("max_active_executors_by_level", ALWAYS),
    ("tick_mode", ALWAYS),
    ("position_profit_protection", ALWAYS),
    ("min_skew", ALWAYS),
    ("global_take_profit", ALWAYS),
    ("global_stop_loss", ALWAYS),
    ("global_tp_enabled", SINCE_V2_15),
    ("global_sl_enabled", SINCE_V2_15),
    ("global_tp_activation_from", SINCE_V2_15),
    ("global_sl_activation_from", SINCE_V2_15),
    ("global_pnl_reference", SINCE_V2_15),
];

/// Reads the configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and explains where it would fail, or wait for ever, later.
pub(super) fn read(reader: Reader<'_>, rules: TradingRules, mode: Mode) -> Result<PmmMister, Error> {
    barrier::check_unused(reader)?;
    // Has no effect in parity: the spread multiplier of the candle, which is 1, takes its place.
    let tick_mode = reader.flag("tick_mode", false)? && mode == Mode::Causal;
    let total_amount_quote = positive(reader, "total_amount_quote", "100")?;
    let decimal = |key, default| reader.decimal(key, default);
    let [min_base_pct, target_base_pct, max_base_pct] =
        [decimal("min_base_pct", "0.3")?, positive(reader, "target_base_pct", "0.5")?, decimal("max_base_pct", "0.7")?];
    let from = |name: &str| match name {
        "always" => Decimal::ZERO,
        "min_base" => min_base_pct,
        "target_base" => target_base_pct,
        _ => max_base_pct,
    };
    let trigger = |enabled, from, at| Ok::<_, Error>(reader.flag(enabled, false)?.then_some(Trigger { from, at }));
    let tp_words = ["min_base", "always", "target_base"];
    let tp_from = choice(reader, "global_tp_activation_from", &tp_words, "always, min_base or target_base")?;
    let sl_words = ["target_base", "max_base"];
    let sl_from = choice(reader, "global_sl_activation_from", &sl_words, "target_base or max_base")?;
    let reference = choice(reader, "global_pnl_reference", &["position", "portfolio"], "position or portfolio")?;
    let is_limit = matches!(barrier::order_type(reader, "open_order_type", "LIMIT_MAKER")?, "LIMIT" | "LIMIT_MAKER");
    let take_profit =
        reader.positive_decimal("take_profit", "0.0001")?.map(Decimal::to_f64).filter(|&profit| profit > 0.0);
    // A bound below zero is as good as none at all: levels with no executor have reached it.
    let max_active = reader.whole("max_active_executors_by_level", 4)?;
    Ok(PmmMister {
        levels: levels(reader, total_amount_quote, tick_mode)?,
        total_amount_quote,
        position_side: position_side(reader)?,
        target_base_pct,
        min_base_pct,
        max_base_pct,
        min_skew: decimal("min_skew", "1.0")?,
        position_profit_protection: reader.flag("position_profit_protection", false)?,
        max_active_executors_by_level: usize::try_from(max_active).unwrap_or(0),
        cooldown_time: [reader.whole("buy_cooldown_time", 60)?, reader.whole("sell_cooldown_time", 60)?],
        effectivization_time: [
            reader.whole(EFFECTIVIZATION_TIME[0], 120)?,
            reader.whole(EFFECTIVIZATION_TIME[1], 120)?,
        ],
        executor_refresh_time: reader.whole(REFRESH_TIME, 30)?,
        price_distance_tolerance: decimal("price_distance_tolerance", "0.0005")?,
        refresh_tolerance: decimal("refresh_tolerance", "0.0005")?,
        tolerance_scaling: positive(reader, "tolerance_scaling", "1.2")?,
        global_take_profit: trigger("global_tp_enabled", from(tp_from), decimal("global_take_profit", "0.03")?)?,
        global_stop_loss: trigger("global_sl_enabled", from(sl_from), decimal("global_stop_loss", "0.05")?)?,
        pnl_of_portfolio: reference == "portfolio",
        entry: if is_limit { Entry::Limit } else { Entry::Market },
        tick_mode,
        barrier: Arc::new(TripleBarrier { take_profit, ..TripleBarrier::default() }),
        rules,
    })
}

/// Returns whether upstream waits for ever: since v2.15 until the connector's position mode is that of the configuration, and
/// in a backtest a perpetual connector says ONEWAY.
pub(super) fn waits_for_mode(reader: Reader<'_>) -> Result<bool, Error> {
    let mode = reader.member("position_mode", None, &["HEDGE", "ONEWAY"], "ONEWAY", "HEDGE or ONEWAY")?;
    let is_perpetual = reader.text("connector_name", "binance")?.contains("_perpetual");
    Ok(mode == "HEDGE" && is_perpetual && reader.model() >= Model::V2_15)
}

/// Reads the side that builds the position.
fn position_side(reader: Reader<'_>) -> Result<Side, Error> {
    const KEY: &str = "position_side";
    let text = reader.text(KEY, "BUY")?;
    match text.to_ascii_uppercase().as_str() {
        "BUY" | "LONG" => Ok(Side::Buy),
        "SELL" | "SHORT" => Ok(Side::Sell),
        _ => Err(wrong(KEY, &Value::String(text), "BUY, LONG, SELL or SHORT")),
    }
}

/// Reads spreads and amounts, and shares the allocated part of the budget out over both sides.
fn levels(reader: Reader<'_>, total_amount_quote: Decimal, tick_mode: bool) -> Result<Vec<Level>, Error> {
    let (mut places, buy_weights) = side(reader, "buy_spreads", "buy_amounts_pct", Side::Buy)?;
    if let Some((.., spread)) = places.iter().find(|(.., spread)| *spread >= 1.0).filter(|_| !tick_mode) {
        let expected = "a spread below 1: a price of zero has no amount";
        return Err(Error::Value { key: "buy_spreads", found: format!("`{spread}`"), expected });
    }
    let (sells, sell_weights) = side(reader, "sell_spreads", "sell_amounts_pct", Side::Sell)?;
    places.extend(sells);
    let allocation = reader.decimal("portfolio_allocation", "0.1")?;
    let amounts = amounts_quote(&[buy_weights, sell_weights].concat(), total_amount_quote, allocation);
    let amounts = amounts.ok_or(Error::Value {
        key: "buy_amounts_pct",
        found: "zero in total with `sell_amounts_pct`".to_owned(),
        expected: "a sum other than zero",
    })?;
    let levels = places.into_iter().zip(amounts);
    Ok(levels.map(|((side, index, spread), amount_quote)| Level { side, index, spread, amount_quote }).collect())
}

/// A level without its amount: side, place on that side, spread.
type Place = (Side, u32, f64);

/// Reads the spreads and the weights of one side.
fn side(
    reader: Reader<'_>,
    spreads_key: &'static str,
    amounts_key: &'static str,
    side: Side,
) -> Result<(Vec<Place>, Vec<Decimal>), Error> {
    let mends = [
        (spreads_key, "write it as a text such as \"0.01,0.02\": upstream's default is not parsed, and fails"),
        (amounts_key, "write `\"\"` for equal shares: upstream's default is not parsed, and fails"),
    ];
    for (key, mend) in mends {
        if reader.value(key).is_none() {
            return Err(Error::Omitted { key, mend });
        }
    }
    let spreads = reader.floats(spreads_key)?;
    let weights = reader.decimals(amounts_key)?.unwrap_or_else(|| vec![Decimal::ONE; spreads.len()]);
    if weights.len() != spreads.len() {
        let (found, expected) = (weights.len(), spreads.len());
        return Err(Error::Length { key: amounts_key, found, other: spreads_key, expected });
    }
    Ok(((0..).zip(spreads).map(|(index, spread)| (side, index, spread)).collect(), weights))
}

/// Reads one of a few words; the first is the default.
fn choice(
    reader: Reader<'_>,
    key: &'static str,
    words: &[&'static str],
    expected: &'static str,
) -> Result<&'static str, Error> {
    let text = reader.text(key, words[0])?;
    let found = words.iter().copied().find(|word| *word == text);
    found.ok_or_else(|| wrong(key, &Value::String(text), expected))
}

/// Reads a decimal that upstream divides by, or fails with where it is not greater than zero.
fn positive(reader: Reader<'_>, key: &'static str, default: &str) -> Result<Decimal, Error> {
    let value = reader.decimal(key, default)?;
    if value.is_positive() {
        Ok(value)
    } else {
        Err(Error::Value { key, found: format!("`{value}`"), expected: "a decimal number greater than zero" })
    }
}
