//! Who takes orders, hands jobs to workers, and answers for what was accepted?

use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use crate::io::jobs::Change;
use crate::io::jobs::Store;
use crate::io::jobs::Writing;
use crate::io::sqlite;
use crate::workflow::jobs::Counts;
use crate::workflow::jobs::Error;
use crate::workflow::jobs::Events;
use crate::workflow::jobs::Filter;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Limits;
use crate::workflow::jobs::Order;
use crate::workflow::jobs::Refusal;
use crate::workflow::jobs::Work;
use crate::workflow::jobs::book::Book;
use crate::workflow::jobs::entry::Entry;
use crate::workflow::jobs::event::Log;
use crate::workflow::jobs::lock;
use crate::workflow::jobs::run::Run;
use crate::workflow::jobs::worker;

/// How long is waited for running jobs where nobody has said how long.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a job ended, for those who waited for it.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The job.
    pub job: Job,
    /// Its result, where it has one.
    pub result: Option<Arc<[u8]>>,
}

/// What the desk and its workers share.
pub(super) struct Shared {
    pub(super) work: Arc<dyn Work>,
    pub(super) store: Store,
    book: Mutex<Book>,
    /// There is something to do for a worker, or a worker has gone.
    pub(super) wake: Condvar,
    /// A job that was paused goes on, or ends.
    pub(super) resumed: Condvar,
    pub(super) busy: AtomicU64,
}

impl Shared {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// Hands changes to the disk. Whoever calls holds the book, so that the disk sees them in the order in which they happened.
    pub(super) fn write(&self, _book: &mut Book, changes: Vec<Change>) -> Option<Writing> {
        (!changes.is_empty()).then(|| self.store.write(changes))
    }

    /// Waits while a job is paused. Its worker counts as away meanwhile, and another takes its place.
    pub(super) fn wait_while_held(self: &Arc<Self>, run: &Run) {
        let began = Instant::now();
        let mut book = self.book();
        book.held += 1;
        // Where the system gives no thread, there is one worker less for a while.
        let _ = worker::hire(self, &mut book);
        while run.is_held() {
            book = self.resumed.wait(book).unwrap_or_else(PoisonError::into_inner);
        }
        book.held -= 1;
        drop(book);
        // Who stood in goes.
        self.wake.notify_all();
        if let Some(pace) = &mut run.log.told().pace {
            pace.since += began.elapsed();
        }
    }
}

/// The desk of jobs. Any thread may use it at once; what changes something returns when that is on the disk, which takes
/// about a millisecond.
pub struct Jobs {
    shared: Arc<Shared>,
}

impl Jobs {
    /// Opens the database at `path`, or makes it, and goes on with the jobs that were accepted there.
    ///
    /// # Errors
    ///
    /// Returns an error where another process has the database, where it is damaged, newer than this hive, or not hive's.
    pub fn open(path: &Path, limits: Limits, work: Arc<dyn Work>) -> Result<Self, Error> {
        let (store, loaded) = Store::open(path)?;
        let (book, changes) = Book::load(loaded, limits)
            .map_err(|id| sqlite::Error::damaged(path, format!("job `{id}` is kept otherwise than hive keeps jobs")))?;
        store.write(changes).wait()?;
        let shared = Arc::new(Shared {
            work,
            store,
            book: Mutex::new(book),
            wake: Condvar::new(),
            resumed: Condvar::new(),
            busy: AtomicU64::new(0),
        });
        let mut book = shared.book();
        let hired = worker::hire(&shared, &mut book);
        drop(book);
        let jobs = Self { shared };
        hired.map(|()| jobs).map_err(Error::NoThread)
    }

    /// Accepts an order: what this returns survives the death of the process.
    ///
    /// A result that is kept under the order's key makes the job complete at once.
    ///
    /// # Errors
    ///
    /// Returns why it is not accepted. Nothing has changed then, but where the disk has refused: a job that was to be superseded
    /// may have ended for this process.
    pub fn submit(&self, order: Order) -> Result<Job, Refusal> {
        let mut book = self.shared.book();
        let (number, changes) = book.accept(order)?;
        let job = book.view_of(number);
        let writing = self.shared.write(&mut book, changes);
        drop(book);
        // Those that were superseded while they were paused.
        self.shared.resumed.notify_all();
        let written = writing.map_or(Ok(()), Writing::wait);
        let mut book = self.shared.book();
        let arrived = book.arrive(number, written.is_ok());
        drop(book);
        self.shared.wake.notify_all();
        written.map_err(Error::from)?;
        // Where there is room for few jobs, it may have made room already.
        Ok(arrived.or(job).expect("one that was accepted is there, or was before it was written"))
    }

    /// Returns how the job ended, with its result from memory, as soon as there is one; `None` where there is no such job, or
    /// the service stops before the job has ended.
    ///
    /// It does not wait for the result to be stored, so the job itself may be seen as running for another moment.
    pub async fn ended(&self, id: &str) -> Option<Ended> {
        let log = match self.end_or_log(id)? {
            Ok(ended) => return Some(ended),
            Err(log) => log,
        };
        let ended = log.ended().await;
        ended.map(|ended| self.with_result(ended))
    }

    /// Does what [`Self::ended`] does for a thread, and waits this long at most.
    #[must_use]
    pub fn wait(&self, id: &str, patience: Duration) -> Option<Ended> {
        let log = match self.end_or_log(id)? {
            Ok(ended) => return Some(ended),
            Err(log) => log,
        };
        let ended = log.ended_until(Instant::now() + patience);
        ended.map(|ended| self.with_result(ended))
    }

    fn end_or_log(&self, id: &str) -> Option<Result<Ended, Arc<Log>>> {
        let book = self.shared.book();
        let entry = book.find(id)?;
        if entry.state.is_active() {
            return entry.log.clone().map(Err);
        }
        let ended = Ended { job: book.view(entry), result: None };
        drop(book);
        Some(Ok(self.with_result(ended)))
    }

    fn with_result(&self, mut ended: Ended) -> Ended {
        if ended.result.is_none() && ended.job.has_result {
            ended.result = self.result(&ended.job.id).ok().flatten();
        }
        ended
    }

    /// Returns a job with its request and its steps.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<Job> {
        self.detail(|book| book.find(id))
    }

    /// Returns jobs, newest first.
    #[must_use]
    pub fn jobs(&self, filter: &Filter) -> Vec<Job> {
        self.shared.book().list(filter)
    }

    /// Returns the active job of a workspace, with its request and its steps.
    #[must_use]
    pub fn active(&self, workspace: &str) -> Option<Job> {
        self.detail(|book| book.latest(workspace).filter(|entry| entry.state.is_active()))
    }

    /// Returns the newest job of a workspace, with its request and its steps.
    #[must_use]
    pub fn latest(&self, workspace: &str) -> Option<Job> {
        self.detail(|book| book.latest(workspace))
    }

    fn detail(&self, find: impl Fn(&Book) -> Option<&Entry>) -> Option<Job> {
        let book = self.shared.book();
        let entry = find(&book)?;
        let number = entry.number;
        let mut job = book.view(entry);
        job.request = entry.request.as_deref().cloned();
        job.steps = entry.log.as_ref().map(|log| log.told().steps.iter().cloned().collect());
        drop(book);
        if (job.request.is_none() || job.steps.is_none())
            && let Ok(Some((request, steps))) = self.shared.store.detail(number)
        {
            job.request = job.request.or_else(|| serde_json::from_str(&request).ok());
            job.steps = job.steps.or_else(|| serde_json::from_str(&steps).ok());
        }
        Some(job)
    }

    /// Returns the result of a job; `None` where it has none.
    ///
    /// # Errors
    ///
    /// Returns an error where it has one that cannot be read.
    pub fn result(&self, id: &str) -> Result<Option<Arc<[u8]>>, Error> {
        let number = {
            let book = self.shared.book();
            let entry = book.find(id).filter(|entry| !entry.state.is_active());
            let Some(number) = entry.and_then(|entry| entry.end.as_ref()?.result) else { return Ok(None) };
            if let Some(bytes) = book.results.recent(number) {
                return Ok(Some(bytes));
            }
            number
        };
        let Some(bytes) = self.shared.store.result(number)? else { return Ok(None) };
        let bytes: Arc<[u8]> = bytes.into();
        self.shared.book().results.remember(number, bytes.clone());
        Ok(Some(bytes))
    }

    /// Ends a job that is pending, paused or running: at once for all who look; its work stops at its next look.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn cancel(&self, id: &str) -> Result<Job, Refusal> {
        self.change(|book| book.cancel(id))
    }

    /// Makes a job wait. Its worker takes another job meanwhile. Nothing happens to one that waits already.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn pause(&self, id: &str) -> Result<Job, Refusal> {
        self.change(|book| book.pause(id, true))
    }

    /// Lets a paused job go on. Nothing happens to one that is not paused.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn resume(&self, id: &str) -> Result<Job, Refusal> {
        self.change(|book| book.pause(id, false))
    }

    fn change(&self, change: impl Fn(&mut Book) -> Result<(u64, Vec<Change>), Refusal>) -> Result<Job, Refusal> {
        let mut book = self.shared.book();
        let (number, changes) = change(&mut book)?;
        let job = book.view_of(number).expect("who has just ended makes no room");
        let writing = self.shared.write(&mut book, changes);
        drop(book);
        self.shared.wake.notify_all();
        self.shared.resumed.notify_all();
        writing.map_or(Ok(()), Writing::wait).map_err(Error::from)?;
        Ok(job)
    }

    /// Forgets a job that has ended, with its result where no other job has the same. Returns what it was.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn remove(&self, id: &str) -> Result<Job, Refusal> {
        let mut book = self.shared.book();
        let (job, changes) = book.remove(id)?;
        let writing = self.shared.write(&mut book, changes);
        drop(book);
        writing.map_or(Ok(()), Writing::wait).map_err(Error::from)?;
        Ok(job)
    }

    /// Returns the events of a job after the one with this id (0: all that are remembered), then those that come; `None`
    /// where there is no such job.
    #[must_use]
    pub fn events(&self, id: &str, after: u64) -> Option<Events> {
        let book = self.shared.book();
        let entry = book.find(id)?;
        Some(Events::new(book.log(entry), after))
    }

    /// Returns what there is to count.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = self.shared.book().counted();
        counts.workers_busy = self.shared.busy.load(Ordering::Relaxed);
        counts
    }

    /// Returns whether orders are accepted, as far as anybody knows before one comes. Where the disk has refused something, it is
    /// asked again.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.shared.book().is_stopping && self.shared.store.is_healthy()
    }

    /// Stops: nothing is accepted any more, running jobs stop at their next look and are pending at the next start. Waits
    /// this long at most for them; a work that does not look is left alone, and nobody hears of its result.
    pub fn shut_down(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut book = self.shared.book();
        if book.is_closed {
            return;
        }
        book.is_stopping = true;
        for run in book.runs() {
            run.stop();
        }
        self.shared.wake.notify_all();
        self.shared.resumed.notify_all();
        while book.threads > 0
            && let Some(patience) = deadline.checked_duration_since(Instant::now())
        {
            book = self.shared.wake.wait_timeout(book, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
        let late: Vec<Change> = book.runs().iter().flat_map(|run| book.put_back(run)).collect();
        self.shared.write(&mut book, late);
        book.end_streams();
        book.is_closed = true;
        drop(book);
        self.shared.store.close();
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.shut_down(PATIENCE);
    }
}
