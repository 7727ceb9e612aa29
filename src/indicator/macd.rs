//! How far apart do a fast and a slow average run, and is that growing?

use super::Generation;
use super::blank;
use super::mean::Smoothing;
use super::mean::sum_in_order;
use super::mean::sum_pairwise;

/// The three columns of a MACD, in units of price.
#[derive(Debug, Clone, PartialEq)]
pub struct Macd {
    /// The fast average less the slow one (`MACD`).
    pub line: Vec<f64>,
    /// The line less its signal (`MACDh`).
    pub histogram: Vec<f64>,
    /// The exponential average of the line (`MACDs`).
    pub signal: Vec<f64>,
}

/// Returns the moving average convergence and divergence of the closes.
///
/// Exponential averages with weight `2 / (n + 1)`, each seeded by the plain mean of its first values. TA-Lib seeds the
/// fast and the slow one so that both seeds end at row `slow − 1`; [`Generation::Classic`] seeds the fast one from row 0.
/// pandas-ta swaps `fast` and `slow` if `fast` is the larger, which is left to the caller: here `fast` is subtracted
/// from, whichever it is, and the seeds end where the longer one does.
///
/// **Warm-up:** `slow + signal − 2` rows in all columns; under [`Generation::Classic`] the line has values from row
/// `slow − 1` on. TA-Lib takes no `fast` or `slow` below 2; all take a `signal` of 1 or more,
/// where the signal is the line; TA-Lib 0.6 leaves rows unwritten there, which this does not repeat.
#[must_use]
pub fn macd(close: &[f64], fast: usize, slow: usize, signal: usize, generation: Generation) -> Macd {
    let len = close.len();
    let mut out = Macd { line: blank(len), histogram: blank(len), signal: blank(len) };
    let classic = generation == Generation::Classic;
    let shortest = if classic { 1 } else { 2 };
    let longer = fast.max(slow);
    if fast < shortest || slow < shortest || signal < 1 || longer > len {
        return out;
    }
    let start = longer - 1;
    let mean = |end: usize, n: usize| seed(&close[end + 1 - n..=end], classic);
    let (fast_smoothing, slow_smoothing) = (smoothing(fast, generation), smoothing(slow, generation));
    let (mut fast_average, mut slow_average) = if classic {
        let caught_up = |n: usize, smoothing: Smoothing| {
            let rest = close[n..=start].iter();
            rest.fold(mean(n - 1, n), |average, &value| smoothing.next(average, value))
        };
        (caught_up(fast, fast_smoothing), caught_up(slow, slow_smoothing))
    } else {
        (mean(start, fast), mean(start, slow))
    };
    out.line[start] = fast_average - slow_average;
    for (line, &value) in out.line.iter_mut().zip(close).skip(longer) {
        fast_average = fast_smoothing.next(fast_average, value);
        slow_average = slow_smoothing.next(slow_average, value);
        *line = fast_average - slow_average;
    }

    let hidden = if classic { 0 } else { (signal - 1).min(len - start) };
    if signal <= len - start {
        let first = start + signal - 1;
        let smoothing = smoothing(signal, generation);
        let mut average = seed(&out.line[start..=first], classic);
        for row in first..len {
            if row > first {
                average = smoothing.next(average, out.line[row]);
            }
            out.signal[row] = average;
            out.histogram[row] = out.line[row] - average;
        }
    }
    // TA-Lib shows no line without a signal.
    out.line[start..start + hidden].fill(f64::NAN);
    out
}

fn smoothing(n: usize, generation: Generation) -> Smoothing {
    let weight = 2.0 / (n as f64 + 1.0);
    match generation {
        Generation::TaLib06 => Smoothing::Plain { weight },
        Generation::TaLib08 => Smoothing::Fused { weight },
        Generation::Classic => Smoothing::Weighted { weight },
    }
}

/// Returns the plain mean that an exponential average starts from.
fn seed(values: &[f64], classic: bool) -> f64 {
    let sum = if classic {
        sum_pairwise(values.len(), &|index| values[index])
    } else {
        sum_in_order(values.len(), |index| values[index])
    };
    sum / values.len() as f64
}
