//! What happens to a job, told in order: from the past on, then as it happens?

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Rises with each event of the job, also over restarts; not by one each time.
    pub id: u64,
    /// `state` (the data is the job as in lists), `stage`, `progress` or `step`.
    pub kind: &'static str,
    /// What there is to know.
    pub data: Value,
}

/// The events of one job: those that are remembered, then those that come, until the job has ended.
///
/// Nothing is queued for a reader: one that is slower than its job misses the oldest events, and sees that from the ids of
/// `state` events alone.
pub struct Events;

impl Events {
    /// Returns the next event once it is there; `None` when the job has ended and all was told, or it was removed.
    pub async fn next(&mut self) -> Option<Event> {
        None
    }

    /// Returns the next event, for which it waits this long at most; `None` where none came.
    pub fn next_within(&mut self, _patience: Duration) -> Option<Event> {
        None
    }
}
