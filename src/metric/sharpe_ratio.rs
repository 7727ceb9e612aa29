//! Sharpe ratio as Hummingbot defines it: the mean of the profit's **level** divided by its standard deviation (n − 1).
//!
//! It is neither of returns nor annualised, so it says little beside other venues' figures; it is kept because upstream
//! reports it. Until v2.13 the level is the profit so far divided by the volume so far, over executors; since v2.14 it is the
//! profit at each candle divided by the budget, and zero where that does not vary.

use super::Convention;
use super::Run;
use super::Value;
use super::cumulative;
use crate::market::Decimal;
use crate::market::pairwise::mean_and_deviation;

/// Returns the ratio; `None` where upstream divides by a deviation of zero.
pub(super) fn measure(run: &Run<'_>) -> Value {
    if run.is_over_series() {
        let budget = run.total_amount_quote.to_f64();
        let levels: Vec<f64> = run.total_pnl_quote.iter().map(|pnl| pnl / budget).collect();
        let ratio = mean_and_deviation(&levels).filter(|&(_, deviation)| deviation > 0.0);
        return Value::Figure(Some(ratio.map_or(0.0, |(mean, deviation)| mean / deviation)));
    }
    let levels = executor_levels(run);
    let Some((mean, deviation)) = mean_and_deviation(&levels) else {
        return Value::Figure(Some(0.0));
    };
    Value::Figure(Some(mean / deviation).filter(|ratio| ratio.is_finite()))
}

/// Returns the profit so far divided by the volume so far, executor by executor.
fn executor_levels(run: &Run<'_>) -> Vec<f64> {
    let pnl = run.with_position().map(|executor| executor.figures.net_pnl_quote);
    let volume = run.with_position().map(|executor| executor.figures.filled_amount_quote);
    if run.convention == Convention::Executors {
        let pairs = cumulative(pnl).zip(cumulative(volume));
        return pairs.filter_map(|(pnl, volume)| Decimal::quotient(pnl, volume)).map(Decimal::to_f64).collect();
    }
    let (mut pnl_sum, mut volume_sum) = (0.0, 0.0);
    let add = |(pnl, volume)| {
        pnl_sum += pnl;
        volume_sum += volume;
        pnl_sum / volume_sum
    };
    pnl.zip(volume).map(add).collect()
}
