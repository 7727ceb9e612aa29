//! How the configuration of a grid is read: what the controllers of grids share.

use serde_json::Value;

use crate::controller::Mode;
use crate::controller::Setting;
use crate::controller::barrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::controller::config::wrong;
use crate::executor::grid::GridConfig;
use crate::market::Decimal;
use crate::market::Side;

/// The keys that every controller of grids accepts.
pub(super) const KEYS: [Key; 18] = [
    ("id", ALWAYS),
    ("controller_name", ALWAYS),
    ("controller_type", ALWAYS),
    ("total_amount_quote", ALWAYS),
    ("manual_kill_switch", ALWAYS),
    ("initial_positions", ALWAYS),
    ("connector_name", ALWAYS),
    ("trading_pair", ALWAYS),
    ("leverage", ALWAYS),
    ("position_mode", ALWAYS),
    ("min_spread_between_orders", ALWAYS),
    ("min_order_amount_quote", ALWAYS),
    ("max_open_orders", ALWAYS),
    ("max_orders_per_batch", ALWAYS),
    ("order_frequency", ALWAYS),
    ("activation_bounds", ALWAYS),
    ("keep_position", ALWAYS),
    ("triple_barrier_config", ALWAYS),
];

/// The keys of the table of barriers.
const BARRIER_KEYS: [Key; 8] = [
    ("stop_loss", ALWAYS),
    ("take_profit", ALWAYS),
    ("time_limit", ALWAYS),
    ("trailing_stop", ALWAYS),
    ("open_order_type", ALWAYS),
    ("take_profit_order_type", ALWAYS),
    ("stop_loss_order_type", ALWAYS),
    ("time_limit_order_type", ALWAYS),
];

/// What is written for keys whose default would be a price of upstream's example market.
const PRICE_MEND: &str = "write the price: upstream's default is that of another market";

/// A grid of nothing, with upstream's defaults.
pub(super) const BLANK: GridConfig = GridConfig {
    time: 0,
    side: Side::Buy,
    start_price: Decimal::ZERO,
    end_price: Decimal::ZERO,
    limit_price: None,
    total_amount_quote: Decimal::ZERO,
    min_spread_between_orders: Decimal::ZERO,
    min_order_amount_quote: Decimal::ZERO,
    take_profit: 0.001,
    coerce_tp_to_step: false,
    stop_loss: None,
    time_limit: None,
    keep_position: false,
    level: None,
};

/// Refuses releases whose backtester does not know grids.
pub(super) fn check_release(model: Model) -> Result<(), Error> {
    if model >= Model::V2_13 {
        return Ok(());
    }
    let mend = "take an upstream version from v2.14 on, which simulates them";
    Err(Error::Unsupported { what: "a controller of grid executors before v2.14".to_owned(), mend })
}

/// Reads what all grids of a controller have in common; where they lie is still to be read, by [`place`].
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and a grid without a take profit, with which its simulator fails.
pub(super) fn read(reader: Reader<'_>, controller: &'static str, setting: &Setting) -> Result<GridConfig, Error> {
    barrier::check_unused(reader)?;
    reader.whole("max_open_orders", 2)?;
    reader.whole("order_frequency", 3)?;
    let is_null = |key| matches!(reader.value(key), Some(Value::Null));
    if !is_null("max_orders_per_batch") {
        reader.whole("max_orders_per_batch", 1)?;
    }
    if !is_null("activation_bounds") {
        reader.decimal("activation_bounds", "0")?;
    }
    let common = GridConfig {
        total_amount_quote: reader.decimal("total_amount_quote", "1000")?,
        min_spread_between_orders: reader.decimal("min_spread_between_orders", "0.001")?,
        min_order_amount_quote: reader.decimal("min_order_amount_quote", "5")?,
        keep_position: reader.flag("keep_position", false)?,
        ..BLANK
    };
    match reader.value("triple_barrier_config") {
        None => Ok(common),
        Some(Value::Object(table)) => {
            let reader = Reader::open(controller, table, &BARRIER_KEYS, reader.model())?;
            check_trailing_stop(reader, setting.mode)?;
            with_barriers(reader, common)
        }
        Some(found) => Err(wrong("triple_barrier_config", found, "a table such as { take_profit = \"0.001\" }")),
    }
}

/// Reads where a grid lies, and which way it trades.
///
/// # Errors
///
/// Refuses a grid without a start, an end, or a limit.
pub(super) fn place(reader: Reader<'_>, common: &GridConfig) -> Result<GridConfig, Error> {
    let price = |key| {
        require(reader, key, PRICE_MEND)?;
        reader.decimal(key, "0")
    };
    let side =
        reader.member("side", Some("TradeType."), &["BUY", "SELL"], "BUY", "BUY or SELL, or its number, 1 or 2")?;
    Ok(GridConfig {
        side: if side == "BUY" { Side::Buy } else { Side::Sell },
        start_price: price("start_price")?,
        end_price: price("end_price")?,
        limit_price: Some(price("limit_price")?).filter(|limit| !limit.is_zero()),
        ..*common
    })
}

/// Refuses a configuration without a key.
pub(super) fn require(reader: Reader<'_>, key: &'static str, mend: &'static str) -> Result<(), Error> {
    if reader.value(key).is_some() { Ok(()) } else { Err(Error::Omitted { key, mend }) }
}

/// Refuses a trailing stop where it would matter: a live grid follows it, but in a backtest grids know none.
pub(super) fn check_trailing_stop(reader: Reader<'_>, mode: Mode) -> Result<(), Error> {
    const KEY: &str = "trailing_stop";
    let stop = barrier::trailing_stop(reader)?;
    match reader.value(KEY).filter(|_| stop.is_some() && mode == Mode::Causal) {
        Some(found) => Err(wrong(KEY, found, "none, because grids are simulated without it,")),
        None => Ok(()),
    }
}

/// Reads the table of barriers. Its trailing stop and its types of orders have no effect on grids in a backtest.
fn with_barriers(reader: Reader<'_>, common: GridConfig) -> Result<GridConfig, Error> {
    const MEND: &str =
        "write a `take_profit` into `triple_barrier_config`: the grid computes its levels' exits from it";
    for (key, default) in [
        ("open_order_type", "LIMIT"),
        ("take_profit_order_type", "MARKET"),
        ("stop_loss_order_type", "MARKET"),
        ("time_limit_order_type", "MARKET"),
    ] {
        barrier::order_type(reader, key, default)?;
    }
    let fraction = |key| {
        Ok::<_, Error>(reader.positive_decimal(key, "0")?.map(Decimal::to_f64).filter(|&fraction| fraction > 0.0))
    };
    Ok(GridConfig {
        take_profit: fraction("take_profit")?.ok_or(Error::Omitted { key: "take_profit", mend: MEND })?,
        stop_loss: fraction("stop_loss")?,
        time_limit: reader.positive_whole("time_limit", None)?,
        ..common
    })
}
