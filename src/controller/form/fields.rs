//! The tables that forms are put together from.

use crate::controller::form::Field;
use crate::controller::form::Kind;

/// Fields that several controllers have.
pub(super) type Group = &'static [Field];

/// The controllers in the registry's order: name, type, what it does, and the groups of its fields. Where two groups have a key,
/// the later one's field takes its place.
#[rustfmt::skip]
pub(super) const CONTROLLERS: [(&str, &str, &str, &[Group]); 14] = [
    ("pmm_simple", "market_making", "Quotes at fixed spreads around the close.", &[MARKET, LEVELS, MAKER, BARRIERS, INVENTORY, POSITION]),
    ("pmm_dynamic", "market_making", "Quotes at spreads in units of the NATR, around a price that the MACD moves.", &[MARKET, LEVELS, NATR, CANDLES, MACD, MAKER, BARRIERS, INVENTORY, POSITION]),
    ("pmm_dynamic_2", "market_making", "Quotes around a price that the MACD's histogram moves, at spreads that it widens.", &[MARKET, LEVELS, CANDLES, HISTOGRAM, MAKER, BARRIERS, INVENTORY, POSITION]),
    ("dman_maker_v2", "market_making", "Quotes whole DCAs at fixed spreads.", &[MARKET, LEVELS, DCA_MAKER, MAKER, BARRIERS, INVENTORY, POSITION]),
    ("bollinger_v1", "directional_trading", "Buys below the lower band and sells above the upper.", &[MARKET, CANDLES, BANDS, SIGNALS, BARRIERS, POSITION]),
    ("bollinger_v2", "directional_trading", "As `bollinger_v1`, with bands computed otherwise.", &[MARKET, CANDLES, BANDS, SIGNALS, BARRIERS, POSITION]),
    ("macd_bb_v1", "directional_trading", "Trades the bands where the MACD agrees.", &[MARKET, CANDLES, BANDS, MACD, SIGNALS, BARRIERS, POSITION]),
    ("supertrend_v1", "directional_trading", "Follows the Supertrend near its line.", &[MARKET, CANDLES, SUPERTREND, SIGNALS, BARRIERS, POSITION]),
    ("dman_v3", "directional_trading", "Opens DCAs at the bands.", &[MARKET, CANDLES, BANDS, SIGNALS, BARRIERS, DCA_TREND, POSITION]),
    ("bollingrid", "directional_trading", "Opens grids between the bands.", &[MARKET, CANDLES, BANDS, BAND_GRID, SIGNALS, BARRIERS, POSITION]),
    ("grid_strike", "generic", "One grid between two prices.", &[MARKET, GRID_RANGE, GRID, POSITION]),
    ("multi_grid_strike", "generic", "Several grids, each with a share of the budget.", &[MARKET, GRIDS, GRID, POSITION]),
    ("pmm_v1", "generic", "Plain orders around the close, as Hummingbot's first market maker.", &[MARKET, SPOT, LADDER]),
    ("pmm_mister", "generic", "Keeps an inventory between bounds, with orders on both sides.", &[MARKET, SPOT, MISTER]),
];

/// A field that may be left out, of any size.
const fn field(key: &'static str, kind: Kind, default: &'static str, unit: &'static str, doc: &'static str) -> Field {
    Field { key, kind, default, unit, min: None, max: None, choices: &[], is_required: false, doc }
}

/// What every controller knows.
#[rustfmt::skip]
const MARKET: Group = &[
    field("connector_name", Kind::Text, r#""binance_perpetual""#, "", "The venue whose candles are replayed. A name with `_perpetual` has positions, another has an inventory."),
    field("trading_pair", Kind::Text, r#""BTC-USDT""#, "", "The pair that is traded, base before quote."),
    Field { min: Some(0.0), ..field("total_amount_quote", Kind::Decimal, r#""1000""#, "quote", "The budget; results are fractions of it.") },
];

/// How positions are held.
#[rustfmt::skip]
const POSITION: Group = &[
    Field { min: Some(1.0), ..field("leverage", Kind::Integer, "20", "x", "Handed on to executors; a replay does not look at it.") },
    Field { choices: &["HEDGE", "ONEWAY"], ..field("position_mode", Kind::Choice, r#""HEDGE""#, "", "Whether long and short positions may stand side by side.") },
];

/// The levels of a market maker.
#[rustfmt::skip]
const LEVELS: Group = &[
    Field { min: Some(0.0), is_required: true, ..field("buy_spreads", Kind::DecimalList, r#""0.01,0.02""#, "fraction", "How far below the reference price each buy level lies.") },
    Field { min: Some(0.0), is_required: true, ..field("sell_spreads", Kind::DecimalList, r#""0.01,0.02""#, "fraction", "How far above the reference price each sell level lies.") },
    Field { min: Some(0.0), is_required: true, ..field("buy_amounts_pct", Kind::DecimalList, r#""""#, "weight", "The weight of each buy level in the budget; nothing means equal ones.") },
    Field { min: Some(0.0), is_required: true, ..field("sell_amounts_pct", Kind::DecimalList, r#""""#, "weight", "The weight of each sell level in the budget; nothing means equal ones.") },
];

/// When a market maker's orders are replaced.
#[rustfmt::skip]
const MAKER: Group = &[
    Field { min: Some(0.0), ..field("executor_refresh_time", Kind::Integer, "300", "s", "How old an order that has not filled may become before it is replaced.") },
    Field { min: Some(0.0), ..field("cooldown_time", Kind::Integer, "15", "s", "How long a level rests after a stop loss.") },
];

/// What ends a position.
#[rustfmt::skip]
const BARRIERS: Group = &[
    Field { min: Some(0.0), ..field("stop_loss", Kind::Decimal, r#""0.03""#, "fraction", "The loss at which a position ends; nothing means never.") },
    Field { min: Some(0.0), ..field("take_profit", Kind::Decimal, r#""0.02""#, "fraction", "The profit, net of fees, at which a position ends; nothing means never.") },
    Field { min: Some(1.0), ..field("time_limit", Kind::Integer, "2700", "s", "How long an executor may live; nothing means for ever.") },
    Field { choices: &["MARKET", "LIMIT", "LIMIT_MAKER"], ..field("take_profit_order_type", Kind::Choice, r#""LIMIT""#, "", "The order that takes the profit; a replay does not look at it.") },
    field("trailing_stop", Kind::Text, r#""""#, "fraction", "Activation and distance of a stop that follows the best profit, such as `0.015,0.003`; nothing means none."),
];

/// How a spot inventory is kept.
#[rustfmt::skip]
const INVENTORY: Group = &[
    Field { min: Some(0.0), ..field("position_rebalance_threshold_pct", Kind::Decimal, r#""0.05""#, "fraction", "How far a spot inventory may be from what the sell levels need before an order mends it.") },
    field("skip_rebalance", Kind::Flag, "false", "", "Leaves a spot inventory as it is."),
];

/// The controller's own candles.
#[rustfmt::skip]
const CANDLES: Group = &[
    Field { is_required: true, ..field("candles_connector", Kind::Text, r#""""#, "", "The venue of the controller's own candles; nothing means the one that is traded on.") },
    Field { is_required: true, ..field("candles_trading_pair", Kind::Text, r#""""#, "", "The pair of the controller's own candles; nothing means the one that is traded.") },
    Field { choices: &["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"], ..field("interval", Kind::Choice, r#""3m""#, "", "The length of the controller's own candles.") },
];

/// The MACD.
#[rustfmt::skip]
const MACD: Group = &[
    Field { min: Some(1.0), ..field("macd_fast", Kind::Integer, "21", "candles", "The fast average of the MACD.") },
    Field { min: Some(1.0), ..field("macd_slow", Kind::Integer, "42", "candles", "The slow average of the MACD.") },
    Field { min: Some(1.0), ..field("macd_signal", Kind::Integer, "9", "candles", "The signal line of the MACD.") },
];

/// Levels in units of the market's range.
#[rustfmt::skip]
const NATR: Group = &[
    Field { min: Some(0.0), is_required: true, ..field("buy_spreads", Kind::DecimalList, r#""1,2,4""#, "NATR", "How far below the reference price each buy level lies, in units of the NATR.") },
    Field { min: Some(0.0), is_required: true, ..field("sell_spreads", Kind::DecimalList, r#""1,2,4""#, "NATR", "How far above the reference price each sell level lies, in units of the NATR.") },
    Field { min: Some(1.0), ..field("natr_length", Kind::Integer, "14", "candles", "The window of the normalised average true range.") },
];

/// What the MACD's histogram moves.
#[rustfmt::skip]
const HISTOGRAM: Group = &[
    Field { min: Some(0.0), ..field("order_amount", Kind::Decimal, "null", "base", "What each level trades, instead of its share of the budget; nothing means the share.") },
    Field { min: Some(1.0), ..field("macd_fast", Kind::Integer, "12", "candles", "The fast average of the MACD.") },
    Field { min: Some(1.0), ..field("macd_slow", Kind::Integer, "26", "candles", "The slow average of the MACD.") },
    Field { min: Some(1.0), ..field("macd_signal", Kind::Integer, "9", "candles", "The signal line of the MACD.") },
    field("price_adjustment_factor", Kind::Decimal, "0.0001", "fraction", "How far the MACD's histogram moves the reference price."),
    field("spread_adjustment", Kind::Decimal, "0.1", "x", "How far the MACD's histogram widens the spreads."),
    Field { min: Some(0.0), ..field("min_spread_multiplier", Kind::Decimal, "0.5", "x", "The least that spreads are multiplied by.") },
    Field { min: Some(0.0), ..field("max_spread_multiplier", Kind::Decimal, "2.0", "x", "The most that spreads are multiplied by.") },
];

/// A market maker's DCAs.
#[rustfmt::skip]
const DCA_MAKER: Group = &[
    Field { min: Some(0.0), is_required: true, ..field("dca_spreads", Kind::DecimalList, r#""0.01,0.02,0.04,0.08""#, "fraction", "How far from its level each order of a DCA lies.") },
    Field { min: Some(0.0), is_required: true, ..field("dca_amounts", Kind::DecimalList, r#""0.1,0.2,0.4,0.8""#, "weight", "The weight of each order of a DCA.") },
    Field { min: Some(0.0), ..field("top_executor_refresh_time", Kind::Decimal, "null", "s", "How old the level nearest to the price may become before it is replaced; nothing means as the others.") },
    Field { min: Some(0.0), ..field("executor_activation_bounds", Kind::DecimalList, "null", "fraction", "How near the price has to be before an order is placed; a replay does not look at it.") },
];

/// When a signal may open a position.
#[rustfmt::skip]
const SIGNALS: Group = &[
    Field { min: Some(1.0), ..field("max_executors_per_side", Kind::Integer, "2", "", "How many executors may be open on a side.") },
    Field { min: Some(0.0), ..field("cooldown_time", Kind::Integer, "300", "s", "How long after an executor's creation the next may follow on its side.") },
];

/// Bollinger bands and where they are traded.
#[rustfmt::skip]
const BANDS: Group = &[
    Field { min: Some(1.0), ..field("bb_length", Kind::Integer, "100", "candles", "The window of the Bollinger bands.") },
    Field { min: Some(0.0), ..field("bb_std", Kind::Decimal, "2.0", "deviations", "The width of the bands.") },
    field("bb_long_threshold", Kind::Decimal, "0.0", "", "Below which place between the bands (0 the lower, 1 the upper) a long position is opened."),
    field("bb_short_threshold", Kind::Decimal, "1.0", "", "Above which place between the bands a short position is opened."),
];

/// The Supertrend.
#[rustfmt::skip]
const SUPERTREND: Group = &[
    Field { min: Some(1.0), ..field("length", Kind::Integer, "20", "candles", "The window of the Supertrend.") },
    Field { min: Some(0.0), ..field("multiplier", Kind::Decimal, "4.0", "ATR", "How many average true ranges the trend lies from the middle.") },
    Field { min: Some(0.0), ..field("percentage_threshold", Kind::Decimal, "0.01", "fraction", "How far the close may be from the trend for a signal.") },
];

/// DCAs on a signal.
#[rustfmt::skip]
const DCA_TREND: Group = &[
    Field { is_required: true, ..field("trailing_stop", Kind::Text, r#""0.015,0.005""#, "fraction", "Activation and distance of a stop that follows the best profit; nothing means none.") },
    Field { min: Some(0.0), is_required: true, ..field("dca_spreads", Kind::DecimalList, r#""0.001,0.018,0.15,0.25""#, "fraction", "How far from the close each order of a DCA lies.") },
    Field { min: Some(0.0), is_required: true, ..field("dca_amounts_pct", Kind::DecimalList, r#""""#, "weight", "The weight of each order of a DCA; nothing means equal ones.") },
    field("dynamic_order_spread", Kind::Flag, "false", "", "Whether spreads are multiples of the bands' width."),
    field("dynamic_target", Kind::Flag, "false", "", "Whether barriers are multiples of the bands' width."),
    Field { min: Some(0.0), ..field("activation_bounds", Kind::DecimalList, "null", "fraction", "How near the price has to be before an order is placed; a replay does not look at it.") },
];

/// Grids between the bands.
#[rustfmt::skip]
const BAND_GRID: Group = &[
    field("grid_start_price_coefficient", Kind::Decimal, "0.25", "fraction", "Where between the bands the grid begins, of the bands' width."),
    field("grid_end_price_coefficient", Kind::Decimal, "0.75", "fraction", "Where the grid ends, of the bands' width."),
    field("grid_limit_price_coefficient", Kind::Decimal, "0.35", "fraction", "How far beyond the grid it gives up, of the bands' width."),
    Field { min: Some(0.0), ..field("min_spread_between_orders", Kind::Decimal, r#""0.005""#, "fraction", "The least distance of two levels.") },
    Field { min: Some(0.0), ..field("order_frequency", Kind::Integer, "2", "s", "The pause between two batches of orders; a replay does not look at it.") },
    Field { min: Some(0.0), ..field("max_orders_per_batch", Kind::Integer, "1", "", "How many orders a batch has; a replay does not look at it.") },
    Field { min: Some(0.0), ..field("min_order_amount_quote", Kind::Decimal, r#""6""#, "quote", "The least amount of a level.") },
    Field { min: Some(0.0), ..field("max_open_orders", Kind::Integer, "5", "", "How many orders may be open; a replay does not look at it.") },
];

/// A grid's orders.
#[rustfmt::skip]
const GRID: Group = &[
    Field { min: Some(0.0), ..field("min_spread_between_orders", Kind::Decimal, r#""0.001""#, "fraction", "The least distance of two levels.") },
    Field { min: Some(0.0), ..field("min_order_amount_quote", Kind::Decimal, r#""5""#, "quote", "The least amount of a level.") },
    Field { min: Some(0.0), ..field("max_open_orders", Kind::Integer, "2", "", "How many orders may be open; a replay does not look at it.") },
    Field { min: Some(0.0), ..field("max_orders_per_batch", Kind::Integer, "1", "", "How many orders a batch has; a replay does not look at it.") },
    Field { min: Some(0.0), ..field("order_frequency", Kind::Integer, "3", "s", "The pause between two batches of orders; a replay does not look at it.") },
    Field { min: Some(0.0), ..field("activation_bounds", Kind::Decimal, "null", "fraction", "How near the price has to be before an order is placed; a replay does not look at it.") },
    field("keep_position", Kind::Flag, "false", "", "Keeps what is open when the grid gives up, instead of closing it."),
    field("triple_barrier_config", Kind::Object, r#"{"take_profit":"0.001"}"#, "", "The barriers of the grid as a table: `take_profit` of each level, `stop_loss` and `time_limit` of all."),
];

/// Where a grid stands.
#[rustfmt::skip]
const GRID_RANGE: Group = &[
    Field { choices: &["BUY", "SELL"], ..field("side", Kind::Choice, r#""BUY""#, "", "Whether levels buy and then sell, or sell and then buy.") },
    Field { min: Some(0.0), ..field("start_price", Kind::Decimal, r#""90000""#, "quote", "The lowest level's price.") },
    Field { min: Some(0.0), ..field("end_price", Kind::Decimal, r#""100000""#, "quote", "The highest level's price.") },
    Field { min: Some(0.0), ..field("limit_price", Kind::Decimal, r#""89000""#, "quote", "The close at which the whole grid gives up.") },
];

/// Several grids.
#[rustfmt::skip]
const GRIDS: Group = &[
    field("grids", Kind::Object, r#"[{"grid_id":"one","start_price":"90000","end_price":"95000","limit_price":"89000","side":"BUY","amount_quote_pct":"0.5"}]"#, "", "The grids as a list of tables: `grid_id`, `start_price`, `end_price`, `limit_price`, `side`, `amount_quote_pct`, `enabled`."),
];

/// A spot venue.
#[rustfmt::skip]
const SPOT: Group = &[
    field("connector_name", Kind::Text, r#""binance""#, "", "The venue whose candles are replayed."),
];

/// Plain orders around the price.
#[rustfmt::skip]
const LADDER: Group = &[
    Field { min: Some(0.0), ..field("total_amount_quote", Kind::Decimal, r#""100000""#, "quote", "The budget; results are fractions of it.") },
    Field { min: Some(0.0), ..field("order_amount", Kind::Decimal, r#""1""#, "base", "What each level trades.") },
    Field { min: Some(0.0), is_required: true, ..field("buy_spreads", Kind::DecimalList, r#""0.01""#, "fraction", "How far below the price each buy level lies.") },
    Field { min: Some(0.0), is_required: true, ..field("sell_spreads", Kind::DecimalList, r#""0.01""#, "fraction", "How far above the price each sell level lies.") },
    Field { min: Some(0.0), ..field("order_refresh_time", Kind::Integer, "30", "s", "How old an order may become before it is replaced.") },
    field("order_refresh_tolerance_pct", Kind::Decimal, r#""-1""#, "fraction", "How near a new price may be to the old one for the order to stay; below zero it never stays."),
    Field { min: Some(0.0), ..field("filled_order_delay", Kind::Integer, "60", "s", "How long the side rests after a fill.") },
    field("inventory_skew_enabled", Kind::Flag, "false", "", "Moves sizes towards a target inventory; a replay knows no balances."),
    Field { min: Some(0.0), max: Some(1.0), ..field("target_base_pct", Kind::Decimal, r#""0.5""#, "fraction", "The share of base that the inventory tends to.") },
    Field { min: Some(0.0), ..field("inventory_range_multiplier", Kind::Decimal, r#""1.0""#, "x", "How wide the range around the target is.") },
    field("price_ceiling", Kind::Decimal, r#""-1""#, "quote", "The price above which nothing is bought; below zero there is none."),
    field("price_floor", Kind::Decimal, r#""-1""#, "quote", "The price below which nothing is sold; below zero there is none."),
];

/// An inventory and the orders around it.
#[rustfmt::skip]
const MISTER: Group = &[
    Field { min: Some(0.0), max: Some(1.0), ..field("portfolio_allocation", Kind::Decimal, r#""0.1""#, "fraction", "The share of the budget that orders may take.") },
    Field { min: Some(0.0), max: Some(1.0), ..field("target_base_pct", Kind::Decimal, r#""0.5""#, "fraction", "The share of base that the inventory tends to.") },
    Field { min: Some(0.0), max: Some(1.0), ..field("min_base_pct", Kind::Decimal, r#""0.3""#, "fraction", "The share of base below which nothing is sold.") },
    Field { min: Some(0.0), max: Some(1.0), ..field("max_base_pct", Kind::Decimal, r#""0.7""#, "fraction", "The share of base above which nothing is bought.") },
    Field { min: Some(0.0), is_required: true, ..field("buy_spreads", Kind::DecimalList, r#""0.0005""#, "fraction", "How far below the reference price each buy level lies.") },
    Field { min: Some(0.0), is_required: true, ..field("sell_spreads", Kind::DecimalList, r#""0.0005""#, "fraction", "How far above the reference price each sell level lies.") },
    Field { min: Some(0.0), is_required: true, ..field("buy_amounts_pct", Kind::DecimalList, r#""1""#, "weight", "The weight of each buy level.") },
    Field { min: Some(0.0), is_required: true, ..field("sell_amounts_pct", Kind::DecimalList, r#""1""#, "weight", "The weight of each sell level.") },
    Field { min: Some(0.0), ..field("executor_refresh_time", Kind::Integer, "30", "s", "How old an order that has not filled may become before it is replaced.") },
    Field { min: Some(0.0), ..field("buy_cooldown_time", Kind::Integer, "60", "s", "How long a buy level rests after a fill.") },
    Field { min: Some(0.0), ..field("sell_cooldown_time", Kind::Integer, "60", "s", "How long a sell level rests after a fill.") },
    Field { min: Some(0.0), ..field("buy_position_effectivization_time", Kind::Integer, "120", "s", "After how long a bought position becomes inventory.") },
    Field { min: Some(0.0), ..field("sell_position_effectivization_time", Kind::Integer, "120", "s", "After how long a sold position becomes inventory.") },
    Field { min: Some(0.0), ..field("price_distance_tolerance", Kind::Decimal, r#""0.0005""#, "fraction", "How near to another order a new one may be.") },
    Field { min: Some(0.0), ..field("refresh_tolerance", Kind::Decimal, r#""0.0005""#, "fraction", "How far an order may be from its price before it is replaced.") },
    Field { min: Some(0.0), ..field("tolerance_scaling", Kind::Decimal, r#""1.2""#, "x", "By how much tolerances grow from level to level.") },
    Field { min: Some(1.0), ..field("leverage", Kind::Integer, "20", "x", "Handed on to executors; a replay does not look at it.") },
    Field { choices: &["HEDGE", "ONEWAY"], ..field("position_mode", Kind::Choice, r#""ONEWAY""#, "", "Whether long and short positions may stand side by side.") },
    Field { choices: &["BUY", "SELL"], ..field("position_side", Kind::Choice, r#""BUY""#, "", "Which way the position goes.") },
    Field { min: Some(0.0), ..field("take_profit", Kind::Decimal, r#""0.0001""#, "fraction", "The profit, net of fees, at which an executor ends.") },
    Field { choices: &["MARKET", "LIMIT", "LIMIT_MAKER"], ..field("take_profit_order_type", Kind::Choice, r#""LIMIT_MAKER""#, "", "The order that takes the profit; a replay does not look at it.") },
    Field { choices: &["MARKET", "LIMIT", "LIMIT_MAKER"], ..field("open_order_type", Kind::Choice, r#""LIMIT_MAKER""#, "", "The order that opens; a replay fills it as a limit.") },
    Field { min: Some(1.0), ..field("max_active_executors_by_level", Kind::Integer, "4", "", "How many executors a level may have at once.") },
    field("tick_mode", Kind::Flag, "false", "", "Decides on each tick instead of each second; a replay knows only candles."),
    field("position_profit_protection", Kind::Flag, "false", "", "Does not reduce the position at a loss."),
    Field { min: Some(0.0), ..field("min_skew", Kind::Decimal, r#""1.0""#, "x", "The least that the inventory's skew multiplies sizes by.") },
    Field { min: Some(0.0), ..field("global_take_profit", Kind::Decimal, r#""0.03""#, "fraction", "The profit of the position at which all of it is closed.") },
    Field { min: Some(0.0), ..field("global_stop_loss", Kind::Decimal, r#""0.05""#, "fraction", "The loss of the position at which all of it is closed.") },
    field("global_tp_enabled", Kind::Flag, "false", "", "Whether there is a global take profit."),
    field("global_sl_enabled", Kind::Flag, "false", "", "Whether there is a global stop loss."),
    field("global_tp_activation_from", Kind::Text, r#""min_base""#, "", "From which size of the position on the global take profit counts."),
    field("global_sl_activation_from", Kind::Text, r#""target_base""#, "", "From which size of the position on the global stop loss counts."),
    field("global_pnl_reference", Kind::Text, r#""position""#, "", "What the global profit is a fraction of."),
];
