//! Sharpe ratio: the mean of a row's return divided by its standard deviation, made annual.
//!
//! `mean(r) / deviation(r) · √(rows in a year)`, with the sample's deviation (n − 1), a risk-free rate of zero and a year of
//! 365.25 days, for markets that never close (Sharpe, The Sharpe Ratio, Journal of Portfolio Management, 1994). The root
//! holds for returns without serial correlation (Lo, The Statistics of Sharpe Ratios, 2002): compare scenarios of equal rows.
//!
//! `None` with fewer than two rows, where equity is ever zero or less, and where the returns vary by no more than rounding.

use super::equity;
use super::figure;
use crate::market::pairwise::mean_and_deviation;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the mean return by its deviation.
pub(super) fn measure(run: &Run<'_>) -> Value {
    figure(ratio(run))
}

fn ratio(run: &Run<'_>) -> Option<f64> {
    let returns = equity::returns(run)?;
    let (mean, deviation) = mean_and_deviation(&returns.values)?;
    (deviation > returns.noise).then(|| mean / deviation * equity::annual(run))
}
