//! Turnover: how often the budget was traded over the whole window, `total_volume / budget`; 0 or more.
//!
//! Purchases and sales both count, so that a budget that was put in and taken out once has a turnover of two. `None` for a
//! budget of zero.

use super::figure;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the volume by the budget.
pub(super) fn measure(run: &Run<'_>) -> Value {
    figure(Some(run.volume_quote / run.total_amount_quote.to_f64()))
}
