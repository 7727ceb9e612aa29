//! What does a job do, and what can it say while it does it?

use serde_json::Value;

use crate::workflow::jobs::Stage;

/// What jobs are made of. A panic in it is a failed job with the panic's message.
pub trait Work: Send + Sync + 'static {
    /// Does a job of this kind. `request` is what was accepted.
    ///
    /// It may be done more than once: a process that dies begins again with the job. So it has to come to the same result
    /// each time, and to look at [`Watch::is_cancelled`] often, every few milliseconds.
    ///
    /// # Errors
    ///
    /// Returns why there is no result. What it returns after it was cancelled is not looked at.
    fn run(&self, kind: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed>;
}

/// What a work tells those who wait for it, and what it is told.
pub trait Watch: Sync {
    /// Says what is done now. The count of [`Self::progress`] begins again.
    fn stage(&self, stage: Stage, message: &str);

    /// Says how much of the stage is done, in units of real work: rows fetched, bars replayed. Cheap enough for every bar.
    /// A `total` of 0 is not known.
    fn progress(&self, done: u64, total: u64);

    /// Says what has just happened, for people who watch. The last hundred are kept.
    fn step(&self, step: Value);

    /// Returns whether to stop now. Waits while the job is paused. An atomic load where it is neither.
    fn is_cancelled(&self) -> bool;
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The result: JSON text.
    pub result: Vec<u8>,
    /// A small object for lists: the metrics.
    pub summary: Value,
}

/// Why nothing came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The code that `hive explain` knows.
    pub code: &'static str,
    /// What failed.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}
