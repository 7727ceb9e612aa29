//! What `pmm_v1` quotes, and when it replaces a quote: plain limit orders around the close.
//!
//! Three of its settings do nothing in upstream's backtest, because `update_processed_data` is called once, before the first
//! candle: `filled_order_delay` sees no fills, the inventory skew sees no balances, and the tolerance of a refresh compares
//! with prices around [`FROZEN_REFERENCE`].
//!
//! In a causal replay the first and the last do what they do live, around the reference price of the moment, taken as its
//! shortest text. The delay keeps a slip of upstream's: a level that was stopped unfilled waits as well, as long as an
//! earlier fill of it can still be seen. The inventory skew is refused there: it follows balances, which no replay knows.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Mode;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::barrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::controller::config::wrong;
use crate::controller::market_making::number;
use crate::executor::ActiveExecutor;
use crate::executor::CloseType;
use crate::executor::ExecutorConfig;
use crate::executor::order::ExecutionStrategy;
use crate::executor::order::OrderConfig;
use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;
use crate::market::decimal::Operand;

/// The keys of the configuration.
const KEYS: [Key; 19] = [
    ("id", ALWAYS),
    ("controller_name", ALWAYS),
    ("controller_type", ALWAYS),
    ("total_amount_quote", ALWAYS),
    ("manual_kill_switch", ALWAYS),
    ("initial_positions", ALWAYS),
    ("connector_name", ALWAYS),
    ("trading_pair", ALWAYS),
    ("order_amount", ALWAYS),
    ("buy_spreads", ALWAYS),
    ("sell_spreads", ALWAYS),
    ("order_refresh_time", ALWAYS),
    ("order_refresh_tolerance_pct", ALWAYS),
    ("filled_order_delay", ALWAYS),
    ("inventory_skew_enabled", ALWAYS),
    ("target_base_pct", ALWAYS),
    ("inventory_range_multiplier", ALWAYS),
    ("price_ceiling", ALWAYS),
    ("price_floor", ALWAYS),
];

/// The price that upstream's data provider knows before the first candle, in quote.
pub const FROZEN_REFERENCE: Decimal = Decimal::ONE;

/// What `pmm_v1` decides by.
#[derive(Debug, Clone, PartialEq)]
pub struct PmmV1 {
    /// The levels: all buys from the nearest, then all sells.
    pub levels: Vec<Level>,
    /// The size of every order, in base.
    pub order_amount: Decimal,
    /// An unfilled order older than this is replaced, in seconds.
    pub order_refresh_time: i64,
    /// How far orders may be from what would be quoted now without being replaced, as a fraction; `None` to replace always
    /// (a negative number in Hummingbot).
    pub order_refresh_tolerance: Option<Decimal>,
    /// The price at which buying stops, in quote; `None` where there is none (zero or less in Hummingbot).
    pub price_ceiling: Option<Decimal>,
    /// The price at which selling stops, in quote; `None` where there is none.
    pub price_floor: Option<Decimal>,
    /// The venue's rules.
    pub rules: TradingRules,
    /// What results are measured against, in quote; no order depends on it.
    pub total_amount_quote: Decimal,
}

/// One order level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The side it quotes on.
    pub side: Side,
    /// Its distance from the reference price, as a fraction: the decimal of the spread's shortest text.
    pub spread: Decimal,
}

impl Level {
    /// Returns the price around a reference, not rounded to the venue's increment.
    fn price(self, reference: impl Into<Operand>) -> Decimal {
        let factor = match self.side {
            Side::Buy => Decimal::difference(Decimal::ONE, self.spread),
            Side::Sell => Decimal::sum(Decimal::ONE, self.spread),
        };
        Decimal::product(reference, factor)
    }
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, explains where it would fail later, and refuses releases whose backtester does
/// not know orders.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    if setting.model < Model::V2_13 {
        let mend = "take an upstream version from v2.14 on, which simulates them";
        return Err(Error::Unsupported { what: "a controller of order executors before v2.14".to_owned(), mend });
    }
    let reader = Reader::open("pmm_v1", values, &KEYS, setting.model)?;
    barrier::check_unused(reader)?;
    let filled_order_delay = reader.whole("filled_order_delay", 60)?;
    check_skew(reader, setting.mode)?;
    reader.decimal("target_base_pct", "0.5")?;
    reader.decimal("inventory_range_multiplier", "1.0")?;
    let mut levels = spreads(reader, "buy_spreads", Side::Buy)?;
    levels.extend(spreads(reader, "sell_spreads", Side::Sell)?);
    let bound = |key| Ok::<_, Error>(Some(reader.decimal(key, "-1")?).filter(|price| price.is_positive()));
    let tolerance = reader.decimal("order_refresh_tolerance_pct", "-1")?;
    let quotes = PmmV1 {
        levels,
        order_amount: reader.decimal("order_amount", "1")?,
        order_refresh_time: reader.whole("order_refresh_time", 30)?,
        order_refresh_tolerance: Some(tolerance).filter(|tolerance| *tolerance >= Decimal::ZERO),
        price_ceiling: bound("price_ceiling")?,
        price_floor: bound("price_floor")?,
        rules: setting.rules,
        total_amount_quote: budget(reader)?,
    };
    Ok(match setting.mode {
        Mode::Parity => Box::new(quotes),
        Mode::Causal => Box::new(Live::new(quotes, filled_order_delay)),
    })
}

/// Refuses the inventory skew where it would have an effect.
fn check_skew(reader: Reader<'_>, mode: Mode) -> Result<(), Error> {
    const KEY: &str = "inventory_skew_enabled";
    let skews = reader.flag(KEY, false)?;
    match reader.value(KEY).filter(|_| skews && mode == Mode::Causal) {
        Some(found) => Err(wrong(KEY, found, "false, because the skew follows balances that a replay does not know,")),
        None => Ok(()),
    }
}

/// Reads the levels of a side.
fn spreads(reader: Reader<'_>, key: &'static str, side: Side) -> Result<Vec<Level>, Error> {
    const MEND: &str = "write it as a text such as \"0.01,0.02\": upstream's default is not parsed, and fails";
    match reader.value(key) {
        None => Err(Error::Omitted { key, mend: MEND }),
        // Unlike other controllers' models, this one takes no single number for a list.
        Some(found @ Value::Number(_)) => {
            Err(wrong(key, found, "a list of numbers, or a text such as \"0.001,0.002\""))
        }
        Some(_) => {
            let spreads = reader.floats(key)?.into_iter();
            Ok(spreads.map(|spread| Level { side, spread: Decimal::from_shortest(spread) }).collect())
        }
    }
}

/// Reads what results are measured against.
fn budget(reader: Reader<'_>) -> Result<Decimal, Error> {
    const KEY: &str = "total_amount_quote";
    let Some(found) = reader.value(KEY) else {
        let mend = "write what the results are to be measured against: upstream's default is zero, which it divides by";
        return Err(Error::Omitted { key: KEY, mend });
    };
    let budget = reader.decimal(KEY, "0")?;
    if budget.is_zero() {
        Err(wrong(KEY, found, "an amount other than zero: results are divided by it"))
    } else {
        Ok(budget)
    }
}

impl Controller for PmmV1 {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        for (index, level) in self.levels.iter().enumerate() {
            if is_free(moment, index) && self.is_in_band(level.side, moment.close) {
                actions.extend(self.order(index, moment.time, moment.close));
            }
        }
        self.refresh(moment, FROZEN_REFERENCE, actions);
        Ok(())
    }

    fn level_name(&self, level: LevelId) -> String {
        let index = level.0 as usize;
        let side = self.levels[index].side;
        let before = self.levels[..index].iter().filter(|level| level.side == side).count();
        match side {
            Side::Buy => format!("buy_{before}"),
            Side::Sell => format!("sell_{before}"),
        }
    }

    fn total_amount_quote(&self) -> Decimal {
        self.total_amount_quote
    }
}

/// The controller as it runs live.
#[derive(Debug, Clone)]
struct Live {
    quotes: PmmV1,
    /// How long a level rests after a fill, in seconds.
    filled_order_delay: i64,
    /// By level: what is known of it.
    levels: Vec<Seen>,
    /// How many of the ended executors have been taken note of.
    ended_count: usize,
}

/// What is known of a level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Seen {
    /// Whether it had an order after the last decision.
    was_active: bool,
    /// The place of its last filled order among the ended ones.
    last_fill: Option<usize>,
    /// Until when it rests, epoch seconds; `None` where it never had to.
    rests_until: Option<i64>,
}

impl Controller for Live {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.look(moment);
        // The same decimal is the middle of every quote and of every comparison.
        let reference = Decimal::from_shortest(moment.reference_price);
        for (index, seen) in self.levels.iter_mut().enumerate() {
            let is_free = is_free(moment, index);
            let rests = seen.rests_until.is_some_and(|until| moment.time < until);
            let is_admitted = self.quotes.band_admits(self.quotes.levels[index].side, reference);
            let order = self.quotes.order(index, moment.time, reference).filter(|_| is_free && !rests && is_admitted);
            // A live bot looks every second, so it sees an order even if that fills within the next candle.
            seen.was_active = !is_free || order.is_some();
            actions.extend(order);
        }
        self.quotes.refresh(moment, reference, actions);
        Ok(())
    }

    fn level_name(&self, level: LevelId) -> String {
        self.quotes.level_name(level)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.quotes.total_amount_quote
    }
}

impl Live {
    fn new(quotes: PmmV1, filled_order_delay: i64) -> Self {
        let levels = vec![Seen::default(); quotes.levels.len()];
        Self { quotes, filled_order_delay, levels, ended_count: 0 }
    }

    /// Lets the levels rest whose order is gone, if a fill of theirs can be seen.
    fn look(&mut self, moment: &Moment<'_>) {
        for (place, ended) in moment.ended.iter().enumerate().skip(self.ended_count) {
            if let Some(level) = ended.config.level().filter(|_| ended.close_type == CloseType::PositionHold) {
                self.levels[level.0 as usize].last_fill = Some(place);
            }
        }
        self.ended_count = moment.ended.len();
        for (index, seen) in self.levels.iter_mut().enumerate() {
            let is_filled = seen.last_fill.is_some_and(|place| place >= moment.visible_from);
            if seen.was_active && is_filled && is_free(moment, index) {
                seen.rests_until = Some(moment.time.saturating_add(self.filled_order_delay));
            }
        }
    }
}

/// Returns whether a level has no order.
fn is_free(moment: &Moment<'_>, level: usize) -> bool {
    moment.active.iter().all(|active| active.level != Some(LevelId(number(level))))
}

impl PmmV1 {
    /// Returns the order of a level around a reference; `None` where its amount is nothing.
    fn order(&self, level: usize, time: i64, reference: impl Into<Operand>) -> Option<Action> {
        let (price, amount) = self.quote(level, reference)?;
        Some(Action::Create(ExecutorConfig::Order(OrderConfig {
            time,
            side: self.levels[level].side,
            price,
            amount,
            strategy: ExecutionStrategy::Limit,
            level: LevelId(number(level)),
        })))
    }

    /// Appends a stop for every old order, unless all of them are spared.
    fn refresh(&self, moment: &Moment<'_>, reference: Decimal, actions: &mut Vec<Action>) {
        let is_old = |active: &&ActiveExecutor| !active.is_trading && self.is_old(moment.time - active.time);
        let old = || moment.active.iter().filter(is_old);
        // Prices of orders have 28 digits at most, so the sum is exact.
        let price = |active: &ActiveExecutor| Decimal::sum(Decimal::ZERO, active.entry_price);
        let spared = self.order_refresh_tolerance.is_some()
            && self.spares(reference, &old().map(|active| (active.side, price(active))).collect::<Vec<_>>());
        if !spared {
            actions.extend(old().map(|active| Action::Stop { id: active.id, keep_position: true }));
        }
    }

    /// Returns whether the price band lets a side quote at a close: no buys from the ceiling on, no sells from the floor down.
    #[must_use]
    pub fn is_in_band(&self, side: Side, close: f64) -> bool {
        match side {
            Side::Buy => self.price_ceiling.is_none_or(|ceiling| close < ceiling.ceil_f64()),
            Side::Sell => self.price_floor.is_none_or(|floor| close > floor.floor_f64()),
        }
    }

    /// Returns whether the price band lets a side quote around a decimal reference; see [`Self::is_in_band`].
    fn band_admits(&self, side: Side, reference: Decimal) -> bool {
        match side {
            Side::Buy => self.price_ceiling.is_none_or(|ceiling| reference < ceiling),
            Side::Sell => self.price_floor.is_none_or(|floor| reference > floor),
        }
    }

    /// Returns the price and the amount of a level around a reference, both rounded down to the venue's increments; `None` where the
    /// amount is nothing, or an increment is zero.
    #[must_use]
    pub fn quote(&self, level: usize, reference: impl Into<Operand>) -> Option<(Decimal, Decimal)> {
        let amount = self.order_amount.quantized(self.rules.min_base_amount_increment)?;
        let price = self.levels[level].price(reference).quantized(self.rules.min_price_increment)?;
        (!amount.is_zero()).then_some((price, amount))
    }

    /// Returns whether an unfilled order is old enough to be replaced.
    #[must_use]
    pub fn is_old(&self, age: i64) -> bool {
        age > self.order_refresh_time
    }

    /// Returns whether the old orders stay all the same, because they are near what would be quoted around a reference: either
    /// all or none of them are replaced.
    #[must_use]
    pub fn spares(&self, reference: Decimal, old: &[(Side, Decimal)]) -> bool {
        let Some(tolerance) = self.order_refresh_tolerance else {
            return false;
        };
        [Side::Buy, Side::Sell].into_iter().all(|side| {
            let current = sorted(old.iter().filter(|order| order.0 == side).map(|order| order.1));
            let levels = self.levels.iter().filter(|level| level.side == side);
            let proposed = sorted(levels.map(|level| level.price(reference)));
            current.len() == proposed.len()
                && current.iter().zip(&proposed).all(|(&current, &proposed)| {
                    let difference = Decimal::difference(proposed, current).magnitude();
                    Decimal::quotient(difference, current).is_some_and(|distance| distance <= tolerance)
                })
        })
    }
}

fn sorted(prices: impl Iterator<Item = Decimal>) -> Vec<Decimal> {
    let mut prices: Vec<Decimal> = prices.collect();
    prices.sort_by(|left, right| left.partial_cmp(right).expect("decimals are numbers"));
    prices
}
