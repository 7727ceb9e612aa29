//! The MACD keys that several controllers have.

use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::indicator::Generation;
use crate::indicator::Macd;
use crate::indicator::macd;
use crate::market::Candles;

/// The keys.
pub(super) const KEYS: [Key; 3] = [("macd_fast", ALWAYS), ("macd_slow", ALWAYS), ("macd_signal", ALWAYS)];

/// The configuration of a MACD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MacdConfig {
    fast: usize,
    slow: usize,
    signal: usize,
}

impl MacdConfig {
    /// Reads the keys.
    ///
    /// # Errors
    ///
    /// Refuses lengths below one, and a fast one above the slow one: pandas-ta swaps the two and names its columns after the
    /// swapped lengths, under which upstream does not find them.
    pub(super) fn read(reader: Reader<'_>) -> Result<Self, Error> {
        let config = Self {
            fast: reader.length("macd_fast", 21)?,
            slow: reader.length("macd_slow", 42)?,
            signal: reader.length("macd_signal", 9)?,
        };
        if config.fast > config.slow {
            return Err(Error::Value {
                key: "macd_fast",
                found: format!("{}, above `macd_slow` = {}", config.fast, config.slow),
                expected: "a length up to `macd_slow`: upstream fails with a KeyError otherwise",
            });
        }
        Ok(config)
    }

    /// Computes the MACD of closes.
    pub(super) fn of(self, candles: &Candles, generation: Generation) -> Macd {
        macd(&candles.close, self.fast, self.slow, self.signal, generation)
    }
}
