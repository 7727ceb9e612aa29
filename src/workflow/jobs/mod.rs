//! Which jobs were asked for, how far are they, and what came of them?
//!
//! A job is accepted once it is on the disk, and is worked on by one of a bounded number of threads. It knows nothing of
//! backtests: what there is to do is a [`Work`]. Whatever a work says is addressed by the job's id and the number of the
//! attempt, so that a job which was cancelled or superseded cannot write into another.
//!
//! ```text
//!            ┌────────────── cached ──────────────┐
//! submit ─ pending ─ running ─┬─────────────── complete
//!            │  ▲       │     ├─────────────── failed
//!            │  └ died ─┤     └─ died too often interrupted
//!            └──────────┴───────────────────── cancelled, superseded
//! ```

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

mod desk;
mod work;

mod job;
mod order;

mod event;

mod counts;
mod limits;

mod worker;

mod book;

mod entry;
mod results;
mod run;

mod moment;

mod error;

pub use counts::BUCKETS_S;
pub use counts::Counts;
pub use counts::Histogram;
pub use desk::Ended;
pub use desk::Jobs;
pub use error::Error;
pub use event::Event;
pub use event::Events;
pub use job::Failure;
pub use job::Filter;
pub use job::Job;
pub use job::Stage;
pub use job::State;
pub use limits::Limits;
pub use order::Order;
pub use order::Refusal;
pub use work::Done;
pub use work::Failed;
pub use work::Watch;
pub use work::Work;

/// Takes a lock. Nobody who holds one of ours leaves what it guards half done, so one who panicked with it spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
