//! The fees of all executors, in quote.

use super::Run;
use super::Value;
use super::decimal_sum;

/// Adds the fees.
pub(super) fn measure(run: &Run<'_>) -> Value {
    Value::Figure(Some(decimal_sum(run.executors.iter().map(|executor| &executor.figures.cum_fees_quote))))
}
