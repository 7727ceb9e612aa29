//! Exposure: the mean value of what was held at the rows' closes, as a fraction of the budget; 0 or more.
//!
//! Long and short are added up, so a hedged position counts twice, and leverage brings it above one. `None` without rows, and
//! for a budget of zero.

use super::figure;
use crate::market::pairwise;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the mean position by the budget.
pub(super) fn measure(run: &Run<'_>) -> Value {
    let mean = pairwise::sum(run.position_quote) / run.position_quote.len() as f64;
    figure(Some(mean / run.total_amount_quote.to_f64()))
}
