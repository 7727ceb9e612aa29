//! What a grid has traded so far, and which candles cannot add to it.
//!
//! The worse the market gets the more levels it opens, one behind the other, and the better it gets the more of them it
//! closes, in the opposite order. So the open levels are always the nearest ones: the rungs of a ladder up to a depth, of
//! which only the last open and the first free one can be reached next. Sums of floats depend on their order, though, and
//! upstream's is that of the openings; it is kept apart, and the sums over what is open are taken when they are asked for.

use crate::engine::grid::Levels;
use crate::engine::grid::Plan;
use crate::engine::grid::calm::Calm;
use crate::executor::CloseType;
use crate::executor::Snapshot;
use crate::market::Side;

/// How far the estimate of a profit is trusted, as a fraction of everything that it is added up from.
///
/// A sum of `n` floats is off by less than `n` times 2^-53 of the sum of their magnitudes, so the 100000 levels that a grid
/// may have leave a tenth of this.
const TRUST: f64 = 1e-9;

/// What a grid has traded so far.
pub(super) struct Book<'a> {
    plan: &'a Plan,
    amount_quote: f64,
    /// The levels in the order in which a market that gets worse reaches them.
    rungs: Vec<Rung>,
    /// How many of the rungs are open: the first ones.
    depth: usize,
    realized: Figures,
    /// What the open levels cost on average when the last of them was closed.
    last_average: f64,
    pub(super) first_fill: Option<usize>,
    pub(super) fill_event_count: usize,
    /// What is traded on one candle, by the number that decides its order. Kept to save the allocation.
    batch: Vec<(usize, usize)>,
}

/// A level.
#[derive(Debug, Clone, Copy)]
struct Rung {
    /// Its place among the levels.
    level: usize,
    /// Where it opens, in quote.
    entry: f64,
    /// Where it closes, in quote.
    exit: f64,
    /// What one round trip earns, net of fees, in quote.
    gain: f64,
    /// What this rung and all before it hold when they are open, in base.
    base: f64,
    /// How many levels had been opened or closed when it was opened last.
    opened: usize,
}

/// Sums over trades, in quote.
#[derive(Clone, Copy, Default)]
struct Figures {
    pnl: f64,
    fees: f64,
    /// What was opened; what was closed does not count again.
    amount: f64,
}

impl<'a> Book<'a> {
    pub(super) fn new(plan: &'a Plan, levels: &Levels) -> Self {
        let amount_quote = levels.amount_quote;
        let rung = |(level, (&entry, &exit)): (usize, (&f64, &f64))| {
            let gain = (exit - entry) * plan.side.sign() * (amount_quote / entry) - plan.fees(amount_quote);
            Rung { level, entry, exit, gain, base: 0.0, opened: 0 }
        };
        let mut rungs: Vec<Rung> = levels.prices.iter().zip(&levels.take_profit_prices).enumerate().map(rung).collect();
        match plan.side {
            Side::Buy => rungs.sort_by(|left, right| right.entry.total_cmp(&left.entry)),
            Side::Sell => rungs.sort_by(|left, right| left.entry.total_cmp(&right.entry)),
        }
        let mut base = 0.0;
        for rung in &mut rungs {
            base += amount_quote / rung.entry;
            rung.base = base;
        }
        Self {
            plan,
            amount_quote,
            rungs,
            depth: 0,
            realized: Figures::default(),
            last_average: 0.0,
            first_fill: None,
            fill_event_count: 0,
            batch: Vec::new(),
        }
    }

    /// Closes and opens the levels that a candle reaches; an ending grid opens none.
    pub(super) fn trade(&mut self, row: usize, high: f64, low: f64, ending: bool) {
        let (best, worst) = match self.plan.side {
            Side::Buy => (high, low),
            Side::Sell => (low, high),
        };
        // Prices are above zero, so a take profit of a sale that is not is reached by none, and the others are in order.
        let exits = |rung: &Rung| reaches(self.plan.side, best, rung.exit);
        let closing = self.rungs[..self.depth].iter().rev().take_while(|rung| exits(rung)).count();
        if closing > 0 {
            self.close(closing);
        }
        // A level that was closed is free for this candle's entries.
        let enters = |rung: &Rung| reaches(self.plan.side.opposite(), worst, rung.entry);
        let opening = self.rungs[self.depth..].iter().take_while(|rung| enters(rung)).count();
        if opening > 0 && !ending {
            self.open(opening);
            self.first_fill = self.first_fill.or(Some(row));
        }
    }

    /// Closes the last of the open levels at their take profits, in the order in which they were opened.
    fn close(&mut self, count: usize) {
        let kept = self.depth - count;
        if kept == 0 {
            self.last_average = self.average_price();
        }
        self.batch.clear();
        self.batch.extend((kept..self.depth).map(|place| (self.rungs[place].opened, place)));
        self.batch.sort_unstable();
        let fees = self.plan.fees(self.amount_quote);
        for &(_, place) in &self.batch {
            self.realized.pnl += self.rungs[place].gain;
            self.realized.fees += fees;
            self.realized.amount += self.amount_quote;
        }
        self.fill_event_count += count;
        self.depth = kept;
    }

    /// Opens the next free levels, in the order in which the grid was laid out.
    fn open(&mut self, count: usize) {
        let first = self.depth;
        self.depth += count;
        self.batch.clear();
        self.batch.extend((first..self.depth).map(|place| (self.rungs[place].level, place)));
        self.batch.sort_unstable();
        for &(_, place) in &self.batch {
            self.rungs[place].opened = self.fill_event_count;
            self.fill_event_count += 1;
        }
    }

    /// Returns the candles that neither trade anything nor bring the stop loss near.
    pub(super) fn calm(&self) -> Calm {
        let next_exit = self.depth.checked_sub(1).map(|last| self.rungs[last].exit);
        let next_entry = self.rungs.get(self.depth).map(|rung| rung.entry);
        let worst_close = self.surely_unstopped();
        match self.plan.side {
            Side::Buy => Calm {
                low_above: next_entry.unwrap_or(f64::NEG_INFINITY),
                high_below: next_exit.unwrap_or(f64::INFINITY),
                close_min: worst_close.unwrap_or(f64::NEG_INFINITY),
                close_max: f64::INFINITY,
            },
            Side::Sell => Calm {
                low_above: next_exit.unwrap_or(f64::NEG_INFINITY),
                high_below: next_entry.unwrap_or(f64::INFINITY),
                close_min: f64::NEG_INFINITY,
                close_max: worst_close.unwrap_or(f64::INFINITY),
            },
        }
    }

    /// Returns [`CloseType::StopLoss`] where the loss of everything has reached its bound. It goes before every other end of
    /// the candle, and it looks at what that end reports: at the limit price a kept position does not count.
    pub(super) fn stopped(&self, close: f64, broken: Option<CloseType>) -> Option<CloseType> {
        let stop_loss = self.plan.stop_loss?;
        let is_sure = |bound: f64| reaches(self.plan.side, close, bound);
        if broken != Some(CloseType::PositionHold) && self.surely_unstopped().is_some_and(is_sure) {
            return None;
        }
        let figures = self.figures(close, broken);
        (figures.amount > 0.0 && figures.pnl / figures.amount <= -stop_loss).then_some(CloseType::StopLoss)
    }

    /// Returns a close at which the stop loss is certainly not reached, and neither at any better one, whatever the rounding
    /// of upstream's sums; `None` where there is no stop loss, or where nothing is open, so that no close moves the profit.
    fn surely_unstopped(&self) -> Option<f64> {
        let stop_loss = self.plan.stop_loss?;
        let base = self.rungs[self.depth.checked_sub(1)?].base;
        let cost = self.amount_quote * self.depth as f64;
        let fees = self.plan.fees(cost);
        let bound = stop_loss * (self.realized.amount + cost);
        let margin = TRUST * (self.realized.pnl.abs() + cost + fees.abs() + bound);
        // The profit is `realized + sign · (close · base − cost) − fees`, which is to stay above `margin − bound`.
        Some((cost + self.plan.side.sign() * (fees + margin - bound - self.realized.pnl)) / base)
    }

    pub(super) fn snapshot(&self, close: f64, broken: Option<CloseType>) -> Snapshot {
        let Figures { pnl, fees, amount } = self.figures(close, broken);
        Snapshot {
            net_pnl_pct: if amount > 0.0 { pnl / amount } else { 0.0 },
            net_pnl_quote: pnl,
            cum_fees_quote: fees,
            filled_amount_quote: amount,
            average_price: self.average_price(),
        }
    }

    /// Returns the sums at a close: of everything, or of what was closed where the rest is kept.
    fn figures(&self, close: f64, broken: Option<CloseType>) -> Figures {
        if broken == Some(CloseType::PositionHold) {
            return self.realized;
        }
        let amount = self.amount_quote;
        let (mut unrealized, mut open_quote) = (0.0, 0.0);
        for entry in self.open_entries() {
            unrealized += (close - entry) * self.plan.side.sign() * (amount / entry) - self.plan.fees(amount);
            open_quote += amount;
        }
        Figures {
            pnl: self.realized.pnl + unrealized,
            fees: self.realized.fees + self.plan.fees(open_quote),
            amount: self.realized.amount + open_quote,
        }
    }

    /// Returns what the open levels cost on average. While none is open, the last average stays.
    fn average_price(&self) -> f64 {
        let (mut weighted, mut open_quote) = (0.0, 0.0);
        for entry in self.open_entries() {
            open_quote += self.amount_quote;
            weighted += entry * self.amount_quote;
        }
        if open_quote > 0.0 { weighted / open_quote } else { self.last_average }
    }

    /// Returns the entry prices of the open levels, in the order in which they were opened.
    fn open_entries(&self) -> impl Iterator<Item = f64> {
        let mut open: Vec<&Rung> = self.rungs[..self.depth].iter().collect();
        open.sort_unstable_by_key(|rung| rung.opened);
        open.into_iter().map(|rung| rung.entry)
    }
}

/// Returns whether a price is as good as a goal, or better, for who is on a side.
fn reaches(side: Side, price: f64, goal: f64) -> bool {
    match side {
        Side::Buy => price >= goal,
        Side::Sell => price <= goal,
    }
}
