//! What is asked for, and why is it refused?

use serde_json::Value;

use crate::workflow::jobs::Error;
use crate::workflow::jobs::State;

/// A job that somebody wants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Order {
    /// Which kind of work it is: `backtest`, `download`.
    pub kind: String,
    /// What the work is told.
    pub request: Value,
    /// The hash of all that the result is a function of: equal keys have equal results. Empty where nothing is to be cached.
    pub key: String,
    /// Whose job it is. A workspace has one active job at most: the newer supersedes the older.
    pub workspace: Option<String>,
    /// What people see in lists.
    pub title: String,
    /// Whether the order is refused where the workspace has an active job, instead of superseding that.
    pub refuses_when_busy: bool,
}

/// Why something that was asked of the desk is not done.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Refusal {
    /// So many jobs wait that no more are accepted.
    #[error("{limit} jobs wait, and no more are accepted")]
    #[diagnostic(code("HV0885"), help("try again when some of them are done; `hive serve` bounds the queue"))]
    QueueFull {
        /// How many may wait.
        limit: usize,
    },

    /// The workspace has an active job.
    #[error("workspace `{workspace}` already has the active job `{job_id}`")]
    #[diagnostic(code("HV0884"), help("wait for it, or cancel it"))]
    Busy {
        /// The workspace.
        workspace: String,
        /// Its job.
        job_id: String,
    },

    /// The service stops.
    #[error("the service is shutting down")]
    #[diagnostic(code("HV0887"), help("try again when it is up"))]
    ShuttingDown,

    /// There is no job with this id.
    #[error("there is no job `{job_id}`")]
    #[diagnostic(code("HV0881"), help("finished jobs are kept until there are too many; the oldest go first"))]
    NoSuchJob {
        /// The id.
        job_id: String,
    },

    /// The job has ended, so that it cannot be stopped, paused or resumed.
    #[error("job `{job_id}` is {}", state.name())]
    #[diagnostic(code("HV0882"))]
    Ended {
        /// The job.
        job_id: String,
        /// How it ended.
        state: State,
    },

    /// The job is active, so that it cannot be removed.
    #[error("job `{job_id}` is {}", state.name())]
    #[diagnostic(code("HV0882"), help("cancel it first"))]
    Active {
        /// The job.
        job_id: String,
        /// How it stands.
        state: State,
    },

    /// So many running jobs are paused that no more may be.
    #[error("{limit} running jobs are paused, and no more may be")]
    #[diagnostic(code("HV0891"), help("a paused job holds its memory; resume or cancel one"))]
    TooManyPaused {
        /// How many may be paused.
        limit: usize,
    },

    /// The disk does not take it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] Error),
}
