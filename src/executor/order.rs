//! The order executor: one order, and what it fills is kept.

use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;

/// What a controller asks for when it places an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderConfig {
    /// When it was created, epoch seconds.
    pub time: i64,
    /// The way it trades.
    pub side: Side,
    /// The limit price, in quote; of a market order it is only reported.
    pub price: Decimal,
    /// The size of the order, in base.
    pub amount: Decimal,
    /// How the order fills.
    pub strategy: ExecutionStrategy,
    /// The controller's number for the place of this order.
    pub level: LevelId,
}

/// How an order fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExecutionStrategy {
    /// At once.
    Market,
    /// At once: the simulator does not let the market run away from a chaser.
    LimitChaser,
    /// At the first close that reaches the price.
    Limit,
    /// As a limit; a live venue would refuse one that crosses the market, the simulator fills it.
    LimitMaker,
}

impl ExecutionStrategy {
    /// Returns the name that Hummingbot gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Market => "MARKET",
            Self::LimitChaser => "LIMIT_CHASER",
            Self::Limit => "LIMIT",
            Self::LimitMaker => "LIMIT_MAKER",
        }
    }
}
