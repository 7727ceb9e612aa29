//! `bollinger_v1`: buys below the lower part of the Bollinger bands, sells above the upper.

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
use crate::indicator::Generation;
use crate::market::Decimal;
use crate::market::candles;

/// The controller.
#[derive(Debug, Clone)]
pub struct BollingerV1 {
    config: DirectionalConfig,
    bands: BandConfig,
    /// How many candles a live bot keeps.
    records: usize,
    /// As [`Frame::candle_count_min`].
    pub(super) candle_count_min: usize,
    generation: Generation,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    Ok(Box::new(BollingerV1::read("bollinger_v1", values, setting, 1)?))
}

impl BollingerV1 {
    /// Reads the configuration of a controller that differs only in how often it keeps the length of the bands.
    pub(super) fn read(
        name: &'static str,
        values: &Map<String, Value>,
        setting: &Setting,
        lengths: usize,
    ) -> Result<Self, Error> {
        let known = [&directional::KEYS[..], &bollinger::KEYS].concat();
        let reader = Reader::open(name, values, &known, setting.model)?;
        let (config, bands) = (DirectionalConfig::read(reader)?, BandConfig::read(reader)?);
        let records = bands.length.saturating_mul(lengths);
        Ok(Self { config, records, candle_count_min: bands.length, bands, generation: setting.indicators })
    }
}

impl Controller for BollingerV1 {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.config.interval)?;
        let bands = self.bands.bands(&candles, self.generation);
        Ok(Some(Frame { candle_count_min: self.candle_count_min, ..self.bands.frame(&candles, &bands) }))
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { interval: self.config.interval, records: self.records })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.config.open_position(moment, actions)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}
