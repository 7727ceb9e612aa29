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

pub use levels::Error;
pub use levels::Levels;

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
    fn walk<'a>(&'a self, levels: &'a Levels, candles: &Candles, created: usize, last: usize) -> Walk<'a> {
        let mut book = Book::new(self, levels);
        let mut row = created;
        loop {
            let close = candles.close[row];
            let broken = self.broken(close);
            book.trade(row, candles.high[row], candles.low[row], broken.is_some());
            let ended = self.stopped(&book, close, broken).or(broken);
            if let Some(close_type) = ended.or((row == last).then_some(CloseType::TimeLimit)) {
                let snapshot = book.snapshot(close, broken);
                return Walk { end: row, close_type, snapshot, book };
            }
            row += 1;
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

    /// Returns [`CloseType::StopLoss`] where the loss of everything has reached its bound. It goes before every other end of
    /// the candle, and it looks at what that end reports: at the limit price a kept position does not count.
    fn stopped(&self, book: &Book<'_>, close: f64, broken: Option<CloseType>) -> Option<CloseType> {
        let stop_loss = self.stop_loss?;
        let figures = book.figures(close, broken);
        (figures.amount > 0.0 && figures.pnl / figures.amount <= -stop_loss).then_some(CloseType::StopLoss)
    }
}

/// What a grid has traded so far.
struct Book<'a> {
    plan: &'a Plan,
    levels: &'a Levels,
    /// The open levels, in the order in which they were opened.
    open: Vec<usize>,
    /// By level: whether it is open.
    is_open: Vec<bool>,
    /// The nearest price that closes a level, and the nearest that opens one. Most candles reach neither.
    next_exit: Option<f64>,
    next_entry: Option<f64>,
    realized: Figures,
    /// The amount of the open levels, in quote.
    open_amount_quote: f64,
    average_price: f64,
    first_fill: Option<usize>,
    fill_event_count: usize,
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
    fn new(plan: &'a Plan, levels: &'a Levels) -> Self {
        let mut book = Self {
            plan,
            levels,
            open: Vec::new(),
            is_open: vec![false; levels.prices.len()],
            next_exit: None,
            next_entry: None,
            realized: Figures::default(),
            open_amount_quote: 0.0,
            average_price: 0.0,
            first_fill: None,
            fill_event_count: 0,
        };
        book.look_ahead();
        book
    }

    /// Closes and opens the levels that a candle reaches; an ending grid opens none.
    fn trade(&mut self, row: usize, high: f64, low: f64, ending: bool) {
        let side = self.plan.side;
        let exits = |price: f64| match side {
            Side::Buy => high >= price,
            Side::Sell => low <= price,
        };
        let enters = |price: f64| match side {
            Side::Buy => low <= price,
            Side::Sell => high >= price,
        };
        let count = self.fill_event_count;
        if self.next_exit.is_some_and(exits) {
            let open = std::mem::take(&mut self.open);
            self.open = open.into_iter().filter(|&level| !self.close_if(level, exits)).collect();
            // A level that was closed is free for this candle's entries.
            self.look_ahead();
        }
        if !ending && self.next_entry.is_some_and(enters) {
            for level in 0..self.is_open.len() {
                if !self.is_open[level] && enters(self.levels.prices[level]) {
                    self.is_open[level] = true;
                    self.open.push(level);
                    self.fill_event_count += 1;
                }
            }
            self.first_fill = self.first_fill.or(Some(row));
            self.look_ahead();
        }
        if self.fill_event_count > count {
            self.weigh();
        }
    }

    /// Closes an open level at its take profit if the candle reaches it.
    fn close_if(&mut self, level: usize, exits: impl Fn(f64) -> bool) -> bool {
        let exit = self.levels.take_profit_prices[level];
        if !exits(exit) {
            return false;
        }
        let (entry, amount_quote) = (self.levels.prices[level], self.levels.amount_quote);
        let fees = self.fees(amount_quote);
        self.realized.pnl += (exit - entry) * self.plan.side.sign() * (amount_quote / entry) - fees;
        self.realized.fees += fees;
        self.realized.amount += amount_quote;
        self.is_open[level] = false;
        self.fill_event_count += 1;
        true
    }

    /// Finds the prices that the next candles have to reach.
    fn look_ahead(&mut self) {
        let nearest_above = |left: f64, right: f64| left.min(right);
        let nearest_below = |left: f64, right: f64| left.max(right);
        let exits = self.open.iter().map(|&level| self.levels.take_profit_prices[level]);
        let free = self.levels.prices.iter().zip(&self.is_open).filter(|(_, open)| !**open).map(|(price, _)| *price);
        (self.next_exit, self.next_entry) = match self.plan.side {
            Side::Buy => (exits.reduce(nearest_above), free.reduce(nearest_below)),
            Side::Sell => (exits.reduce(nearest_below), free.reduce(nearest_above)),
        };
    }

    /// Sums up the open levels. While none is open, the last average stays.
    fn weigh(&mut self) {
        let amount = self.levels.amount_quote;
        let mut weighted = 0.0;
        self.open_amount_quote = 0.0;
        for &level in &self.open {
            self.open_amount_quote += amount;
            weighted += self.levels.prices[level] * amount;
        }
        if self.open_amount_quote > 0.0 {
            self.average_price = weighted / self.open_amount_quote;
        }
    }

    /// Returns the sums at a close: of everything, or of what was closed where the rest is kept.
    fn figures(&self, close: f64, broken: Option<CloseType>) -> Figures {
        if broken == Some(CloseType::PositionHold) {
            return self.realized;
        }
        let amount = self.levels.amount_quote;
        let mut unrealized = 0.0;
        for &level in &self.open {
            let entry = self.levels.prices[level];
            unrealized += (close - entry) * self.plan.side.sign() * (amount / entry) - self.fees(amount);
        }
        Figures {
            pnl: self.realized.pnl + unrealized,
            fees: self.realized.fees + self.fees(self.open_amount_quote),
            amount: self.realized.amount + self.open_amount_quote,
        }
    }

    fn snapshot(&self, close: f64, broken: Option<CloseType>) -> Snapshot {
        let Figures { pnl, fees, amount } = self.figures(close, broken);
        Snapshot {
            net_pnl_pct: if amount > 0.0 { pnl / amount } else { 0.0 },
            net_pnl_quote: pnl,
            cum_fees_quote: fees,
            filled_amount_quote: amount,
            average_price: self.average_price,
        }
    }

    /// Returns the fees of opening and closing an amount.
    fn fees(&self, amount_quote: f64) -> f64 {
        self.plan.trade_cost * amount_quote * 2.0
    }
}
