//! What `pmm_mister` quotes, and when it stops: levels that wait for each other, around a position that is built and reduced.
//!
//! Everything that is stopped keeps its position. Amounts and prices are decimals; a reference price is taken at its exact
//! value for a quote, and as its shortest text for every comparison.
//!
//! A backtest of upstream's overwrites the spread multiplier that `tick_mode` sets, and finds no position on the exchange that a
//! global bound could close. In a causal replay spreads count ticks where they are told to, a global bound closes the
//! position (`closing.rs`), and a quote takes the reference price as its shortest text too, as live prices are decimals.

mod closing;
mod config;
mod levels;

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use self::closing::Closing;
use self::levels::Levels;
use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Mode;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::config::Error;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::controller::market_making::number;
use crate::executor::ActiveExecutor;
use crate::executor::ExecutorConfig;
use crate::executor::hold::HoldSummary;
use crate::executor::position::Entry;
use crate::executor::position::LevelId;
use crate::executor::position::PositionConfig;
use crate::executor::position::TripleBarrier;
use crate::executor::position::Unit;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;
use crate::market::decimal::Operand;

/// What `pmm_mister` decides by.
#[derive(Debug, Clone, PartialEq)]
pub struct PmmMister {
    /// The levels: all buys from the nearest, then all sells.
    pub levels: Vec<Level>,
    /// The budget, in quote.
    pub total_amount_quote: Decimal,
    /// The side that builds the position; the other one reduces it.
    pub position_side: Side,
    /// The size of the position to aim at, as a fraction of the budget.
    pub target_base_pct: Decimal,
    /// Below this size only the building side quotes.
    pub min_base_pct: Decimal,
    /// Above this size only the reducing side quotes.
    pub max_base_pct: Decimal,
    /// The least factor that the size of the position takes off an order.
    pub min_skew: Decimal,
    /// Whether the position is never reduced at a loss.
    pub position_profit_protection: bool,
    /// How many executors a level may have.
    pub max_active_executors_by_level: usize,
    /// How long a buying and a selling level rest, in seconds.
    pub cooldown_time: [i64; 2],
    /// When what a buying and a selling level filled goes over to the position, in seconds since the fill.
    pub effectivization_time: [i64; 2],
    /// An unfilled executor older than this is replaced, in seconds.
    pub executor_refresh_time: i64,
    /// How far the market has to move away from a level's executors before it quotes again, as a fraction.
    pub price_distance_tolerance: Decimal,
    /// How far an unfilled executor may be from its level's price, as a fraction.
    pub refresh_tolerance: Decimal,
    /// What both tolerances are multiplied by for every level further out.
    pub tolerance_scaling: Decimal,
    /// When everything is stopped for the profit.
    pub global_take_profit: Option<Trigger>,
    /// When everything is stopped for the loss.
    pub global_stop_loss: Option<Trigger>,
    /// Whether the two measure profit against the budget instead of the position.
    pub pnl_of_portfolio: bool,
    /// How opening orders fill.
    pub entry: Entry,
    /// Whether spreads count the ticks of the venue instead of fractions; never in parity.
    pub tick_mode: bool,
    /// The barriers of every position: a take profit at most.
    pub barrier: Arc<TripleBarrier>,
    /// The venue's rules.
    pub rules: TradingRules,
}

/// One level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The side it quotes on.
    pub side: Side,
    /// Its place on that side, from zero.
    pub index: u32,
    /// Its distance from the reference price, as a fraction.
    pub spread: f64,
    /// Its share of the budget, in quote.
    pub amount_quote: Decimal,
}

/// When everything is stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trigger {
    /// The least size of the position, as a fraction of the budget.
    pub from: Decimal,
    /// The profit or the loss, as a positive fraction.
    pub at: Decimal,
}

/// The position as the controller reads it at one candle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Its size at its average price, as a fraction of the budget.
    pub current_base_pct: Decimal,
    /// Its average price, in quote; `None` where nothing is held.
    pub breakeven_price: Option<Decimal>,
    /// Its profit at the mark, as a fraction.
    pub unrealized_pnl_pct: Decimal,
    /// What the amounts of buys are multiplied by.
    pub buy_skew: Decimal,
    /// What the amounts of sells are multiplied by.
    pub sell_skew: Decimal,
}

/// What a level has going.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Working {
    /// Whether one of its executors waits for its fill.
    pub is_waiting: bool,
    /// How many executors it has.
    pub active_count: usize,
    /// The latest update among all its executors that can be seen, ended ones included, epoch seconds: of a filled one its
    /// fill, of one that waits now, of one that was stopped before its fill that moment.
    pub last_update: Option<i64>,
    /// The lowest entry price among its executors, in quote.
    pub lowest_entry: Option<Decimal>,
    /// The highest entry price among them, in quote.
    pub highest_entry: Option<Decimal>,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, explains where it would fail later, and refuses releases whose backtester does
/// not know holds.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    if setting.model < Model::V2_13 {
        let mend = "take an upstream version from v2.14 on, which keeps them";
        return Err(Error::Unsupported { what: "a controller of position holds before v2.14".to_owned(), mend });
    }
    let reader = Reader::open("pmm_mister", values, &config::KEYS, setting.model)?;
    let mister = config::read(reader, setting.rules, setting.mode)?;
    Ok(Box::new(Run {
        levels: Levels::new(mister.levels.len()),
        mister,
        mode: setting.mode,
        closes: setting.mode == Mode::Causal && reader.text("connector_name", "binance")?.contains("_perpetual"),
        waits_for_mode: setting.mode == Mode::Parity && config::waits_for_mode(reader)?,
        rests_until_flat: setting.model >= Model::V2_16,
        bounds: Bounds::Awake,
    }))
}

/// The controller: what it decides by, and what it remembers.
#[derive(Debug, Clone)]
struct Run {
    mister: PmmMister,
    levels: Levels,
    mode: Mode,
    /// Whether a global bound closes the position: it looks for one on a perpetual exchange, which a parity replay has not.
    closes: bool,
    /// Whether it waits for a position mode that never comes in upstream's backtester, and does nothing.
    waits_for_mode: bool,
    /// Whether the global bounds rest, once one of them has stopped everything, until nothing is held. In v2.15 they rest for
    /// a single candle.
    rests_until_flat: bool,
    bounds: Bounds,
}

/// What the global bounds do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bounds {
    /// They look at the position.
    Awake,
    /// One of them has stopped everything, and they rest.
    Resting,
    /// One of them has stopped everything, and the position is being closed.
    Closing(Closing),
}

impl Controller for Run {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        if self.waits_for_mode {
            return Ok(());
        }
        self.check_times(moment)?;
        let stop = |active: &ActiveExecutor| Action::Stop { id: active.id, keep_position: true };
        let position = self.mister.position(moment.held);
        self.levels.update(moment);
        match (self.bounds, moment.held) {
            (Bounds::Closing(closing), _) => match closing.go_on(moment, &self.mister, actions) {
                Some(closing) => {
                    self.bounds = Bounds::Closing(closing);
                    return Ok(());
                }
                None => self.bounds = Bounds::Awake,
            },
            (Bounds::Awake, Some(held)) if self.mister.is_triggered(&position) => {
                self.bounds = if self.closes { Bounds::Closing(Closing::of(held.side)) } else { Bounds::Resting };
                actions.extend(moment.active.iter().map(stop));
                return Ok(());
            }
            (Bounds::Resting, Some(_)) if self.rests_until_flat => {}
            (_, _) => self.bounds = Bounds::Awake,
        }
        self.create(moment, &position, actions);
        let stale = moment.active.iter().filter(|active| !active.is_trading).filter(|active| {
            let level = active.level.expect("every executor has a level").0 as usize;
            let age = moment.time - active.time;
            self.mister.is_stale(level, levels::entry_price(active), age, moment.close)
        });
        let effective = moment.active.iter().filter(|active| active.is_trading).filter(|active| {
            active.fill_time.is_some_and(|fill| self.mister.is_effective(active.side, moment.time - fill))
        });
        actions.extend(stale.chain(effective).map(stop));
        Ok(())
    }

    fn level_name(&self, level: LevelId) -> String {
        let Some(&Level { side, index, .. }) = self.mister.levels.get(level.0 as usize) else {
            return closing::NAME.to_owned();
        };
        match side {
            Side::Buy => format!("buy_{index}"),
            Side::Sell => format!("sell_{index}"),
        }
    }

    fn total_amount_quote(&self) -> Decimal {
        self.mister.total_amount_quote
    }
}

impl Run {
    /// Checks the times that upstream divides by to show how far each executor is. They may be zero while there is none.
    fn check_times(&self, moment: &Moment<'_>) -> Result<(), DecisionError> {
        for active in moment.active {
            let (time, key) = match (active.is_trading, active.fill_time) {
                (false, _) => (self.mister.executor_refresh_time, config::REFRESH_TIME),
                (true, None) => continue,
                (true, Some(_)) => {
                    let place = place(active.side);
                    (self.mister.effectivization_time[place], config::EFFECTIVIZATION_TIME[place])
                }
            };
            if time == 0 {
                let level = self.level_name(active.level.expect("every executor has a level"));
                return Err(DecisionError::ZeroTime { level, key });
            }
        }
        Ok(())
    }

    /// Appends the executors of all levels that may quote now.
    fn create(&self, moment: &Moment<'_>, position: &Position, actions: &mut Vec<Action>) {
        let sides = self.mister.sides(position, moment.close);
        let reference: Operand = match self.mode {
            Mode::Parity => moment.close.into(),
            Mode::Causal => Decimal::from_shortest(moment.close).into(),
        };
        for (index, (level, working)) in self.mister.levels.iter().zip(self.levels.working()).enumerate() {
            if sides[place(level.side)]
                && !self.mister.is_working(index, working, moment.time, moment.close)
                && let Some((price, amount)) = self.mister.quote(index, reference, position)
            {
                actions.push(Action::Create(ExecutorConfig::Position(PositionConfig {
                    time: moment.time,
                    side: level.side,
                    entry_price: price.into(),
                    amount,
                    unit: Unit::Base,
                    entry: self.mister.entry,
                    barrier: Arc::clone(&self.mister.barrier),
                    level: Some(LevelId(number(index))),
                })));
            }
        }
    }
}

impl PmmMister {
    /// Reads the position, which is open or `None`. The budget must not be zero.
    #[must_use]
    pub fn position(&self, hold: Option<&HoldSummary>) -> Position {
        let (mut current_base_pct, mut unrealized_pnl_pct) = (Decimal::ZERO, Decimal::ZERO);
        if let Some(hold) = hold {
            let value = hold.amount_quote();
            current_base_pct = ratio(value.magnitude(), self.total_amount_quote);
            let denominator = if self.pnl_of_portfolio { self.total_amount_quote } else { value };
            unrealized_pnl_pct = Decimal::quotient(hold.unrealized_pnl_quote, denominator).unwrap_or(Decimal::ZERO);
        }
        let (building, reducing) = self.skews(current_base_pct);
        let (buy_skew, sell_skew) =
            if self.position_side == Side::Buy { (building, reducing) } else { (reducing, building) };
        let breakeven_price = hold.map(|hold| hold.breakeven_price);
        Position { current_base_pct, breakeven_price, unrealized_pnl_pct, buy_skew, sell_skew }
    }

    /// Returns the factors of the building and the reducing side.
    fn skews(&self, current: Decimal) -> (Decimal, Decimal) {
        if self.max_base_pct <= self.min_base_pct {
            return (Decimal::ONE, Decimal::ONE);
        }
        let breadth = Decimal::difference(self.max_base_pct, self.min_base_pct);
        let skew = |distance| ratio(distance, breadth).lesser(Decimal::ONE).greater(self.min_skew);
        let building = skew(Decimal::difference(self.max_base_pct, current));
        (building, skew(Decimal::difference(current, self.min_base_pct)))
    }

    /// Returns whether the global take profit or stop loss stops everything. Both bounds need only be touched.
    #[must_use]
    pub fn is_triggered(&self, position: &Position) -> bool {
        let from = |trigger: &Trigger| position.breakeven_price.is_some() && position.current_base_pct >= trigger.from;
        let won = |trigger: Trigger| from(&trigger) && position.unrealized_pnl_pct >= trigger.at;
        let lost = |trigger: Trigger| from(&trigger) && position.unrealized_pnl_pct <= -trigger.at;
        self.global_take_profit.is_some_and(won) || self.global_stop_loss.is_some_and(lost)
    }

    /// Returns whether a level must not quote now, for what it has going.
    #[must_use]
    pub fn is_working(&self, level: usize, working: &Working, now: i64, close: f64) -> bool {
        let Level { side, index, .. } = self.levels[level];
        let reference = Decimal::from_shortest(close);
        let distance = match side {
            Side::Buy => working.lowest_entry.map(|entry| Decimal::difference(entry, reference)),
            Side::Sell => working.highest_entry.map(|entry| Decimal::difference(reference, entry)),
        };
        let tolerance = self.scaled(self.price_distance_tolerance, index);
        working.is_waiting
            || working.active_count >= self.max_active_executors_by_level
            || working.last_update.is_some_and(|update| now - update < self.cooldown_time[place(side)])
            || distance.is_some_and(|distance| ratio(distance, reference) < tolerance)
    }

    /// Returns which sides the size of the position lets quote: buys, sells.
    #[must_use]
    pub fn sides(&self, position: &Position, close: f64) -> [bool; 2] {
        let builds = self.position_side == Side::Buy;
        let (building, reducing) = ([builds, !builds], [!builds, builds]);
        let current = position.current_base_pct;
        if current < self.min_base_pct {
            return building;
        }
        if current > self.max_base_pct {
            return reducing;
        }
        let protected = position.breakeven_price.filter(|price| self.position_profit_protection && price.is_positive());
        if let Some(breakeven) = protected {
            let (below, above) = (close < breakeven.ceil_f64(), close > breakeven.floor_f64());
            let (loses, wins) = if builds { (below, above) } else { (above, below) };
            if current < self.target_base_pct && loses {
                return building;
            }
            if current > self.target_base_pct && wins {
                return reducing;
            }
        }
        [true, true]
    }

    /// Returns the price and the amount of a level around a reference; `None` where the amount is nothing, or where the order would
    /// reduce the position at a loss against the protection.
    #[must_use]
    pub fn quote(
        &self,
        level: usize,
        reference: impl Into<Operand>,
        position: &Position,
    ) -> Option<(Decimal, Decimal)> {
        let Level { side, amount_quote, .. } = self.levels[level];
        let price = self.price(level, reference);
        let skew = if side == Side::Buy { position.buy_skew } else { position.sell_skew };
        let amount = Decimal::product(Decimal::quotient(amount_quote, price)?, skew);
        let amount = amount.quantized(self.rules.min_base_amount_increment)?;
        let reduces = self.position_profit_protection && side != self.position_side;
        let worse =
            position.breakeven_price.filter(|price| reduces && price.is_positive()).is_some_and(
                |breakeven| match side {
                    Side::Buy => price > breakeven,
                    Side::Sell => price < breakeven,
                },
            );
        (!amount.is_zero() && !worse).then_some((price, amount))
    }

    /// Returns whether an unfilled executor is replaced: it is too old, or too far from its level's price.
    #[must_use]
    pub fn is_stale(&self, level: usize, entry_price: Decimal, age: i64, close: f64) -> bool {
        let price = self.price(level, Decimal::from_shortest(close));
        let deviation = Decimal::difference(entry_price, price).magnitude();
        let tolerance = self.scaled(self.refresh_tolerance, self.levels[level].index);
        age > self.executor_refresh_time
            || Decimal::quotient(deviation, price).is_some_and(|deviation| deviation > tolerance)
    }

    /// Returns whether a filled executor goes over to the position.
    #[must_use]
    pub fn is_effective(&self, side: Side, since_fill: i64) -> bool {
        since_fill >= self.effectivization_time[place(side)]
    }

    /// Returns a level's price around a reference.
    fn price(&self, level: usize, reference: impl Into<Operand>) -> Decimal {
        let Level { side, spread, .. } = self.levels[level];
        let reference = reference.into();
        let tick = || Decimal::quotient(self.rules.min_price_increment, reference);
        // The row's spread multiplier is 1 in parity, but the product is rounded to 28 digits.
        let multiplier = if self.tick_mode { tick().expect("closes are greater than zero") } else { Decimal::ONE };
        let spread = Decimal::product(spread, multiplier);
        let factor = match side {
            Side::Buy => Decimal::difference(Decimal::ONE, spread),
            Side::Sell => Decimal::sum(Decimal::ONE, spread),
        };
        Decimal::product(reference, factor)
    }

    /// Returns a tolerance as it is for a level. Powers of more than 28 digits may differ from upstream's in the last one.
    fn scaled(&self, tolerance: Decimal, index: u32) -> Decimal {
        let power = (0..index).fold(Decimal::ONE, |power, _| Decimal::product(power, self.tolerance_scaling));
        Decimal::product(tolerance, power)
    }
}

/// Returns the shares of the budget of all levels, in quote: `weights` are of the buys and then of the sells.
///
/// `None` where the weights add up to zero.
#[must_use]
pub fn amounts_quote(weights: &[Decimal], total_amount_quote: Decimal, allocation: Decimal) -> Option<Vec<Decimal>> {
    let total = weights.iter().fold(Decimal::ZERO, |total, &weight| Decimal::sum(total, weight));
    let amount = |weight: &Decimal| {
        let share = Decimal::product(Decimal::quotient(*weight, total)?, total_amount_quote);
        Some(Decimal::product(share, allocation))
    };
    weights.iter().map(amount).collect()
}

fn place(side: Side) -> usize {
    usize::from(side == Side::Sell)
}

fn ratio(dividend: Decimal, divisor: Decimal) -> Decimal {
    Decimal::quotient(dividend, divisor).expect("budgets, price ranges and closes are greater than zero")
}
