//! `/api/jobs`: asks for backtests, lists what was asked for, and tells what came of it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::service::answer;
use crate::service::body;
use crate::service::bound;
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::front::Inner;
use crate::service::order;
use crate::service::order::Place;
use crate::service::own::csv;
use crate::service::query::Query;
use crate::workflow::jobs;
use crate::workflow::jobs::Filter;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Jobs;
use crate::workflow::jobs::Refusal;

/// A page of jobs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Page {
    /// The jobs, newest first, without their requests and steps.
    pub jobs: Vec<Job>,
    /// What to send as `before` for the next page; null on the last one.
    pub next: Option<u64>,
}

/// Accepts a backtest as a job.
pub async fn start(State(front): State<Front>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let body = body::json(&headers, body).await?;
    let job = front
        .blocking(move |front| {
            let (workspace, body) = order::workspace(body)?;
            order::backtest(front, &body, &Place { workspace, refuses_when_busy: false })
        })
        .await?;
    Ok(accepted(&job))
}

/// Answers that a job is accepted, and where it is.
pub(super) fn accepted(job: &Job) -> Response {
    let mut response = answer::json(StatusCode::ACCEPTED, job);
    let place = HeaderValue::from_str(&format!("/api/jobs/{}", job.id)).expect("ids are letters, digits and dashes");
    response.headers_mut().insert(header::LOCATION, place);
    response
}

/// Lists jobs.
pub async fn list(State(front): State<Front>, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let query = Query::read(query.as_deref());
    let limit = query.number("limit", 1, bound::LIST_MAX as u64)?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(bound::LIST_DEFAULT);
    let state = query.text("state").map(state).transpose()?;
    let filter = Filter {
        state,
        workspace: query.text("workspace").map(str::to_owned),
        kind: query.text("kind").map(str::to_owned),
        // One more tells whether there is another page.
        limit: limit + 1,
        before: query.number("before", 0, u64::MAX)?,
    };
    let mut jobs = front.blocking(move |front| Ok(front.jobs.jobs(&filter))).await?;
    let has_more = jobs.len() > limit;
    jobs.truncate(limit);
    let next = if has_more { jobs.last().map(|job| job.number) } else { None };
    Ok(answer::json(StatusCode::OK, &Page { jobs, next }))
}

fn state(name: &str) -> Result<jobs::State, Error> {
    jobs::State::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| {
        let names: Vec<&str> = jobs::State::ALL.iter().map(|state| state.name()).collect();
        Error::parameter("state", "enum", &format!("it has to be one of {}", names.join(", ")))
    })
}

/// Tells how a job stands.
pub async fn detail(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    let job = front.blocking(move |front| known(front, &id)).await?;
    Ok(answer::json(StatusCode::OK, &job))
}

/// Returns a job.
pub(super) fn known(front: &Inner, id: &str) -> Result<Job, Error> {
    front.jobs.job(id).ok_or_else(|| Error::UnknownJob { id: shown(id) })
}

/// Returns an id as it can be told again: whoever made one up gets it back in part.
fn shown(id: &str) -> String {
    const CHARS_MAX: usize = 64;
    id.chars().take(CHARS_MAX).collect()
}

/// Cancels a job that is active, and removes one that has ended.
pub async fn remove(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    let job = front
        .blocking(move |front| {
            known(front, &id)?;
            match front.jobs.cancel(&id) {
                Err(Refusal::Ended { .. }) => Ok(front.jobs.remove(&id)?),
                done => Ok(done?),
            }
        })
        .await?;
    Ok(answer::json(StatusCode::OK, &job))
}

/// Cancels a job.
pub async fn cancel(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    deed(front, id, Jobs::cancel).await
}

/// Makes a job wait.
pub async fn pause(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    deed(front, id, Jobs::pause).await
}

/// Lets a paused job go on.
pub async fn resume(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    deed(front, id, Jobs::resume).await
}

async fn deed(front: Front, id: String, deed: fn(&Jobs, &str) -> Result<Job, Refusal>) -> Result<Response, Error> {
    let done = front
        .blocking(move |front| {
            known(front, &id)?;
            Ok(deed(&front.jobs, &id)?)
        })
        .await?;
    Ok(answer::json(StatusCode::OK, &done))
}

/// Gives a job's result.
pub async fn result(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    let result = front.blocking(move |front| kept(front, &id)).await?;
    Ok(answer::raw_json(result))
}

/// Returns a job's result.
fn kept(front: &Inner, id: &str) -> Result<Arc<[u8]>, Error> {
    known(front, id)?;
    front.jobs.result(id)?.ok_or_else(|| Error::NoResult { id: id.to_owned() })
}

/// Gives a job's executors as a table.
pub async fn executors(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    table(front, id, "executors", csv::executors).await
}

/// Gives a job's profit over time as a table.
pub async fn profit(State(front): State<Front>, Path(id): Path<String>) -> Result<Response, Error> {
    table(front, id, "pnl", csv::profit).await
}

async fn table(front: Front, id: String, name: &str, write: fn(&Value) -> String) -> Result<Response, Error> {
    let file = format!("attachment; filename=\"{name}-{}.csv\"", id.chars().take(8).collect::<String>());
    let text = front
        .blocking(move |front| {
            let result = kept(front, &id)?;
            let packet = serde_json::from_slice(&result).map_err(|error| Error::failed("the result", &error))?;
            Ok(write(&packet))
        })
        .await?;
    let mut response = answer::typed(StatusCode::OK, "text/csv; charset=utf-8", Body::from(text));
    if let Ok(file) = HeaderValue::from_str(&file) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(response)
}
