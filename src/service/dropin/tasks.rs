//! `/backtesting/tasks`: jobs as Hummingbot's API tells of them.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::service::answer;
use crate::service::bound;
use crate::service::dropin;
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::front::Inner;
use crate::service::order;
use crate::service::order::Place;
use crate::workflow::jobs;
use crate::workflow::jobs::Filter;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Refusal;

/// A task that was accepted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Accepted {
    /// Its id.
    pub task_id: String,
    /// Its state.
    pub status: &'static str,
}

/// A task; one that was asked for by its id has its `result` as well.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Task {
    /// Its id: that of the job.
    pub task_id: String,
    /// `pending`, `running`, `completed`, `failed` or `cancelled`.
    pub status: &'static str,
    /// What was asked for.
    pub config: Value,
    /// When it was accepted.
    pub created_at: String,
    /// When it was begun.
    pub started_at: Option<String>,
    /// When it ended.
    pub completed_at: Option<String>,
    /// Why it has no result.
    pub error: Option<String>,
}

/// Accepts a backtest as a task.
pub async fn submit(State(front): State<Front>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let body = dropin::read(&headers, body).await?;
    let job = front.blocking(move |front| order::backtest(front, &body, &Place::default())).await?;
    Ok(answer::json(StatusCode::OK, &Accepted { task_id: job.id, status: status(job.state) }))
}

/// Lists the newest tasks, the oldest of them first.
pub async fn list(State(front): State<Front>) -> Result<Response, Error> {
    let tasks = front
        .blocking(|front| {
            let filter =
                Filter { kind: Some(order::BACKTEST.to_owned()), limit: bound::TASKS_MAX, ..Filter::default() };
            let mut jobs = front.jobs.jobs(&filter);
            jobs.reverse();
            // Lists of jobs leave out what was asked for, lists of tasks do not.
            let whole = jobs.into_iter().map(|job| front.jobs.job(&job.id).unwrap_or(job));
            Ok(whole.map(task).collect::<Vec<_>>())
        })
        .await?;
    Ok(answer::json(StatusCode::OK, &tasks))
}

/// Tells of a task, with its result.
pub async fn detail(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    let text = front
        .blocking(move |front| {
            let job = known(front, &id)?;
            let result = front.jobs.result(&job.id)?;
            let mut text = serde_json::to_vec(&task(job)).expect("tasks have text keys and finite numbers");
            if let Some(result) = result {
                // The result is JSON already, and large: it is put in, not read and written again.
                text.pop();
                text.extend_from_slice(b",\"result\":");
                text.extend_from_slice(&result);
                text.push(b'}');
            }
            Ok(text)
        })
        .await?;
    Ok(answer::typed(StatusCode::OK, "application/json", Body::from(text)))
}

/// Cancels a task and forgets it.
pub async fn delete(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    let id = front
        .blocking(move |front| {
            let job = known(front, &id)?;
            match front.jobs.cancel(&job.id) {
                Ok(_) | Err(Refusal::Ended { .. }) => {}
                Err(refusal) => return Err(refusal.into()),
            }
            front.jobs.remove(&job.id)?;
            Ok(job.id)
        })
        .await?;
    Ok(answer::json(StatusCode::OK, &json!({ "status": "deleted", "task_id": id })))
}

/// Returns a backtest; other jobs are no tasks.
fn known(front: &Inner, id: &str) -> Result<Job, Error> {
    const CHARS_MAX: usize = 64;
    let job = front.jobs.job(id).filter(|job| job.kind == order::BACKTEST);
    job.ok_or_else(|| Error::UnknownJob { id: id.chars().take(CHARS_MAX).collect() })
}

fn task(job: Job) -> Task {
    let error = match (job.state, job.error) {
        (jobs::State::Cancelled | jobs::State::Superseded, _) => None,
        (_, error) => error.map(|error| error.message),
    };
    Task {
        task_id: job.id,
        status: status(job.state),
        config: job.request.unwrap_or_default(),
        created_at: job.created_at,
        started_at: job.started_at,
        completed_at: job.completed_at,
        error,
    }
}

/// Returns the word that Hummingbot's API has for a state.
fn status(state: jobs::State) -> &'static str {
    match state {
        jobs::State::Pending => "pending",
        jobs::State::Running => "running",
        jobs::State::Complete => "completed",
        jobs::State::Failed | jobs::State::Interrupted => "failed",
        jobs::State::Cancelled | jobs::State::Superseded => "cancelled",
    }
}
