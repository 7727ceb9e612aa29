//! Which way a trade goes.

use std::fmt;

/// The side of an order or a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Base is bought: a long position.
    Buy,
    /// Base is sold: a short position.
    Sell,
}

impl Side {
    /// Returns `1.0` for a buy and `-1.0` for a sell: the sign of a position's profit when the price rises.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Buy => 1.0,
            Self::Sell => -1.0,
        }
    }

    /// Returns the side that ends what this one began.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        })
    }
}
