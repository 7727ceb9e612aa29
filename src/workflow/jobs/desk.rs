//! Who takes orders, hands jobs to workers, and answers for what was accepted?

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::workflow::jobs::Counts;
use crate::workflow::jobs::Error;
use crate::workflow::jobs::Events;
use crate::workflow::jobs::Filter;
use crate::workflow::jobs::Job;
use crate::workflow::jobs::Limits;
use crate::workflow::jobs::Order;
use crate::workflow::jobs::Refusal;
use crate::workflow::jobs::Work;

/// How a job ended, for those who waited for it.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The job.
    pub job: Job,
    /// Its result, where it has one.
    pub result: Option<Arc<[u8]>>,
}

/// The desk of jobs. Any thread may use it at once; what changes something returns when that is on the disk, which takes
/// about a millisecond.
pub struct Jobs {
    limits: Limits,
    _work: Arc<dyn Work>,
}

impl Jobs {
    /// Opens the database at `path`, or makes it, and goes on with the jobs that were accepted there.
    ///
    /// # Errors
    ///
    /// Returns an error where another process has the database, where it is damaged, newer than this hive, or not hive's.
    pub fn open(_path: &Path, limits: Limits, work: Arc<dyn Work>) -> Result<Self, Error> {
        Ok(Self { limits, _work: work })
    }

    /// Accepts an order: what this returns survives the death of the process.
    ///
    /// A result that is kept under the order's key makes the job complete at once.
    ///
    /// # Errors
    ///
    /// Returns why it is not accepted; nothing has changed then.
    pub fn submit(&self, _order: Order) -> Result<Job, Refusal> {
        Err(Refusal::QueueFull { limit: self.limits.queued_max })
    }

    /// Returns how the job ended, with its result from memory, as soon as there is one; `None` where there is no such job.
    /// It does not wait for the result to be stored, so the job itself may be seen as running for another moment.
    pub async fn ended(&self, _id: &str) -> Option<Ended> {
        None
    }

    /// Does what [`Self::ended`] does for a thread, and waits this long at most.
    #[must_use]
    pub fn wait(&self, _id: &str, _patience: Duration) -> Option<Ended> {
        None
    }

    /// Returns a job with its request and its steps.
    #[must_use]
    pub fn job(&self, _id: &str) -> Option<Job> {
        None
    }

    /// Returns jobs, newest first.
    #[must_use]
    pub fn jobs(&self, _filter: &Filter) -> Vec<Job> {
        Vec::new()
    }

    /// Returns the active job of a workspace.
    #[must_use]
    pub fn active(&self, _workspace: &str) -> Option<Job> {
        None
    }

    /// Returns the newest job of a workspace, with its request and its steps.
    #[must_use]
    pub fn latest(&self, _workspace: &str) -> Option<Job> {
        None
    }

    /// Returns the result of a job; `None` where it has none.
    ///
    /// # Errors
    ///
    /// Returns an error where it has one that cannot be read.
    pub fn result(&self, _id: &str) -> Result<Option<Arc<[u8]>>, Error> {
        Ok(None)
    }

    /// Ends a job that is pending, paused or running: at once for all who look; its work stops at its next look.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn cancel(&self, id: &str) -> Result<Job, Refusal> {
        Err(Refusal::NoSuchJob { job_id: id.to_owned() })
    }

    /// Makes a job wait. Its worker takes another job meanwhile. Nothing happens to one that waits already.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn pause(&self, id: &str) -> Result<Job, Refusal> {
        Err(Refusal::NoSuchJob { job_id: id.to_owned() })
    }

    /// Lets a paused job go on. Nothing happens to one that is not paused.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn resume(&self, id: &str) -> Result<Job, Refusal> {
        Err(Refusal::NoSuchJob { job_id: id.to_owned() })
    }

    /// Forgets a job that has ended, with its result where no other job has the same. Returns what it was.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn remove(&self, id: &str) -> Result<Job, Refusal> {
        Err(Refusal::NoSuchJob { job_id: id.to_owned() })
    }

    /// Returns the events of a job after the one with this id (0: all that are remembered), then those that come; `None`
    /// where there is no such job.
    #[must_use]
    pub fn events(&self, _id: &str, _after: u64) -> Option<Events> {
        None
    }

    /// Returns what there is to count.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::default()
    }

    /// Returns whether orders are accepted, as far as anybody knows before one comes.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        false
    }

    /// Stops: nothing is accepted any more, running jobs stop at their next look and are pending at the next start. Waits
    /// this long at most for them; a work that does not look is left alone, and nobody hears of its result.
    pub fn shut_down(&self, _patience: Duration) {}
}
