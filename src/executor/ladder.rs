//! Ladders: where the orders of a DCA stand, and how large each is.

use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Operand;

/// The rungs of a ladder below a price, or above it for a sale.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    rungs: Vec<Rung>,
    is_regular_below: bool,
    is_regular_above: bool,
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
        let rung = |(&spread, &share): (&Decimal, &Decimal)| {
            let spread = Decimal::product(spread, multiplier);
            Rung {
                buy_factor: Decimal::difference(Decimal::ONE, spread),
                sell_factor: Decimal::sum(Decimal::ONE, spread),
                share,
            }
        };
        let rungs: Vec<Rung> = spreads.iter().zip(shares).map(rung).collect();
        let has_shares = rungs.iter().all(|rung| rung.share.is_positive());
        let is_regular = |factor: fn(&Rung) -> Decimal, goes_away: fn(Decimal, Decimal) -> bool| {
            has_shares
                && rungs.iter().all(|rung| factor(rung).is_positive())
                && rungs.windows(2).all(|pair| goes_away(factor(&pair[0]), factor(&pair[1])))
        };
        Self {
            is_regular_below: is_regular(|rung| rung.buy_factor, |near, far| near >= far),
            is_regular_above: is_regular(|rung| rung.sell_factor, |near, far| near <= far),
            rungs,
        }
    }

    /// Returns whether what hangs on it at a price and for an amount above zero has prices and amounts above zero, none nearer
    /// than the one before.
    ///
    /// Rounding keeps the order of two products with one price.
    #[must_use]
    pub fn is_regular(&self, side: Side) -> bool {
        match side {
            Side::Buy => self.is_regular_below,
            Side::Sell => self.is_regular_above,
        }
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
