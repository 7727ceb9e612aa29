//! Net profit: the sum of what all executors earned after fees, in quote and as a fraction of the budget.

use super::Convention;
use super::Run;
use super::Value;
use super::decimal_total;
use crate::market::Decimal;
use crate::market::decimal::Operand;

/// Returns the net profit in quote: what executors booked, and what the holds realised.
pub(super) fn quote(run: &Run<'_>) -> Value {
    Value::Figure(Some(in_quote(run)))
}

/// Returns the net profit as a fraction of the budget; `None` for a budget of zero.
pub(super) fn fraction(run: &Run<'_>) -> Value {
    if run.executors.is_empty() {
        return Value::Figure(Some(0.0));
    }
    let total = booked(run).unwrap_or(Decimal::ZERO.into());
    Value::Figure(if run.convention == Convention::Executors {
        Decimal::quotient(total, run.total_amount_quote).map(Decimal::to_f64)
    } else {
        Some(in_quote(run) / run.total_amount_quote.to_f64()).filter(|fraction| fraction.is_finite())
    })
}

fn in_quote(run: &Run<'_>) -> f64 {
    let held = run.hold.map_or(0.0, |hold| hold.realized_pnl_quote.to_f64());
    booked(run).map_or(0.0, Operand::to_f64) + held
}

fn booked(run: &Run<'_>) -> Option<Operand> {
    decimal_total(run.booked().map(|executor| &executor.figures.net_pnl_quote))
}
