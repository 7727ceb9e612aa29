//! What market-making controllers share: the configuration of levels and barriers, and which levels to quote when.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::controller::Action;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::config::Error;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::controller::config::decimal;
use crate::controller::config::wrong;
use crate::executor::CloseType;
use crate::executor::position::LevelId;
use crate::executor::position::TrailingStop;
use crate::executor::position::TripleBarrier;
use crate::market::Decimal;
use crate::market::Side;

const ALWAYS: RangeInclusive<Model> = Model::V2_6..=Model::V2_17;

/// The keys that every market-making controller accepts, with the models that have them.
pub const KEYS: [(&str, RangeInclusive<Model>); 24] = [
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

const ORDER_TYPES: [&str; 5] = ["MARKET", "LIMIT", "LIMIT_MAKER", "AMM_SWAP", "AMM_ADD"];

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
    pub barrier: TripleBarrier,
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
        check_unused(reader)?;
        let skip_rebalance = reader.flag("skip_rebalance", false)?;
        if !connector_name.contains("_perpetual") && !skip_rebalance {
            return Err(Error::Unsupported {
                what: format!("inventory rebalancing on the spot connector `{connector_name}`"),
                mend: if reader.model() < Model::V2_6_1 {
                    "use the connector's `_perpetual` twin"
                } else {
                    "set `skip_rebalance = true`, or use the connector's `_perpetual` twin"
                },
            });
        }
        let total_amount_quote = reader.decimal("total_amount_quote", "100")?;
        Ok(Self {
            total_amount_quote,
            connector_name,
            levels: levels(reader, total_amount_quote)?,
            executor_refresh_time: reader.whole("executor_refresh_time", 300)?,
            cooldown_time: reader.whole("cooldown_time", 15)?,
            barrier: TripleBarrier {
                stop_loss: reader.positive_fraction("stop_loss", "0.03")?,
                // Upstream takes a profit that is zero as a float for none, but not such a loss.
                take_profit: reader.positive_fraction("take_profit", "0.02")?.filter(|&profit| profit > 0.0),
                time_limit: reader.positive_whole("time_limit", Some(2700))?,
                trailing_stop: trailing_stop(reader)?,
            },
        })
    }
}

/// Checks the keys that a backtest accepts and does not use.
fn check_unused(reader: Reader<'_>) -> Result<(), Error> {
    if !matches!(reader.value("id"), Some(Value::Null)) {
        reader.text("id", "")?;
    }
    let pair = reader.text("trading_pair", "WLD-USDT")?;
    let leverage = reader.whole("leverage", 20)?;
    if reader.model() >= Model::V2_17 {
        let refused = |key, found: String, expected| Err(Error::Value { key, found: format!("`{found}`"), expected });
        let is_pair = pair.split('-').count() == 2 && pair.split('-').all(|token| !token.trim().is_empty());
        if !is_pair {
            return refused("trading_pair", pair, "a pair such as BTC-USDT");
        }
        if leverage < 1 {
            return refused("leverage", leverage.to_string(), "1 or more");
        }
    }
    reader.flag("manual_kill_switch", false)?;
    reader.member("position_mode", None, &["HEDGE", "ONEWAY"], "HEDGE", "HEDGE or ONEWAY")?;
    if !matches!(reader.value("take_profit_order_type"), Some(Value::Null)) {
        let known = if reader.model() < Model::V2_13 { &ORDER_TYPES[..4] } else { &ORDER_TYPES };
        let expected = "an order type such as LIMIT or MARKET";
        reader.member("take_profit_order_type", Some("OrderType."), known, "LIMIT", expected)?;
    }
    reader.decimal("position_rebalance_threshold_pct", "0.05")?;
    match reader.value("initial_positions") {
        Some(Value::Array(positions)) if positions.iter().all(Value::is_object) => {}
        None => {}
        Some(found) => return Err(wrong("initial_positions", found, "a list of positions")),
    }
    match reader.value("candles_config") {
        Some(Value::String(text)) if text.trim().is_empty() || text.split(':').all(is_feed) => {}
        None | Some(Value::Array(_)) => {}
        Some(found) => return Err(wrong("candles_config", found, "a text such as \"binance.BTC-USDT.1m.100\"")),
    }
    Ok(())
}

/// Returns whether a text names a feed of candles: connector, pair, interval and count, with dots between them.
fn is_feed(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4 && parts[3].trim().parse::<i64>().is_ok()
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

/// Reads a trailing stop: a table, a text `activation,delta`, or nothing.
fn trailing_stop(reader: Reader<'_>) -> Result<Option<TrailingStop>, Error> {
    const KEY: &str = "trailing_stop";
    const EXPECTED: &str = "{ activation_price, trailing_delta } greater than zero, or a text such as \"0.015,0.003\"";
    let found = match reader.value(KEY) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(found) => found,
    };
    let parts = match found {
        Value::String(text) => text
            .split_once(',')
            .map_or([None, None], |(activation, delta)| [activation.parse().ok(), delta.parse().ok()]),
        Value::Object(table) => ["activation_price", "trailing_delta"].map(|key| table.get(key).and_then(decimal)),
        _ => [None, None],
    };
    let [Some(activation), Some(delta)] = parts else {
        return Err(wrong(KEY, found, EXPECTED));
    };
    let (activation_price, trailing_delta) = (activation.to_f64(), delta.to_f64());
    let taken = |value: Decimal| value.is_positive() || value.is_zero() && reader.model() < Model::V2_17;
    if !taken(activation) || !taken(delta) {
        return Err(wrong(KEY, found, EXPECTED));
    }
    // Upstream takes a zero for no trailing stop at all.
    let stop = TrailingStop { activation: activation_price, delta: trailing_delta };
    Ok(Some(stop).filter(|stop| stop.activation > 0.0 && stop.delta > 0.0))
}

/// Which levels are quoted, and when: the part of every market-making controller that has a memory.
#[derive(Debug, Clone)]
pub struct Levels {
    refresh_time: i64,
    cooldown_time: i64,
    /// By level: when it last ended by a stop loss, and where that executor stands among the ended ones.
    last_stop_loss: Vec<Option<(i64, usize)>>,
    /// How many of the ended executors have been taken note of.
    seen: usize,
    /// By level: whether it is working now. Kept between moments to save the allocation.
    working: Vec<bool>,
}

impl Levels {
    /// Starts with no level quoted.
    #[must_use]
    pub fn new(config: &MarketMakingConfig) -> Self {
        Self {
            refresh_time: config.executor_refresh_time,
            cooldown_time: config.cooldown_time,
            last_stop_loss: vec![None; config.levels.len()],
            seen: 0,
            working: vec![false; config.levels.len()],
        }
    }

    /// Returns the levels to quote now: those without an active executor that are not resting after a stop loss.
    pub fn missing(&mut self, moment: &Moment<'_>) -> impl Iterator<Item = usize> {
        for (index, ended) in moment.ended.iter().enumerate().skip(self.seen) {
            if ended.close_type == CloseType::StopLoss {
                self.last_stop_loss[ended.level.0 as usize] = Some((ended.close_time, index));
            }
        }
        self.seen = moment.ended.len();
        for (working, last) in self.working.iter_mut().zip(&self.last_stop_loss) {
            *working = last
                .is_some_and(|(time, index)| index >= moment.visible_from && moment.time - time < self.cooldown_time);
        }
        for active in moment.active {
            self.working[active.level.0 as usize] = true;
        }
        self.working.iter().enumerate().filter(|(_, working)| !**working).map(|(level, _)| level)
    }

    /// Appends a stop for every executor that has waited for its fill longer than the refresh time.
    pub fn refresh(&self, moment: &Moment<'_>, actions: &mut Vec<Action>) {
        let stale = |time: i64| moment.time - time > self.refresh_time;
        let unfilled = moment.active.iter().filter(|active| !active.is_trading && stale(active.time));
        actions.extend(unfilled.map(|active| Action::Stop(active.id)));
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

    /// Returns the side, price (in quote) and amount (in base) of a level.
    ///
    /// # Errors
    ///
    /// Returns an error where the price is zero.
    pub fn quote(&mut self, level: usize, moment: &Moment<'_>) -> Result<(Side, Decimal, Decimal), DecisionError> {
        if moment.spread_multiplier.to_bits() != self.multiplier.to_bits() {
            self.scale(moment.spread_multiplier);
        }
        let price = Decimal::product(moment.reference_price, self.factors[level]);
        let amount = Decimal::quotient(self.levels[level].amount_quote, price);
        let amount = amount.ok_or_else(|| DecisionError::ZeroPrice { level: self.name(LevelId(number(level))) })?;
        Ok((self.levels[level].side, price, amount))
    }

    /// Returns the name that Hummingbot gives a level: `buy_0`, `sell_1`.
    #[must_use]
    pub fn name(&self, level: LevelId) -> String {
        let level = &self.levels[level.0 as usize];
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
