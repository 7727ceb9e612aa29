//! The ledger of what ended executors left behind: one net position, and the profit of its parts.
//!
//! Buys and sells of one market net out. Fees are added up and never taken off the profit. Everything is decimal arithmetic
//! in 28 digits. How the position is priced is a matter of upstream's generation, its [`Netting`]:
//!
//! - Since v2.15, deposit by deposit: what goes the position's way changes its average price by cost; what goes against it
//!   realizes the difference to the average price, and an excess turns the position over at its own price.
//! - In v2.14, anew from the totals after every deposit: all buys have one average price and all sells another, the smaller
//!   of the two amounts has realized the difference of the two, and what is left of the larger one keeps that side's price.
//!   So a later deposit also moves the profit that was realized before, and the price of what is held is the average over
//!   everything that was ever bought or sold on its side. The total that a position is left with is the same but for
//!   rounding; how it divides into realized and unrealized is not.

use thiserror::Error;

use crate::executor::hold::HoldSummary;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Operand;

/// What an executor that ended as `POSITION_HOLD` leaves behind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deposit {
    /// The way it traded.
    pub side: Side,
    /// What it filled, in quote; greater than zero.
    pub filled_amount_quote: f64,
    /// Its fees, in quote.
    pub cum_fees_quote: f64,
    /// What it reports as its average price, in quote: a position's *limit* price, an order's fill.
    pub average_price: f64,
}

/// How deposits become a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Netting {
    /// In v2.14: from the totals of everything that was bought and sold.
    Totals,
    /// Since v2.15: each deposit against the average price of what is held.
    #[default]
    AverageCost,
}

/// A held position. It stays, with its realized profit, when it is closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hold {
    /// The size, in base: positive for a long position, negative for a short one.
    pub net_amount_base: Decimal,
    /// The average price of what is held, in quote; zero when nothing is.
    pub avg_entry_price: Decimal,
    /// The profit of what was bought and sold, before fees, in quote.
    pub realized_pnl_quote: Decimal,
    /// All fees, in quote.
    pub cum_fees_quote: Decimal,
    /// Everything that was bought or sold, in quote.
    pub volume_traded_quote: Decimal,
    /// Everything that was bought, in base.
    pub buy_amount_base: Decimal,
    /// Everything that was bought, in quote.
    pub buy_amount_quote: Decimal,
    /// Everything that was sold, in base.
    pub sell_amount_base: Decimal,
    /// Everything that was sold, in quote.
    pub sell_amount_quote: Decimal,
}

/// The position of one market, and the deposits that it takes over at the next candle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ledger {
    netting: Netting,
    hold: Option<Hold>,
    pending: Vec<Deposit>,
}

/// Why a deposit cannot be booked.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// The executor has no price, so its amount in base does not exist; upstream divides by zero.
    #[error("a position of {filled_amount_quote} in quote came without a price")]
    NoPrice {
        /// What was filled, in quote.
        filled_amount_quote: f64,
    },
}

impl Ledger {
    /// Starts without a position.
    #[must_use]
    pub fn new(netting: Netting) -> Self {
        Self { netting, ..Self::default() }
    }

    /// Puts a deposit into the queue, behind those that are there.
    pub fn push(&mut self, deposit: Deposit) {
        self.pending.push(deposit);
    }

    /// Takes over everything in the queue: the first thing that happens on a candle, before executors end.
    ///
    /// # Errors
    ///
    /// Refuses a deposit without a price.
    pub fn drain(&mut self) -> Result<(), Error> {
        for deposit in self.pending.drain(..) {
            self.hold.get_or_insert_default().add(&deposit, self.netting)?;
        }
        Ok(())
    }

    /// Returns whether there has never been a deposit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hold.is_none() && self.pending.is_empty()
    }

    /// Returns the position, open or closed; `None` before the first deposit was taken over.
    #[must_use]
    pub fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// Returns the open position marked at a price: what controllers see and the series of profit contain.
    #[must_use]
    pub fn open(&self, mark: impl Into<Operand>) -> Option<HoldSummary> {
        self.hold.as_ref().filter(|hold| !hold.is_closed()).map(|hold| hold.summary(mark))
    }
}

impl Hold {
    /// Books a deposit.
    ///
    /// # Errors
    ///
    /// Refuses one without a price.
    pub fn add(&mut self, deposit: &Deposit, netting: Netting) -> Result<(), Error> {
        let filled = Operand::from(deposit.filled_amount_quote);
        let price = Decimal::from_shortest(deposit.average_price);
        let base = Decimal::quotient(filled, price)
            .ok_or(Error::NoPrice { filled_amount_quote: deposit.filled_amount_quote })?;
        let (total_base, total_quote) = match deposit.side {
            Side::Buy => (&mut self.buy_amount_base, &mut self.buy_amount_quote),
            Side::Sell => (&mut self.sell_amount_base, &mut self.sell_amount_quote),
        };
        *total_base = Decimal::sum(*total_base, base);
        *total_quote = Decimal::sum(*total_quote, filled);
        self.cum_fees_quote = Decimal::sum(self.cum_fees_quote, deposit.cum_fees_quote);
        self.volume_traded_quote = Decimal::sum(self.volume_traded_quote, filled);
        match netting {
            Netting::Totals => self.total(),
            Netting::AverageCost => self.net(deposit.side, base, filled),
        }
        Ok(())
    }

    /// Returns whether nothing is held.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.net_amount_base.is_zero()
    }

    /// Returns the position marked at a price.
    ///
    /// On a candle upstream marks at the shortest text of the close ([`Decimal::from_shortest`]), in the results at its exact
    /// value.
    #[must_use]
    pub fn summary(&self, mark: impl Into<Operand>) -> HoldSummary {
        let (mark, average): (Operand, Operand) = (mark.into(), self.avg_entry_price.into());
        let amount = self.net_amount_base.magnitude();
        let (side, gain) = if self.is_short() {
            (Side::Sell, Decimal::difference(average, mark))
        } else {
            (Side::Buy, Decimal::difference(mark, average))
        };
        HoldSummary {
            side,
            amount,
            breakeven_price: self.avg_entry_price,
            unrealized_pnl_quote: if self.is_closed() { Decimal::ZERO } else { Decimal::product(gain, amount) },
            realized_pnl_quote: self.realized_pnl_quote,
            cum_fees_quote: self.cum_fees_quote,
            volume_traded_quote: self.volume_traded_quote,
        }
    }

    fn is_short(&self) -> bool {
        self.net_amount_base < Decimal::ZERO
    }

    /// Prices the position by what was bought and sold in total.
    fn total(&mut self) {
        let average = |quote: Decimal, base: Decimal| {
            if base.is_positive() { Decimal::quotient(quote, base) } else { None }.unwrap_or(Decimal::ZERO)
        };
        let bought = average(self.buy_amount_quote, self.buy_amount_base);
        let sold = average(self.sell_amount_quote, self.sell_amount_base);
        let matched = self.buy_amount_base.lesser(self.sell_amount_base);
        if matched.is_positive() {
            self.realized_pnl_quote = Decimal::product(Decimal::difference(sold, bought), matched);
        }
        self.net_amount_base = Decimal::difference(self.buy_amount_base, self.sell_amount_base);
        let (quote, price) =
            if self.is_short() { (self.sell_amount_quote, sold) } else { (self.buy_amount_quote, bought) };
        let left = Decimal::difference(quote, Decimal::product(matched, price));
        self.avg_entry_price = average(left, self.net_amount_base.magnitude());
    }

    /// Adds an amount to the position, or takes it off.
    fn net(&mut self, side: Side, base: Decimal, quote: Operand) {
        // The price is computed back from the rounded amount, so its last digit may differ from the deposit's.
        let Some(price) = Decimal::quotient(quote, base) else {
            return;
        };
        let signed = |amount: Decimal| if side == Side::Buy { amount } else { -amount };
        let held = self.net_amount_base.magnitude();
        if held.is_zero() {
            self.net_amount_base = signed(base);
            self.avg_entry_price = price;
        } else if self.is_short() == (side == Side::Sell) {
            let cost = Decimal::sum(Decimal::product(self.avg_entry_price, held), quote);
            let total = Decimal::sum(held, base);
            self.avg_entry_price = Decimal::quotient(cost, total).expect("the sum of two amounts above zero is none");
            self.net_amount_base = signed(total);
        } else {
            self.reduce(side, base, price, held);
        }
    }

    /// Takes an amount off the position, realizes its profit, and turns the position over where the amount is larger.
    fn reduce(&mut self, side: Side, base: Decimal, price: Decimal, held: Decimal) {
        let signed = |amount: Decimal| if side == Side::Buy { amount } else { -amount };
        let matched = base.lesser(held);
        let gain = match side {
            Side::Sell => Decimal::difference(price, self.avg_entry_price),
            Side::Buy => Decimal::difference(self.avg_entry_price, price),
        };
        self.realized_pnl_quote = Decimal::sum(self.realized_pnl_quote, Decimal::product(gain, matched));
        let excess = Decimal::difference(base, matched);
        if excess.is_positive() {
            self.net_amount_base = signed(excess);
            self.avg_entry_price = price;
        } else if matched == held {
            self.net_amount_base = Decimal::ZERO;
            self.avg_entry_price = Decimal::ZERO;
        } else {
            self.net_amount_base = Decimal::sum(self.net_amount_base, signed(matched));
        }
    }
}

impl Default for Hold {
    /// Holds nothing.
    fn default() -> Self {
        let zero = Decimal::ZERO;
        Self {
            net_amount_base: zero,
            avg_entry_price: zero,
            realized_pnl_quote: zero,
            cum_fees_quote: zero,
            volume_traded_quote: zero,
            buy_amount_base: zero,
            buy_amount_quote: zero,
            sell_amount_base: zero,
            sell_amount_quote: zero,
        }
    }
}
