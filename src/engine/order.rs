//! The order executor, simulated from its creation to its end.
//!
//! # Fills, and where they flatter
//!
//! Market orders and chasers fill on the creating candle. Limit orders fill at the first candle, the creating one included,
//! whose close is at or beyond the price; a maker order that would cross the market fills all the same. Every fill is
//! **at that candle's close**, whole, without slippage. A filled order ends as `POSITION_HOLD` on the candle of its fill:
//! its profit is the ledger's, see [`crate::engine::hold`]. The loop sees the end on the first candle after the creating one
//! at the earliest, and the ledger takes the position over one candle after that.
//!
//! Before v2.15 the ledger took over nothing that ended by itself, so a filled order left no position and no profit, and a
//! limit order whose price the market would not reach was dropped as it was created: the controller, which saw its level
//! free, placed the next one a candle later, and only the orders that were going to fill remained.

use crate::executor::CloseType;
use crate::executor::Snapshot;
use crate::executor::order::ExecutionStrategy;
use crate::executor::order::OrderConfig;
use crate::market::Candles;
use crate::market::Side;

/// A simulated order: how it will go if nobody stops it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The row of the fill; `None` if it rests to the end of the candles.
    pub fill: Option<usize>,
    /// The row of the end: of the fill, or the last one.
    pub end: usize,
    /// [`CloseType::PositionHold`] with a fill, [`CloseType::Expired`] without.
    pub close_type: CloseType,
    /// What it shows from the fill on.
    filled: Snapshot,
}

impl Order {
    /// Simulates an order that is created at a row; `trade_cost` is the fee of one side of a trade, as a fraction.
    ///
    /// # Panics
    ///
    /// Panics where there is no such row.
    #[must_use]
    pub fn simulate(candles: &Candles, config: &OrderConfig, created: usize, trade_cost: f64) -> Self {
        let Some(fill) = fill_row(candles, config, created) else {
            let end = candles.len() - 1;
            return Self { fill: None, end, close_type: CloseType::Expired, filled: Snapshot::default() };
        };
        let average_price = candles.close[fill];
        let filled_amount_quote = config.amount.to_f64() * average_price;
        let cum_fees_quote = trade_cost * filled_amount_quote;
        let filled = Snapshot { cum_fees_quote, filled_amount_quote, average_price, ..Snapshot::default() };
        Self { fill: Some(fill), end: fill, close_type: CloseType::PositionHold, filled }
    }

    /// Returns what it stands at on a row; from the end on, what it ended with.
    #[must_use]
    pub fn at(&self, row: usize) -> Snapshot {
        match self.fill {
            Some(fill) if row >= fill => self.filled,
            _ => Snapshot::default(),
        }
    }
}

/// Returns the row whose close fills the order.
fn fill_row(candles: &Candles, config: &OrderConfig, created: usize) -> Option<usize> {
    let closes = &candles.close[created..];
    // Unlike that of a position, the price is rounded to a float before it is compared. A maker order waits for the better
    // of its price and the first close; where the latter is better it fills at once, as a limit order does, too.
    let price = config.price.to_f64();
    let found = match (config.strategy, config.side) {
        (ExecutionStrategy::Market | ExecutionStrategy::LimitChaser, _) => (!closes.is_empty()).then_some(0),
        (_, Side::Buy) => closes.iter().position(|&close| close <= price),
        (_, Side::Sell) => closes.iter().position(|&close| close >= price),
    };
    found.map(|offset| created + offset)
}
