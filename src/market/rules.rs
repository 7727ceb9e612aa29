//! What a venue demands of orders in one market.

use crate::market::Decimal;

/// A venue's rules for the orders of one market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradingRules {
    /// The smallest price step, in quote; greater than zero.
    pub min_price_increment: Decimal,
    /// The smallest amount step, in base; greater than zero.
    pub min_base_amount_increment: Decimal,
    /// The smallest order, in quote.
    pub min_notional_size: Decimal,
    /// The smallest order, in base.
    pub min_order_size: Decimal,
}

impl Default for TradingRules {
    /// Rules of a usual venue: a price step of 0.01, an amount step of 0.00001, orders of 5 in quote at least.
    fn default() -> Self {
        let decimal = |text: &str| text.parse().expect("the defaults are decimals");
        Self {
            min_price_increment: decimal("0.01"),
            min_base_amount_increment: decimal("0.00001"),
            min_notional_size: decimal("5"),
            min_order_size: decimal("0.00001"),
        }
    }
}
