//! `/api/session`: how the page signs in. The cookie is for the browser alone: no script sees it.

use std::time::Instant;

use axum::body::Body;
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
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::order;

/// Whether somebody is known.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Session {
    /// Whether requests like this one are answered.
    pub authenticated: bool,
    /// Whether a token or a password is needed at all.
    pub needs_token: bool,
}

/// What signs in.
#[derive(Debug, JsonSchema)]
#[allow(
    dead_code,
    reason = "it describes a body; the handler reads it by hand, so that no message repeats what was typed"
)]
pub struct SignIn {
    /// The token or the password.
    token: String,
}

/// Opens a session.
pub async fn open(State(front): State<Front>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let fields = order::object(body::json(&headers, body).await?)?;
    let Some(Value::String(typed)) = fields.get("token") else {
        return Err(Error::parameter("token", "missing", "it has to be a text"));
    };
    let cookie = front.access.open(typed, Instant::now())?;
    Ok(with_cookie(&cookie))
}

/// Ends a session.
pub async fn close(State(front): State<Front>, headers: HeaderMap) -> Response {
    with_cookie(&front.access.close(&headers))
}

fn with_cookie(cookie: &str) -> Response {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let cookie = HeaderValue::from_str(cookie).expect("a cookie of ours is plain text");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

/// Tells whether somebody is known.
pub async fn tell(State(front): State<Front>, headers: HeaderMap) -> Response {
    let authenticated = front.access.check(&headers, Instant::now()).is_ok();
    answer::json(StatusCode::OK, &Session { authenticated, needs_token: front.access.is_locked() })
}
