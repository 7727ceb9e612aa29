//! Net profit: all that was earned after all fees, whether realised or not, in quote and as a fraction of the budget.

use super::figure;
use crate::metric::Run;
use crate::metric::Value;

/// Returns the profit at the last row's close as a fraction of the budget, `net_pnl_quote / budget`; `None` for a budget of
/// zero.
pub(super) fn fraction(run: &Run<'_>) -> Value {
    figure(Some(last(run) / run.total_amount_quote.to_f64()))
}

/// Returns the profit at the last row's close, in quote; zero without rows.
pub(super) fn quote(run: &Run<'_>) -> Value {
    figure(Some(last(run)))
}

/// Returns what of the profit is not at risk any more, in quote: `net_pnl_quote - unrealized_pnl_quote`.
pub(super) fn realized(run: &Run<'_>) -> Value {
    figure(Some(last(run) - run.unrealized_pnl_quote))
}

/// Returns the profit at the end of what was still open, holds included, in quote.
pub(super) fn unrealized(run: &Run<'_>) -> Value {
    figure(Some(run.unrealized_pnl_quote))
}

fn last(run: &Run<'_>) -> f64 {
    run.total_pnl_quote.last().copied().unwrap_or(0.0)
}
