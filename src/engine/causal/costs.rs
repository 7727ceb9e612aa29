//! What a trade costs beside its price: fees by who waited, and slippage.

use crate::market::Side;

/// The costs of a causal replay.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Costs {
    /// The fee of an order that waited in the book, as a fraction of its value; negative for a rebate.
    pub maker_fee: f64,
    /// The fee of an order that took what was there, as a fraction of its value.
    pub taker_fee: f64,
    /// How much worse than the market an order fills that takes, in hundredths of a percent of its price.
    pub slippage_bps: f64,
}

impl Costs {
    /// Returns the price at which an order that takes fills, where the market stands at `price`: worse by the slippage.
    #[must_use]
    pub fn taken(&self, side: Side, price: f64) -> f64 {
        price * (1.0 + side.sign() * self.slippage_bps / 10_000.0)
    }
}
