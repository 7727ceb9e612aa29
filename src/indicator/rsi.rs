//! Which share of the recent movement was upwards?

use super::Generation;
use super::ZERO;
use super::blank;
use super::mean::Wilder;
use super::mean::sum_in_order;
use super::mean::sum_pairwise;

/// Returns the relative strength index over `n` changes of the close, from 0 to 100.
///
/// `100 · gain / (gain + loss)`, each Wilder's average of the upward respectively downward changes, seeded by the plain
/// mean of the first `n`. Where nothing moved TA-Lib gives 0, not 50 (TA-Lib 0.6 also where both averages
/// sum to less than 1e-14), and `pandas_ta_classic` NaN.
///
/// **Warm-up:** `n` rows. TA-Lib takes no `n` below 2.
#[must_use]
pub fn rsi(close: &[f64], n: usize, generation: Generation) -> Vec<f64> {
    let mut out = blank(close.len());
    let classic = generation == Generation::Classic;
    if n < if classic { 1 } else { 2 } || n >= close.len() {
        return out;
    }
    let gain_at = |row: usize| (close[row] - close[row - 1]).max(0.0);
    let loss_at = |row: usize| (close[row - 1] - close[row]).max(0.0);
    let smoothing = match generation {
        Generation::TaLib06 => Wilder::plain(n),
        Generation::TaLib08 => Wilder::shared(n),
        Generation::Classic => Wilder::pandas(n),
    };
    let (mut gain, mut loss) = (seed(n, generation, gain_at), seed(n, generation, loss_at));
    out[n] = share(gain, loss, generation);
    for (offset, figure) in out[n + 1..].iter_mut().enumerate() {
        let row = n + 1 + offset;
        gain = smoothing.next(gain, gain_at(row));
        loss = smoothing.next(loss, loss_at(row));
        *figure = share(gain, loss, generation);
    }
    out
}

/// Returns the mean of `term(1..=n)`, which the average starts from.
fn seed(n: usize, generation: Generation, term: impl Fn(usize) -> f64) -> f64 {
    let term = |index: usize| term(index + 1);
    match generation {
        Generation::TaLib06 => sum_in_order(n, term) / n as f64,
        Generation::TaLib08 => sum_in_order(n, term) * (1.0 / n as f64),
        Generation::Classic => sum_pairwise(n, &term) / n as f64,
    }
}

fn share(gain: f64, loss: f64, generation: Generation) -> f64 {
    let whole = gain + loss;
    match generation {
        Generation::TaLib06 if whole < ZERO => 0.0,
        Generation::TaLib08 if whole == 0.0 => 0.0,
        Generation::TaLib06 | Generation::TaLib08 => 100.0 * (gain / whole),
        Generation::Classic => 100.0 * gain / whole,
    }
}
