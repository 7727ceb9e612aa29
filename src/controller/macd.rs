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
    pub(super) fast: usize,
    pub(super) slow: usize,
    pub(super) signal: usize,
}

impl MacdConfig {
    /// Reads the keys, with the lengths that most controllers have where they are omitted.
    ///
    /// # Errors
    ///
    /// As [`Self::read_or`].
    pub(super) fn read(reader: Reader<'_>, generation: Generation) -> Result<Self, Error> {
        Self::read_or(reader, generation, Self { fast: 21, slow: 42, signal: 9 })
    }

    /// Reads the keys, each with its own default.
    ///
    /// # Errors
    ///
    /// Refuses lengths below one, and a fast one above the slow one: pandas-ta swaps the two and names its columns after the
    /// swapped lengths, under which upstream does not find them. Under TA-Lib 0.6 a signal of 1 is refused: its result is
    /// whatever lay in memory before, so no two runs need agree.
    pub(super) fn read_or(reader: Reader<'_>, generation: Generation, default: Self) -> Result<Self, Error> {
        let config = Self {
            fast: reader.length("macd_fast", default.fast)?,
            slow: reader.length("macd_slow", default.slow)?,
            signal: reader.length("macd_signal", default.signal)?,
        };
        if config.fast > config.slow {
            return Err(Error::Value {
                key: "macd_fast",
                found: format!("{}, above `macd_slow` = {}", config.fast, config.slow),
                expected: "a length up to `macd_slow`: upstream fails with a KeyError otherwise",
            });
        }
        if config.fast == 1 && generation != Generation::Classic {
            let expected = "at least 2, the fewest that TA-Lib takes,";
            return Err(Error::Value { key: "macd_fast", found: "1".to_owned(), expected });
        }
        if config.signal == 1 && generation == Generation::TaLib06 {
            let expected = "at least 2, as with `1` TA-Lib 0.6 hands out memory that it never wrote (0.8 does not),";
            return Err(Error::Value { key: "macd_signal", found: "1".to_owned(), expected });
        }
        Ok(config)
    }

    /// Returns how many candles pandas-ta takes at least.
    pub(super) fn candle_count_min(self, generation: Generation) -> usize {
        match generation {
            Generation::Classic => self.slow.max(self.signal),
            Generation::TaLib06 | Generation::TaLib08 => self.slow + self.signal - 1,
        }
    }

    /// Computes the MACD of closes.
    pub(super) fn of(self, candles: &Candles, generation: Generation) -> Macd {
        macd(&candles.close, self.fast, self.slow, self.signal, generation)
    }
}
