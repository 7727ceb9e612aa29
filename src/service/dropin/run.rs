//! The routes that answer with a backtest's result: whoever asks waits, and whoever goes away has it cancelled.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::service::answer;
use crate::service::bound;
use crate::service::dropin;
use crate::service::error::Error;
use crate::service::error::Problem;
use crate::service::front::Front;
use crate::service::order;
use crate::service::order::Place;
use crate::workflow::jobs;
use crate::workflow::jobs::Jobs;

/// Runs a backtest and answers with its result.
///
/// A backtest that fails is answered with 200 and its error, as Hummingbot's API does.
pub async fn run(State(front): State<Front>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let body = dropin::read(&headers, body).await?;
    // The waiter is made where the job is: who goes away in between has it cancelled, too.
    let accepted = front.blocking(move |front| {
        let job = order::backtest(front, &body, &Place::default())?;
        Ok(Waiter { jobs: Arc::clone(&front.jobs), id: job.id, is_over: false })
    });
    match accepted.await {
        Err(Error::Invalid { problems, is_of_the_engine: true, .. }) => {
            let lines: Vec<String> = problems.iter().map(Problem::advice).collect();
            Ok(failed(&lines.join("\n")))
        }
        waiter => waiter?.wait(&front).await,
    }
}

/// Answers that a backtest failed, as Hummingbot's API does.
fn failed(told: &str) -> Response {
    answer::json(StatusCode::OK, &json!({ "error": told }))
}

/// Somebody who waits for a job. Where they go away, nobody wants its result.
struct Waiter {
    jobs: Arc<Jobs>,
    id: String,
    is_over: bool,
}

impl Waiter {
    async fn wait(mut self, front: &Front) -> Result<Response, Error> {
        let ended = tokio::select! {
            ended = front.jobs.ended(&self.id) => ended,
            // The job is kept, and done at the next start; who asks again then gets its result at once.
            () = front.stopping() => {
                self.is_over = true;
                return Err(Error::ShuttingDown);
            }
            () = tokio::time::sleep(bound::RUN_TIME_MAX) => {
                return Err(Error::TooSlow { seconds: bound::RUN_TIME_MAX.as_secs() });
            }
        };
        self.is_over = true;
        let Some(ended) = ended else {
            return Err(Error::UnknownJob { id: self.id.clone() });
        };
        if let Some(result) = ended.result {
            return Ok(answer::raw_json(result));
        }
        let job = ended.job;
        let told = match (job.state, job.error) {
            (jobs::State::Complete, _) => return Err(Error::NoResult { id: job.id }),
            (_, Some(error)) => error.message,
            (state, None) => format!("the backtest was {}", state.name()),
        };
        Ok(failed(&told))
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (jobs, id) = (Arc::clone(&self.jobs), std::mem::take(&mut self.id));
        // A job that has ended meanwhile needs no cancelling.
        let cancel = move || drop(jobs.cancel(&id));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(cancel)),
            Err(_) => cancel(),
        }
    }
}
