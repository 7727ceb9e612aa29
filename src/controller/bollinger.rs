//! What the Bollinger controllers share: bands over their own candles, and the signal from where the close stands in them.

use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::features::Frame;
use crate::indicator::Bollinger;
use crate::indicator::Generation;
use crate::indicator::bollinger;
use crate::market::Candles;

/// The keys of the bands.
pub(super) const KEYS: [Key; 4] =
    [("bb_length", ALWAYS), ("bb_std", ALWAYS), ("bb_long_threshold", ALWAYS), ("bb_short_threshold", ALWAYS)];

/// The configuration of the bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BandConfig {
    /// Over how many candles.
    pub(super) length: usize,
    /// How many standard deviations wide.
    pub(super) width: f64,
    /// Below this share of the band a buy is signalled.
    pub(super) long_threshold: f64,
    /// Above this share of the band a sell is signalled.
    pub(super) short_threshold: f64,
}

impl BandConfig {
    /// Reads the bands' keys.
    ///
    /// # Errors
    ///
    /// Refuses what is not a number, and a length below two.
    pub(super) fn read(reader: Reader<'_>) -> Result<Self, Error> {
        Ok(Self {
            length: reader.length("bb_length", 100)?,
            width: reader.float("bb_std", 2.0)?,
            long_threshold: reader.float("bb_long_threshold", 0.0)?,
            short_threshold: reader.float("bb_short_threshold", 1.0)?,
        })
    }

    /// Computes the bands over closes.
    pub(super) fn bands(&self, candles: &Candles, generation: Generation) -> Bollinger {
        bollinger(&candles.close, self.length, self.width, generation)
    }

    /// Returns the frame of a controller that trades on the bands alone.
    pub(super) fn frame(&self, candles: &Candles, bands: &Bollinger) -> Frame {
        let signal = |&percent: &f64| {
            // The second assignment wins, as it does upstream.
            if percent > self.short_threshold {
                -1.0
            } else if percent < self.long_threshold {
                1.0
            } else {
                0.0
            }
        };
        Frame {
            is_complete: complete(bands),
            signal: Some(bands.percent.iter().map(signal).collect()),
            time: candles.time.clone(),
            candle_count_min: self.length,
            ..Frame::default()
        }
    }
}

/// Returns by row whether the bands have a value.
pub(super) fn complete(bands: &Bollinger) -> Vec<bool> {
    bands.bandwidth.iter().zip(&bands.percent).map(|(width, percent)| !width.is_nan() && !percent.is_nan()).collect()
}
