//! Where the levels of a grid lie, and how much each of them trades.

use thiserror::Error;

use crate::executor::grid::GridConfig;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;
use crate::market::decimal::Operand;

/// The most levels that a grid may have.
const LEVEL_COUNT_MAX: i64 = 100_000;

/// What a venue without rules demands of an order, in quote.
const NOTIONAL_DEFAULT: u64 = 5;

/// How much larger than the venue's smallest order a level's least amount is.
const MARGIN: &str = "1.05";

/// How errors name [`TradingRules::min_base_amount_increment`].
const INCREMENT: &str = "the venue's increment of amounts";

/// The levels of a grid, from the lowest price to the highest.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// Where they open, in quote.
    pub prices: Vec<f64>,
    /// Where they close, in quote.
    pub take_profit_prices: Vec<f64>,
    /// What each of them opens, in quote.
    pub amount_quote: f64,
}

/// Why a grid has no levels.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// The range is smaller than one step; upstream divides by the number of levels.
    #[error("a grid over {range} of its price has no levels {step} apart, and Hummingbot divides by their number")]
    NoLevels {
        /// From the lowest price to the highest, as a fraction of the lowest.
        range: Decimal,
        /// The least distance of two levels, as a fraction.
        step: Decimal,
    },
    /// There are more levels than any grid needs.
    #[error("a grid of {count} levels is larger than {LEVEL_COUNT_MAX}")]
    TooManyLevels {
        /// How many there would be.
        count: i64,
    },
    /// A figure that others are divided by is zero, negative, or beyond floats.
    #[error("{what} is {value}, but a grid needs one above zero that a float can hold")]
    OutOfRange {
        /// Which figure.
        what: &'static str,
        /// The figure.
        value: Decimal,
    },
}

impl Levels {
    /// Lays out the levels of a grid that is created at a close.
    ///
    /// # Errors
    ///
    /// Refuses a grid without levels, with more than 100000, or with prices or amounts that it cannot be computed from.
    pub fn new(config: &GridConfig, close: f64, rules: Option<&TradingRules>) -> Result<Self, Error> {
        positive("the start price", config.start_price)?;
        positive("the end price", config.end_price)?;
        let mid = positive("the price", Decimal::from_shortest(close))?;
        let breadth = Decimal::difference(config.end_price, config.start_price);
        let range = ratio(breadth, config.start_price);
        let (count, amount_quote) = divide(config, range, mid, rules)?;
        let prices = prices(config, count);
        let step = if count > 1 { ratio(range, Decimal::from(count - 1)) } else { range };
        let take_profit =
            if config.coerce_tp_to_step { step.to_f64().max(config.take_profit) } else { config.take_profit };
        let factor = match config.side {
            Side::Buy => 1.0 + take_profit,
            Side::Sell => 1.0 - take_profit,
        };
        let take_profit_prices = prices.iter().map(|price| price * factor).collect();
        Ok(Self { prices, take_profit_prices, amount_quote: amount_quote.to_f64() })
    }
}

/// Returns how many levels there are, at least one, and how much each of them trades, in quote.
fn divide(
    config: &GridConfig,
    range: Decimal,
    mid: Decimal,
    rules: Option<&TradingRules>,
) -> Result<(u64, Decimal), Error> {
    let increment = rules.map(|rules| positive(INCREMENT, rules.min_base_amount_increment)).transpose()?;
    let least_base = least_base(config, mid, rules, increment)?;
    let least_quote = positive("the least amount of a level", Decimal::product(least_base, mid))?;
    let by_money = ratio(config.total_amount_quote, least_quote).truncated();
    if by_money == 0 {
        return Ok((1, least_quote));
    }
    let step = rules.map_or(config.min_spread_between_orders, |rules| {
        config.min_spread_between_orders.greater(ratio(rules.min_price_increment, mid))
    });
    let by_step = if step.is_positive() { ratio(range, step).truncated() } else { by_money };
    let count = by_money.min(by_step);
    if count == 0 {
        return Err(Error::NoLevels { range, step });
    }
    if count > LEVEL_COUNT_MAX {
        return Err(Error::TooManyLevels { count });
    }
    // A negative count, of a grid upside down, goes through the same arithmetic upstream and ends as one level.
    let levels = count as f64;
    let amount_quote = match increment {
        Some(increment) => {
            let share = ratio(config.total_amount_quote, Decimal::product(mid, levels));
            let share = Decimal::product(increments(share, increment)?.floor(), increment);
            Decimal::product(least_base.greater(share), mid)
        }
        None => ratio(config.total_amount_quote, levels).greater(least_quote),
    };
    let affordable = config.total_amount_quote.to_f64() / amount_quote.to_f64();
    Ok((at_least_one(levels.min(affordable)), amount_quote))
}

/// Returns the least amount of a level, in base: the venue's smallest order with a margin, rounded up to its increment.
fn least_base(
    config: &GridConfig,
    mid: Decimal,
    rules: Option<&TradingRules>,
    increment: Option<Decimal>,
) -> Result<Decimal, Error> {
    let smallest = rules.map_or_else(|| Decimal::from(NOTIONAL_DEFAULT), |rules| rules.min_notional_size);
    let notional = config.min_order_amount_quote.greater(smallest);
    let margin: Decimal = MARGIN.parse().expect("the margin is a decimal");
    let base = ratio(Decimal::product(notional, margin), mid);
    let Some(increment) = increment else {
        return Ok(base);
    };
    let steps = increments(notional, Decimal::product(increment, mid))?.ceil();
    let base = base.greater(Decimal::product(increment, steps));
    Ok(Decimal::product(increments(base, increment)?.ceil(), increment))
}

/// Returns the prices of the levels: evenly from start to end, or the middle for one level.
fn prices(config: &GridConfig, count: u64) -> Vec<f64> {
    if count == 1 {
        return vec![ratio(Decimal::sum(config.start_price, config.end_price), Decimal::from(2)).to_f64()];
    }
    // Upstream spreads the exact values of the two prices' floats.
    let (start, end) = (config.start_price.to_f64(), config.end_price.to_f64());
    let breadth = Decimal::difference(end, start);
    let price = |index| {
        let share = ratio(Decimal::product(breadth, Decimal::from(index)), Decimal::from(count - 1));
        Decimal::sum(start, share).to_f64()
    };
    (0..count).map(price).collect()
}

/// Returns a quotient whose divisor was seen to be other than zero.
fn ratio(dividend: impl Into<Operand>, divisor: impl Into<Operand>) -> Decimal {
    Decimal::quotient(dividend, divisor).expect("the divisor was checked before")
}

/// Returns how many increments an amount has: a quotient of floats, whose floor and ceiling upstream takes.
fn increments(amount: Decimal, increment: Decimal) -> Result<f64, Error> {
    let count = amount.to_f64() / increment.to_f64();
    if count.is_finite() { Ok(count) } else { Err(Error::OutOfRange { what: INCREMENT, value: increment }) }
}

/// Refuses a figure that is not above zero, as a decimal and as a float.
fn positive(what: &'static str, value: Decimal) -> Result<Decimal, Error> {
    let float = value.to_f64();
    if float > 0.0 && float.is_finite() { Ok(value) } else { Err(Error::OutOfRange { what, value }) }
}

/// Returns a count without its fraction, but no less than one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to small positive numbers")]
fn at_least_one(count: f64) -> u64 {
    count.clamp(1.0, LEVEL_COUNT_MAX as f64) as u64
}
