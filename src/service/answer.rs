//! How is an answer written?

use std::sync::Arc;

use axum::body::Body;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use serde::Serialize;

/// Returns a JSON answer.
#[must_use]
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let text = serde_json::to_vec(value).expect("answers have text keys and finite numbers");
    typed(status, "application/json", Body::from(text))
}

/// Returns a JSON answer of a text that is JSON already; it is not copied.
#[must_use]
pub fn raw_json(text: Arc<[u8]>) -> Response {
    typed(StatusCode::OK, "application/json", Body::from(Bytes::from_owner(text)))
}

/// Returns an answer of a type.
#[must_use]
pub fn typed(status: StatusCode, media: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// Returns an answer without a body.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Returns bytes as hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(u32::from(digit), 16).expect("four bits are a hex digit")).collect()
}
