//! What a controller sees of the position that ended executors left behind.

use crate::market::Decimal;
use crate::market::Side;

/// A held position, marked at a price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HoldSummary {
    /// [`Side::Buy`] for a long position, and for a closed one.
    pub side: Side,
    /// Its size, in base; never negative.
    pub amount: Decimal,
    /// The average price of what is held, in quote; zero when nothing is.
    pub breakeven_price: Decimal,
    /// The profit at the mark, before fees, in quote.
    pub unrealized_pnl_quote: Decimal,
    /// The profit of what was bought and sold, before fees, in quote.
    pub realized_pnl_quote: Decimal,
    /// The fees of everything that came to the position, in quote.
    pub cum_fees_quote: Decimal,
    /// The volume of everything that came to the position, in quote.
    pub volume_traded_quote: Decimal,
}

impl HoldSummary {
    /// Returns the value of the position at its average price, in quote; upstream does not take the mark here.
    #[must_use]
    pub fn amount_quote(&self) -> Decimal {
        Decimal::product(self.amount, self.breakeven_price)
    }
}
