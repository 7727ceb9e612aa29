//! What Hummingbot's clients speak: the routes of its backend-api and its hummingbot-api, with their answers and refusals.

pub mod run;
pub mod tasks;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

use crate::service::answer;
use crate::service::body;
use crate::service::error::Error;
use crate::service::error::Problem;

/// The routes that wait for a backtest's end, of the oldest generation of clients first.
pub const RUNS: [&str; 3] = ["/run-backtesting", "/backtesting/run-backtesting", "/backtesting/run"];

/// Returns whether a request's path is answered as Hummingbot's API does: all but hive's own.
#[must_use]
pub fn is_drop_in(path: &str) -> bool {
    !path.starts_with("/api/") && path != "/api"
}

/// Returns whether a route waits for a backtest's end.
#[must_use]
pub fn waits(route: &str) -> bool {
    RUNS.contains(&route)
}

/// Reads a body as FastAPI does.
async fn read(headers: &HeaderMap, body: Body) -> Result<Value, Error> {
    let bytes = body::bytes(headers, body).await?;
    if bytes.is_empty() {
        return Err(Error::invalid(Problem::new(&[], "missing", "Field required")));
    }
    if !body::is_json(headers) {
        return Err(Error::NotJson);
    }
    body::parse(&bytes)
}

/// Writes a refusal as FastAPI does.
#[must_use]
pub fn refused(error: &Error) -> Response {
    let (status, detail) = match error {
        Error::Invalid { problems, .. } => (StatusCode::UNPROCESSABLE_ENTITY, problems.iter().map(problem).collect()),
        Error::BrokenJson { why, place } => {
            let problem = json!({
                "type": "json_invalid", "loc": ["body", place], "msg": "JSON decode error", "input": {}, "ctx": { "error": why },
            });
            (StatusCode::UNPROCESSABLE_ENTITY, json!([problem]))
        }
        Error::NotJson => {
            let message = "Input should be a valid dictionary or object to extract fields from";
            let problem = json!({ "type": "model_attributes_type", "loc": ["body"], "msg": message });
            (StatusCode::UNPROCESSABLE_ENTITY, json!([problem]))
        }
        Error::Unauthorised { is_wrong: false } => (error.status(), json!("Not authenticated")),
        Error::Unauthorised { is_wrong: true } => (error.status(), json!("Incorrect username or password")),
        Error::UnknownPath => (error.status(), json!("Not Found")),
        Error::UnknownMethod => (error.status(), json!("Method Not Allowed")),
        Error::UnknownJob { id } => (error.status(), json!(format!("Task {id} not found"))),
        other => (other.status(), json!(other.to_string())),
    };
    let mut response = answer::json(status, &json!({ "detail": detail }));
    if let Some(seconds) = error.retry_after_s() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn problem(problem: &Problem) -> Value {
    let inner = problem.loc.iter().map(|name| name.parse::<u64>().map_or_else(|_| json!(name), |index| json!(index)));
    let loc: Vec<Value> = std::iter::once(json!("body")).chain(inner).collect();
    json!({ "type": problem.kind, "loc": loc, "msg": problem.message })
}
