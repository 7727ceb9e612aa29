//! The position executor, simulated from its creation to its end.
//!
//! # Fills, and where they flatter
//!
//! A limit entry fills at the first candle, the creating one included, whose close is at or beyond the limit price, and it
//! fills **at that close**. A market entry fills at the creating candle's close. Profit is measured on closes, net of
//! fees. The stop loss is looked for in lows and highs from the creation on, even before the fill, but books the candle's
//! close; the take profit and the trailing stop are looked for in closes. Nothing is partial, nothing slips, and a candle
//! is used whole even though its close was not known when it began: parity with upstream, not honesty.

use std::cell::OnceCell;

use crate::executor::CloseType;
use crate::executor::Snapshot;
use crate::executor::position::Entry;
use crate::executor::position::PositionConfig;
use crate::executor::position::TrailingStop;
use crate::market::Candles;
use crate::market::Side;
use crate::market::decimal::Nearest;

/// What every executor of one replay is simulated on.
#[derive(Debug)]
pub struct Ground<'a> {
    candles: &'a Candles,
    /// By row: 1 + the return since the row before, in the order of operations that upstream compounds with; computed when
    /// it is first asked for, which grids and orders never do.
    growth: OnceCell<Vec<f64>>,
    /// The first candle's length in seconds, 1 where it is unknown.
    step: i64,
    /// The fees of a position, as a fraction of its filled amount.
    cost: f64,
    /// Whether the search for the opening fill stops at the time limit.
    entry_ends_at_time_limit: bool,
}

/// A simulated position: how it will go if nobody stops it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    created: usize,
    /// The row of the opening fill, where there is one before the end.
    pub fill: Option<usize>,
    /// Whether what comes after the fill is known, see [`Ground::follow`].
    is_followed: bool,
    /// The row of the end; the last possible one where what comes after the fill is not known yet.
    pub end: usize,
    /// Why it ends.
    pub close_type: CloseType,
    /// What it buys or sells, in quote at the fill's close; zero without a fill, and where that is not known yet.
    pub filled_quote: f64,
    /// The profit at the end, net of fees, as a fraction; zero without a fill.
    pub pnl_pct: f64,
    /// The price of the opening order, in quote, which Hummingbot reports as the average price.
    pub entry_price: f64,
}

impl<'a> Ground<'a> {
    /// Prepares the candles of a replay, for a cost of `cost` per position.
    #[must_use]
    pub fn new(candles: &'a Candles, cost: f64, entry_ends_at_time_limit: bool) -> Self {
        let step = candles.time.windows(2).next().map_or(1, |pair| pair[1] - pair[0]);
        Self { candles, growth: OnceCell::new(), step, cost, entry_ends_at_time_limit }
    }

    /// Returns the candles.
    #[must_use]
    pub fn candles(&self) -> &'a Candles {
        self.candles
    }

    fn growth(&self) -> &[f64] {
        self.growth.get_or_init(|| {
            let mut growth = vec![1.0; self.candles.len().min(1)];
            growth.extend(self.candles.close.windows(2).map(|pair| 1.0 + (pair[1] / pair[0] - 1.0)));
            growth
        })
    }

    /// Returns the fees of an amount that was filled.
    #[must_use]
    pub fn fees(&self, filled_quote: f64) -> f64 {
        self.cost * filled_quote
    }

    /// Returns the profit of a position at a row from its fill on, net of fees, as a fraction.
    #[must_use]
    pub fn pnl_pct(&self, side: Side, fill: usize, row: usize) -> f64 {
        let compounded = self.growth()[fill + 1..=row].iter().fold(1.0, |compounded, growth| compounded * growth);
        (compounded - 1.0) * side.sign() - self.cost
    }

    /// Simulates a position that is created at a row, to its end.
    #[must_use]
    pub fn simulate(&self, config: &PositionConfig, created: usize) -> Position {
        let mut position = self.place(config, created);
        self.follow(&mut position, config, usize::MAX);
        position
    }

    /// Simulates a position that is created at a row up to its opening fill; one that fills at once is followed to its end.
    #[must_use]
    pub fn place(&self, config: &PositionConfig, created: usize) -> Position {
        let last = self.last_row(config, created);
        let search_end = if self.entry_ends_at_time_limit { last } else { self.candles.len() - 1 };
        let price = config.entry_price.nearest();
        let mut position = Position {
            created,
            fill: None,
            is_followed: true,
            end: last,
            close_type: CloseType::TimeLimit,
            filled_quote: 0.0,
            pnl_pct: 0.0,
            entry_price: price.value,
        };
        let Some(fill) = self.fill_row(config, price, created, search_end) else { return position };
        if let Some(price) = self.stop_price(config, fill)
            && let Some(row) = (created..fill.min(last + 1)).find(|&row| self.stops(config.side, price, row))
        {
            (position.end, position.close_type) = (row, CloseType::StopLoss);
        } else if fill <= last {
            (position.fill, position.is_followed) = (Some(fill), false);
            self.follow(&mut position, config, created);
        }
        position
    }

    /// Follows a position that has filled by a row to the first barrier; on one row the take profit goes before the stop loss,
    /// that before the trailing stop, and that before the time limit.
    ///
    /// Most positions of a market maker are stopped before they fill, and nobody asks how they would have gone on.
    pub fn follow(&self, position: &mut Position, config: &PositionConfig, row: usize) {
        let Some(fill) = position.filled_by(row).filter(|_| !position.is_followed) else { return };
        position.is_followed = true;
        position.filled_quote = config.amount_base_f64() * self.candles.close[fill];
        let stop_price = self.stop_price(config, fill);
        let take_profit = config.barrier.take_profit.unwrap_or(f64::INFINITY);
        let mut trailing = config.barrier.trailing_stop.map(|stop| Trailing::new(stop, position.created < fill));
        let sign = config.side.sign();
        let mut compounded = 1.0;
        for (row, growth) in (fill..=position.end).zip(&self.growth()[fill..=position.end]) {
            if row > fill {
                compounded *= growth;
            }
            let pnl_pct = (compounded - 1.0) * sign - self.cost;
            position.pnl_pct = pnl_pct;
            let trailed = trailing.as_mut().is_some_and(|trailing| trailing.hit(pnl_pct));
            let close_type = if pnl_pct > take_profit {
                CloseType::TakeProfit
            } else if stop_price.is_some_and(|price| self.stops(config.side, price, row)) {
                CloseType::StopLoss
            } else if trailed {
                CloseType::TrailingStop
            } else {
                continue;
            };
            (position.end, position.close_type) = (row, close_type);
            return;
        }
    }

    /// Returns the last row that the position may see.
    fn last_row(&self, config: &PositionConfig, created: usize) -> usize {
        let time = &self.candles.time;
        match config.barrier.time_limit {
            None => time.len() - 1,
            Some(limit) => {
                let until = config.time.saturating_add(limit);
                let is_last = |row: usize| time[row] <= until && time.get(row + 1).is_none_or(|&next| next > until);
                // Without gaps the row is known at once.
                let steps = until.saturating_sub(time[created]) / self.step;
                let guess = usize::try_from(steps).map_or(created, |steps| created.saturating_add(steps));
                let guess = guess.min(time.len() - 1);
                if is_last(guess) {
                    return guess;
                }
                // The limit is a few rows away, so walking beats searching the whole column.
                let rest = time[created..].iter().take_while(|&&time| time <= until).count();
                created + rest - 1
            }
        }
    }

    /// Returns the row whose close fills the opening order.
    fn fill_row(&self, config: &PositionConfig, price: Nearest, created: usize, search_end: usize) -> Option<usize> {
        let closes = &self.candles.close[created..=search_end];
        let found = match (config.entry, config.side) {
            (Entry::Market, _) => Some(0),
            // Upstream compares floats with decimals exactly, so the limit is the nearest float on the right side of it.
            (Entry::Limit, Side::Buy) => {
                let limit = price.floor();
                closes.iter().position(|&close| close <= limit)
            }
            (Entry::Limit, Side::Sell) => {
                let limit = price.ceil();
                closes.iter().position(|&close| close >= limit)
            }
        };
        found.map(|offset| created + offset)
    }

    /// Returns the price of the stop loss of a position that fills at a row; `None` without a stop loss.
    fn stop_price(&self, config: &PositionConfig, fill: usize) -> Option<f64> {
        config.barrier.stop_loss.map(|stop| self.candles.close[fill] * (1.0 - stop * config.side.sign()))
    }

    /// Returns whether a row reaches the stop loss.
    fn stops(&self, side: Side, price: f64, row: usize) -> bool {
        match side {
            Side::Buy => self.candles.low[row] <= price,
            Side::Sell => self.candles.high[row] >= price,
        }
    }
}

impl Position {
    /// Returns what the position stands at on a row, from its creation to its end; its last row counts entry and exit.
    #[must_use]
    pub fn at(&self, config: &PositionConfig, ground: &Ground<'_>, row: usize) -> Snapshot {
        let average_price = self.entry_price;
        let Some(fill) = self.filled_by(row) else { return Snapshot { average_price, ..Snapshot::default() } };
        let pnl_pct = if row == self.end { self.pnl_pct } else { ground.pnl_pct(config.side, fill, row) };
        let trades = if row == self.end { 2.0 } else { 1.0 };
        Snapshot {
            net_pnl_pct: pnl_pct,
            net_pnl_quote: pnl_pct * self.filled_quote,
            cum_fees_quote: ground.fees(self.filled_quote),
            filled_amount_quote: self.filled_quote * trades,
            average_price,
        }
    }

    /// Returns the row of the fill if it is at or before `row`.
    #[must_use]
    pub fn filled_by(&self, row: usize) -> Option<usize> {
        self.fill.filter(|&fill| fill <= row)
    }
}

/// A trailing stop on its way: armed by a profit, then following the best one.
struct Trailing {
    stop: TrailingStop,
    armed: bool,
    line: f64,
}

impl Trailing {
    /// Starts unarmed; rows before the fill count as rows without profit.
    fn new(stop: TrailingStop, waited: bool) -> Self {
        let line = if waited { 0.0 - stop.delta } else { f64::NEG_INFINITY };
        Self { stop, armed: false, line }
    }

    /// Takes the next row's profit and returns whether it is below the line.
    fn hit(&mut self, pnl_pct: f64) -> bool {
        self.armed |= pnl_pct > self.stop.activation;
        self.line = self.line.max(pnl_pct - self.stop.delta);
        self.armed && pnl_pct < self.line
    }
}
