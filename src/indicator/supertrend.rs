//! Does the price stand above or below the band that trails it?

use super::Generation;
use super::blank;
use super::true_range::each_average;

/// The four columns of a Supertrend.
#[derive(Debug, Clone, PartialEq)]
pub struct Supertrend {
    /// The trailing band that holds, in units of price (`SUPERT`).
    pub trend: Vec<f64>,
    /// 1 while the price rises above the lower band, −1 while it falls below the upper one (`SUPERTd`).
    pub direction: Vec<f64>,
    /// The lower band where it holds, NaN elsewhere (`SUPERTl`).
    pub long: Vec<f64>,
    /// The upper band where it holds, NaN elsewhere (`SUPERTs`).
    pub short: Vec<f64>,
}

/// Returns pandas-ta's Supertrend: bands `multiplier` average true ranges about the middle of each candle.
///
/// The average true range is TA-Lib's (Wilder's, over `n` candles), or pandas' under [`Generation::Classic`]. The
/// direction turns up when the close is above the upper band of the row before, and down when it is below the lower one;
/// while it holds, the band that trails never retreats.
///
/// **Warm-up:** `n` rows. [`Generation::Classic`] leaves none in the direction, which is 1 there, and gives a trend of 0
/// in row 0. The trend starts upwards: there is no information in the first rows' direction.
#[must_use]
pub fn supertrend(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    n: usize,
    multiplier: f64,
    generation: Generation,
) -> Supertrend {
    let len = close.len();
    let mut out = Supertrend { trend: blank(len), direction: blank(len), long: blank(len), short: blank(len) };
    let mut rising = true;
    // NaN compares as false, so that the first row keeps the direction that it is given.
    let (mut lower_before, mut upper_before) = (f64::NAN, f64::NAN);
    each_average(high, low, close, n, generation, |row, average| {
        let middle = 0.5 * (high[row] + low[row]);
        let mut lower = middle - multiplier * average;
        let mut upper = middle + multiplier * average;
        if close[row] > upper_before {
            rising = true;
        } else if close[row] < lower_before {
            rising = false;
        } else if rising && lower < lower_before {
            lower = lower_before;
        } else if !rising && upper > upper_before {
            upper = upper_before;
        }
        let side = if rising { &mut out.long } else { &mut out.short };
        let band = if rising { lower } else { upper };
        side[row] = band;
        out.trend[row] = band;
        out.direction[row] = if rising { 1.0 } else { -1.0 };
        (lower_before, upper_before) = (lower, upper);
    });
    if generation == Generation::Classic && n > 0 && n < len {
        out.direction[..n].fill(1.0);
        out.trend[0] = 0.0;
    }
    out
}
