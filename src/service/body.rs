//! What does a request's body say, as JSON and within its bounds?

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header;
use http_body_util::BodyExt as _;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use serde_json::Value;

use crate::service::bound;
use crate::service::error::Error;

/// How deep arrays and objects of a request may nest: configurations have a handful of levels.
const DEPTH_MAX: usize = 64;

/// Reads a body.
///
/// # Errors
///
/// Refuses what is too large, or does not come in time.
pub async fn bytes(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Error> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > bound::BODY_BYTES_MAX as u64) {
        return Err(Error::BodyTooLarge);
    }
    let whole = Limited::new(body, bound::BODY_BYTES_MAX).collect();
    match tokio::time::timeout(bound::BODY_TIME_MAX, whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::BodyTooLarge),
        // A client that goes away in the middle is not there to read the answer.
        Ok(Err(_)) | Err(_) => Err(Error::BodyTooSlow),
    }
}

/// Reads a body as JSON.
///
/// # Errors
///
/// Refuses a body of another type, and one that is no JSON.
pub async fn json(headers: &HeaderMap, body: Body) -> Result<Value, Error> {
    if !is_json(headers) {
        return Err(Error::NotJson);
    }
    parse(&bytes(headers, body).await?)
}

/// Returns whether the headers say that the body is JSON.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads JSON.
///
/// # Errors
///
/// Tells what is wrong, and at which byte.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| broken(bytes, &error))?;
    if depth(&value) > DEPTH_MAX {
        return Err(Error::BrokenJson { why: format!("it nests deeper than {DEPTH_MAX} levels"), place: 0 });
    }
    Ok(value)
}

fn broken(bytes: &[u8], error: &serde_json::Error) -> Error {
    let before = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let place = before.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
    Error::BrokenJson { why: error.to_string(), place: place.min(bytes.len()) }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 1,
    }
}
