//! How far do candles reach on average, in percent of the close?

use super::Generation;
use super::ZERO;
use super::blank;
use super::true_range::each_average;

/// Returns the normalised average true range over `n` candles, in percent of the close.
///
/// `100 · ATR / close`, with Wilder's average of the true range, seeded by the plain mean of the first `n`. **Warm-up:**
/// `n` rows. TA-Lib does not normalise a period of 1: it gives the true range itself, in units of price, and so does
/// this, except under [`Generation::Classic`]. Where the close is zero (for TA-Lib 0.6
/// anything below 1e-14, where the library leaves its output unwritten) the figure is 0.
#[must_use]
pub fn natr(high: &[f64], low: &[f64], close: &[f64], n: usize, generation: Generation) -> Vec<f64> {
    let mut out = blank(close.len());
    each_average(high, low, close, n, generation, |row, average| {
        out[row] = match generation {
            Generation::Classic => 100.0 / close[row] * average,
            _ if n == 1 => average,
            Generation::TaLib06 if close[row].abs() < ZERO => 0.0,
            Generation::TaLib08 if close[row] == 0.0 => 0.0,
            _ => average / close[row] * 100.0,
        };
    });
    out
}
