//! `supertrend_v1`: trades with the Supertrend while the close is near the band that trails it.
//!
//! Upstream's own backtester cannot run it, so there is nothing that a parity replay could equal. A live bot can, and a
//! causal replay does what it would do.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::config::wrong;
use crate::controller::directional;
use crate::controller::directional::DirectionalConfig;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::controller::features::Frame;
use crate::controller::unrunnable;
use crate::indicator::Generation;
use crate::indicator::supertrend;
use crate::market::Decimal;
use crate::market::candles;

const NAME: &str = "supertrend_v1";

/// Why upstream's backtester fails with it.
const FAILURE: &str =
    "SUPERTl and SUPERTs are NaN on the opposite side each, so dropna() removes every row (IndexError)";

/// The keys of the Supertrend.
const KEYS: [Key; 3] = [("length", ALWAYS), ("multiplier", ALWAYS), ("percentage_threshold", ALWAYS)];

/// How many candles a live bot keeps beyond the length of the average.
const SETTLING_RECORDS: usize = 10;

/// The controller.
#[derive(Debug, Clone)]
pub struct SupertrendV1 {
    config: DirectionalConfig,
    /// Over how many candles the true range is averaged.
    length: usize,
    /// How many average true ranges the bands are away from the middle of a candle.
    multiplier: f64,
    /// How near the close must be to the band that trails it, as a fraction of the close.
    percentage_threshold: f64,
    generation: Generation,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses a replay that is to equal upstream's backtester, which fails, and what Hummingbot's model refuses.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    unrunnable::check_mode(setting.mode, NAME, FAILURE)?;
    let reader = Reader::open(NAME, values, &[&directional::KEYS[..], &KEYS].concat(), setting.model)?;
    Ok(Box::new(SupertrendV1 {
        config: DirectionalConfig::read(reader)?,
        length: reader.length("length", 20)?,
        multiplier: multiplier(reader)?,
        percentage_threshold: reader.float("percentage_threshold", 0.01)?,
        generation: setting.indicators,
    }))
}

/// Reads the width of the bands. pandas-ta puts its own default in the place of one that is not positive, and names its
/// columns by that.
fn multiplier(reader: Reader<'_>) -> Result<f64, Error> {
    const KEY: &str = "multiplier";
    let multiplier = reader.float(KEY, 4.0)?;
    match reader.value(KEY) {
        Some(found) if multiplier <= 0.0 => Err(wrong(KEY, found, "a number greater than zero")),
        _ => Ok(multiplier),
    }
}

impl Controller for SupertrendV1 {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.config.interval)?;
        let (high, low, close) = (&candles.high, &candles.low, &candles.close);
        let trend = supertrend(high, low, close, self.length, self.multiplier, self.generation);
        let signal = |row: usize| {
            let distance = (close[row] - trend.trend[row]).abs() / close[row];
            if distance < self.percentage_threshold { trend.direction[row] } else { 0.0 }
        };
        let signal = (0..candles.len()).map(signal).collect();
        let is_complete = trend.trend.iter().map(|trend| !trend.is_nan()).collect();
        Ok(Some(Frame { time: candles.time.clone(), is_complete, signal: Some(signal), ..Frame::default() }))
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { interval: self.config.interval, records: self.length + SETTLING_RECORDS })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.config.open_position(moment, actions)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}
