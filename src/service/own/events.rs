//! `/api/jobs/{id}/events`: what happens to a job, as server-sent events, from the past on.
//!
//! An event has an id. A browser that was cut off says the last one that it saw in `Last-Event-ID`, and is told what came
//! after. The stream ends with the job, with an event `end` that no reconnected stream needs.

use std::convert::Infallible;

use axum::body::Body;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use crate::service::answer;
use crate::service::bound;
use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::own::jobs;
use crate::service::query::Query;
use crate::workflow::jobs::Event;
use crate::workflow::jobs::Events;

/// How soon a browser comes back after it was cut off.
const RETRY_MS: u32 = 1000;

/// Tells what happens to a job, until it has ended.
pub async fn events(
    State(front): State<Front>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let after = after(&headers, &Query::read(query.as_deref()))?;
    let room = front.streams.clone().try_acquire_owned().map_err(|_| Error::TooBusy)?;
    let events = front
        .blocking(move |front| {
            let job = jobs::known(front, &id)?;
            front.jobs.events(&job.id, after).ok_or(Error::UnknownJob { id: job.id })
        })
        .await?;
    let stream = Stream::new(front, events, room);
    let chunks = stream::unfold(stream, |mut stream| async move {
        let text = stream.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(text)), stream))
    });
    let mut response = answer::typed(StatusCode::OK, "text/event-stream", Body::from_stream(chunks));
    // Proxies keep answers back until they are whole, unless told otherwise.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Returns the id of the last event that the client has seen: in the header as browsers send it, or as a parameter.
fn after(headers: &HeaderMap, query: &Query) -> Result<u64, Error> {
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::trim);
    match seen.filter(|id| !id.is_empty()) {
        // Whoever sends something that was never an id is told everything.
        Some(id) => Ok(id.parse().unwrap_or_default()),
        None => Ok(query.number("after", 0, u64::MAX)?.unwrap_or_default()),
    }
}

/// A stream that somebody listens to.
struct Stream {
    front: Front,
    events: Events,
    _room: OwnedSemaphorePermit,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Begin,
    Middle,
    End,
}

impl Stream {
    fn new(front: Front, events: Events, room: OwnedSemaphorePermit) -> Self {
        front.metrics.stream_begins();
        Self { front, events, _room: room, place: Place::Begin }
    }

    /// Returns what is to be sent next; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        match self.place {
            Place::Begin => {
                self.place = Place::Middle;
                return Some(format!("retry: {RETRY_MS}\n\n"));
            }
            Place::Middle => {}
            Place::End => return None,
        }
        let stopping = self.front.clone();
        tokio::select! {
            event = self.events.next() => Some(if let Some(event) = event {
                written(&event)
            } else {
                self.place = Place::End;
                "event: end
data: {}

".to_owned()
            }),
            // Without an end, the browser comes back when the service does.
            () = stopping.stopping() => None,
            () = tokio::time::sleep(bound::HEARTBEAT) => Some(": still here\n\n".to_owned()),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.front.metrics.stream_ends();
    }
}

/// Returns an event as it goes over the wire: its data is JSON on one line.
fn written(event: &Event) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.kind, event.data)
}
