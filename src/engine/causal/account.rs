//! What an executor has bought, sold and paid.

use crate::engine::causal::costs::Costs;
use crate::executor::Snapshot;
use crate::market::Side;

/// The trades of one executor, added up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Account {
    /// What is held, in base: negative for a short position.
    pub base: f64,
    /// What sales brought in, less what purchases cost, in quote, before fees.
    pub cash_quote: f64,
    /// Fees, in quote; negative where rebates outweigh them.
    pub fees_quote: f64,
    /// Everything that was bought and sold, in quote.
    pub volume_quote: f64,
    /// What was opened: in base, and in quote.
    opened: (f64, f64),
    /// When the first trade was, epoch seconds; `None` before.
    pub first_time: Option<i64>,
}

impl Account {
    /// Books a trade that opens or enlarges the position.
    pub fn open(&mut self, side: Side, price: f64, base: f64, fee: f64, time: i64) {
        self.opened.0 += base;
        self.opened.1 += base * price;
        self.first_time.get_or_insert(time);
        self.trade(side, price, base, fee);
    }

    /// Books a trade that makes the position smaller.
    pub fn reduce(&mut self, side: Side, price: f64, base: f64, fee: f64) {
        self.trade(side, price, base, fee);
    }

    /// Books the market order that ends the position where there is one; the market stands at `price`.
    pub fn leave(&mut self, price: f64, costs: &Costs) {
        if self.base != 0.0 {
            let side = if self.base > 0.0 { Side::Sell } else { Side::Buy };
            self.close(costs.taken(side, price), costs.taker_fee);
        }
    }

    /// Books the trade that ends the position.
    pub fn close(&mut self, price: f64, fee: f64) {
        let side = if self.base > 0.0 { Side::Sell } else { Side::Buy };
        self.trade(side, price, self.base.abs(), fee);
        self.base = 0.0;
    }

    /// Hands the position over at a price, without a trade; returns its size, in base.
    pub fn hand_over(&mut self, price: f64) -> f64 {
        self.cash_quote += self.base * price;
        std::mem::take(&mut self.base).abs()
    }

    /// Forgets what rounding left of a position that is closed.
    pub fn clear(&mut self) {
        self.base = 0.0;
    }

    /// Returns the profit with the position valued at a price, net of the fees so far, in quote.
    #[must_use]
    pub fn pnl_quote(&self, mark: f64) -> f64 {
        self.cash_quote + self.base * mark - self.fees_quote
    }

    /// Returns whether anything was traded.
    #[must_use]
    pub fn has_traded(&self) -> bool {
        self.first_time.is_some()
    }

    /// Returns the average price of everything that was opened, in quote; zero where nothing was.
    #[must_use]
    pub fn average_price(&self) -> f64 {
        if self.opened.0 > 0.0 { self.opened.1 / self.opened.0 } else { 0.0 }
    }

    /// Returns the figures with the position valued at a price. The profit is a fraction of what was opened.
    #[must_use]
    pub fn snapshot(&self, mark: f64) -> Snapshot {
        let net_pnl_quote = self.pnl_quote(mark);
        Snapshot {
            net_pnl_pct: if self.opened.1 > 0.0 { net_pnl_quote / self.opened.1 } else { 0.0 },
            net_pnl_quote,
            cum_fees_quote: self.fees_quote,
            filled_amount_quote: self.volume_quote,
            average_price: self.average_price(),
        }
    }

    fn trade(&mut self, side: Side, price: f64, base: f64, fee: f64) {
        let quote = base * price;
        self.base += side.sign() * base;
        self.cash_quote -= side.sign() * quote;
        self.fees_quote += fee * quote;
        self.volume_quote += quote;
    }
}
