//! Equity: the budget and the whole profit at the close of each row, in quote; returns and years come from it.

use crate::metric::Run;

/// How little of the equity a return may be and still be told from rounding, as a fraction.
///
/// A hedged position many times the budget rounds its equity by some 1e-15 of it, and the smallest order of a venue moves a
/// budget of a million by 1e-9. A deviation is compared with this bound, never with zero: that of constant returns of 0.1
/// is 1e-16, and the ratio over it would be 6e15.
pub(super) const NOISE: f64 = 1e-13;

/// A year of 365.25 days, in seconds.
const YEAR: f64 = 365.25 * 86_400.0;

/// Returns the equity before the first row, which is the budget, and at each row's close.
pub(super) fn path(run: &Run<'_>) -> impl Iterator<Item = f64> {
    let budget = run.total_amount_quote.to_f64();
    std::iter::once(budget).chain(run.total_pnl_quote.iter().map(move |pnl| budget + pnl))
}

/// What each row earned on the equity before it.
pub(super) struct Returns {
    /// The returns, `equity / equity before - 1`.
    pub(super) values: Vec<f64>,
    /// A deviation of the returns up to this is rounding: [`NOISE`] of the largest sum that an equity is made from, and where
    /// the equity is a small rest of the budget, that is much of it.
    pub(super) noise: f64,
}

/// Returns the rows' returns; `None` for fewer than two rows, and where an equity is zero, less or no finite number: nobody
/// earns a return on nothing.
pub(super) fn returns(run: &Run<'_>) -> Option<Returns> {
    let equity: Vec<f64> = path(run).collect();
    if equity.len() < 3 || !equity.iter().all(|equity| *equity > 0.0 && equity.is_finite()) {
        return None;
    }
    let pairs = || equity.windows(2).map(|pair| (pair[0], pair[1]));
    let noise = pairs().map(|(before, now)| equity[0].max(before).max(now) / before).fold(0.0, f64::max) * NOISE;
    Some(Returns { values: pairs().map(|(before, now)| now / before - 1.0).collect(), noise })
}

/// Returns the factor that makes a ratio of one row's returns one of a year's: the root of the rows in a year.
pub(super) fn annual(run: &Run<'_>) -> f64 {
    (YEAR / run.period as f64).sqrt()
}

/// Returns how many years the rows last.
pub(super) fn years(run: &Run<'_>) -> f64 {
    run.total_pnl_quote.len() as f64 * run.period as f64 / YEAR
}
