//! How does a job stand?

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::workflow::jobs::Failed;

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Accepted; waits for a worker.
    Pending,
    /// Somebody works on it.
    Running,
    /// It has a result.
    Complete,
    /// Its work failed or panicked.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// A newer job of the same workspace has taken its place.
    Superseded,
    /// The process has died too often while it ran.
    Interrupted,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Complete,
        Self::Failed,
        Self::Cancelled,
        Self::Superseded,
        Self::Interrupted,
    ];

    /// Returns its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Interrupted => "interrupted",
        }
    }

    /// Returns whether the job is yet to end.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Looks at what was asked for.
    Validating,
    /// Fetches or reads candles.
    FetchingCandles,
    /// Replays.
    Calculating,
    /// Is done.
    Complete,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 4] = [Self::Validating, Self::FetchingCandles, Self::Calculating, Self::Complete];

    /// Returns its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::FetchingCandles => "fetching_candles",
            Self::Calculating => "calculating",
            Self::Complete => "complete",
        }
    }

    /// Returns what people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Validating => "Validating inputs",
            Self::FetchingCandles => "Fetching candles",
            Self::Calculating => "Calculating",
            Self::Complete => "Complete",
        }
    }
}

/// Why a job has no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The code that `hive explain` knows.
    pub code: String,
    /// What failed.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        Self { code: failed.code.to_owned(), message: failed.message, hint: failed.hint }
    }
}

/// A job as others see it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Job {
    /// Its id, a UUID.
    pub id: String,
    /// How many jobs the desk has ever accepted up to this one: the order of lists.
    pub number: u64,
    /// Which kind of work it is: `backtest`, `download`.
    pub kind: String,
    /// What people see in lists.
    pub title: String,
    /// Whose job it is.
    pub workspace: Option<String>,
    /// Where it is in its life.
    pub state: State,
    /// What it does, or did last.
    pub stage: Stage,
    /// The stage in words for people.
    pub stage_label: &'static str,
    /// How much of its stage is done, from 0 to 1. It stays where it was when the job failed, and is 1 when it is complete.
    pub progress: f64,
    /// How many units of work of the stage are done.
    pub done: u64,
    /// How many there are; 0 where nobody knows.
    pub total: u64,
    /// What the work says.
    pub message: String,
    /// In how many seconds the stage is done at the rate so far; `None` where nobody knows.
    pub eta_s: Option<f64>,
    /// How many times somebody has begun to work on it.
    pub attempts: u32,
    /// When it was accepted: RFC 3339 in UTC, with milliseconds.
    pub created_at: String,
    /// When somebody last began to work on it.
    pub started_at: Option<String>,
    /// When it ended.
    pub completed_at: Option<String>,
    /// Why it has no result, where it has ended without.
    pub error: Option<Failure>,
    /// Whether it has a result.
    pub has_result: bool,
    /// A small object about the result: the metrics.
    pub summary: Option<Value>,
    /// Whether its result was there before it was asked for.
    pub is_cached: bool,
    /// Whether it waits until somebody resumes it.
    pub is_paused: bool,
    /// What the work was told. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// What has happened in it, the last hundred steps. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Value>>,
}

/// Which jobs are listed, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Those in this state.
    pub state: Option<State>,
    /// Those of this workspace.
    pub workspace: Option<String>,
    /// Those of this kind.
    pub kind: Option<String>,
    /// At most so many; all where it is 0.
    pub limit: usize,
    /// Those that were accepted before the job with this number.
    pub before: Option<u64>,
}
