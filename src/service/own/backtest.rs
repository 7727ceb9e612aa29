//! `/api/backtest/…`: one backtest a workspace, started, watched and stopped, for pages that know no jobs.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::service::answer;
use crate::service::body;
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::order;
use crate::service::order::Place;
use crate::service::query::Query;
use crate::workflow::jobs;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Jobs;
use crate::workflow::jobs::Refusal;

/// How a workspace's newest backtest stands.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Status {
    /// Whether it is yet to end.
    pub running: bool,
    /// Whether it waits until somebody resumes it.
    pub paused: bool,
    /// Its job; null where there was none yet.
    pub job_id: Option<String>,
    /// When it was begun.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// How much of its stage is done, from 0 to 1.
    pub progress_pct: f64,
    /// The moment in the candles that the last step tells of.
    pub current_time: Value,
    /// How many bars are replayed.
    pub decisions_processed: u64,
    /// How many there are.
    pub total_decisions: u64,
    /// The controller.
    pub exit_style: Option<String>,
    /// The trading pair.
    pub underlying: Option<String>,
    /// The begin of the replayed time, in RFC 3339.
    pub start_date: Option<String>,
    /// Its end.
    pub end_date: Option<String>,
    /// The metrics, once it is complete; none while it runs or after it was stopped.
    pub metrics: Value,
    /// What has happened in it last, up to a hundred steps.
    pub recent_steps: Vec<Value>,
    /// Why it has no result.
    pub error: Option<String>,
    /// What it does: `validating`, `fetching_candles`, `calculating`, `complete`.
    pub stage: Option<String>,
    /// The same in words for people.
    pub stage_label: Option<String>,
    /// What its work says.
    pub message: String,
    /// In how many seconds the stage is done at the rate so far.
    pub eta_s: Option<f64>,
}

/// Whether a backtest was started.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Started {
    /// Whether it was.
    pub started: bool,
    /// Its job, or the one that is active already.
    pub job_id: String,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Starts a backtest, unless the workspace has an active one.
pub async fn start(State(front): State<Front>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let body = body::json(&headers, body).await?;
    let started = front
        .blocking(move |front| {
            let (workspace, body) = order::workspace(body)?;
            let workspace = workspace.unwrap_or_else(|| order::WORKSPACE.to_owned());
            order::backtest(front, &body, &Place { workspace: Some(workspace), refuses_when_busy: true })
        })
        .await;
    match started {
        Ok(job) => Ok(answer::json(StatusCode::OK, &Started { started: true, job_id: job.id, error: None })),
        Err(Error::Busy { job_id }) => {
            let error = Some(Error::Busy { job_id: String::new() }.to_string());
            Ok(answer::json(StatusCode::CONFLICT, &Started { started: false, job_id, error }))
        }
        Err(error) => Err(error),
    }
}

/// Tells how the workspace's newest backtest stands.
pub async fn status(State(front): State<Front>, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let workspace = workspace(query.as_deref())?;
    let job = front.blocking(move |front| Ok(front.jobs.latest(&workspace))).await?;
    Ok(answer::json(StatusCode::OK, &job.map_or_else(Status::none, Status::of)))
}

/// Stops the workspace's backtest.
pub async fn stop(front: State<Front>, query: RawQuery) -> Result<Response, Error> {
    deed(front, query, "stopping", Jobs::cancel).await
}

/// Makes the workspace's backtest wait.
pub async fn pause(front: State<Front>, query: RawQuery) -> Result<Response, Error> {
    deed(front, query, "paused", Jobs::pause).await
}

/// Lets the workspace's backtest go on.
pub async fn resume(front: State<Front>, query: RawQuery) -> Result<Response, Error> {
    deed(front, query, "resumed", Jobs::resume).await
}

type Deed = fn(&Jobs, &str) -> Result<Job, Refusal>;

async fn deed(
    State(front): State<Front>,
    RawQuery(query): RawQuery,
    word: &'static str,
    deed: Deed,
) -> Result<Response, Error> {
    let workspace = workspace(query.as_deref())?;
    let done = front
        .blocking(move |front| {
            let Some(job) = front.jobs.active(&workspace) else {
                return Ok(None);
            };
            match deed(&front.jobs, &job.id) {
                // It ended in between.
                Err(Refusal::Ended { .. } | Refusal::NoSuchJob { .. }) => Ok(None),
                done => Ok(Some(done?)),
            }
        })
        .await?;
    Ok(match done {
        Some(job) => answer::json(StatusCode::OK, &json!({ word: true, "job_id": job.id })),
        None => answer::json(StatusCode::CONFLICT, &json!({ word: false, "error": "No backtest is running" })),
    })
}

fn workspace(query: Option<&str>) -> Result<String, Error> {
    let query = Query::read(query);
    let name = query.text("workspace").unwrap_or(order::WORKSPACE);
    order::check_workspace(name)?;
    Ok(name.to_owned())
}

impl Status {
    fn none() -> Self {
        Self { metrics: json!({}), ..Self::default() }
    }

    fn of(job: Job) -> Self {
        let steps = job.steps.unwrap_or_default();
        let request = job.request.unwrap_or_default();
        let moment = |key: &str| request.get(key).and_then(Value::as_f64).and_then(rfc3339);
        let config = |key: &str| request.pointer(&format!("/config/{key}")).and_then(Value::as_str).map(str::to_owned);
        let error = match (job.state, job.error) {
            (jobs::State::Cancelled, _) => Some("Cancelled by user".to_owned()),
            (_, error) => error.map(|error| error.message),
        };
        Self {
            running: job.state.is_active(),
            paused: job.is_paused,
            job_id: Some(job.id),
            started_at: job.started_at,
            finished_at: job.completed_at,
            progress_pct: job.progress,
            current_time: steps.last().and_then(|step| step.get("time")).cloned().unwrap_or_default(),
            decisions_processed: job.done,
            total_decisions: job.total,
            exit_style: config("controller_name"),
            underlying: config("trading_pair"),
            start_date: moment("start_time"),
            end_date: moment("end_time"),
            metrics: metrics(job.summary),
            recent_steps: steps,
            error,
            stage: Some(job.stage.name().to_owned()),
            stage_label: Some(job.stage_label.to_owned()),
            message: job.message,
            eta_s: job.eta_s,
        }
    }
}

/// Returns the metrics in a summary; a summary without has nothing else.
fn metrics(summary: Option<Value>) -> Value {
    let mut summary = summary.unwrap_or_else(|| json!({}));
    match summary.get_mut("metrics") {
        Some(metrics) => metrics.take(),
        None => summary,
    }
}

/// Returns a moment in RFC 3339.
fn rfc3339(seconds: f64) -> Option<String> {
    #[allow(clippy::cast_possible_truncation, reason = "what is out of bounds has no date")]
    let moment = jiff::Timestamp::from_second(seconds as i64).ok()?;
    Some(moment.to_string())
}
