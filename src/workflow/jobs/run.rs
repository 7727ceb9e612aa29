//! How does a work say how far it is, and hear that it shall stop or wait?

use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::io::jobs::Change;
use crate::io::jobs::Seen;
use crate::workflow::jobs::Stage;
use crate::workflow::jobs::Watch;
use crate::workflow::jobs::desk::Shared;
use crate::workflow::jobs::event::Log;
use crate::workflow::jobs::event::Pace;

/// How long is waited at least between two events about progress.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// How long is waited at least until progress is written to the disk again.
const WRITE_EVERY: Duration = Duration::from_millis(500);

/// How long somebody has to work before the time that is left is guessed.
const PACE_MIN: Duration = Duration::from_millis(100);

const STOP: u8 = 1;
const PAUSE: u8 = 2;

/// One attempt at a job. It ends with the attempt: what its work says later is heard by nobody.
pub(super) struct Run {
    pub(super) number: u64,
    pub(super) attempt: u32,
    pub(super) log: Arc<Log>,
    began: Instant,
    done: AtomicU64,
    total: AtomicU64,
    signal: AtomicU8,
    /// Before which moment, counted from the beginning, nothing is told or written.
    tell_next_ms: AtomicU64,
    write_next_ms: AtomicU64,
}

impl Run {
    pub(super) fn new(number: u64, attempt: u32, log: Arc<Log>) -> Self {
        Self {
            number,
            attempt,
            log,
            began: Instant::now(),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            signal: AtomicU8::new(0),
            tell_next_ms: AtomicU64::new(0),
            write_next_ms: AtomicU64::new(0),
        }
    }

    pub(super) fn began(&self) -> Instant {
        self.began
    }

    /// Lets the work stop at its next look.
    pub(super) fn stop(&self) {
        self.signal.fetch_or(STOP, Ordering::Release);
    }

    pub(super) fn pause(&self) {
        self.signal.fetch_or(PAUSE, Ordering::Release);
    }

    pub(super) fn resume(&self) {
        self.signal.fetch_and(!PAUSE, Ordering::Release);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.signal.load(Ordering::Acquire) & STOP != 0
    }

    /// Returns whether the work has to wait.
    pub(super) fn is_held(&self) -> bool {
        self.signal.load(Ordering::Acquire) == PAUSE
    }

    /// Returns how many units of how many are done.
    pub(super) fn counted(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Returns in how many seconds the rest is done at this pace; `None` where nobody knows.
    pub(super) fn eta_s(&self, pace: Option<Pace>) -> Option<f64> {
        let (done, total) = self.counted();
        let pace = pace.filter(|pace| done > pace.done && total >= done)?;
        let passed = Instant::now().checked_duration_since(pace.since).filter(|passed| *passed >= PACE_MIN)?;
        Some((total - done) as f64 * passed.as_secs_f64() / (done - pace.done) as f64)
    }

    fn passed_ms(&self) -> u64 {
        milliseconds(self.began.elapsed())
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Returns which part is done.
pub(super) fn fraction(done: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { (done as f64 / total as f64).min(1.0) }
}

/// What a work is given to speak with.
pub(super) struct Watching {
    pub(super) shared: Arc<Shared>,
    pub(super) run: Arc<Run>,
}

impl Watching {
    #[cold]
    fn tell_progress(&self, now_ms: u64) {
        let run = &*self.run;
        run.tell_next_ms.store(now_ms + milliseconds(TELL_EVERY), Ordering::Relaxed);
        let seen = {
            let mut told = run.log.told();
            if told.is_closed {
                return;
            }
            let (done, total) = run.counted();
            let pace = *told.pace.get_or_insert_with(|| Pace { done, since: Instant::now() });
            let eta_s = run.eta_s(Some(pace));
            let data = json!({
                "stage": told.stage, "done": done, "total": total, "progress": fraction(done, total), "eta_s": eta_s,
            });
            run.log.add(&mut told, "progress", data);
            Seen { stage: told.stage.name().to_owned(), done, total, message: told.message.clone() }
        };
        if now_ms >= run.write_next_ms.load(Ordering::Relaxed) {
            run.write_next_ms.store(now_ms + milliseconds(WRITE_EVERY), Ordering::Relaxed);
            self.shared.store.write_if_idle(Change::Further { number: run.number, attempt: run.attempt, seen });
        }
    }
}

impl Watch for Watching {
    fn stage(&self, stage: Stage, message: &str) {
        let run = &*self.run;
        let mut told = run.log.told();
        if told.is_closed {
            return;
        }
        told.stage = stage;
        message.clone_into(&mut told.message);
        told.pace = None;
        run.done.store(0, Ordering::Relaxed);
        run.total.store(0, Ordering::Relaxed);
        run.tell_next_ms.store(0, Ordering::Relaxed);
        let data = json!({ "stage": stage, "stage_label": stage.label(), "message": message });
        run.log.add(&mut told, "stage", data);
    }

    fn progress(&self, done: u64, total: u64) {
        self.run.done.store(done, Ordering::Relaxed);
        self.run.total.store(total, Ordering::Relaxed);
        let now_ms = self.run.passed_ms();
        if now_ms >= self.run.tell_next_ms.load(Ordering::Relaxed) {
            self.tell_progress(now_ms);
        }
    }

    fn step(&self, step: Value) {
        let mut told = self.run.log.told();
        if !told.is_closed {
            told.keep_step(step.clone());
            self.run.log.add(&mut told, "step", step);
        }
    }

    fn is_cancelled(&self) -> bool {
        if self.run.signal.load(Ordering::Acquire) == 0 {
            return false;
        }
        if self.run.is_held() {
            self.shared.wait_while_held(&self.run);
        }
        self.run.is_stopped()
    }
}
