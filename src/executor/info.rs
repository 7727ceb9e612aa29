//! What is known of an executor once it has ended.

use crate::executor::CloseType;
use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;

/// An ended executor, in Hummingbot's figures.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutorInfo {
    /// The controller's number for the level.
    pub level: LevelId,
    /// The way it traded.
    pub side: Side,
    /// When it was created, epoch seconds.
    pub time: i64,
    /// When it ended, epoch seconds.
    pub close_time: i64,
    /// Why it ended.
    pub close_type: CloseType,
    /// Its configured price, in quote.
    pub entry_price: Decimal,
    /// Its configured amount, in base.
    pub amount: Decimal,
    /// Profit net of fees, as a fraction of what was filled.
    pub net_pnl_pct: f64,
    /// Profit net of fees, in quote.
    pub net_pnl_quote: f64,
    /// Fees, in quote.
    pub cum_fees_quote: f64,
    /// The traded volume, in quote: entry and exit of an executor that ended by itself.
    pub filled_amount_quote: f64,
    /// The close of the candle in which it ended.
    pub close_price: f64,
    /// The configured price as a binary float, which Hummingbot reports as the position's average price.
    pub average_price: f64,
}
