//! Ladders: where the orders of a DCA stand, and how large each is.

use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Operand;

/// The rungs of a ladder below a price, or above it for a sale.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    rungs: Vec<Rung>,
}

/// One rung.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rung {
    /// 1 − spread: what a purchase's price is multiplied by.
    buy_factor: Decimal,
    /// 1 + spread: what a sale's price is multiplied by.
    sell_factor: Decimal,
    /// Its part of the whole amount, as a fraction.
    pub share: Decimal,
}

impl Ladder {
    /// Builds a ladder with a spread and a share for each rung, all spreads times `multiplier`.
    ///
    /// Rungs without a partner in the other list are left out.
    #[must_use]
    pub fn new(spreads: &[Decimal], shares: &[Decimal], multiplier: impl Into<Operand>) -> Self {
        let multiplier = multiplier.into();
        let rungs = spreads.iter().zip(shares).map(|(&spread, &share)| {
            let spread = Decimal::product(spread, multiplier);
            Rung {
                buy_factor: Decimal::difference(Decimal::ONE, spread),
                sell_factor: Decimal::sum(Decimal::ONE, spread),
                share,
            }
        });
        Self { rungs: rungs.collect() }
    }

    /// Returns the rungs, nearest as configured first.
    #[must_use]
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }
}

impl Rung {
    /// Returns its price, where the ladder hangs at `price`.
    #[must_use]
    pub fn price(&self, side: Side, price: impl Into<Operand>) -> Decimal {
        match side {
            Side::Buy => Decimal::product(price, self.buy_factor),
            Side::Sell => Decimal::product(price, self.sell_factor),
        }
    }
}
