//! Maximum drawdown: the deepest fall of the profit below its best so far, in quote and as a fraction; never positive.
//!
//! Until v2.13 the profit is that of the executors with a profit or a loss, one after the other, and the fraction is of the
//! budget after the first of them. Since v2.14 it is the profit at each candle and the fraction is of the budget.

use super::Convention;
use super::Run;
use super::Value;
use super::cumulative;
use crate::market::Decimal;
use crate::market::decimal::Operand;
use crate::market::decimal::compare;

/// Returns the drawdown in quote.
pub(super) fn quote(run: &Run<'_>) -> Value {
    Value::Figure(Some(if run.is_over_series() {
        series(run.total_pnl_quote)
    } else {
        executors(run).map_or(0.0, Operand::to_f64)
    }))
}

/// Returns the drawdown as a fraction; `None` for a budget of zero.
pub(super) fn fraction(run: &Run<'_>) -> Value {
    if run.is_over_series() {
        let fraction = series(run.total_pnl_quote) / run.total_amount_quote.to_f64();
        return Value::Figure(Some(fraction).filter(|fraction| fraction.is_finite()));
    }
    let (Some(first), Some(fall)) = (run.with_position().next(), executors(run)) else {
        return Value::Figure(Some(0.0));
    };
    Value::Figure(if run.convention == Convention::Executors {
        let inventory = Decimal::sum(run.total_amount_quote, first.figures.net_pnl_quote);
        Decimal::quotient(fall, inventory).map(Decimal::to_f64)
    } else {
        let inventory = run.total_amount_quote.to_f64() + first.figures.net_pnl_quote;
        Some(fall.to_f64() / inventory).filter(|fraction| fraction.is_finite())
    })
}

fn series(pnl: &[f64]) -> f64 {
    let mut best = f64::NEG_INFINITY;
    pnl.iter().fold(0.0, |deepest: f64, &value| {
        best = best.max(value);
        deepest.min(value - best)
    })
}

/// Returns the deepest fall over executors; `None` without any.
fn executors(run: &Run<'_>) -> Option<Operand> {
    if run.convention == Convention::Series {
        let mut sum = 0.0;
        let pnl: Vec<f64> = run
            .with_position()
            .map(|executor| {
                sum += executor.figures.net_pnl_quote;
                sum
            })
            .collect();
        return (!pnl.is_empty()).then(|| series(&pnl).into());
    }
    let mut best: Option<Operand> = None;
    let mut deepest: Option<Decimal> = None;
    for value in cumulative(run.with_position().map(|executor| executor.figures.net_pnl_quote)) {
        let peak = best.filter(|&best| compare(best, value).is_ge()).unwrap_or(value);
        best = Some(peak);
        let fall = Decimal::difference(value, peak);
        deepest = Some(deepest.filter(|&deepest| deepest <= fall).unwrap_or(fall));
    }
    deepest.map(Operand::from)
}
