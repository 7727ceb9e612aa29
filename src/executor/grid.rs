//! The grid executor: many levels between two prices, each bought low and sold high again and again.

use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;

/// What a controller asks for when it opens a grid.
///
/// Hummingbot's `max_open_orders`, `max_orders_per_batch`, `order_frequency`, `activation_bounds` and `safe_extra_spread`
/// are not here: its backtester does not look at them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridConfig {
    /// When it was created, epoch seconds.
    pub time: i64,
    /// The way its levels trade: a buying grid buys at a level and sells above it.
    pub side: Side,
    /// The lowest level's price, for both sides, in quote.
    pub start_price: Decimal,
    /// The highest level's price, for both sides, in quote.
    pub end_price: Decimal,
    /// The close at which the whole grid gives up, in quote; `None` where there is none (zero in Hummingbot).
    pub limit_price: Option<Decimal>,
    /// What the grid has to spend, in quote.
    pub total_amount_quote: Decimal,
    /// The least distance between two levels, as a fraction of the price.
    pub min_spread_between_orders: Decimal,
    /// The least amount of a level, in quote.
    pub min_order_amount_quote: Decimal,
    /// How far from its level an amount is sold again, as a fraction.
    pub take_profit: f64,
    /// Whether a take profit smaller than the distance of two levels is raised to it.
    pub coerce_tp_to_step: bool,
    /// The loss at which the whole grid ends, as a fraction of everything it has filled; `None` where there is none.
    pub stop_loss: Option<f64>,
    /// How long it may live, in seconds since its creation; `None` where there is no limit.
    pub time_limit: Option<i64>,
    /// Whether what is open at the limit price is kept instead of closed.
    pub keep_position: bool,
    /// The controller's number for the grid; `None` where the controller does not name its grids.
    pub level: Option<LevelId>,
}
