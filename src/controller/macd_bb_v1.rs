//! `macd_bb_v1`: trades where Bollinger bands and MACD agree that a move turns.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::bollinger;
use crate::controller::bollinger::BandConfig;
use crate::controller::config::Error;
use crate::controller::config::Reader;
use crate::controller::directional;
use crate::controller::directional::DirectionalConfig;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::controller::features::Frame;
use crate::controller::macd;
use crate::controller::macd::MacdConfig;
use crate::indicator::Generation;
use crate::market::Decimal;
use crate::market::candles;

/// The controller.
#[derive(Debug, Clone)]
pub struct MacdBbV1 {
    config: DirectionalConfig,
    bands: BandConfig,
    macd: MacdConfig,
    generation: Generation,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and explains where it would fail later.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let known = [&directional::KEYS[..], &bollinger::KEYS, &macd::KEYS].concat();
    let reader = Reader::open("macd_bb_v1", values, &known, setting.model)?;
    Ok(Box::new(MacdBbV1 {
        config: DirectionalConfig::read(reader)?,
        bands: BandConfig::read(reader)?,
        macd: MacdConfig::read(reader, setting.indicators)?,
        generation: setting.indicators,
    }))
}

impl Controller for MacdBbV1 {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.config.interval)?;
        let bands = self.bands.bands(&candles, self.generation);
        let macd = self.macd.of(&candles, self.generation);
        let mut is_complete = bollinger::complete(&bands);
        let mut signal = vec![0.0; candles.len()];
        for row in 0..candles.len() {
            let (line, histogram, percent) = (macd.line[row], macd.histogram[row], bands.percent[row]);
            is_complete[row] &= !(line.is_nan() || histogram.is_nan() || macd.signal[row].is_nan());
            if percent < self.bands.long_threshold && histogram > 0.0 && line < 0.0 {
                signal[row] = 1.0;
            }
            if percent > self.bands.short_threshold && histogram < 0.0 && line > 0.0 {
                signal[row] = -1.0;
            }
        }
        let candle_count_min = self.bands.length.max(self.macd.candle_count_min(self.generation));
        Ok(Some(Frame {
            time: candles.time.clone(),
            candle_count_min,
            is_complete,
            signal: Some(signal),
            ..Frame::default()
        }))
    }

    fn feed(&self) -> Option<Feed> {
        let MacdConfig { fast, slow, signal } = self.macd;
        let longest = fast.max(slow).max(signal).max(self.bands.length);
        Some(Feed { interval: self.config.interval, records: longest + 20 })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.config.open_position(moment, actions)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}
