//! A closed candle, and the questions that resting orders ask of it.

use crate::market::Side;

/// A candle that has closed.
///
/// Its path from the open to the close is not known. Where the order of two events matters, the worse one is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// When it opened, epoch seconds.
    pub open_time: i64,
    /// When it closed, and became known, epoch seconds.
    pub close_time: i64,
    /// The price at the open, in quote.
    pub open: f64,
    /// The highest price, in quote.
    pub high: f64,
    /// The lowest price, in quote.
    pub low: f64,
    /// The price at the close, in quote.
    pub close: f64,
}

impl Bar {
    /// Returns whether the market traded beyond a waiting order's price. A touch is not enough: others may have waited before.
    #[must_use]
    pub fn trades_through(&self, side: Side, price: f64) -> bool {
        match side {
            Side::Buy => self.low < price,
            Side::Sell => self.high > price,
        }
    }

    /// Returns whether an order that arrives at the open finds the market at its price or beyond, and so does not wait.
    #[must_use]
    pub fn opens_beyond(&self, side: Side, price: f64) -> bool {
        match side {
            Side::Buy => self.open <= price,
            Side::Sell => self.open >= price,
        }
    }

    /// Returns the price that was best for a position.
    #[must_use]
    pub fn best(&self, side: Side) -> f64 {
        match side {
            Side::Buy => self.high,
            Side::Sell => self.low,
        }
    }

    /// Returns the price that was worst for a position.
    #[must_use]
    pub fn worst(&self, side: Side) -> f64 {
        match side {
            Side::Buy => self.low,
            Side::Sell => self.high,
        }
    }
}

/// Returns the price that is better for a position.
#[must_use]
pub fn better(side: Side, left: f64, right: f64) -> f64 {
    match side {
        Side::Buy => left.max(right),
        Side::Sell => left.min(right),
    }
}

/// Returns the price that is worse for a position.
#[must_use]
pub fn worse(side: Side, left: f64, right: f64) -> f64 {
    better(side.opposite(), left, right)
}
