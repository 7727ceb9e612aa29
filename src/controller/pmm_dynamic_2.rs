//! `pmm_dynamic_2`, hive's own: quotes whose centre follows the MACD histogram, and whose spreads its size.
//!
//! Unlike `pmm_dynamic`, a row is made of its candle and of those before it, so no row looks into the future. The Python
//! that this replays is in `recipes/controllers/market_making`.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::barrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::controller::features::Frame;
use crate::controller::macd;
use crate::controller::macd::MacdConfig;
use crate::controller::market_making;
use crate::controller::market_making::MarketMakingConfig;
use crate::controller::pmm_simple::PmmSimple;
use crate::executor::ExecutorConfig;
use crate::executor::position::LevelId;
use crate::executor::position::Unit;
use crate::indicator::Generation;
use crate::market::Decimal;
use crate::market::candles;

/// The keys beside those of market making. `skip_rebalance` is there in every release: the Python file declares it.
const KEYS: [Key; 9] = [
    ("skip_rebalance", ALWAYS),
    ("order_amount", ALWAYS),
    ("candles_connector", ALWAYS),
    ("candles_trading_pair", ALWAYS),
    ("interval", ALWAYS),
    ("price_adjustment_factor", ALWAYS),
    ("spread_adjustment", ALWAYS),
    ("min_spread_multiplier", ALWAYS),
    ("max_spread_multiplier", ALWAYS),
];

/// How many candles a live bot keeps beyond those that the MACD needs, so that its averages have settled.
const SETTLING_RECORDS: usize = 100;

/// What may be omitted here, where upstream's own controllers fail without it.
const DEFAULTS: [(&str, &str); 6] = [
    ("buy_spreads", "0.01,0.02"),
    ("sell_spreads", "0.01,0.02"),
    ("buy_amounts_pct", ""),
    ("sell_amounts_pct", ""),
    ("candles_connector", ""),
    ("candles_trading_pair", ""),
];

/// The controller.
#[derive(Debug, Clone)]
pub struct PmmDynamic2 {
    quotes: PmmSimple,
    interval: i64,
    macd: MacdConfig,
    generation: Generation,
    /// How far the centre moves for one unit of the histogram, as a fraction.
    price_adjustment_factor: f64,
    /// How much wider the spreads are for one unit of the histogram, as a multiple.
    spread_adjustment: f64,
    /// The smallest and the largest spread multiplier.
    bounds: (f64, f64),
    /// The amount of every order, in base; `None` where the budget is shared out.
    order_amount: Option<Decimal>,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what the Python controller's model refuses.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let mut values = values.clone();
    for (key, default) in DEFAULTS {
        values.entry(key).or_insert_with(|| default.into());
    }
    // The first of two equal keys counts, so that `skip_rebalance` is found here before it is found with the releases.
    let known = [&KEYS[..], &market_making::KEYS, &macd::KEYS].concat();
    let reader = Reader::open("pmm_dynamic_2", &values, &known, setting.model)?;
    Ok(Box::new(PmmDynamic2 {
        quotes: PmmSimple::new(MarketMakingConfig::read(reader)?),
        interval: barrier::interval(reader, "3m")?,
        macd: read_macd(reader, setting.indicators)?,
        generation: setting.indicators,
        price_adjustment_factor: reader.float("price_adjustment_factor", 0.0001)?,
        spread_adjustment: read_spread_adjustment(reader)?,
        bounds: read_bounds(reader)?,
        order_amount: read_order_amount(reader)?,
    }))
}

impl Controller for PmmDynamic2 {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.interval)?;
        let histogram = self.macd.of(&candles, self.generation).histogram;
        let rows = candles.close.iter().zip(&histogram);
        let reference: Vec<f64> =
            rows.map(|(close, value)| close * (1.0 + value * self.price_adjustment_factor)).collect();
        let (smallest, largest) = self.bounds;
        let widened = histogram.iter().map(|value| 1.0 + value.abs() * self.spread_adjustment);
        Ok(Some(Frame {
            is_complete: histogram.iter().map(|value| !value.is_nan()).collect(),
            time: candles.time.clone(),
            // The Python controller puts a column without a value where pandas-ta computes nothing.
            candle_count_min: 0,
            reference_price: Some(reference),
            spread_multiplier: Some(widened.map(|value| value.clamp(smallest, largest)).collect()),
            signal: None,
        }))
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { interval: self.interval, records: self.macd.slow + self.macd.signal + SETTLING_RECORDS })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let first = actions.len();
        self.quotes.decide(moment, actions)?;
        if let Some(order_amount) = self.order_amount {
            for action in &mut actions[first..] {
                // The rebalancing order is not a position and keeps its amount.
                if let Action::Create(ExecutorConfig::Position(position)) = action {
                    (position.amount, position.unit) = (order_amount, Unit::Base);
                }
            }
        }
        Ok(())
    }

    fn idle_until(&self, moment: &Moment<'_>) -> i64 {
        self.quotes.idle_until(moment)
    }

    fn level_name(&self, level: LevelId) -> String {
        self.quotes.level_name(level)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.quotes.total_amount_quote()
    }
}

fn read_macd(reader: Reader<'_>, generation: Generation) -> Result<MacdConfig, Error> {
    let macd = MacdConfig::read_or(reader, generation, MacdConfig { fast: 12, slow: 26, signal: 9 })?;
    if macd.slow == macd.fast {
        let found = format!("{}, which is `macd_fast` as well", macd.slow);
        return Err(Error::Value { key: "macd_slow", found, expected: "a length above `macd_fast`" });
    }
    Ok(macd)
}

fn read_spread_adjustment(reader: Reader<'_>) -> Result<f64, Error> {
    const KEY: &str = "spread_adjustment";
    let value = reader.float(KEY, 0.1)?;
    if value < 0.0 {
        return Err(Error::Value { key: KEY, found: format!("`{value}`"), expected: "a number of zero or more" });
    }
    Ok(value)
}

fn read_bounds(reader: Reader<'_>) -> Result<(f64, f64), Error> {
    let positive = |key, default| {
        let value = reader.float(key, default)?;
        if value > 0.0 {
            return Ok(value);
        }
        Err(Error::Value { key, found: format!("`{value}`"), expected: "a number greater than zero" })
    };
    let smallest = positive("min_spread_multiplier", 0.5)?;
    let largest = positive("max_spread_multiplier", 2.0)?;
    if largest < smallest {
        let found = format!("{largest}, below `min_spread_multiplier` = {smallest}");
        let expected = "a number not below `min_spread_multiplier`";
        return Err(Error::Value { key: "max_spread_multiplier", found, expected });
    }
    Ok((smallest, largest))
}

fn read_order_amount(reader: Reader<'_>) -> Result<Option<Decimal>, Error> {
    const KEY: &str = "order_amount";
    match reader.value(KEY) {
        None => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(_) => reader.positive_decimal(KEY, "0"),
    }
}
