//! Hit rate: the share of executors with a profit among those that ended with a profit or a loss; 0 to 1, `None` without any.
//!
//! It says nothing of how much was won or lost; [`super::profit_factor`] does.

use super::figure;
use super::filled::outcomes;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the number of winners by that of winners and losers.
pub(super) fn measure(run: &Run<'_>) -> Value {
    let won = outcomes(run).filter(|pnl| *pnl > 0.0).count();
    figure(Some(won as f64 / outcomes(run).count() as f64))
}
