//! How does a request become a job?

use serde_json::Map;
use serde_json::Value;

use crate::service::bound;
use crate::service::desk::Checked;
use crate::service::error::Error;
use crate::service::error::Problem;
use crate::service::front::Inner;
use crate::workflow::jobs;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Order;
use crate::workflow::jobs::Refusal;

/// The kind of jobs that replay.
pub const BACKTEST: &str = "backtest";

/// The kind of jobs that fetch candles.
pub const DOWNLOAD: &str = "download";

/// The workspace of whoever names none, where there has to be one.
pub const WORKSPACE: &str = "default";

/// Whose job it shall be, and what happens where there is an active one.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The workspace.
    pub workspace: Option<String>,
    /// Whether the new job is refused where the workspace has an active one, instead of taking its place.
    pub refuses_when_busy: bool,
}

/// Checks a backtest and hands it to the jobs. It blocks for about a millisecond.
///
/// # Errors
///
/// Tells what is wrong with it, or that there is no room for it.
pub fn backtest(front: &Inner, body: &Value, place: &Place) -> Result<Job, Error> {
    let checked = front.desk.check(body)?;
    let place = if front.single_run {
        Place { workspace: Some(WORKSPACE.to_owned()), refuses_when_busy: true }
    } else {
        place.clone()
    };
    submit(front, BACKTEST, checked, place)
}

/// Hands a checked request to the jobs.
///
/// # Errors
///
/// Tells that there is no room for it.
pub fn submit(front: &Inner, kind: &str, checked: Checked, place: Place) -> Result<Job, Error> {
    let Checked { request, key, title } = checked;
    let Place { workspace, refuses_when_busy } = place;
    let order = Order { kind: kind.to_owned(), request, key, workspace, title, refuses_when_busy };
    let job = front.jobs.submit(order)?;
    tracing::info!(job = job.id, kind, title = job.title, is_cached = job.is_cached, "accepted");
    Ok(job)
}

/// Takes the workspace out of a body; everything else is the backtest's.
///
/// # Errors
///
/// Refuses a body that is no object, and a workspace that is no name.
pub fn workspace(body: Value) -> Result<(Option<String>, Value), Error> {
    let mut fields = object(body)?;
    let workspace = match fields.shift_remove("workspace") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => {
            check_workspace(&name)?;
            Some(name)
        }
        Some(_) => return Err(Error::parameter("workspace", "string_type", "Input should be a valid string")),
    };
    Ok((workspace, Value::Object(fields)))
}

/// Checks the name of a workspace.
///
/// # Errors
///
/// Refuses what is empty, long, or has other characters than letters, digits, `-`, `_` and `.`.
pub fn check_workspace(name: &str) -> Result<(), Error> {
    let is_plain = |symbol: char| symbol.is_ascii_alphanumeric() || "-_.".contains(symbol);
    if name.is_empty() || name.len() > bound::WORKSPACE_CHARS_MAX || !name.chars().all(is_plain) {
        let message = format!("a workspace has 1 to {} letters, digits, `-`, `_` or `.`", bound::WORKSPACE_CHARS_MAX);
        return Err(Error::parameter("workspace", "value_error", &message));
    }
    Ok(())
}

/// Returns the fields of a body.
///
/// # Errors
///
/// Refuses a body that is no object.
pub fn object(body: Value) -> Result<Map<String, Value>, Error> {
    match body {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::invalid(Problem::new(
            &[],
            "model_attributes_type",
            "Input should be a valid dictionary or object to extract fields from",
        ))),
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::QueueFull { limit } => Self::QueueFull { limit },
            Refusal::Busy { job_id, .. } => Self::Busy { job_id },
            Refusal::ShuttingDown => Self::ShuttingDown,
            Refusal::NoSuchJob { job_id } => Self::UnknownJob { id: job_id },
            Refusal::Ended { job_id, state } => {
                Self::WrongState { id: job_id, state: state.name().to_owned(), deed: "stopped, paused or resumed" }
            }
            Refusal::Active { job_id, state } => {
                Self::WrongState { id: job_id, state: state.name().to_owned(), deed: "removed" }
            }
            Refusal::TooManyPaused { limit } => Self::TooManyPaused { limit },
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<jobs::Error> for Error {
    fn from(error: jobs::Error) -> Self {
        Self::failed("the database of jobs", &error)
    }
}
