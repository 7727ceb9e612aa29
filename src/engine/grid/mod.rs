//! The grid executor, simulated from its creation to its end.
//!
//! # Fills, and where they flatter
//!
//! On each candle, in this order: the close may leave the grid on the winning side (take profit) or reach the limit price;
//! open levels whose take profit lies within the candle are closed **at that price**; free levels whose price is at or beyond
//! the candle's worst price are opened **at their own price**, however far away the market is, so a grid that starts above
//! the market opens at once and at a loss. A level is never opened and closed on one candle, but it is opened again on the
//! candle that closes it. Then the stop loss compares the profit of everything with everything that was filled. Orders are
//! not limited in number, nothing is partial, nothing slips.

pub mod levels;

mod book;
mod calm;

pub use levels::Error;
pub use levels::Levels;

use crate::engine::grid::book::Book;
use crate::engine::grid::calm::Calm;
use crate::executor::CloseType;
use crate::executor::Snapshot;
use crate::executor::grid::GridConfig;
use crate::market::Candles;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;

/// A simulated grid: how it will go if nobody stops it.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The row of the first fill; `None` if there is none.
    pub fill: Option<usize>,
    /// The row of the end.
    pub end: usize,
    /// Why it ends.
    pub close_type: CloseType,
    /// How often a level was opened or closed.
    pub fill_event_count: usize,
    /// Its levels.
    pub levels: Levels,
    /// What it shows on the row of the end.
    last: Snapshot,
    created: usize,
    plan: Plan,
}

/// The figures of a configuration that the walk over candles needs, as floats.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Plan {
    side: Side,
    start_price: f64,
    end_price: f64,
    limit_price: Option<f64>,
    /// What the limit price does.
    limit_close: CloseType,
    stop_loss: Option<f64>,
    /// The fee of one side of a trade, as a fraction.
    trade_cost: f64,
}

impl Grid {
    /// Simulates a grid that is created at a row.
    ///
    /// `trade_cost` is the fee of one side of a trade, as a fraction; without `rules` the venue is taken to demand orders of
    /// 5 in quote and no increments.
    ///
    /// # Errors
    ///
    /// Refuses a grid whose levels cannot be computed.
    ///
    /// # Panics
    ///
    /// Panics where there is no such row.
    pub fn simulate(
        candles: &Candles,
        config: &GridConfig,
        created: usize,
        trade_cost: f64,
        rules: Option<&TradingRules>,
    ) -> Result<Self, Error> {
        let levels = Levels::new(config, candles.close[created], rules)?;
        let plan = Plan::new(config, trade_cost);
        let walk = plan.walk(&levels, candles, created, last_row(candles, config, created));
        let mut last = walk.snapshot;
        last.filled_amount_quote *= 2.0;
        let fill = walk.book.first_fill;
        let (end, close_type, fill_event_count) = (walk.end, walk.close_type, walk.book.fill_event_count);
        Ok(Self { fill, end, close_type, fill_event_count, levels, last, created, plan })
    }

    /// Returns what it stands at on a row; from the end on, what it ended with, the filled amount counted twice.
    ///
    /// A row before the end is walked to from the creation, so `candles` must be those of the simulation: grids live long and
    /// are hardly ever stopped, and their rows would fill the memory.
    #[must_use]
    pub fn at(&self, candles: &Candles, row: usize) -> Snapshot {
        if row >= self.end {
            self.last
        } else if row < self.created {
            Snapshot::default()
        } else {
            self.plan.walk(&self.levels, candles, self.created, row).snapshot
        }
    }

    /// Returns the row of the first fill if it is at or before `row`.
    #[must_use]
    pub fn filled_by(&self, row: usize) -> Option<usize> {
        self.fill.filter(|&fill| fill <= row)
    }
}

/// Returns the last row that the grid may see.
fn last_row(candles: &Candles, config: &GridConfig, created: usize) -> usize {
    match config.time_limit {
        None => candles.len() - 1,
        Some(limit) => {
            let until = config.time.saturating_add(limit);
            let count = candles.time[created..].partition_point(|&time| time <= until);
            created + count.max(1) - 1
        }
    }
}

/// A walk over candles, where it ended.
struct Walk<'a> {
    end: usize,
    close_type: CloseType,
    snapshot: Snapshot,
    book: Book<'a>,
}

impl Plan {
    fn new(config: &GridConfig, trade_cost: f64) -> Self {
        Self {
            side: config.side,
            start_price: config.start_price.to_f64(),
            end_price: config.end_price.to_f64(),
            limit_price: config.limit_price.filter(|price| !price.is_zero()).map(Decimal::to_f64),
            limit_close: if config.keep_position { CloseType::PositionHold } else { CloseType::StopLoss },
            stop_loss: config.stop_loss.filter(|&stop| stop != 0.0),
            trade_cost,
        }
    }

    /// Trades candle by candle, to the first end or to `last`.
    fn walk<'a>(&'a self, levels: &Levels, candles: &Candles, created: usize, last: usize) -> Walk<'a> {
        let mut book = Book::new(self, levels);
        let mut row = created;
        loop {
            let close = candles.close[row];
            let broken = self.broken(close);
            book.trade(row, candles.high[row], candles.low[row], broken.is_some());
            let ended = book.stopped(close, broken).or(broken);
            if let Some(close_type) = ended.or((row == last).then_some(CloseType::TimeLimit)) {
                let snapshot = book.snapshot(close, broken);
                return Walk { end: row, close_type, snapshot, book };
            }
            row = self.within(book.calm()).end(candles, row + 1, last);
        }
    }

    /// Narrows calm candles to those that do not end the grid by their close, as [`Self::broken`] tells.
    fn within(&self, calm: Calm) -> Calm {
        match self.side {
            Side::Buy => calm.with_closes(self.limit_price.map_or(f64::NEG_INFINITY, f64::next_up), self.end_price),
            Side::Sell => calm.with_closes(self.start_price, self.limit_price.map_or(f64::INFINITY, f64::next_down)),
        }
    }

    /// Returns how a close that is out of the grid ends it. The far edge must be passed, the limit only be touched.
    fn broken(&self, close: f64) -> Option<CloseType> {
        let (won, lost) = match self.side {
            Side::Buy => (close > self.end_price, self.limit_price.is_some_and(|limit| close <= limit)),
            Side::Sell => (close < self.start_price, self.limit_price.is_some_and(|limit| close >= limit)),
        };
        if won {
            Some(CloseType::TakeProfit)
        } else if lost {
            Some(self.limit_close)
        } else {
            None
        }
    }

    /// Returns the fees of opening and closing an amount.
    fn fees(&self, amount_quote: f64) -> f64 {
        self.trade_cost * amount_quote * 2.0
    }
}
