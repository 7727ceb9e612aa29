//! How wide is the band that prices keep to, and where in it is the close?

use super::EPSILON;
use super::Generation;
use super::ZERO;
use super::blank;
use super::mean::RollingMean;
use super::variance::Shifted;
use super::variance::two_pass;

/// The five columns of Bollinger bands.
#[derive(Debug, Clone, PartialEq)]
pub struct Bollinger {
    /// The middle less `k` deviations, in units of price (`BBL`).
    pub lower: Vec<f64>,
    /// The plain mean of the last `n` closes, in units of price (`BBM`).
    pub middle: Vec<f64>,
    /// The middle plus `k` deviations, in units of price (`BBU`).
    pub upper: Vec<f64>,
    /// The width of the band in percent of the middle (`BBB`).
    pub bandwidth: Vec<f64>,
    /// Where the close stands: 0 at the lower band, 1 at the upper one (`BBP`).
    pub percent: Vec<f64>,
}

/// Returns Bollinger bands of `k` standard deviations about the mean of `n` closes.
///
/// The deviation divides by `n`, not by `n − 1`. `percent` is `(close − lower) / (upper − lower)` and `bandwidth` is
/// `100 · (upper − lower) / middle`.
///
/// **Look-ahead:** pandas-ta adds 2.2e-16 to a *whole* column of differences, `upper − lower` or `close − lower`, if one
/// of its rows is exactly zero, so that one flat stretch moves the last bits of all rows, earlier ones too.
/// [`Generation::Classic`] replaces the zeros alone.
///
/// TA-Lib 0.6 takes a variance below 1e-14 for zero, so that at prices of 1e-5 both bands equal the middle.
///
/// **Warm-up:** `n − 1` rows. No library takes an `n` below 2.
#[must_use]
pub fn bollinger(close: &[f64], n: usize, k: f64, generation: Generation) -> Bollinger {
    let len = close.len();
    let mut out = Bollinger {
        lower: blank(len),
        middle: blank(len),
        upper: blank(len),
        bandwidth: blank(len),
        percent: blank(len),
    };
    if n < 2 || n > len {
        return out;
    }
    let mut set = |row: usize, middle: f64, deviation: f64| {
        out.middle[row] = middle;
        out.upper[row] = middle + deviation * k;
        out.lower[row] = middle - deviation * k;
    };
    match generation {
        Generation::TaLib06 => each_talib_06(close, n, &mut set),
        Generation::TaLib08 => each_talib_08(close, n, &mut set),
        Generation::Classic => each_classic(close, n, &mut set),
    }
    out.relate(close, n - 1, generation);
    out
}

fn each_talib_06(close: &[f64], n: usize, set: &mut impl FnMut(usize, f64, f64)) {
    let mut sum = 0.0;
    let mut sum_squares = 0.0;
    for (row, &value) in close.iter().enumerate() {
        sum += value;
        sum_squares += value * value;
        if row + 1 < n {
            continue;
        }
        let mean = sum / n as f64;
        let variance = sum_squares / n as f64 - mean * mean;
        set(row, mean, if variance < ZERO { 0.0 } else { variance.sqrt() });
        let oldest = close[row + 1 - n];
        sum -= oldest;
        sum_squares -= oldest * oldest;
    }
}

fn each_talib_08(close: &[f64], n: usize, set: &mut impl FnMut(usize, f64, f64)) {
    let lead = &close[..n - 1];
    let mut sum = lead.iter().fold(0.0, |sum, &value| sum + value);
    let mut spread = Shifted::new(close[0], lead, n);
    for (first, window) in close.windows(n).enumerate() {
        sum += window[n - 1];
        set(first + n - 1, sum / n as f64, spread.next(window).sqrt());
        sum -= window[0];
    }
}

fn each_classic(close: &[f64], n: usize, set: &mut impl FnMut(usize, f64, f64)) {
    let mut rolling = RollingMean::new();
    for &value in &close[..n - 1] {
        rolling.add(value);
    }
    for (first, window) in close.windows(n).enumerate() {
        if first > 0 {
            rolling.remove(close[first - 1]);
        }
        rolling.add(window[n - 1]);
        set(first + n - 1, rolling.mean(n), two_pass(window).sqrt());
    }
}

impl Bollinger {
    /// Fills in the columns that relate the bands to the middle and to the close, from row `start` on.
    fn relate(&mut self, close: &[f64], start: usize, generation: Generation) {
        let rows = start..close.len();
        let width = |row: usize| self.upper[row] - self.lower[row];
        let height = |row: usize| close[row] - self.lower[row];
        let whole = generation != Generation::Classic;
        let width_epsilon = if whole && rows.clone().any(|row| width(row) == 0.0) { EPSILON } else { 0.0 };
        let height_epsilon = if whole && rows.clone().any(|row| height(row) == 0.0) { EPSILON } else { 0.0 };
        let lift = |difference: f64, epsilon: f64| match generation {
            Generation::Classic if difference == 0.0 => EPSILON,
            Generation::Classic => difference,
            _ => difference + epsilon,
        };
        for row in rows {
            let wide = lift(width(row), width_epsilon);
            self.bandwidth[row] = 100.0 * wide / self.middle[row];
            self.percent[row] = lift(height(row), height_epsilon) / wide;
        }
    }
}
