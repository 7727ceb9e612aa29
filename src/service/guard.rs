//! What happens to every request, before it is answered and after?
//!
//! It gets an id and room; it is for this service, from no foreign page, and from somebody who may ask; what it is answered
//! is in the shape of its family, carries the headers that keep browsers careful, is counted and logged. A handler that
//! panics is an answer, too.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use axum::body::Body;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use axum::response::Response;
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use crate::service::bound;
use crate::service::dropin;
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::origin;

/// The header with a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a proxy.
const REQUEST_ID_CHARS_MAX: usize = 64;

/// What the page may do: show what comes from this service, and ask nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Headers of every answer.
const CAREFUL: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What no route was found for, in the log and the counts.
const UNMATCHED: &str = "unmatched";

/// Answers a request.
pub async fn guard(State(front): State<Front>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str).to_owned();
    let is_drop_in = dropin::is_drop_in(request.uri().path());
    let mut ticket = Ticket::new(&front, request.method(), path, request.headers());
    // What is logged on the way has the request's id, too.
    let span = tracing::info_span!("on", request = ticket.id);
    let answer = AssertUnwindSafe(answered(&front, &ticket.path, request, next).instrument(span)).catch_unwind().await;
    let mut response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => error.into_response(),
        // What it said is in the log: the hook of panics writes there.
        Err(_) => Error::Bug.into_response(),
    };
    let error = response.extensions_mut().remove::<Error>();
    if is_drop_in && let Some(error) = &error {
        response = dropin::refused(error);
    }
    if matches!(error, Some(Error::Unauthorised { .. })) {
        // A browser would ask for a password by itself where the page does.
        let challenge = if is_drop_in { "Basic realm=\"hive\"" } else { "Bearer realm=\"hive\"" };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    let headers = response.headers_mut();
    for (name, value) in CAREFUL {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(&ticket.id) {
        headers.insert(REQUEST_ID, id);
    }
    ticket.finish(response.status(), error.as_ref());
    response
}

async fn answered(front: &Front, path: &str, request: Request, next: Next) -> Result<Response, Error> {
    let _room = front.requests.clone().try_acquire_owned().map_err(|_| Error::TooBusy)?;
    front.hosts.check(request.uri(), request.headers())?;
    origin::check_origin(request.method(), request.headers())?;
    if !front.open_paths.contains(path) {
        front.access.check(request.headers(), Instant::now())?;
    }
    let time = if dropin::waits(path) { bound::RUN_TIME_MAX + bound::ANSWER_TIME_MAX } else { bound::ANSWER_TIME_MAX };
    let is_head = request.method() == Method::HEAD;
    let answer = tokio::time::timeout(time, next.run(request)).await;
    let response = answer.map_err(|_| Error::TooSlow { seconds: time.as_secs() })?;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && response.extensions().get::<Error>().is_none() {
        // The router knows which methods there are, and has no words.
        let allowed = response.headers().get(header::ALLOW).cloned();
        let mut refusal = Error::UnknownMethod.into_response();
        if let Some(allowed) = allowed {
            refusal.headers_mut().insert(header::ALLOW, allowed);
        }
        return Ok(refusal);
    }
    Ok(if is_head { response.map(|_| Body::empty()) } else { response })
}

/// A request on its way. Where its client goes away before the answer, that is logged.
struct Ticket {
    front: Front,
    id: String,
    method: Method,
    path: String,
    since: Instant,
    is_done: bool,
}

impl Ticket {
    fn new(front: &Front, method: &Method, path: String, headers: &HeaderMap) -> Self {
        front.metrics.begin();
        let given = if front.behind_proxy { given_id(headers) } else { None };
        let id = given.unwrap_or_else(next_id);
        Self { front: front.clone(), id, method: method.clone(), path, since: Instant::now(), is_done: false }
    }

    fn finish(&mut self, status: StatusCode, error: Option<&Error>) {
        self.is_done = true;
        let elapsed = self.since.elapsed();
        self.front.metrics.end(method_name(&self.method), &self.path, status.as_u16(), elapsed, error);
        let (id, method, path, status) = (&*self.id, method_name(&self.method), &*self.path, status.as_u16());
        let elapsed_ms = milliseconds(elapsed);
        match error {
            Some(Error::Failed { what, why }) => {
                tracing::error!(request = id, method, path, status, elapsed_ms, code = "HV0889", what, why, "failed");
            }
            Some(error) => {
                let code = error.code_text();
                tracing::info!(request = id, method, path, status, elapsed_ms, code, "refused");
            }
            None => tracing::info!(request = id, method, path, status, elapsed_ms, "answered"),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_done {
            let elapsed = self.since.elapsed();
            self.front.metrics.end(method_name(&self.method), &self.path, CLIENT_GONE, elapsed, None);
            let (id, method, path) = (&*self.id, method_name(&self.method), &*self.path);
            tracing::info!(request = id, method, path, elapsed_ms = milliseconds(elapsed), "the client went away");
        }
    }
}

/// The status that is counted where nobody waits for the answer any more, as other servers count it.
const CLIENT_GONE: u16 = 499;

fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}

/// Returns the method's name, or one word for all that nobody knows: whoever asks must not be able to make up names.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!id.is_empty() && id.len() <= REQUEST_ID_CHARS_MAX && id.bytes().all(is_plain)).then(|| id.to_owned())
}

/// Returns an id that no other request of this process has.
fn next_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{:08x}-{:06x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
