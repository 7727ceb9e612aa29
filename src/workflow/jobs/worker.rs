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
use crate::io::priority;
use crate::io::sqlite;
use crate::workflow::jobs::Done;
use crate::workflow::jobs::Failure;
use crate::workflow::jobs::book::Book;
use crate::workflow::jobs::book::Outcome;
use crate::workflow::jobs::book::Taken;
use crate::workflow::jobs::desk::Shared;
use crate::workflow::jobs::run::Run;
use crate::workflow::jobs::run::Watching;

/// Starts threads until as many work as may.
pub(super) fn hire(shared: &Arc<Shared>, book: &mut Book) -> io::Result<()> {
    while !book.is_stopping && book.threads - book.held < book.limits.workers.max(1) {
        let worker = shared.clone();
        thread::Builder::new().name("job".to_owned()).spawn(move || work(&worker))?;
        book.threads += 1;
    }
    Ok(())
}

fn work(shared: &Arc<Shared>) {
    // Whoever asks how far a job is shall not wait for the jobs.
    priority::stand_back();
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
    let mut book = shared.book();
    loop {
        if book.is_stopping || book.threads - book.held > book.limits.workers.max(1) {
            book.threads -= 1;
            return None;
        }
        if let Some((taken, changes)) = book.take() {
            let writing = shared.write(&mut book, changes);
            return Some((taken, writing));
        }
        book = shared.wake.wait(book).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Works on a job.
fn perform(shared: &Arc<Shared>, run: &Arc<Run>, begun: Option<Writing>) {
    // A job that kills the process at once has to be known as the one that ran.
    if let Err(error) = begun.map_or(Ok(()), Writing::wait) {
        // It is not written that it has failed: the next start tries again.
        let _ = shared.book().fail(run, unwritten(&error));
        return;
    }
    let Some((kind, request)) = shared.book().request(run) else { return };
    let watching = Watching { shared: shared.clone(), run: run.clone() };
    let work = AssertUnwindSafe(|| shared.work.run(&kind, &request, &watching));
    let outcome = match panic::catch_unwind(work) {
        Ok(outcome) => outcome.map_err(Failure::from),
        Err(payload) => Err(panicked(&*payload)),
    };
    let mut book = shared.book();
    if outcome.is_err() && book.is_stopping {
        let changes = book.put_back(run);
        shared.write(&mut book, changes);
        return;
    }
    let (outcome, result) = match outcome {
        Ok(Done { result, summary }) => {
            let bytes: Arc<[u8]> = result.into();
            (Ok(Outcome { summary: summary.clone(), bytes: bytes.clone() }), Some((summary, bytes)))
        }
        Err(failure) => (Err(failure), None),
    };
    if !book.settle(run, outcome) {
        return;
    }
    drop(book);
    let result = result.map(|(summary, bytes)| packed(summary, &bytes));
    let mut book = shared.book();
    let changes = book.settled(run.number, result);
    let writing = shared.write(&mut book, changes);
    drop(book);
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
    let mut book = shared.book();
    if let Err(error) = written {
        // It is not written that it has failed: the next start does it again.
        book.fail_settled(number, unwritten(&error));
    }
    book.publish_end(number);
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
