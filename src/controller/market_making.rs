//! What market-making controllers share: the configuration of levels and barriers, and which levels to quote when.

use std::sync::Arc;

use serde_json::Value;

use crate::controller::Action;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::barrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::executor::ActiveExecutor;
use crate::executor::CloseType;
use crate::executor::order::ExecutionStrategy;
use crate::executor::order::OrderConfig;
use crate::executor::position::LevelId;
use crate::executor::position::TripleBarrier;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Price;

/// The keys that every market-making controller accepts, with the models that have them.
pub const KEYS: [Key; 24] = [
    ("id", ALWAYS),
    ("controller_name", ALWAYS),
    ("controller_type", ALWAYS),
    ("total_amount_quote", ALWAYS),
    ("manual_kill_switch", ALWAYS),
    ("candles_config", Model::V2_6..=Model::V2_6_1),
    ("initial_positions", ALWAYS),
    ("connector_name", ALWAYS),
    ("trading_pair", ALWAYS),
    ("buy_spreads", ALWAYS),
    ("sell_spreads", ALWAYS),
    ("buy_amounts_pct", ALWAYS),
    ("sell_amounts_pct", ALWAYS),
    ("executor_refresh_time", ALWAYS),
    ("cooldown_time", ALWAYS),
    ("leverage", ALWAYS),
    ("position_mode", ALWAYS),
    ("stop_loss", ALWAYS),
    ("take_profit", ALWAYS),
    ("time_limit", ALWAYS),
    ("take_profit_order_type", ALWAYS),
    ("trailing_stop", ALWAYS),
    ("position_rebalance_threshold_pct", ALWAYS),
    ("skip_rebalance", Model::V2_6_1..=Model::V2_17),
];

/// The configuration that market-making controllers share.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketMakingConfig {
    /// The budget, in quote.
    pub total_amount_quote: Decimal,
    /// The venue.
    pub connector_name: String,
    /// The levels: all buys from the nearest, then all sells.
    pub levels: Vec<Level>,
    /// An unfilled executor older than this is replaced, in seconds.
    pub executor_refresh_time: i64,
    /// How long a level rests after a stop loss, in seconds.
    pub cooldown_time: i64,
    /// The barriers of every position.
    pub barrier: Arc<TripleBarrier>,
    /// How the inventory is kept on a spot venue; `None` on perpetual ones and where the configuration skips it.
    pub rebalance: Option<Rebalance>,
}

/// How a spot venue's inventory is kept at what the sells need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rebalance {
    /// What all sells together are worth, in quote.
    required_quote: Decimal,
    /// How far the inventory may be from it, as a fraction of it.
    threshold: Decimal,
    /// The number of the rebalancing order, after those of the levels.
    level: LevelId,
}

impl Rebalance {
    fn new(levels: &[Level], threshold: Decimal) -> Self {
        let sells = levels.iter().filter(|level| level.side == Side::Sell);
        let required_quote = sells.fold(Decimal::ZERO, |sum, level| Decimal::sum(sum, level.amount_quote));
        Self { required_quote, threshold, level: LevelId(number(levels.len())) }
    }

    /// Returns the market order that brings the inventory to what the sells need; `None` where it is near enough.
    ///
    /// What an order bought is seen two candles later, so upstream orders twice in one direction and twice back, for ever.
    #[must_use]
    pub fn order(&self, moment: &Moment<'_>) -> Option<OrderConfig> {
        if moment.active.iter().any(|active| active.level == Some(self.level)) {
            return None;
        }
        let required = Decimal::quotient(self.required_quote, moment.reference_price)?;
        let current = moment.held.map_or(Decimal::ZERO, |held| match held.side {
            Side::Buy => Decimal::sum(Decimal::ZERO, held.amount),
            Side::Sell => Decimal::difference(Decimal::ZERO, held.amount),
        });
        let difference = Decimal::difference(required, current);
        let amount = difference.magnitude();
        (amount > Decimal::product(required, self.threshold)).then(|| OrderConfig {
            time: moment.time,
            side: if difference.is_positive() { Side::Buy } else { Side::Sell },
            price: Decimal::from_shortest(moment.reference_price),
            amount,
            strategy: ExecutionStrategy::Market,
            level: self.level,
        })
    }
}

/// One order level.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The side it quotes on.
    pub side: Side,
    /// Its place on that side, from zero.
    pub index: usize,
    /// Its distance from the reference price, as a fraction.
    pub spread: f64,
    /// Its share of the budget, in quote.
    pub amount_quote: Decimal,
}

impl MarketMakingConfig {
    /// Reads the shared keys.
    ///
    /// # Errors
    ///
    /// Refuses what Hummingbot's model refuses, and explains where it would fail later.
    pub fn read(reader: Reader<'_>) -> Result<Self, Error> {
        for (key, mend) in [
            (
                "buy_spreads",
                "write `buy_spreads = \"0.01,0.02\"`: upstream's default is not parsed and counts a level per character",
            ),
            (
                "sell_spreads",
                "write `sell_spreads = \"0.01,0.02\"`: upstream's default is not parsed and counts a level per character",
            ),
            (
                "buy_amounts_pct",
                "write `buy_amounts_pct = \"\"` for equal shares: upstream does not fill in the default",
            ),
            (
                "sell_amounts_pct",
                "write `sell_amounts_pct = \"\"` for equal shares: upstream does not fill in the default",
            ),
        ] {
            if reader.value(key).is_none() {
                return Err(Error::Omitted { key, mend });
            }
        }
        let connector_name = reader.text("connector_name", "binance_perpetual")?;
        let threshold = reader.decimal("position_rebalance_threshold_pct", "0.05")?;
        barrier::check_unused(reader)?;
        let skip_rebalance = reader.flag("skip_rebalance", false)?;
        let rebalances = !connector_name.contains("_perpetual") && !skip_rebalance;
        if rebalances && reader.model() < Model::V2_6_1 {
            return Err(Error::Unsupported {
                what: format!("inventory rebalancing on the spot connector `{connector_name}`"),
                mend: "use the connector's `_perpetual` twin: this upstream version fails with a TypeError",
            });
        }
        // No backtester before v2.14 simulates the order that rebalances: it is asked for at every candle and dropped.
        let rebalances = rebalances && reader.model() >= Model::V2_13;
        let total_amount_quote = reader.decimal("total_amount_quote", "100")?;
        let levels = levels(reader, total_amount_quote)?;
        Ok(Self {
            total_amount_quote,
            connector_name,
            rebalance: rebalances.then(|| Rebalance::new(&levels, threshold)),
            levels,
            executor_refresh_time: reader.whole("executor_refresh_time", 300)?,
            cooldown_time: reader.whole("cooldown_time", 15)?,
            barrier: Arc::new(barrier::read(reader)?),
        })
    }
}

/// Reads spreads and amounts, and shares the budget out over both sides.
fn levels(reader: Reader<'_>, total_amount_quote: Decimal) -> Result<Vec<Level>, Error> {
    let side = |spreads_key, amounts_key| -> Result<(Vec<f64>, Vec<Decimal>), Error> {
        let spreads = reader.floats(spreads_key)?;
        let amounts = reader.decimals(amounts_key)?.unwrap_or_else(|| vec![Decimal::ONE; spreads.len()]);
        // Before v2.13 nobody counts the entries of a text; those without a level still take their share of the budget.
        let is_text = reader.value(amounts_key).is_some_and(Value::is_string);
        let uncounted = is_text && reader.model() < Model::V2_13 && amounts.len() > spreads.len();
        if amounts.len() != spreads.len() && !uncounted {
            return Err(Error::Length {
                key: amounts_key,
                found: amounts.len(),
                other: spreads_key,
                expected: spreads.len(),
            });
        }
        Ok((spreads, amounts))
    };
    let (buy_spreads, buy_amounts) = side("buy_spreads", "buy_amounts_pct")?;
    let (sell_spreads, sell_amounts) = side("sell_spreads", "sell_amounts_pct")?;
    let add = |amounts: &[Decimal]| amounts.iter().fold(Decimal::ZERO, |sum, &amount| Decimal::sum(sum, amount));
    let total = Decimal::sum(add(&buy_amounts), add(&sell_amounts));
    let sides = [(Side::Buy, buy_spreads, buy_amounts), (Side::Sell, sell_spreads, sell_amounts)];
    let mut levels = Vec::new();
    for (side, spreads, amounts) in sides {
        for (index, (spread, amount)) in spreads.into_iter().zip(amounts).enumerate() {
            let share = Decimal::quotient(amount, total).ok_or(Error::Value {
                key: "buy_amounts_pct",
                found: "zero in total with `sell_amounts_pct`".to_owned(),
                expected: "a sum other than zero",
            })?;
            levels.push(Level { side, index, spread, amount_quote: Decimal::product(share, total_amount_quote) });
        }
    }
    Ok(levels)
}

/// Which levels are quoted, and when: the part of every market-making controller that has a memory.
#[derive(Debug, Clone)]
pub struct Levels {
    refresh_time: i64,
    cooldown_time: i64,
    /// By level: when it last ended by a stop loss, and where that executor stands among the ended ones.
    last_stop_loss: Vec<Option<(i64, usize)>>,
    /// When any level last ended by a stop loss.
    latest_stop_loss: Option<i64>,
    /// How many of the ended executors have been taken note of.
    seen: usize,
    /// By level: whether it is working now. Kept between moments to save the allocation.
    working: Vec<bool>,
    /// Whether every executor is that of a level.
    has_levels_only: bool,
}

impl Levels {
    /// Starts with no level quoted.
    #[must_use]
    pub fn new(config: &MarketMakingConfig) -> Self {
        Self {
            refresh_time: config.executor_refresh_time,
            cooldown_time: config.cooldown_time,
            last_stop_loss: vec![None; config.levels.len()],
            latest_stop_loss: None,
            seen: 0,
            working: vec![false; config.levels.len()],
            has_levels_only: config.rebalance.is_none(),
        }
    }

    /// Returns the levels to quote now: those without an active executor that are not resting after a stop loss.
    pub fn missing(&mut self, moment: &Moment<'_>) -> impl Iterator<Item = usize> {
        for (index, ended) in moment.ended.iter().enumerate().skip(self.seen) {
            if ended.close_type == CloseType::StopLoss
                && let Some(level) = ended.config.level()
            {
                // The rebalancing order stands after the levels and never ends by a stop loss.
                self.last_stop_loss[level.0 as usize] = Some((ended.close_time, index));
                self.latest_stop_loss = self.latest_stop_loss.max(Some(ended.close_time));
            }
        }
        self.seen = moment.ended.len();
        // No level has two.
        let all_work = self.has_levels_only && moment.active.len() == self.working.len();
        if !all_work {
            self.find_working(moment);
        }
        let looked_at = if all_work { 0 } else { self.working.len() };
        self.working[..looked_at].iter().enumerate().filter(|(_, working)| !**working).map(|(level, _)| level)
    }

    /// Finds out which levels are working.
    fn find_working(&mut self, moment: &Moment<'_>) {
        self.working.fill(false);
        // Mostly the latest was long ago, and then all of them were.
        if self.latest_stop_loss.is_some_and(|time| moment.time - time < self.cooldown_time) {
            for (working, last) in self.working.iter_mut().zip(&self.last_stop_loss) {
                *working = last.is_some_and(|(time, index)| {
                    index >= moment.visible_from && moment.time - time < self.cooldown_time
                });
            }
        }
        for level in moment.active.iter().filter_map(|active| active.level) {
            if let Some(working) = self.working.get_mut(level.0 as usize) {
                *working = true;
            }
        }
    }

    /// Appends a stop for every executor that has waited for its fill longer than the refresh time.
    pub fn refresh(&self, moment: &Moment<'_>, actions: &mut Vec<Action>) {
        let stale = |time: i64| moment.time - time > self.refresh_time;
        let unfilled = moment.active.iter().filter(|active| !active.is_trading && stale(active.time));
        actions.extend(unfilled.map(|active| Action::Stop { id: active.id, keep_position: false }));
    }

    /// Returns when the first of the executors that wait for their fill has waited too long, longer than its `age_max` in
    /// seconds; the moment's own time where a level has no executor. What a controller answers when it is asked how long it
    /// is idle.
    pub fn idle_until(&self, moment: &Moment<'_>, age_max: impl Fn(&ActiveExecutor) -> i64) -> i64 {
        // No level has two. One without may rest after a stop loss, and how long depends on what upstream forgets.
        if moment.active.len() < self.working.len() {
            return moment.time;
        }
        let waiting = moment.active.iter().filter(|active| !active.is_trading);
        let due = waiting.map(|active| active.time.saturating_add(age_max(active)).saturating_add(1));
        due.min().unwrap_or(i64::MAX)
    }
}

/// The prices and amounts of levels around a reference price.
#[derive(Debug, Clone)]
pub struct Quotes {
    levels: Vec<Level>,
    /// By level: 1 ∓ spread · multiplier, for the multiplier that was last asked for.
    factors: Vec<Decimal>,
    multiplier: f64,
}

impl Quotes {
    /// Prepares the quotes of a configuration.
    #[must_use]
    pub fn new(config: &MarketMakingConfig) -> Self {
        let mut quotes = Self { levels: config.levels.clone(), factors: Vec::new(), multiplier: 1.0 };
        quotes.scale(1.0);
        quotes
    }

    /// Takes a new spread multiplier.
    fn scale(&mut self, multiplier: f64) {
        self.multiplier = multiplier;
        self.factors.clear();
        self.factors.extend(self.levels.iter().map(|level| {
            let spread = Decimal::product(level.spread, multiplier);
            match level.side {
                Side::Buy => Decimal::difference(Decimal::ONE, spread),
                Side::Sell => Decimal::sum(Decimal::ONE, spread),
            }
        }));
    }

    /// Returns the side, price and amount of a level, both in quote.
    ///
    /// # Errors
    ///
    /// Returns an error where the price is zero.
    #[inline]
    pub fn quote(&mut self, level: usize, moment: &Moment<'_>) -> Result<(Side, Decimal, Decimal), DecisionError> {
        let price = Decimal::product(moment.reference_price, self.factor(level, moment));
        if price.is_zero() { Err(self.zero_price(level)) } else { Ok(self.at(level, price)) }
    }

    /// Returns what [`Self::quote`] does, with a price whose digits are computed when they are asked for.
    ///
    /// # Errors
    ///
    /// Returns an error where the price is zero.
    #[inline]
    pub fn quote_lazily(&mut self, level: usize, moment: &Moment<'_>) -> Result<(Side, Price, Decimal), DecisionError> {
        let price = Price::product(moment.reference_price, self.factor(level, moment));
        if price.is_zero() { Err(self.zero_price(level)) } else { Ok(self.at(level, price)) }
    }

    fn factor(&mut self, level: usize, moment: &Moment<'_>) -> Decimal {
        if moment.spread_multiplier.to_bits() != self.multiplier.to_bits() {
            self.scale(moment.spread_multiplier);
        }
        self.factors[level]
    }

    fn at<P>(&self, level: usize, price: P) -> (Side, P, Decimal) {
        let Level { side, amount_quote, .. } = self.levels[level];
        (side, price, amount_quote)
    }

    fn zero_price(&self, level: usize) -> DecisionError {
        DecisionError::ZeroPrice { level: self.name(LevelId(number(level))) }
    }

    /// Returns the name that Hummingbot gives a level: `buy_0`, `sell_1`.
    #[must_use]
    pub fn name(&self, level: LevelId) -> String {
        let Some(level) = self.levels.get(level.0 as usize) else {
            return "position_rebalance".to_owned();
        };
        let side = match level.side {
            Side::Buy => "buy",
            Side::Sell => "sell",
        };
        format!("{side}_{}", level.index)
    }
}

/// Returns a level's place as its number.
#[must_use]
pub fn number(level: usize) -> u32 {
    u32::try_from(level).expect("a configuration has fewer than four billion levels")
}
