//! Time in the market: the share of rows at whose close anything was held; 0 to 1, `None` without rows.

use super::figure;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the number of rows with a position by that of all rows.
pub(super) fn measure(run: &Run<'_>) -> Value {
    let held = run.position_quote.iter().filter(|position| **position > 0.0).count();
    figure(Some(held as f64 / run.position_quote.len() as f64))
}
