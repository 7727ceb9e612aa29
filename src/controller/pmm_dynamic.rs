//! `pmm_dynamic`: quotes whose spreads follow the volatility (NATR) and whose centre follows the MACD.
//!
//! Upstream computes one price shift from the **last** row of the whole window, with the mean and deviation of the whole
//! window, and applies it to every row: a backtest of it looks into the future, and so does its parity replay.

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
use crate::executor::position::LevelId;
use crate::indicator::Generation;
use crate::indicator::natr;
use crate::market::Decimal;
use crate::market::candles;
use crate::market::pairwise;

const KEYS: [Key; 4] =
    [("candles_connector", ALWAYS), ("candles_trading_pair", ALWAYS), ("interval", ALWAYS), ("natr_length", ALWAYS)];

/// The controller.
#[derive(Debug, Clone)]
pub struct PmmDynamic {
    quotes: PmmSimple,
    interval: i64,
    macd: MacdConfig,
    natr_length: usize,
    generation: Generation,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and explains where it would fail later.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let known = [&market_making::KEYS[..], &KEYS, &macd::KEYS].concat();
    let reader = Reader::open("pmm_dynamic", values, &known, setting.model)?;
    Ok(Box::new(PmmDynamic {
        quotes: PmmSimple::new(MarketMakingConfig::read(reader)?),
        interval: barrier::interval(reader, "3m")?,
        macd: MacdConfig::read(reader, setting.indicators)?,
        natr_length: reader.length("natr_length", 14)?,
        generation: setting.indicators,
    }))
}

impl Controller for PmmDynamic {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.interval)?;
        let mut spread = natr(&candles.high, &candles.low, &candles.close, self.natr_length, self.generation);
        for value in &mut spread {
            *value /= 100.0;
        }
        let shift = match spread.last() {
            None => f64::NAN,
            Some(last) => {
                let macd = self.macd.of(&candles, self.generation);
                (0.5 * turned(&macd.line) + 0.5 * direction(&macd.histogram)) * (last / 2.0)
            }
        };
        let reference: Vec<f64> = candles.close.iter().map(|close| close * (1.0 + shift)).collect();
        let is_complete = spread.iter().zip(&reference).map(|(spread, price)| !spread.is_nan() && !price.is_nan());
        Ok(Some(Frame {
            is_complete: is_complete.collect(),
            time: candles.time.clone(),
            candle_count_min: self.macd.candle_count_min(self.generation).max(match self.generation {
                Generation::Classic => self.natr_length,
                Generation::TaLib06 | Generation::TaLib08 => self.natr_length + 1,
            }),
            reference_price: Some(reference),
            spread_multiplier: Some(spread),
            signal: None,
        }))
    }

    fn feed(&self) -> Option<Feed> {
        let MacdConfig { fast, slow, signal } = self.macd;
        let longest = fast.max(slow).max(signal).max(self.natr_length);
        Some(Feed { interval: self.interval, records: longest + 100 })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.quotes.decide(moment, actions)
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

/// Returns how far the last value of a line is below the line's mean, in deviations of the whole line.
fn turned(line: &[f64]) -> f64 {
    let last = line.last().copied().unwrap_or(f64::NAN);
    let (mean, deviation) = pairwise::mean_and_deviation_of_numbers(line);
    -(last - mean) / deviation
}

/// Returns 1 where the last value of a histogram is positive, else −1.
fn direction(histogram: &[f64]) -> f64 {
    if histogram.last().is_some_and(|&last| last > 0.0) { 1.0 } else { -1.0 }
}
