//! The barriers that watch an open position: stop loss, trailing stop, take profit.
//!
//! # Fills, and where they flatter
//!
//! A stop is a market order that its trigger sends: it fills at the trigger, or at the open where the candle opens beyond it,
//! and slips. A profit taken by a limit order fills at its limit once the market has traded through it; taken by a market
//! order it slips. Where a candle reaches a stop and the profit, the stop came first; of two stops the nearer one did. On
//! the candle on which a waiting order fills no profit is taken, and the trailing stop follows its close only, because what
//! of the range came before the fill is not known; a stop sent there fills no better than that order did, and no better than
//! the open. An order that fills at the open has all of its candle ahead. Percentages are of the price, before fees.
//!
//! It flatters where a market falls through the trigger faster than the slippage says, and where a trailing stop would have
//! been hit between a high and a recovery within one candle.

use crate::engine::causal::account::Account;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::bar::better;
use crate::engine::causal::bar::worse;
use crate::engine::causal::costs::Costs;
use crate::executor::CloseType;
use crate::executor::position::TrailingStop;
use crate::market::Side;

/// The barriers of a position, and how far its price has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// The way the position goes.
    pub side: Side,
    /// The loss that ends it, as a fraction of the entry.
    pub stop_loss: Option<f64>,
    /// The gain that ends it, as a fraction of the entry.
    pub take_profit: Option<f64>,
    /// Whether the profit is taken by a market order.
    pub take_profit_at_market: bool,
    /// The stop that follows the best price.
    pub trailing_stop: Option<TrailingStop>,
    /// The best price since the fill, in quote; `None` before.
    best: Option<f64>,
}

/// What of a candle a position has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// What came after the fill of a waiting order at a price, in quote.
    Since(f64),
}

/// An exit that a barrier asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exit {
    /// The barrier.
    pub close_type: CloseType,
    /// The price before slippage, in quote.
    pub price: f64,
    /// Whether it waited in the book.
    pub is_maker: bool,
}

impl Exit {
    /// Books the trade that the exit is.
    pub fn book(self, account: &mut Account, costs: &Costs) {
        if self.is_maker {
            account.close(self.price, costs.maker_fee);
        } else {
            account.leave(self.price, costs);
        }
    }
}

impl Guard {
    /// Starts to watch.
    #[must_use]
    pub fn new(
        side: Side,
        stop_loss: Option<f64>,
        take_profit: Option<f64>,
        take_profit_at_market: bool,
        trailing_stop: Option<TrailingStop>,
    ) -> Self {
        Self { side, stop_loss, take_profit, take_profit_at_market, trailing_stop, best: None }
    }

    /// Watches a position with an entry price over a candle; returns the exit, if there is one.
    ///
    /// `may_stop` says whether the stop loss holds already: that of a DCA waits for its last order.
    pub fn watch(&mut self, bar: &Bar, entry: f64, seen: Seen, may_stop: bool) -> Option<Exit> {
        self.stopped(bar, entry, seen, may_stop)
            .or_else(|| self.profited(bar, entry, seen))
            .or_else(|| self.trailed(bar, entry, seen))
    }

    /// Looks for the stop loss, and for the trailing stop where it stood when the candle opened.
    fn stopped(&self, bar: &Bar, entry: f64, seen: Seen, may_stop: bool) -> Option<Exit> {
        let stop = self.stop_loss.filter(|_| may_stop).map(|loss| (self.at_gain(entry, -loss), CloseType::StopLoss));
        let line = self.line(entry).map(|line| (line, CloseType::TrailingStop));
        let (trigger, close_type) = match (stop, line) {
            // The nearer of the two is the better price, and is reached first.
            (Some(stop), Some(line)) => {
                if better(self.side, stop.0, line.0) == stop.0 {
                    stop
                } else {
                    line
                }
            }
            (one, other) => one.or(other)?,
        };
        let is_hit = worse(self.side, bar.worst(self.side), trigger) == bar.worst(self.side);
        let begin = match seen {
            Seen::Whole => bar.open,
            // Where the candle opens beyond the order's price, the order filled there, and the market stood at the open.
            Seen::Since(price) => worse(self.side, bar.open, price),
        };
        is_hit.then(|| Exit { close_type, price: worse(self.side, begin, trigger), is_maker: false })
    }

    fn profited(&self, bar: &Bar, entry: f64, seen: Seen) -> Option<Exit> {
        let price = self.at_gain(entry, self.take_profit?);
        let is_hit = seen == Seen::Whole && bar.trades_through(self.side.opposite(), price);
        let is_maker = !self.take_profit_at_market;
        is_hit.then_some(Exit { close_type: CloseType::TakeProfit, price, is_maker })
    }

    /// Moves the trailing stop on, and looks whether the close is beyond where it stands now: the best price came before.
    fn trailed(&mut self, bar: &Bar, entry: f64, seen: Seen) -> Option<Exit> {
        let reached = if seen == Seen::Whole { bar.best(self.side) } else { bar.close };
        self.best = Some(self.best.map_or(reached, |best| better(self.side, best, reached)));
        let price = self.line(entry)?;
        let is_hit = worse(self.side, bar.close, price) == bar.close;
        is_hit.then_some(Exit { close_type: CloseType::TrailingStop, price, is_maker: false })
    }

    /// Returns the price of the trailing stop; `None` while it is not armed.
    fn line(&self, entry: f64) -> Option<f64> {
        let (stop, best) = self.trailing_stop.zip(self.best)?;
        let gain = self.side.sign() * (best / entry - 1.0);
        (gain >= stop.activation).then(|| self.at_gain(entry, gain - stop.delta))
    }

    /// Returns the price at which a position has gained a fraction of its entry.
    fn at_gain(&self, entry: f64, gain: f64) -> f64 {
        entry * (1.0 + self.side.sign() * gain)
    }
}
