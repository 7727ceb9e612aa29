//! What is remembered of a job, and how does it look from outside and on the disk?

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::io::jobs::Row;
use crate::io::jobs::Seen;
use crate::io::jobs::Standing;
use crate::workflow::jobs::Failure;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Order;
use crate::workflow::jobs::Stage;
use crate::workflow::jobs::State;
use crate::workflow::jobs::event::Log;
use crate::workflow::jobs::moment;
use crate::workflow::jobs::run;
use crate::workflow::jobs::run::Run;

/// A job in memory.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) workspace: Option<String>,
    pub(super) key: String,
    pub(super) created_ms: i64,
    /// Since when it waits for a worker.
    pub(super) since: Instant,
    /// What the work is told; dropped when the job has ended, as the disk has it.
    pub(super) request: Option<Arc<Value>>,
    pub(super) state: State,
    pub(super) is_paused: bool,
    pub(super) attempts: u32,
    pub(super) crashes: u32,
    pub(super) started_ms: Option<i64>,
    /// How far it was when the process before died; nothing as soon as it waits again.
    pub(super) left_at: Option<Progress>,
    /// What there is when it has ended.
    pub(super) end: Option<End>,
    /// Its end is known and not on the disk yet. Until it is, the job is active for all who look, and nothing can change that.
    pub(super) is_settling: bool,
    /// It is not on the disk yet, so nobody sees it.
    pub(super) is_arriving: bool,
    /// The attempt that is under way.
    pub(super) run: Option<Arc<Run>>,
    /// What it says; dropped some time after the end.
    pub(super) log: Option<Arc<Log>>,
    /// The id of the event that told its end.
    pub(super) last_event_id: u64,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    pub(super) state: State,
    pub(super) at_ms: i64,
    /// Rises with every job that ends.
    pub(super) number: u64,
    pub(super) failure: Option<Failure>,
    pub(super) result: Option<u64>,
    pub(super) is_cached: bool,
    pub(super) progress: Progress,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    pub(super) done: u64,
    pub(super) total: u64,
    pub(super) message: String,
    pub(super) eta_s: Option<f64>,
}

impl Progress {
    /// Returns how far a job is that nobody has worked on.
    pub(super) fn none() -> Self {
        Self { stage: Stage::Validating, done: 0, total: 0, message: String::new(), eta_s: None }
    }

    /// Returns how far a job is that is done, when it was as far as this.
    pub(super) fn complete(self) -> Self {
        Self { stage: Stage::Complete, message: Stage::Complete.label().to_owned(), eta_s: None, ..self }
    }
}

impl Entry {
    /// Returns a job that was just ordered.
    pub(super) fn ordered(number: u64, id: String, order: Order, log: Arc<Log>) -> Self {
        Self {
            number,
            id,
            kind: order.kind,
            title: order.title,
            workspace: order.workspace,
            key: order.key,
            created_ms: moment::now_ms(),
            since: Instant::now(),
            request: Some(Arc::new(order.request)),
            state: State::Pending,
            is_paused: false,
            attempts: 0,
            crashes: 0,
            started_ms: None,
            left_at: None,
            end: None,
            is_settling: false,
            is_arriving: true,
            run: None,
            log: Some(log),
            last_event_id: 0,
        }
    }

    /// Returns the job of a row; `None` where the row holds what hive does not write.
    pub(super) fn loaded(row: Row) -> Option<Self> {
        let standing = row.standing;
        let state = State::ALL.into_iter().find(|state| state.name() == standing.state)?;
        let reached = Stage::ALL.into_iter().find(|stage| stage.name() == standing.seen.stage)?;
        let failure = match &standing.error {
            Some(text) => Some(serde_json::from_str(text).ok()?),
            None => None,
        };
        let Seen { done, total, message, .. } = standing.seen;
        let progress = Progress { stage: reached, done, total, message, eta_s: None };
        let end = match (state.is_active(), standing.ended_ms) {
            (true, None) => None,
            (false, Some(at_ms)) => Some(End {
                state,
                at_ms,
                number: standing.ended_number,
                failure,
                result: standing.result,
                is_cached: standing.is_cached,
                progress: progress.clone(),
            }),
            _ => return None,
        };
        let request = if end.is_none() { Some(Arc::new(serde_json::from_str(&row.request).ok()?)) } else { None };
        Some(Self {
            number: row.number,
            id: row.id,
            kind: row.kind,
            title: row.title,
            workspace: row.workspace,
            key: row.key,
            created_ms: row.created_ms,
            since: Instant::now(),
            request,
            state,
            is_paused: standing.is_paused,
            attempts: standing.attempts,
            crashes: standing.crashes,
            started_ms: standing.started_ms,
            left_at: Some(progress),
            end,
            is_settling: false,
            is_arriving: false,
            run: None,
            log: None,
            last_event_id: 0,
        })
    }

    /// Returns whether it can still be cancelled, paused or superseded.
    pub(super) fn is_open(&self) -> bool {
        self.state.is_active() && !self.is_settling
    }

    /// Returns the end, where it has come for all who look.
    fn seen_end(&self) -> Option<&End> {
        self.end.as_ref().filter(|_| !self.is_settling)
    }

    /// Returns how far it is.
    pub(super) fn progress(&self) -> Progress {
        if let Some(end) = &self.end {
            return end.progress.clone();
        }
        let (Some(run), Some(log)) = (&self.run, &self.log) else {
            return self.left_at.clone().unwrap_or_else(Progress::none);
        };
        let told = log.told();
        let (done, total) = run.counted();
        let eta_s = if self.is_paused { None } else { run.eta_s(told.pace) };
        Progress { stage: told.stage, done, total, message: told.message.clone(), eta_s }
    }

    /// Returns how it looks, with the summary of its result.
    pub(super) fn view(&self, summary: Option<&Value>) -> Job {
        let progress = self.progress();
        let end = self.seen_end();
        let is_complete = progress.stage == Stage::Complete;
        Job {
            id: self.id.clone(),
            number: self.number,
            kind: self.kind.clone(),
            title: self.title.clone(),
            workspace: self.workspace.clone(),
            state: self.state,
            stage: progress.stage,
            stage_label: progress.stage.label(),
            progress: if is_complete { 1.0 } else { run::fraction(progress.done, progress.total) },
            done: progress.done,
            total: progress.total,
            message: progress.message,
            eta_s: progress.eta_s,
            attempts: self.attempts,
            created_at: moment::text(self.created_ms),
            started_at: self.started_ms.map(moment::text),
            completed_at: end.map(|end| moment::text(end.at_ms)),
            error: end.and_then(|end| end.failure.clone()),
            has_result: end.is_some_and(|end| end.result.is_some()),
            summary: summary.filter(|_| end.is_some()).cloned(),
            is_cached: end.is_some_and(|end| end.is_cached),
            is_paused: self.is_paused,
            request: None,
            steps: None,
        }
    }

    /// Returns what of it is written when it changes. An end that settles is part of it.
    pub(super) fn standing(&self) -> Standing {
        let progress = self.progress();
        let end = self.end.as_ref();
        Standing {
            state: end.map_or(self.state, |end| end.state).name().to_owned(),
            is_paused: self.is_paused,
            seen: Seen {
                stage: progress.stage.name().to_owned(),
                done: progress.done,
                total: progress.total,
                message: progress.message,
            },
            attempts: self.attempts,
            crashes: self.crashes,
            started_ms: self.started_ms,
            ended_ms: end.map(|end| end.at_ms),
            ended_number: end.map_or(0, |end| end.number),
            error: end
                .and_then(|end| end.failure.as_ref())
                .map(|failure| serde_json::to_string(failure).expect("text is JSON")),
            result: end.and_then(|end| end.result),
            is_cached: end.is_some_and(|end| end.is_cached),
        }
    }

    /// Returns what is written when it is accepted.
    pub(super) fn row(&self) -> Row {
        Row {
            number: self.number,
            id: self.id.clone(),
            kind: self.kind.clone(),
            title: self.title.clone(),
            workspace: self.workspace.clone(),
            key: self.key.clone(),
            request: self.request.as_ref().map_or_else(|| "null".to_owned(), ToString::to_string),
            created_ms: self.created_ms,
            standing: self.standing(),
        }
    }

    /// Returns the steps, JSON, where they are in memory.
    pub(super) fn steps(&self) -> Option<String> {
        let log = self.log.as_ref()?;
        Some(serde_json::to_string(&log.told().steps).expect("JSON values are JSON"))
    }
}
