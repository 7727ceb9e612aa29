//! How many executors there were: in all, with a profit or a loss, by side, and by sign.

use super::Run;
use super::Value;
use super::winners::Winners;
use crate::market::Side;

/// Counts all executors.
pub(super) fn executors(run: &Run<'_>) -> Value {
    Value::Count(run.executors.len() as u64)
}

/// Counts the executors that had a profit or a loss.
pub(super) fn with_position(run: &Run<'_>) -> Value {
    Value::Count(run.with_position().count() as u64)
}

/// Counts those of them that bought.
pub(super) fn long(run: &Run<'_>) -> Value {
    Value::Count(Winners::of(run, Some(Side::Buy)).all)
}

/// Counts those of them that sold.
pub(super) fn short(run: &Run<'_>) -> Value {
    Value::Count(Winners::of(run, Some(Side::Sell)).all)
}

/// Counts those of them that had a profit.
pub(super) fn won(run: &Run<'_>) -> Value {
    Value::Count(Winners::of(run, None).won)
}

/// Counts those of them that had a loss.
pub(super) fn lost(run: &Run<'_>) -> Value {
    let winners = Winners::of(run, None);
    Value::Count(winners.all - winners.won)
}
