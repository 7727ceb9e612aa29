//! When an executor leaves at an open: because its time is up, or because it was told to.

use crate::engine::causal::bar::Bar;
use crate::engine::causal::ending::Ending;
use crate::executor::CloseType;

/// What makes an executor leave at an open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// When its time is up, epoch seconds; `None` without a limit.
    deadline: Option<i64>,
    /// Why it was told to leave; `None` while it was not.
    ordered: Option<CloseType>,
}

impl Departure {
    /// Sets the clock of an executor that may live for `limit` seconds from a time on.
    #[must_use]
    pub fn new(time: i64, limit: Option<i64>) -> Self {
        Self { deadline: limit.map(|limit| time.saturating_add(limit)), ordered: None }
    }

    /// Makes the executor leave at the next open; the first reason counts.
    pub fn order(&mut self, close_type: CloseType) {
        self.ordered.get_or_insert(close_type);
    }

    /// Returns the end of the executor, if it leaves at the open of a candle.
    #[must_use]
    pub fn due(&self, bar: &Bar) -> Option<Ending> {
        let is_late = self.deadline.is_some_and(|deadline| bar.open_time >= deadline);
        let close_type = self.ordered.or_else(|| is_late.then_some(CloseType::TimeLimit))?;
        Some(Ending { close_type, time: bar.open_time })
    }
}
