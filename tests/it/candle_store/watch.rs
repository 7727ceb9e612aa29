//! Those who wait for a download.

use std::sync::Mutex;
use std::sync::MutexGuard;

use hive::io::klines;
use hive::workflow::jobs;
use hive::workflow::jobs::Stage;
use serde_json::Value;

/// Somebody who does not care.
pub(super) struct Quiet;

impl klines::Watch for Quiet {
    fn rows(&self, _done: u64, _total: u64) {}

    fn told(&self, _text: &str) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

impl jobs::Watch for Quiet {
    fn stage(&self, _stage: Stage, _message: &str) {}

    fn progress(&self, _done: u64, _total: u64) {}

    fn step(&self, _step: Value) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Somebody who notes everything, and cancels once so many candles are settled.
#[derive(Default)]
pub(super) struct Noting {
    pub(super) seen: Mutex<Seen>,
    pub(super) cancels_at: Option<u64>,
}

#[derive(Default)]
pub(super) struct Seen {
    pub(super) rows: Vec<(u64, u64)>,
    pub(super) told: Vec<String>,
}

impl Noting {
    pub(super) fn cancelling_at(rows: u64) -> Self {
        Self { cancels_at: Some(rows), ..Self::default() }
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no test panics here")
    }
}

impl klines::Watch for Noting {
    fn rows(&self, done: u64, total: u64) {
        self.seen().rows.push((done, total));
    }

    fn told(&self, text: &str) {
        self.seen().told.push(text.to_owned());
    }

    fn is_cancelled(&self) -> bool {
        let done = self.seen().rows.last().map_or(0, |(done, _)| *done);
        self.cancels_at.is_some_and(|at| done >= at)
    }
}
