//! How do jobs go from state to state?
//!
//! Everything here happens in memory, at once, under one lock. What is to be written comes back as [`Change`]s, which whoever
//! holds the lock hands to the disk before they let go of it: so the disk sees what happens in the order in which it happens.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::io::jobs::Change;
use crate::io::jobs::Kept;
use crate::io::jobs::Loaded;
use crate::io::random;
use crate::workflow::jobs::Counts;
use crate::workflow::jobs::Ended;
use crate::workflow::jobs::Failure;
use crate::workflow::jobs::Filter;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Limits;
use crate::workflow::jobs::Order;
use crate::workflow::jobs::Refusal;
use crate::workflow::jobs::State;
use crate::workflow::jobs::entry::End;
use crate::workflow::jobs::entry::Entry;
use crate::workflow::jobs::entry::Progress;
use crate::workflow::jobs::event::Log;
use crate::workflow::jobs::moment;
use crate::workflow::jobs::results::Results;
use crate::workflow::jobs::run::Run;

/// How often the process has to have died with a job, so that the job is worked on alone and after all others: whatever dies
/// with it next is its own doing.
const SUSPECT_CRASHES: u32 = 2;

/// All jobs, in memory.
pub(super) struct Book {
    pub(super) limits: Limits,
    life: u64,
    entries: BTreeMap<u64, Entry>,
    numbers: BTreeMap<String, u64>,
    /// Those that wait, in the order in which they are taken: those that the process has died with come last.
    queue: BTreeSet<(u32, u64)>,
    arriving: usize,
    running: BTreeSet<u64>,
    workspaces: BTreeMap<String, BTreeSet<u64>>,
    /// Those that have ended, in the order in which they make room.
    ended: BTreeMap<u64, u64>,
    /// Those of them whose events are remembered.
    logged: VecDeque<u64>,
    /// The keys of jobs that run: who wants the same waits for its result.
    busy_keys: BTreeMap<String, u64>,
    pub(super) results: Results,
    pub(super) counts: Counts,
    next_number: u64,
    next_ended: u64,
    pub(super) is_stopping: bool,
    /// The disk is no longer ours.
    pub(super) is_closed: bool,
    /// How many workers there are, and how many of them hold a job that is paused.
    pub(super) threads: usize,
    pub(super) held: usize,
}

/// What a worker got from the queue.
pub(super) enum Taken {
    /// To be worked on.
    Run(Arc<Run>),
    /// Another job's result is this one's, too; it is to be written.
    Cached(u64),
}

impl Book {
    /// Returns what the disk has, and what has to be written because the process before has died.
    ///
    /// # Errors
    ///
    /// Returns the id of a job that is kept otherwise than hive keeps jobs.
    pub(super) fn load(loaded: Loaded, limits: Limits) -> Result<(Self, Vec<Change>), String> {
        let mut book = Self {
            limits,
            life: loaded.opened_before,
            entries: BTreeMap::new(),
            numbers: BTreeMap::new(),
            queue: BTreeSet::new(),
            arriving: 0,
            running: BTreeSet::new(),
            workspaces: BTreeMap::new(),
            ended: BTreeMap::new(),
            logged: VecDeque::new(),
            busy_keys: BTreeMap::new(),
            results: Results::new(limits.memory_result_bytes_max),
            counts: Counts::default(),
            next_number: 1,
            next_ended: 1,
            is_stopping: false,
            is_closed: false,
            threads: 0,
            held: 0,
        };
        for kept in loaded.results {
            let (number, summary) = (kept.number, serde_json::from_str(&kept.summary).unwrap_or(Value::Null));
            book.results.add(kept, summary);
            book.results.publish(number);
        }
        for row in loaded.rows {
            let id = row.id.clone();
            book.insert(Entry::loaded(row).ok_or(id)?);
        }
        let mut changes = book.recover();
        let orphans = book.results.take_orphans();
        changes.push(Change::Forget { jobs: Vec::new(), results: orphans });
        changes.extend(book.make_room(None));
        Ok((book, changes))
    }

    fn insert(&mut self, mut entry: Entry) {
        let number = entry.number;
        self.next_number = self.next_number.max(number + 1);
        if let Some(end) = &entry.end {
            self.next_ended = self.next_ended.max(end.number + 1);
            self.ended.insert(end.number, number);
            if let Some(result) = end.result {
                self.results.hold(result);
            }
            if entry.log.is_none() {
                entry.last_event_id = Log::first_id(self.life);
            }
        }
        self.numbers.insert(entry.id.clone(), number);
        if let Some(workspace) = &entry.workspace {
            self.workspaces.entry(workspace.clone()).or_default().insert(number);
        }
        self.entries.insert(number, entry);
    }

    /// Puts the jobs that were active back into the queue.
    fn recover(&mut self) -> Vec<Change> {
        let active: Vec<u64> =
            self.entries.values().filter(|entry| entry.state.is_active()).map(|entry| entry.number).collect();
        let mut changes = Vec::new();
        for number in active {
            let log = Arc::new(Log::new(self.life, self.limits.events_per_job_max));
            let entry = self.entries.get_mut(&number).expect("it was listed");
            entry.log = Some(log);
            let was_running = entry.state == State::Running;
            entry.state = State::Pending;
            if was_running {
                // One that is paused does nothing that a process could die of.
                entry.crashes += u32::from(!entry.is_paused);
                if entry.crashes >= self.limits.crashes_max {
                    let failure = interrupted(entry.crashes);
                    changes.extend(self.end(number, State::Interrupted, Some(failure)));
                    continue;
                }
            }
            entry.left_at = None;
            self.queue.insert((entry.crashes, number));
            if was_running {
                changes.push(self.stand(number));
            }
            self.tell(number);
        }
        changes
    }

    /// Returns the job with this id, where it can be seen.
    pub(super) fn find(&self, id: &str) -> Option<&Entry> {
        let entry = &self.entries[self.numbers.get(id)?];
        (!entry.is_arriving).then_some(entry)
    }

    fn found(&self, id: &str) -> Result<&Entry, Refusal> {
        self.find(id).ok_or_else(|| Refusal::NoSuchJob { job_id: id.to_owned() })
    }

    /// Returns the job with this id where it can still change.
    fn open(&self, id: &str) -> Result<&Entry, Refusal> {
        let entry = self.found(id)?;
        if entry.is_open() {
            return Ok(entry);
        }
        let state = entry.end.as_ref().map_or(entry.state, |end| end.state);
        Err(Refusal::Ended { job_id: id.to_owned(), state })
    }

    pub(super) fn view(&self, entry: &Entry) -> Job {
        let result = entry.end.as_ref().and_then(|end| end.result);
        entry.view(result.and_then(|result| self.results.summary(result)))
    }

    pub(super) fn view_of(&self, number: u64) -> Option<Job> {
        self.entries.get(&number).map(|entry| self.view(entry))
    }

    pub(super) fn list(&self, filter: &Filter) -> Vec<Job> {
        let limit = if filter.limit == 0 { usize::MAX } else { filter.limit };
        let before = filter.before.unwrap_or(u64::MAX);
        let entries = self.entries.range(..before).rev().map(|(_, entry)| entry);
        let entries = entries.filter(|entry| {
            !entry.is_arriving
                && filter.state.is_none_or(|state| entry.state == state)
                && filter.kind.as_ref().is_none_or(|kind| entry.kind == *kind)
                && filter.workspace.as_ref().is_none_or(|workspace| entry.workspace.as_ref() == Some(workspace))
        });
        entries.take(limit).map(|entry| self.view(entry)).collect()
    }

    /// Returns the newest job of a workspace. No other of the workspace is active.
    pub(super) fn latest(&self, workspace: &str) -> Option<&Entry> {
        let numbers = self.workspaces.get(workspace)?.iter().rev();
        numbers.map(|number| &self.entries[number]).find(|entry| !entry.is_arriving)
    }

    /// Returns the job of a workspace that can still be superseded, not yet visible ones included.
    fn active(&self, workspace: &str) -> Option<&Entry> {
        let newest = self.workspaces.get(workspace)?.last()?;
        Some(&self.entries[newest]).filter(|entry| entry.is_open())
    }

    fn stand(&self, number: u64) -> Change {
        let entry = &self.entries[&number];
        let steps = entry.end.as_ref().and_then(|_| entry.steps());
        Change::Stand { number, standing: Box::new(entry.standing()), steps }
    }

    /// Tells those who listen how a job stands, and that this is all where it has ended.
    fn tell(&mut self, number: u64) {
        let entry = &self.entries[&number];
        let Some(log) = entry.log.clone() else { return };
        let job = self.view(entry);
        let has_ended = !job.state.is_active();
        let data = serde_json::to_value(&job).expect("a job is JSON");
        let mut told = log.told();
        let id = log.add(&mut told, "state", data);
        if has_ended {
            told.ended.get_or_insert(Ended { job, result: None });
            log.end(&mut told);
            drop(told);
            self.entries.get_mut(&number).expect("it is there").last_event_id = id;
            self.logged.push_back(number);
            self.shorten_logs();
        }
    }

    /// Forgets the events of jobs that have ended some time ago.
    fn shorten_logs(&mut self) {
        while self.logged.len() > self.limits.event_logs_max {
            let oldest = self.logged.pop_front().expect("there are too many");
            if let Some(entry) = self.entries.get_mut(&oldest) {
                entry.log = None;
            }
        }
    }

    /// Returns the log of a job, or one that tells its end alone.
    pub(super) fn log(&self, entry: &Entry) -> Arc<Log> {
        entry.log.clone().unwrap_or_else(|| {
            let data = serde_json::to_value(self.view(entry)).expect("a job is JSON");
            Arc::new(Log::of_the_end(entry.last_event_id, data))
        })
    }

    /// Takes an order. The job is seen by nobody until [`Self::arrive`].
    pub(super) fn accept(&mut self, order: Order) -> Result<(u64, Vec<Change>), Refusal> {
        if self.is_stopping {
            return Err(Refusal::ShuttingDown);
        }
        let before = order.workspace.as_deref().and_then(|workspace| self.active(workspace));
        let before = before.map(|entry| (entry.number, entry.state));
        if let (true, Some((number, _)), Some(workspace)) = (order.refuses_when_busy, before, &order.workspace) {
            self.counts.refused_total += 1;
            let job_id = self.entries[&number].id.clone();
            return Err(Refusal::Busy { workspace: workspace.clone(), job_id });
        }
        let cached = self.results.find(&order.key);
        let makes_room = usize::from(before.is_some_and(|(_, state)| state == State::Pending));
        if cached.is_none() && self.queued() >= self.limits.queued_max.saturating_add(makes_room) {
            self.counts.refused_total += 1;
            return Err(Refusal::QueueFull { limit: self.limits.queued_max });
        }
        let mut changes = match before {
            Some((before, _)) => self.end(before, State::Superseded, None),
            None => Vec::new(),
        };
        let log = Arc::new(Log::new(self.life, self.limits.events_per_job_max));
        let mut entry = Entry::ordered(self.next_number, random::uuid(), order, log);
        let number = entry.number;
        if let Some(result) = cached {
            entry.state = State::Complete;
            entry.end = Some(self.cached_end(result, entry.created_ms));
            entry.started_ms = Some(entry.created_ms);
        } else {
            self.arriving += 1;
        }
        changes.push(Change::Accept(Box::new(entry.row())));
        self.insert(entry);
        changes.extend(self.make_room(Some(number)));
        Ok((number, changes))
    }

    fn cached_end(&mut self, result: u64, at_ms: i64) -> End {
        self.next_ended += 1;
        End {
            state: State::Complete,
            at_ms,
            number: self.next_ended - 1,
            failure: None,
            result: Some(result),
            is_cached: true,
            progress: Progress::none().complete(),
        }
    }

    /// Returns how many jobs wait.
    fn queued(&self) -> usize {
        self.queue.len() + self.arriving
    }

    /// An accepted job is on the disk, or (where it is not) is forgotten again.
    pub(super) fn arrive(&mut self, number: u64, is_written: bool) -> Option<Job> {
        let entry = self.entries.get_mut(&number)?;
        entry.is_arriving = false;
        let is_cached = entry.end.as_ref().is_some_and(|end| end.is_cached);
        self.arriving -= usize::from(!is_cached);
        if !is_written {
            self.forget(number);
            return None;
        }
        self.counts.submitted_total += 1;
        if is_cached {
            self.counts.cached_total += 1;
            entry.request = None;
            self.count_end(State::Complete);
            self.tell(number);
        } else if entry.state == State::Pending {
            entry.since = Instant::now();
            let place = (entry.crashes, number);
            self.queue.insert(place);
            self.tell(number);
        }
        self.view_of(number)
    }

    fn count_end(&mut self, state: State) {
        *self.counts.ended_total.entry(state).or_default() += 1;
    }

    /// Ends a job that is open, without a result, at once.
    fn end(&mut self, number: u64, state: State, failure: Option<Failure>) -> Vec<Change> {
        self.close(number, state, failure, None);
        self.publish_end(number);
        let mut changes = vec![self.stand(number)];
        changes.extend(self.make_room(Some(number)));
        changes
    }

    /// Says how a job ends. From here on its work can say nothing more.
    fn close(&mut self, number: u64, state: State, failure: Option<Failure>, result: Option<u64>) {
        let end_number = self.next_ended;
        self.next_ended += 1;
        let entry = self.entries.get_mut(&number).expect("whoever ends a job has seen it");
        let progress = entry.progress();
        if let Some(log) = &entry.log {
            log.told().is_closed = true;
        }
        if let Some(run) = &entry.run {
            run.stop();
        }
        self.queue.remove(&(entry.crashes, number));
        entry.is_paused = false;
        entry.end = Some(End {
            state,
            at_ms: moment::now_ms(),
            number: end_number,
            failure,
            result,
            is_cached: false,
            progress: if state == State::Complete { progress.complete() } else { Progress { eta_s: None, ..progress } },
        });
    }

    /// Lets everybody see the end of a job.
    pub(super) fn publish_end(&mut self, number: u64) {
        let Some(entry) = self.entries.get_mut(&number) else { return };
        let Some(end) = entry.end.clone() else { return };
        entry.is_settling = false;
        entry.state = end.state;
        entry.request = None;
        if let Some(run) = entry.run.take() {
            let seconds = run.began().elapsed().as_secs_f64();
            if matches!(end.state, State::Complete | State::Failed) {
                self.counts.worked.observe(seconds);
            }
        }
        if self.busy_keys.get(&entry.key) == Some(&number) {
            self.busy_keys.remove(&entry.key);
        }
        self.running.remove(&number);
        self.ended.insert(end.number, number);
        if let Some(result) = end.result {
            self.results.publish(result);
        }
        self.count_end(end.state);
        let bytes = entry_bytes(self.entries.get(&number));
        self.tell(number);
        if let (Some(result), Some(bytes)) = (end.result, bytes) {
            self.results.remember(result, bytes);
        }
    }

    /// Gives a worker something to do; `None` where there is nothing for now.
    pub(super) fn take(&mut self) -> Option<(Taken, Vec<Change>)> {
        let number = self.next()?;
        let entry = self.entries.get_mut(&number).expect("the queue names what is there");
        self.queue.remove(&(entry.crashes, number));
        self.counts.waited.observe(entry.since.elapsed().as_secs_f64());
        if let Some(result) = self.results.find(&entry.key) {
            let at_ms = moment::now_ms();
            let end = self.cached_end(result, at_ms);
            self.results.hold(result);
            self.counts.cached_total += 1;
            let entry = self.entries.get_mut(&number).expect("it was there");
            entry.started_ms = Some(at_ms);
            entry.end = Some(end);
            entry.is_settling = true;
            self.running.insert(number);
            return Some((Taken::Cached(number), vec![self.stand(number)]));
        }
        entry.state = State::Running;
        entry.attempts += 1;
        entry.started_ms = Some(moment::now_ms());
        let log = entry.log.clone().expect("an active job has a log");
        let run = Arc::new(Run::new(number, entry.attempts, log));
        entry.run = Some(run.clone());
        if !entry.key.is_empty() {
            self.busy_keys.insert(entry.key.clone(), number);
        }
        self.running.insert(number);
        self.tell(number);
        Some((Taken::Run(run), vec![self.stand(number)]))
    }

    /// Returns the job that is worked on next.
    fn next(&self) -> Option<u64> {
        let working = self.running.iter().map(|number| &self.entries[number]).filter(|entry| !entry.is_paused);
        let (mut is_anybody_working, mut is_suspect_working) = (false, false);
        for entry in working {
            is_anybody_working = true;
            is_suspect_working |= entry.crashes >= SUSPECT_CRASHES;
        }
        if is_suspect_working {
            return None;
        }
        let waiting = self.queue.iter().map(|(_, number)| &self.entries[number]);
        let mut ready = waiting.filter(|entry| !entry.is_paused && !self.busy_keys.contains_key(&entry.key));
        ready.next().filter(|entry| entry.crashes < SUSPECT_CRASHES || !is_anybody_working).map(|entry| entry.number)
    }

    /// Returns the request of a job in this attempt; `None` where that is over.
    pub(super) fn request(&self, run: &Arc<Run>) -> Option<(String, Arc<Value>)> {
        let entry = self.attempted(run)?;
        Some((entry.kind.clone(), entry.request.clone()?))
    }

    fn attempted(&self, run: &Arc<Run>) -> Option<&Entry> {
        let entry = self.entries.get(&run.number)?;
        (entry.is_open() && entry.run.as_ref().is_some_and(|current| Arc::ptr_eq(current, run))).then_some(entry)
    }

    /// A work has come to its end. Those who wait hear of it now; others when it is on the disk. Returns whether the job is
    /// still this attempt's.
    pub(super) fn settle(&mut self, run: &Arc<Run>, outcome: Result<Outcome, Failure>) -> bool {
        if self.attempted(run).is_none() {
            return false;
        }
        let (state, failure) = match &outcome {
            Ok(_) => (State::Complete, None),
            Err(failure) => (State::Failed, Some(failure.clone())),
        };
        let result = outcome.is_ok().then(|| self.results.take_number());
        self.close(run.number, state, failure, result);
        let entry = self.entries.get_mut(&run.number).expect("it was there");
        // This once, the end is looked at before it is on the disk.
        entry.state = state;
        let (summary, bytes) = outcome.map_or((None, None), |outcome| (Some(outcome.summary), Some(outcome.bytes)));
        let job = entry.view(summary.as_ref());
        entry.state = State::Running;
        entry.is_settling = true;
        let mut told = run.log.told();
        told.ended = Some(Ended { job, result: bytes });
        run.log.wake();
        true
    }

    /// Returns what is to be written of a job that settles: with `packed`, its result.
    pub(super) fn settled(&mut self, number: u64, result: Option<(Kept, Value, Vec<u8>, u64)>) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some((mut kept, summary, packed, size)) = result {
            let entry = &self.entries[&number];
            kept.number =
                entry.end.as_ref().and_then(|end| end.result).expect("whoever has a result has a number for it");
            kept.key.clone_from(&entry.key);
            self.results.add(kept.clone(), summary);
            self.results.hold(kept.number);
            changes.push(Change::Result { kept, packed, size });
        }
        changes.push(self.stand(number));
        changes.extend(self.make_room(Some(number)));
        changes
    }

    /// The disk has refused the end of a job: it has failed, for as long as this process lives.
    pub(super) fn fail_settled(&mut self, number: u64, failure: Failure) {
        let Some(end) = self.entries.get_mut(&number).and_then(|entry| entry.end.as_mut()) else { return };
        let result = end.result.take();
        end.state = State::Failed;
        end.failure = Some(failure);
        if let Some(result) = result {
            self.results.release(result);
        }
    }

    pub(super) fn fail(&mut self, run: &Arc<Run>, failure: Failure) -> Vec<Change> {
        match self.attempted(run) {
            Some(_) => self.end(run.number, State::Failed, Some(failure)),
            None => Vec::new(),
        }
    }

    pub(super) fn cancel(&mut self, id: &str) -> Result<(u64, Vec<Change>), Refusal> {
        let number = self.open(id)?.number;
        Ok((number, self.end(number, State::Cancelled, None)))
    }

    pub(super) fn pause(&mut self, id: &str, is_paused: bool) -> Result<(u64, Vec<Change>), Refusal> {
        let entry = self.open(id)?;
        let number = entry.number;
        if entry.is_paused == is_paused {
            return Ok((number, Vec::new()));
        }
        let held = self.running.iter().filter(|number| self.entries[*number].is_paused).count();
        if is_paused && entry.state == State::Running && held >= self.limits.paused_max {
            return Err(Refusal::TooManyPaused { limit: self.limits.paused_max });
        }
        let entry = self.entries.get_mut(&number).expect("it was found");
        entry.is_paused = is_paused;
        if let Some(run) = &entry.run {
            if is_paused { run.pause() } else { run.resume() }
        }
        self.tell(number);
        Ok((number, vec![self.stand(number)]))
    }

    pub(super) fn remove(&mut self, id: &str) -> Result<(Job, Vec<Change>), Refusal> {
        let entry = self.found(id)?;
        if entry.state.is_active() {
            return Err(Refusal::Active { job_id: id.to_owned(), state: entry.state });
        }
        let (number, job) = (entry.number, self.view(entry));
        let results = self.forget(number).into_iter().collect();
        Ok((job, vec![Change::Forget { jobs: vec![number], results }]))
    }

    /// Puts a running job back to where it was, for the next start.
    pub(super) fn put_back(&mut self, run: &Arc<Run>) -> Vec<Change> {
        if self.attempted(run).is_none() {
            return Vec::new();
        }
        let entry = self.entries.get_mut(&run.number).expect("it is attempted");
        entry.state = State::Pending;
        entry.run = None;
        self.running.remove(&run.number);
        let mut told = run.log.told();
        run.log.end(&mut told);
        drop(told);
        vec![self.stand(run.number)]
    }

    /// Returns the attempts that are under way.
    pub(super) fn runs(&self) -> Vec<Arc<Run>> {
        self.running.iter().filter_map(|number| self.entries[number].run.clone()).collect()
    }

    /// Lets those who listen to jobs that wait go.
    pub(super) fn end_streams(&self) {
        for log in self.entries.values().filter(|entry| entry.state.is_active()).filter_map(|entry| entry.log.as_ref())
        {
            log.end(&mut log.told());
        }
    }

    /// Forgets those that ended first, until what is kept is within its bounds. `newest` is kept, whatever its size.
    fn make_room(&mut self, newest: Option<u64>) -> Vec<Change> {
        let (mut jobs, mut results) = (Vec::new(), Vec::new());
        let settling = self.running.iter().filter(|number| self.entries[*number].is_settling).count();
        while self.ended.len() + settling > self.limits.kept_jobs_max
            || self.results.stored_bytes() > self.limits.kept_result_bytes_max
        {
            let mut ended = self.ended.values().filter(|number| Some(**number) != newest);
            let Some(oldest) = ended.next().copied() else { break };
            if newest.is_none() && ended.next().is_none() {
                break;
            }
            self.counts.evicted_total += 1;
            results.extend(self.forget(oldest));
            jobs.push(oldest);
        }
        if jobs.is_empty() { Vec::new() } else { vec![Change::Forget { jobs, results }] }
    }

    /// Forgets a job that has ended, and returns its result where that goes with it.
    fn forget(&mut self, number: u64) -> Option<u64> {
        let entry = self.entries.remove(&number)?;
        self.numbers.remove(&entry.id);
        if let Some(workspace) = &entry.workspace
            && let Some(numbers) = self.workspaces.get_mut(workspace)
        {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.workspaces.remove(workspace);
            }
        }
        self.queue.remove(&(entry.crashes, number));
        if entry.is_arriving && entry.end.as_ref().is_none_or(|end| !end.is_cached) {
            self.arriving -= 1;
        }
        let end = entry.end?;
        self.ended.remove(&end.number);
        end.result.filter(|result| self.results.release(*result))
    }

    /// Returns what there is to count.
    pub(super) fn counted(&self) -> Counts {
        let mut counts = self.counts.clone();
        counts.jobs = State::ALL.into_iter().map(|state| (state, 0)).collect();
        for entry in self.entries.values().filter(|entry| !entry.is_arriving) {
            *counts.jobs.entry(entry.state).or_default() += 1;
            counts.paused += u64::from(entry.is_paused);
        }
        for state in State::ALL.into_iter().filter(|state| !state.is_active()) {
            counts.ended_total.entry(state).or_default();
        }
        counts.queued = self.queued() as u64;
        counts.queued_max = self.limits.queued_max as u64;
        counts.workers = self.limits.workers as u64;
        counts.result_bytes = self.results.stored_bytes();
        counts
    }
}

/// What a work has made.
pub(super) struct Outcome {
    pub(super) summary: Value,
    pub(super) bytes: Arc<[u8]>,
}

fn interrupted(crashes: u32) -> Failure {
    Failure {
        code: "HV0848".to_owned(),
        message: format!("the process has died {crashes} times while it worked on this job, which is not tried again"),
        hint: Some("look for what ended it: memory, a crash, or whoever stops the service".to_owned()),
    }
}

/// Takes the bytes that a job's log keeps for those who wait: from now on they are found among the results.
fn entry_bytes(entry: Option<&Entry>) -> Option<Arc<[u8]>> {
    let log = entry?.log.as_ref()?;
    log.told().ended.as_mut()?.result.take()
}
