//! Sortino ratio: the mean of a row's return divided by the deviation of its losses, made annual.
//!
//! `mean(r) / √(mean(min(r, 0)²)) · √(rows in a year)`, where the mean of the squares is over all rows, those without a loss
//! as well, the target is zero and a year has 365.25 days (Sortino and Price, Performance Measurement in a Downside Risk
//! Framework, Journal of Investing, 1994).
//!
//! `None` with fewer than two rows, where equity is ever zero or less, and without a loss that is more than rounding.

use super::equity;
use super::figure;
use crate::market::pairwise;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the mean return by the deviation of the losses.
pub(super) fn measure(run: &Run<'_>) -> Value {
    figure(ratio(run))
}

fn ratio(run: &Run<'_>) -> Option<f64> {
    let returns = equity::returns(run)?;
    let count = returns.values.len() as f64;
    let squares: Vec<f64> = returns.values.iter().map(|value| value.min(0.0) * value.min(0.0)).collect();
    let deviation = (pairwise::sum(&squares) / count).sqrt();
    let mean = pairwise::sum(&returns.values) / count;
    (deviation > returns.noise).then(|| mean / deviation * equity::annual(run))
}
