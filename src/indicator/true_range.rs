//! How far did a candle reach, and how far do candles reach on average?

use super::EPSILON;
use super::Generation;
use super::mean::Wilder;
use super::mean::sum_in_order;
use super::mean::sum_pairwise;

/// Calls `visit` with each row and its average true range, from row `n` on, in order.
///
/// The true range is the largest of high − low, |previous close − high| and |previous close − low|, from row 1 on; the
/// first average is the mean of the first `n`, the others are Wilder's. Visits nothing if `n` is 0 or there are no
/// more than `n` rows.
pub(super) fn each_average(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    n: usize,
    generation: Generation,
    mut visit: impl FnMut(usize, f64),
) {
    let len = close.len().min(high.len()).min(low.len());
    if n == 0 || n >= len {
        return;
    }
    let range = |row: usize| {
        let previous = close[row - 1];
        let mut own = high[row] - low[row];
        if generation == Generation::Classic && own == 0.0 {
            own = EPSILON;
        }
        own.max((previous - high[row]).abs()).max((previous - low[row]).abs())
    };
    let seed = |index: usize| range(index + 1);
    let (smoothing, sum) = match generation {
        Generation::TaLib06 => (Wilder::plain(n), sum_in_order(n, seed)),
        Generation::TaLib08 => (Wilder::fused(n), sum_in_order(n, seed)),
        Generation::Classic => (Wilder::pandas(n), sum_pairwise(n, &seed)),
    };
    let mut average = sum / n as f64;
    visit(n, average);
    for row in n + 1..len {
        average = smoothing.next(average, range(row));
        visit(row, average);
    }
}
