//! How does a thread take jobs and see them to their end?

use std::any::Any;
use std::io;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;

use serde_json::Value;

use crate::io::jobs;
use crate::io::jobs::Kept;
use crate::io::jobs::Writing;
use crate::io::sqlite;
use crate::workflow::jobs::Done;
use crate::workflow::jobs::Failure;
use crate::workflow::jobs::desk::Shared;
use crate::workflow::jobs::run::Run;
use crate::workflow::jobs::run::Watching;
use crate::workflow::jobs::shelf::Outcome;
use crate::workflow::jobs::shelf::Shelf;
use crate::workflow::jobs::shelf::Taken;

/// Starts threads until as many work as may.
pub(super) fn hire(shared: &Arc<Shared>, shelf: &mut Shelf) -> io::Result<()> {
    while !shelf.is_stopping && shelf.threads - shelf.held < shelf.limits.workers.max(1) {
        let worker = shared.clone();
        thread::Builder::new().name("job".to_owned()).spawn(move || work(&worker))?;
        shelf.threads += 1;
    }
    Ok(())
}

fn work(shared: &Arc<Shared>) {
    while let Some((taken, writing)) = take(shared) {
        shared.busy.fetch_add(1, Ordering::Relaxed);
        match taken {
            Taken::Run(run) => perform(shared, &run, writing),
            Taken::Cached(number) => store(shared, number, writing),
        }
        shared.busy.fetch_sub(1, Ordering::Relaxed);
        // Who wants the same may be waiting for it.
        shared.wake.notify_all();
    }
    shared.wake.notify_all();
}

/// Waits for something to do; `None` where there is one worker too many, or the desk closes.
fn take(shared: &Arc<Shared>) -> Option<(Taken, Option<Writing>)> {
    let mut shelf = shared.shelf();
    loop {
        if shelf.is_stopping || shelf.threads - shelf.held > shelf.limits.workers.max(1) {
            shelf.threads -= 1;
            return None;
        }
        if let Some((taken, changes)) = shelf.take() {
            let writing = shared.write(&mut shelf, changes);
            return Some((taken, writing));
        }
        shelf = shared.wake.wait(shelf).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Works on a job.
fn perform(shared: &Arc<Shared>, run: &Arc<Run>, begun: Option<Writing>) {
    // A job that kills the process at once has to be known as the one that ran.
    if let Err(error) = begun.map_or(Ok(()), Writing::wait) {
        let mut shelf = shared.shelf();
        let changes = shelf.fail(run, unwritten(&error));
        shared.write(&mut shelf, changes);
        return;
    }
    let Some((kind, request)) = shared.shelf().request(run) else { return };
    let watching = Watching { shared: shared.clone(), run: run.clone() };
    let work = AssertUnwindSafe(|| shared.work.run(&kind, &request, &watching));
    let outcome = match panic::catch_unwind(work) {
        Ok(outcome) => outcome.map_err(Failure::from),
        Err(payload) => Err(panicked(&*payload)),
    };
    let mut shelf = shared.shelf();
    if outcome.is_err() && shelf.is_stopping {
        let changes = shelf.put_back(run);
        shared.write(&mut shelf, changes);
        return;
    }
    let (outcome, result) = match outcome {
        Ok(Done { result, summary }) => {
            let bytes: Arc<[u8]> = result.into();
            (Ok(Outcome { summary: summary.clone(), bytes: bytes.clone() }), Some((summary, bytes)))
        }
        Err(failure) => (Err(failure), None),
    };
    if !shelf.settle(run, outcome) {
        return;
    }
    drop(shelf);
    let result = result.map(|(summary, bytes)| packed(summary, &bytes));
    let mut shelf = shared.shelf();
    let changes = shelf.settled(run.number, result);
    let writing = shared.write(&mut shelf, changes);
    drop(shelf);
    store(shared, run.number, writing);
}

fn packed(summary: Value, bytes: &[u8]) -> (Kept, Value, Vec<u8>, u64) {
    let packed = jobs::pack(bytes);
    let kept = Kept { stored_bytes: packed.len() as u64, summary: summary.to_string(), ..Kept::default() };
    (kept, summary, packed, bytes.len() as u64)
}

/// Waits until the end of a job is on the disk, and lets everybody see it.
fn store(shared: &Arc<Shared>, number: u64, writing: Option<Writing>) {
    let written = writing.map_or(Ok(()), Writing::wait);
    let mut shelf = shared.shelf();
    if let Err(error) = written {
        let changes = shelf.fail_settled(number, unwritten(&error)).into_iter().collect();
        shared.write(&mut shelf, changes);
    }
    shelf.publish_end(number);
}

fn unwritten(error: &sqlite::Error) -> Failure {
    Failure {
        code: "HV0847".to_owned(),
        message: format!("the job cannot be kept: {error}"),
        hint: Some("look for space on the disk; the job is done again when the service starts again".to_owned()),
    }
}

fn panicked(payload: &(dyn Any + Send)) -> Failure {
    let said = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| payload.downcast_ref::<String>().cloned());
    Failure {
        code: "HV0849".to_owned(),
        message: format!("the work panicked: {}", said.as_deref().unwrap_or("it does not say why")),
        hint: Some("this is a mistake of hive's own; the service and all other jobs go on".to_owned()),
    }
}
