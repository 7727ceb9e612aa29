//! Net profit: the sum of what all executors earned after fees, in quote and as a fraction of the budget.

use super::Convention;
use super::Run;
use super::Value;
use super::decimal_total;
use crate::market::Decimal;
use crate::market::decimal::Operand;

/// Returns the net profit in quote.
pub(super) fn quote(run: &Run<'_>) -> Value {
    Value::Figure(Some(total(run).map_or(0.0, Operand::to_f64)))
}

/// Returns the net profit as a fraction of the budget; `None` for a budget of zero.
pub(super) fn fraction(run: &Run<'_>) -> Value {
    let Some(total) = total(run) else {
        return Value::Figure(Some(0.0));
    };
    Value::Figure(match run.convention {
        Convention::Executors => Decimal::quotient(total, run.total_amount_quote).map(Decimal::to_f64),
        Convention::Series => {
            Some(total.to_f64() / run.total_amount_quote.to_f64()).filter(|fraction| fraction.is_finite())
        }
    })
}

fn total(run: &Run<'_>) -> Option<Operand> {
    decimal_total(run.executors.iter().map(|executor| &executor.net_pnl_quote))
}
