//! The position executor: one order, and the barriers that end what it opened.

use std::sync::Arc;

use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Price;

/// What a controller asks for when it opens a position.
#[derive(Debug, Clone, PartialEq)]
pub struct PositionConfig {
    /// When it was created, epoch seconds.
    pub time: i64,
    /// The way the position goes.
    pub side: Side,
    /// The limit price of the opening order, in quote; a market order's is the exact value of a close.
    pub entry_price: Price,
    /// The size of the position, in `unit`.
    pub amount: Decimal,
    /// What the amount is counted in.
    pub unit: Unit,
    /// How the opening order fills.
    pub entry: Entry,
    /// When the position ends. A controller gives all its positions the same, and a year has hundreds of thousands of them.
    pub barrier: Arc<TripleBarrier>,
    /// The controller's number for its place among its orders; `None` for controllers without levels.
    pub level: Option<LevelId>,
}

impl PositionConfig {
    /// Returns the size of the position, in base.
    ///
    /// # Panics
    ///
    /// Panics where the amount is in quote and the price zero: there is no such order.
    #[must_use]
    pub fn amount_base(&self) -> Decimal {
        match self.unit {
            Unit::Base => self.amount,
            Unit::Quote => {
                Decimal::quotient(self.amount, self.entry_price).expect("a controller quotes no price of zero")
            }
        }
    }

    /// Returns the binary float nearest to [`Self::amount_base`].
    ///
    /// # Panics
    ///
    /// Panics where that does.
    #[must_use]
    pub fn amount_base_f64(&self) -> f64 {
        match self.unit {
            Unit::Base => self.amount.to_f64(),
            Unit::Quote => {
                Decimal::quotient_f64(self.amount, self.entry_price).expect("a controller quotes no price of zero")
            }
        }
    }
}

/// What an amount is counted in.
///
/// Most orders of a market maker never fill, and their amounts in base are 28 digits that nobody looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// In base.
    Base,
    /// In quote, at the price of the opening order.
    Quote,
}

/// How the opening order fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// At the first close that reaches the limit price.
    Limit,
    /// At once.
    Market,
}

/// A controller's number for one of its order levels; the controller knows its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelId(pub u32);

/// The barriers of a position, all relative to its entry.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TripleBarrier {
    /// The loss at which the position ends, as a fraction of the entry price.
    pub stop_loss: Option<f64>,
    /// The profit net of fees at which it ends, as a fraction.
    pub take_profit: Option<f64>,
    /// Whether a market order takes the profit, instead of a limit order that waits there. Upstream's backtester does not
    /// look at it.
    pub take_profit_at_market: bool,
    /// How long it may live, in seconds since its creation.
    pub time_limit: Option<i64>,
    /// Where it ends when its profit falls back.
    pub trailing_stop: Option<TrailingStop>,
}

/// A stop that follows the best profit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrailingStop {
    /// The profit net of fees that arms it, as a fraction.
    pub activation: f64,
    /// How far below the best profit it stands, as a fraction.
    pub delta: f64,
}
