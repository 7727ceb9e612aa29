//! What happens to a job, told in order: from the past on, then as it happens?

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use crate::workflow::jobs::Ended;
use crate::workflow::jobs::Stage;
use crate::workflow::jobs::lock;

/// How many steps are remembered of a job.
const STEPS_MAX: usize = 100;

/// How many events a job may have in one life of the process: ids rise over restarts.
const EVENTS_PER_LIFE: u64 = 1_000_000_000;

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Rises with each event of the job, also over restarts; not by one each time.
    pub id: u64,
    /// `state` (the data is the job as in lists), `stage`, `progress` or `step`.
    pub kind: &'static str,
    /// What there is to know.
    pub data: Value,
}

/// What one job has said and how far it is.
pub(super) struct Log {
    told: Mutex<Told>,
    /// Wakes threads; `version` wakes tasks.
    changed: Condvar,
    version: watch::Sender<u64>,
    events_max: usize,
}

/// What is known of a job that is not at its end, or has just come there.
pub(super) struct Told {
    pub(super) stage: Stage,
    pub(super) message: String,
    pub(super) pace: Option<Pace>,
    pub(super) steps: VecDeque<Value>,
    /// Nobody may say anything more: the job has ended, or this process is done with it.
    pub(super) is_closed: bool,
    /// Nothing more comes for those who listen.
    is_over: bool,
    /// How it ended, as soon as that is known.
    pub(super) ended: Option<Ended>,
    events: VecDeque<Event>,
    next_id: u64,
}

/// How fast a stage goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How many units were done when somebody first said so.
    pub(super) done: u64,
    /// When that was; later by every pause.
    pub(super) since: Instant,
}

impl Log {
    /// Returns the log of a job in the life of the process with this number.
    pub(super) fn new(life: u64, events_max: usize) -> Self {
        let told = Told {
            stage: Stage::Validating,
            message: String::new(),
            pace: None,
            steps: VecDeque::new(),
            is_closed: false,
            is_over: false,
            ended: None,
            events: VecDeque::new(),
            next_id: Self::first_id(life),
        };
        Self {
            told: Mutex::new(told),
            changed: Condvar::new(),
            version: watch::Sender::new(0),
            events_max: events_max.max(1),
        }
    }

    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.told)
    }

    /// Returns the log of a job that has ended, of which only the last event is remembered.
    pub(super) fn of_the_end(id: u64, data: Value) -> Self {
        let log = Self::new(0, 1);
        let mut told = log.told();
        told.events.push_back(Event { id, kind: "state", data });
        log.end(&mut told);
        drop(told);
        log
    }

    /// Returns the id of the first event in the life of the process with this number.
    pub(super) fn first_id(life: u64) -> u64 {
        life * EVENTS_PER_LIFE + 1
    }

    /// Adds an event to what is told, and returns its id. Whoever calls has [`Self::told`].
    pub(super) fn add(&self, told: &mut Told, kind: &'static str, data: Value) -> u64 {
        while told.events.len() >= self.events_max {
            told.events.pop_front();
        }
        let id = told.next_id;
        told.next_id += 1;
        told.events.push_back(Event { id, kind, data });
        self.wake();
        id
    }

    /// Lets those who listen know that nothing more comes.
    pub(super) fn end(&self, told: &mut Told) {
        told.is_closed = true;
        told.is_over = true;
        self.wake();
    }

    /// Lets everybody look again.
    pub(super) fn wake(&self) {
        self.changed.notify_all();
        self.version.send_modify(|version| *version += 1);
    }

    /// Returns how the job ended once that is known; `None` where the process stops before.
    pub(super) async fn ended(&self) -> Option<Ended> {
        let mut versions = self.version.subscribe();
        loop {
            versions.borrow_and_update();
            match self.told().answer() {
                Answer::Ended(ended) => return Some(*ended),
                Answer::Never => return None,
                Answer::NotYet => {}
            }
            versions.changed().await.ok()?;
        }
    }

    /// Does what [`Self::ended`] does for a thread, until a deadline.
    pub(super) fn ended_until(&self, deadline: Instant) -> Option<Ended> {
        let mut told = self.told();
        loop {
            match told.answer() {
                Answer::Ended(ended) => return Some(*ended),
                Answer::Never => return None,
                Answer::NotYet => {}
            }
            let patience = deadline.checked_duration_since(Instant::now())?;
            told = self.changed.wait_timeout(told, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Told {
    /// Adds a step; the oldest goes when there are too many.
    pub(super) fn keep_step(&mut self, step: Value) {
        if self.steps.len() >= STEPS_MAX {
            self.steps.pop_front();
        }
        self.steps.push_back(step);
    }

    fn answer(&self) -> Answer {
        match &self.ended {
            Some(ended) => Answer::Ended(Box::new(ended.clone())),
            None if self.is_over => Answer::Never,
            None => Answer::NotYet,
        }
    }

    fn after(&self, id: u64) -> Option<Event> {
        let index = self.events.partition_point(|event| event.id <= id);
        self.events.get(index).cloned()
    }
}

/// What somebody is told who waits for the end of a job.
enum Answer {
    Ended(Box<Ended>),
    Never,
    NotYet,
}

/// The events of one job: those that are remembered, then those that come, until the job has ended.
///
/// Nothing is queued for a reader: one that is much slower than its job misses the oldest events. The last one, which says how
/// the job ended, is never missed.
pub struct Events {
    log: Arc<Log>,
    after: u64,
    versions: watch::Receiver<u64>,
}

impl Events {
    pub(super) fn new(log: Arc<Log>, after: u64) -> Self {
        let versions = log.version.subscribe();
        Self { log, after, versions }
    }

    /// Returns the next event once it is there; `None` when the job has ended, or the service stops, and all was told.
    ///
    /// Whoever drops the future before it is done misses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            self.versions.borrow_and_update();
            match self.look() {
                Look::Event(event) => return Some(event),
                Look::Over => return None,
                Look::Nothing => self.versions.changed().await.ok()?,
            }
        }
    }

    /// Returns the next event, for which it waits this long at most; `None` where none came.
    pub fn next_within(&mut self, patience: Duration) -> Option<Event> {
        let deadline = Instant::now() + patience;
        let log = self.log.clone();
        let mut told = log.told();
        loop {
            if let Some(event) = told.after(self.after) {
                self.after = event.id;
                return Some(event);
            }
            let patience = deadline.checked_duration_since(Instant::now()).filter(|_| !told.is_over)?;
            told = log.changed.wait_timeout(told, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn look(&mut self) -> Look {
        let told = self.log.told();
        match told.after(self.after) {
            Some(event) => {
                self.after = event.id;
                Look::Event(event)
            }
            None if told.is_over => Look::Over,
            None => Look::Nothing,
        }
    }
}

enum Look {
    Event(Event),
    Over,
    Nothing,
}
