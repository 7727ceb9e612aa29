//! The traded volume of the executors with a profit or a loss, in quote; entry and exit both count.

use super::Run;
use super::Value;
use super::decimal_sum;

/// Adds the filled amounts.
pub(super) fn measure(run: &Run<'_>) -> Value {
    Value::Figure(Some(decimal_sum(run.with_position().map(|executor| &executor.figures.filled_amount_quote))))
}
