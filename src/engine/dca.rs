//! The DCA executor, simulated from its creation to its end.
//!
//! # Fills, and where they flatter
//!
//! An order fills at the first candle, the creating one included, whose close is at or beyond its price, and it fills **at
//! that close**. From an order's fill on, take profit, trailing stop and the next order are looked for in closes, the stop
//! loss, which only the last order has, in lows and highs; all are reached by touching. Prices are relative to the
//! break-even price of the orders so far, weighted by quote amounts. Nothing is partial and nothing slips.
//!
//! # A mistake that is kept
//!
//! Upstream looks for the fill of every order in the whole life that the time limit allows, also after another order's
//! barrier has ended it, and then books **all** orders from the fill of the last one. So nothing at all is booked where the
//! last order does not fill, or fills after the end: such an executor ends with `TAKE_PROFIT` and an amount of zero.

use thiserror::Error;

use crate::engine::position::Ground;
use crate::executor::CloseType;
use crate::executor::Snapshot;
use crate::executor::dca::DcaConfig;
use crate::executor::dca::DcaMode;
use crate::executor::dca::DcaOrder;
use crate::executor::dca::DcaTrailingStop;
use crate::market::Candles;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Nearest;
use crate::market::decimal::Operand;
use crate::market::search;

/// A simulated DCA: how it will go if nobody stops it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dca {
    /// The row of the end; the last possible one where what comes after the first fill is not known yet.
    pub end: usize,
    /// Why it ends.
    pub close_type: CloseType,
    side: Side,
    /// The row of the first order's fill, where what comes after it is not known yet, see [`Dca::follow`].
    awaited: Option<usize>,
    /// The first order's price, which upstream reports as the average until something is booked.
    first_price: f64,
    booked: Option<Box<Booked>>,
}

/// What a DCA has in its books, and from when.
#[derive(Debug, Clone, PartialEq)]
struct Booked {
    /// The row from which it is booked, at or before the end.
    from: usize,
    /// The orders that filled before a barrier ended the executor.
    fills: Vec<Fill>,
    filled_quote: f64,
    /// Their break-even price, in quote.
    average_price: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Fill {
    row: usize,
    amount_quote: f64,
}

/// Why a DCA could not be simulated: where upstream raises an exception.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Upstream's simulator knows limit orders only.
    #[error("a DCA in mode `TAKER` has no simulation")]
    Taker,
    /// There is nothing to simulate.
    #[error("a DCA has no orders")]
    NoOrders,
    /// Without a stop loss upstream looks for an order after the last.
    #[error("a DCA has no stop loss, and its last order filled")]
    NoStopLoss,
    /// Upstream divides by the amount of the orders so far.
    #[error("the first {count} orders of a DCA have an amount of zero in total")]
    NoAmount {
        /// How many orders that are.
        count: usize,
    },
}

impl Error {
    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Taker => "use the mode `MAKER`, as Hummingbot's own controllers do",
            Self::NoOrders => "give at least one DCA spread",
            Self::NoStopLoss => "set `stop_loss`; one of 1 is never reached by a purchase",
            Self::NoAmount { .. } => "give every DCA order an amount greater than zero",
        }
    }
}

impl Dca {
    /// Simulates a DCA that is created at a row, to its end.
    ///
    /// `None` is an executor that upstream drops, because its time limit lies before its creation.
    ///
    /// # Errors
    ///
    /// Returns an error where upstream raises one.
    pub fn simulate(candles: &Candles, config: &DcaConfig, created: usize) -> Result<Option<Self>, Error> {
        let mut dca = Self::place(candles, config, created)?;
        if let Some(dca) = &mut dca {
            dca.follow(candles, config, usize::MAX);
        }
        Ok(dca)
    }

    /// Simulates a DCA that is created at a row up to the fill of its first order; one that fills at once, or could fail after
    /// that, is followed to its end.
    ///
    /// # Errors
    ///
    /// Returns an error where upstream raises one.
    pub fn place(candles: &Candles, config: &DcaConfig, created: usize) -> Result<Option<Self>, Error> {
        if config.mode == DcaMode::Taker {
            return Err(Error::Taker);
        }
        let price = Operand::from(config.first_price().ok_or(Error::NoOrders)?).nearest();
        let Some(last) = last_row(candles, config, created) else {
            return Ok(None);
        };
        let mut dca = Self {
            end: last,
            close_type: CloseType::TimeLimit,
            side: config.side,
            awaited: None,
            first_price: price.value,
            booked: None,
        };
        let mirror = Mirror { candles, side: config.side };
        if let Some(filled) = mirror.first_at_or_below(mirror.limit(price), created, last) {
            if filled > created && config.is_regular() && has_stop_loss(config) {
                dca.awaited = Some(filled);
            } else {
                dca.run(&mirror, config, created, filled)?;
            }
        }
        Ok(Some(dca))
    }

    /// Follows a DCA whose first order has filled by a row to its end.
    ///
    /// Most DCAs of a market maker are stopped before they fill, and nobody asks how they would have gone on.
    pub fn follow(&mut self, candles: &Candles, config: &DcaConfig, row: usize) {
        let Some(filled) = self.awaited.filter(|&filled| filled <= row) else { return };
        self.awaited = None;
        let mirror = Mirror { candles, side: config.side };
        self.run(&mirror, config, filled, filled).expect("it has a stop loss, and amounts above zero");
    }

    /// Goes through the orders, of which the first fills at a row; the others are looked for from `from` on, or from the fill
    /// before theirs where they lie one behind the other.
    fn run(&mut self, mirror: &Mirror<'_>, config: &DcaConfig, mut from: usize, filled: usize) -> Result<(), Error> {
        let orders = config.orders();
        let last = self.end;
        let has_stop_loss = has_stop_loss(config);
        let in_order = is_in_order(&orders, mirror);
        let mut average = Average::new(&orders);
        let mut fills: Vec<Fill> = Vec::new();
        let mut break_even = orders[0].price;
        let mut closed = false;
        let mut until = last;
        let mut limit = f64::NEG_INFINITY;
        for (index, order) in orders.iter().enumerate() {
            average.check(index)?;
            let found = if index == 0 { Some(filled) } else { mirror.first_at_or_below(limit, from, until) };
            let Some(filled) = found else { return Ok(()) };
            let next = orders.get(index + 1);
            limit = next.map_or(f64::NEG_INFINITY, |next| mirror.limit(Operand::from(next.price).nearest()));
            if next.is_none() && !has_stop_loss {
                return Err(Error::NoStopLoss);
            }
            if !closed {
                break_even = average.price(index)?;
                fills.push(Fill { row: filled, amount_quote: order.amount_quote.to_f64() });
                let barriers = Barriers::new(mirror, config, break_even, limit, next.is_none());
                let trailing = config.trailing_stop.map(|stop| Trailing::new(stop, break_even, mirror));
                if let Some((end, close_type)) = mirror.follow(filled, last, &barriers, trailing) {
                    (self.end, self.close_type, closed) = (end, close_type, true);
                    // What fills later is not booked before the end, so the search may stop there, unless upstream would
                    // meet its missing stop loss later on.
                    if in_order && has_stop_loss {
                        until = end;
                    }
                }
            }
            if in_order {
                from = filled;
            }
            if next.is_none() && filled <= self.end {
                self.booked = Some(Box::new(Booked::new(filled, std::mem::take(&mut fills), break_even)));
            }
        }
        Ok(())
    }

    /// Returns whether it trades at a row: something is booked, and it has not ended.
    #[must_use]
    pub fn is_trading(&self, row: usize) -> bool {
        row < self.end && self.booked_by(row).is_some_and(|booked| booked.filled_quote > 0.0)
    }

    /// Returns whether its profit is a number on a row: an order that is booked before it fills has none yet.
    #[must_use]
    pub fn has_profit(&self, row: usize) -> bool {
        self.booked_by(row).is_none_or(|booked| booked.fills.iter().all(|fill| fill.row <= row))
    }

    /// Returns the row of the first order's fill where what comes after it is not known yet, else that of the first booking;
    /// `None` where there is none.
    #[must_use]
    pub fn first_change(&self) -> Option<usize> {
        self.awaited.or_else(|| self.booked_from())
    }

    /// Returns the row of the first booking; `None` where nothing is booked.
    #[must_use]
    pub fn booked_from(&self) -> Option<usize> {
        self.booked.as_ref().map(|booked| booked.from)
    }

    /// Returns what it stands at on a row between its creation and its end.
    ///
    /// The ground must be made of the candles that the DCA was simulated on. With orders that do not lie one behind the
    /// other the profit can be NaN, as upstream's is, while an order is booked that has not filled.
    #[must_use]
    pub fn at(&self, ground: &Ground<'_>, row: usize) -> Snapshot {
        let Some(booked) = self.booked_by(row) else {
            return Snapshot { average_price: self.first_price, ..Snapshot::default() };
        };
        let net_pnl_quote = booked.fills.iter().fold(0.0, |sum, fill| {
            let pnl_pct = if fill.row <= row { ground.pnl_pct(self.side, fill.row, row) } else { f64::NAN };
            sum + pnl_pct * fill.amount_quote
        });
        let filled = booked.filled_quote;
        Snapshot {
            net_pnl_pct: if filled > 0.0 { net_pnl_quote / filled } else { 0.0 },
            net_pnl_quote,
            cum_fees_quote: ground.fees(filled),
            filled_amount_quote: if row == self.end { filled * 2.0 } else { filled },
            average_price: booked.average_price,
        }
    }

    fn booked_by(&self, row: usize) -> Option<&Booked> {
        self.booked.as_deref().filter(|booked| booked.from <= row)
    }
}

impl Booked {
    fn new(from: usize, fills: Vec<Fill>, break_even: Decimal) -> Self {
        let filled_quote = fills.iter().fold(0.0, |sum, fill| sum + fill.amount_quote);
        Self { from, fills, filled_quote, average_price: break_even.to_f64() }
    }
}

/// Returns the last row that a DCA may see; `None` where its time was up before it was created.
fn last_row(candles: &Candles, config: &DcaConfig, created: usize) -> Option<usize> {
    let last = candles.len() - 1;
    let Some(limit) = config.time_limit.filter(|&limit| limit != 0) else {
        return Some(last);
    };
    let until = config.anchor.saturating_add(limit);
    if candles.time[last] <= until {
        return Some(last);
    }
    // Without gaps the row is known at once; else it is a few rows away, so walking beats searching the whole column.
    let ahead = &candles.time[created..];
    let step = ahead.get(1).map_or(1, |next| next - ahead[0]);
    let guess = usize::try_from(until.saturating_sub(ahead[0]).div_euclid(step)).ok();
    let is_last = |&row: &usize| row + 1 < ahead.len() && ahead[row] <= until && until < ahead[row + 1];
    let count =
        guess.filter(is_last).map_or_else(|| ahead.iter().take_while(|&&time| time <= until).count(), |row| row + 1);
    (created + count).checked_sub(1).filter(|_| count > 0)
}

/// Returns whether a DCA has a stop loss; one of zero is none.
fn has_stop_loss(config: &DcaConfig) -> bool {
    config.stop_loss.is_some_and(|loss| !loss.is_zero())
}

/// Returns whether no order is nearer than the one before it, so that none fills before that one.
fn is_in_order(orders: &[DcaOrder], mirror: &Mirror<'_>) -> bool {
    orders.windows(2).all(|pair| mirror.signed(pair[1].price) <= mirror.signed(pair[0].price))
}

/// The break-even price of the first orders, computed when it is asked for: mostly it is not.
#[derive(Debug)]
struct Average<'a> {
    orders: &'a [DcaOrder],
    /// How many of the orders are in the sums.
    count: usize,
    amount_quote: Decimal,
    /// Sum of amount times price.
    weighted: Decimal,
}

impl<'a> Average<'a> {
    fn new(orders: &'a [DcaOrder]) -> Self {
        Self { orders, count: 0, amount_quote: Decimal::ZERO, weighted: Decimal::ZERO }
    }

    /// Refuses an order with which the amount of all so far is zero: upstream divides by it before it looks for the fill.
    fn check(&mut self, index: usize) -> Result<(), Error> {
        // Amounts above zero have a sum above zero.
        if index == 0 || self.orders[..=index].iter().all(|order| order.amount_quote.is_positive()) {
            return Ok(());
        }
        self.price(index).map(|_| ())
    }

    /// Returns the break-even price of the orders up to one, which never goes back.
    fn price(&mut self, index: usize) -> Result<Decimal, Error> {
        if index == 0 {
            return Ok(self.orders[0].price);
        }
        for order in &self.orders[self.count..=index] {
            self.amount_quote = Decimal::sum(self.amount_quote, order.amount_quote);
            self.weighted = Decimal::sum(self.weighted, Decimal::product(order.amount_quote, order.price));
        }
        self.count = index + 1;
        Decimal::quotient(self.weighted, self.amount_quote).ok_or(Error::NoAmount { count: index + 1 })
    }
}

/// Returns a price that is better by a fraction.
fn gained(price: Decimal, fraction: Decimal, side: Side) -> Decimal {
    Decimal::product(price, Decimal::sum(Decimal::ONE, Decimal::product(fraction, side.sign())))
}

/// Returns a price that is worse by a fraction.
fn lost(price: Decimal, fraction: Decimal, side: Side) -> Decimal {
    Decimal::product(price, Decimal::difference(Decimal::ONE, Decimal::product(fraction, side.sign())))
}

/// Candles as a purchase sees them: for a sale all prices change their sign, which loses nothing, and high becomes low.
struct Mirror<'a> {
    candles: &'a Candles,
    side: Side,
}

/// Where an order's barriers lie, as floats of the mirror.
///
/// Upstream compares floats with decimals exactly, so each is the nearest float on the right side of its decimal.
struct Barriers {
    take_profit: f64,
    stop_loss: f64,
    next_price: f64,
}

impl Barriers {
    /// Takes the barriers of one order; what it has not lies where no price comes.
    ///
    /// `next_price` is the limit of the next order.
    fn new(mirror: &Mirror<'_>, config: &DcaConfig, break_even: Decimal, next_price: f64, is_last: bool) -> Self {
        let take_profit = config.take_profit.filter(|profit| !profit.is_zero());
        let take_profit = take_profit.map(|profit| mirror.signed(gained(break_even, profit, config.side)).ceil_f64());
        // Only the last order has a stop loss.
        let stop_loss = config.stop_loss.filter(|_| is_last);
        let stop_loss = stop_loss.map(|loss| mirror.signed(lost(break_even, loss, config.side)).floor_f64());
        Self {
            take_profit: take_profit.unwrap_or(f64::INFINITY),
            stop_loss: stop_loss.unwrap_or(f64::NEG_INFINITY),
            next_price,
        }
    }

    /// Returns what comes first and its place, as [`Mirror::follow`] does without a trailing stop.
    fn first(&self, closes: &[f64], worst: &[f64], sign: f64) -> Option<(usize, CloseType)> {
        let turns = |close: f64| close * sign >= self.take_profit || close * sign <= self.next_price;
        let turn = search::first(closes, turns);
        let gains = turn.is_some_and(|turn| closes[turn] * sign >= self.take_profit);
        // The row of the take profit is no longer the stop loss's, that of the next order still is.
        let open_count = turn.map_or(closes.len(), |turn| turn + usize::from(!gains));
        let has_stop_loss = self.stop_loss > f64::NEG_INFINITY;
        let stop = has_stop_loss.then(|| search::first(&worst[..open_count], |worst| worst * sign <= self.stop_loss));
        match (stop.flatten(), turn) {
            (Some(stop), _) => Some((stop, CloseType::StopLoss)),
            (None, Some(turn)) => gains.then_some((turn, CloseType::TakeProfit)),
            (None, None) => Some((closes.len() - 1, CloseType::TimeLimit)),
        }
    }
}

impl Mirror<'_> {
    fn signed(&self, price: Decimal) -> Decimal {
        match self.side {
            Side::Buy => price,
            Side::Sell => -price,
        }
    }

    /// Returns what a close must be at or below to fill an order at a price.
    fn limit(&self, price: Nearest) -> f64 {
        match self.side {
            Side::Buy => price.floor(),
            Side::Sell => -price.ceil(),
        }
    }

    /// Returns the first row of `from..=until` whose close is at or below a limit.
    fn first_at_or_below(&self, limit: f64, from: usize, until: usize) -> Option<usize> {
        let sign = self.side.sign();
        search::first(&self.candles.close[from..=until], |close| close * sign <= limit).map(|place| from + place)
    }

    /// Follows an order from its fill to what comes first; on one row the take profit goes before the stop loss, that before
    /// the trailing stop, that before the next order, and that before the time limit. `None` is the next order.
    fn follow(
        &self,
        filled: usize,
        last: usize,
        barriers: &Barriers,
        trailing: Option<Trailing>,
    ) -> Option<(usize, CloseType)> {
        let sign = self.side.sign();
        let worst = match self.side {
            Side::Buy => &self.candles.low,
            Side::Sell => &self.candles.high,
        };
        let (closes, worst) = (&self.candles.close[filled..=last], &worst[filled..=last]);
        let Some(mut trailing) = trailing else {
            return barriers.first(closes, worst, sign).map(|(place, close_type)| (filled + place, close_type));
        };
        for (row, (close, worst)) in (filled..).zip(closes.iter().zip(worst)) {
            let close = close * sign;
            let trailed = trailing.hit(close);
            if close >= barriers.take_profit {
                return Some((row, CloseType::TakeProfit));
            }
            if worst * sign <= barriers.stop_loss {
                return Some((row, CloseType::StopLoss));
            }
            if trailed {
                return Some((row, CloseType::TrailingStop));
            }
            if close <= barriers.next_price {
                return None;
            }
        }
        Some((last, CloseType::TimeLimit))
    }
}

/// A trailing stop on its way: armed by a close, then following the best one.
struct Trailing {
    activation: f64,
    /// What closes are multiplied by for the line.
    factor: f64,
    armed: bool,
    line: f64,
}

impl Trailing {
    fn new(stop: DcaTrailingStop, break_even: Decimal, mirror: &Mirror<'_>) -> Self {
        let factor = match mirror.side {
            Side::Buy => Decimal::difference(Decimal::ONE, stop.delta),
            Side::Sell => Decimal::sum(Decimal::ONE, stop.delta),
        };
        let activation = mirror.signed(gained(break_even, stop.activation, mirror.side)).ceil_f64();
        Self { activation, factor: factor.to_f64(), armed: false, line: f64::NEG_INFINITY }
    }

    /// Takes the next row's close and returns whether it is at the line or below.
    fn hit(&mut self, close: f64) -> bool {
        self.armed |= close >= self.activation;
        if self.armed {
            self.line = self.line.max(close * self.factor);
        }
        self.armed && close <= self.line
    }
}
