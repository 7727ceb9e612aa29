//! `/api/candles`: which candles are there, and fetching more.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::service::answer;
use crate::service::body;
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::order;
use crate::service::order::Place;
use crate::service::own::jobs;

/// Which candles there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Coverage {
    /// A file each: connector, pair, interval, from when to when, and what is missing in between.
    pub candles: Value,
}

/// Lists the candles.
pub async fn list(State(front): State<Front>) -> Result<Response, Error> {
    let candles = front.blocking(|front| front.desk.coverage()).await?;
    Ok(answer::json(StatusCode::OK, &Coverage { candles }))
}

/// Accepts a download of candles as a job.
pub async fn download(State(front): State<Front>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let body = body::json(&headers, body).await?;
    let job = front
        .blocking(move |front| {
            let (workspace, body) = order::workspace(body)?;
            let checked = front.desk.check_download(&body)?;
            order::submit(front, order::DOWNLOAD, checked, Place { workspace, refuses_when_busy: false })
        })
        .await?;
    Ok(jobs::accepted(&job))
}
