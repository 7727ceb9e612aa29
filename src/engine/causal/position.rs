//! The position executor, candle by candle.
//!
//! # Fills, and where they flatter
//!
//! It is created at a close, so nothing happens before the next candle. A market entry fills at that candle's open, worse by
//! the slippage. A limit entry fills at its limit: as a taker where the next candle opens at or beyond it, as a maker once a
//! candle has traded through it. [`super::guard`] says how it ends; the time limit sends a market order at the first open at
//! or after it. Every fill is whole, and no order of ours moves the market: for amounts that are large beside what is traded
//! that flatters.

use crate::engine::causal::account::Account;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::costs::Costs;
use crate::engine::causal::ending::Ending;
use crate::engine::causal::guard::Guard;
use crate::engine::causal::guard::Seen;
use crate::executor::position::Entry;
use crate::executor::position::PositionConfig;

/// A position on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// The price of its opening order, in quote.
    limit: f64,
    /// Its size, in base.
    amount: f64,
    entry: Entry,
    guard: Guard,
    /// Whether its order has not met a candle yet.
    is_new: bool,
}

impl Position {
    /// Starts a position that a controller asked for.
    #[must_use]
    pub fn new(config: &PositionConfig) -> Self {
        let barrier = &config.barrier;
        Self {
            limit: config.entry_price.to_f64(),
            amount: config.amount_base().to_f64(),
            entry: config.entry,
            guard: Guard::new(
                config.side,
                barrier.stop_loss,
                barrier.take_profit,
                barrier.take_profit_at_market,
                barrier.trailing_stop,
            ),
            is_new: true,
        }
    }

    /// Lives through a candle.
    pub fn step(&mut self, bar: &Bar, costs: &Costs, account: &mut Account) -> Option<Ending> {
        let seen = if account.has_traded() { Seen::Whole } else { self.enter(bar, costs, account)? };
        let exit = self.guard.watch(bar, account.average_price(), seen, true)?;
        exit.book(account, costs);
        Some(Ending { close_type: exit.close_type, time: bar.close_time })
    }

    /// Fills the opening order where the candle lets it; returns what of the candle comes after the fill.
    fn enter(&mut self, bar: &Bar, costs: &Costs, account: &mut Account) -> Option<Seen> {
        let (side, arrives) = (self.guard.side, std::mem::take(&mut self.is_new));
        let (price, fee, seen) = match self.entry {
            Entry::Market => (costs.taken(side, bar.open), costs.taker_fee, Seen::Whole),
            Entry::Limit if arrives && bar.opens_beyond(side, self.limit) => (self.limit, costs.taker_fee, Seen::Whole),
            Entry::Limit if bar.trades_through(side, self.limit) => {
                (self.limit, costs.maker_fee, Seen::Since(self.limit))
            }
            Entry::Limit => return None,
        };
        let time = if seen == Seen::Whole { bar.open_time } else { bar.close_time };
        account.open(side, price, self.amount, fee, time);
        Some(seen)
    }
}
