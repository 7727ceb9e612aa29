//! Maximum drawdown: the deepest fall of equity below its highest before, in quote and as a fraction; never positive.
//!
//! Equity starts at the budget, and it is looked at at closes: what happened within a candle is not seen. The two figures may
//! come from different falls, as a fall of 50 from 1000 is deeper than one of 40 from 200 in quote, but not as a fraction.
//!
//! The fraction is `equity / highest before - 1` at its lowest (Magdon-Ismail and Atiya, Maximum Drawdown, Risk, 2004). It is
//! below −1 where more than everything was lost: that an account was ruined must not read as an empty field. Both are `None`
//! where an equity is no finite number, the fraction also for a budget of zero or less, without which there is no highest to
//! be a fraction of.

use super::equity;
use super::figure;
use crate::metric::Run;
use crate::metric::Value;

/// Returns the deepest fall in quote; zero without one.
pub(super) fn quote(run: &Run<'_>) -> Value {
    // The budget is in both equities; without it nothing of a small profit is rounded off.
    let profits = std::iter::once(0.0).chain(run.total_pnl_quote.iter().copied());
    figure(deepest(profits, |profit, highest| profit - highest))
}

/// Returns the deepest fall as a fraction of the highest equity before; zero without one.
pub(super) fn fraction(run: &Run<'_>) -> Value {
    figure(of_highest(run))
}

/// Returns the deepest fall as a fraction; see [`fraction`].
pub(super) fn of_highest(run: &Run<'_>) -> Option<f64> {
    deepest(equity::path(run), |equity, highest| equity / highest - 1.0)
        .filter(|_| run.total_amount_quote.to_f64() > 0.0)
}

/// Returns the lowest of what `fall` makes of each value and the highest up to it; `None` where one is no finite number.
fn deepest(values: impl Iterator<Item = f64>, fall: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let (mut highest, mut deepest) = (f64::NEG_INFINITY, 0.0_f64);
    for value in values {
        if !value.is_finite() {
            return None;
        }
        highest = highest.max(value);
        deepest = deepest.min(fall(value, highest));
    }
    Some(deepest)
}
