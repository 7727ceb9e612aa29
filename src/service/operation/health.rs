//! Does the service live, is it ready, and what has it counted?

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use crate::service::answer;
use crate::service::error::Error;
use crate::service::front::Front;

/// How the service is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// `ok`, `stopping` or `not ready`.
    pub status: &'static str,
}

/// Says that the process answers.
pub async fn healthz() -> Response {
    answer::json(StatusCode::OK, &Health { status: "ok" })
}

/// Says whether new jobs are accepted.
pub async fn readyz(State(front): State<Front>) -> Result<Response, Error> {
    if front.is_stopping() {
        return Ok(answer::json(StatusCode::SERVICE_UNAVAILABLE, &Health { status: "stopping" }));
    }
    let is_ready = front.blocking(|front| Ok(front.jobs.is_ready())).await?;
    Ok(if is_ready {
        answer::json(StatusCode::OK, &Health { status: "ok" })
    } else {
        answer::json(StatusCode::SERVICE_UNAVAILABLE, &Health { status: "not ready" })
    })
}

/// Tells what was counted, for Prometheus.
pub async fn metrics(State(front): State<Front>) -> Result<Response, Error> {
    let text = front.blocking(|front| Ok(front.metrics.text(&front.jobs.counts()))).await?;
    Ok(answer::typed(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", Body::from(text)))
}
