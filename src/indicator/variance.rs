//! How far do the values of a window spread?

use super::mean::sum_in_order;
use super::mean::sum_pairwise;

/// TA-Lib C 0.8's variance: running sums of the distances from an origin that moves when rounding would show.
///
/// With `d = x − origin` the variance is `Σd²/n − (Σd/n)²`. The origin is the first value of all, until one of three
/// things moves it to the mean of the window, from which the sums are then taken afresh, before the row is given:
/// * the variance is less than a millionth of what `Σd²/n` is without the oldest value: the window is far away;
/// * taking away the oldest value leaves less than a millionth of `Σd²`: the difference is mostly rounding;
/// * 32·n rows have passed since the origin was set.
#[derive(Debug)]
pub(super) struct Shifted {
    origin: f64,
    sum: f64,
    sum_squares: f64,
    /// 1/n: the library multiplies by it where it could divide by n.
    share: f64,
    row_count: usize,
    row_count_max: usize,
}

/// Below this share of the mean square, a difference is taken for the rounding of its terms.
const TRUSTED_SHARE: f64 = 1e-6;

impl Shifted {
    /// Starts with all values of the first window but the last. `n` is at least 1 and `lead` has `n − 1` values.
    pub(super) fn new(first: f64, lead: &[f64], n: usize) -> Self {
        let mut sums = Self {
            origin: first,
            sum: 0.0,
            sum_squares: 0.0,
            share: 1.0 / n as f64,
            row_count: 0,
            row_count_max: n.saturating_mul(32),
        };
        for &value in lead {
            sums.add(value);
        }
        sums
    }

    /// Adds the last value of `window`, returns the window's variance and takes its first value away.
    pub(super) fn next(&mut self, window: &[f64]) -> f64 {
        self.add(window[window.len() - 1]);
        let mut variance = self.variance();
        let kept = self.without(window[0]).1;
        self.row_count += 1;
        if self.row_count >= self.row_count_max
            || variance < TRUSTED_SHARE * (kept * self.share)
            || kept < TRUSTED_SHARE * self.sum_squares
        {
            self.origin = sum_in_order(window.len(), |index| window[index]) * self.share;
            (self.sum, self.sum_squares, self.row_count) = (0.0, 0.0, 0);
            for &value in window {
                self.add(value);
            }
            variance = self.variance();
        }
        (self.sum, self.sum_squares) = self.without(window[0]);
        variance.max(0.0)
    }

    fn add(&mut self, value: f64) {
        let distance = value - self.origin;
        self.sum += distance;
        self.sum_squares += distance * distance;
    }

    fn without(&self, value: f64) -> (f64, f64) {
        let distance = value - self.origin;
        (self.sum - distance, self.sum_squares - distance * distance)
    }

    fn variance(&self) -> f64 {
        let mean = self.sum * self.share;
        self.sum_squares * self.share - mean * mean
    }
}

/// Returns `NumPy`'s variance of a window, in two passes.
pub(super) fn two_pass(window: &[f64]) -> f64 {
    let n = window.len();
    let mean = sum_pairwise(n, &|index| window[index]) / n as f64;
    let square = |index: usize| {
        let distance = window[index] - mean;
        distance * distance
    };
    sum_pairwise(n, &square) / n as f64
}
