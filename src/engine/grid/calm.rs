//! Which candles a grid does not notice.

use crate::market::Candles;

/// What a candle keeps to if nothing comes of it: it reaches no level, and its close no end of the grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calm {
    /// Its low is above this.
    pub(super) low_above: f64,
    /// Its high is below this.
    pub(super) high_below: f64,
    /// Its close is at or above this.
    pub(super) close_min: f64,
    /// Its close is at or below this.
    pub(super) close_max: f64,
}

impl Calm {
    /// Narrows the closes to a range, both ends inclusive.
    pub(super) fn with_closes(self, min: f64, max: f64) -> Self {
        Self { close_min: self.close_min.max(min), close_max: self.close_max.min(max), ..self }
    }

    /// Returns the first row of `from..last` that is not calm, or else `last`.
    pub(super) fn end(&self, candles: &Candles, from: usize, last: usize) -> usize {
        if from >= last {
            return last;
        }
        let (high, low, close) = (&candles.high[from..last], &candles.low[from..last], &candles.close[from..last]);
        let holds = |((&high, &low), &close): ((&f64, &f64), &f64)| {
            low > self.low_above && high < self.high_below && close >= self.close_min && close <= self.close_max
        };
        high.iter().zip(low).zip(close).position(|candle| !holds(candle)).map_or(last, |calm_count| from + calm_count)
    }
}
