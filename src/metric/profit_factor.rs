//! Profit factor: what the winning executors earned, divided by what the losing ones lost; one without a loss.

use super::Run;
use super::Value;
use super::decimal_total;
use crate::market::Decimal;

/// Divides gains by losses.
pub(super) fn measure(run: &Run<'_>) -> Value {
    if run.executors.is_empty() {
        return Value::Figure(Some(0.0));
    }
    let pnl = || run.with_position().map(|executor| &executor.figures.net_pnl_quote);
    let lost = decimal_total(pnl().filter(|pnl| **pnl < 0.0));
    let Some(lost) = lost else {
        return Value::Figure(Some(1.0));
    };
    let won = decimal_total(pnl().filter(|pnl| **pnl > 0.0)).unwrap_or(Decimal::ZERO.into());
    Value::Figure(Decimal::quotient(won, Decimal::difference(Decimal::ZERO, lost)).map(Decimal::to_f64))
}
