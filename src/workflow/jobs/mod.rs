//! Which jobs were asked for, how far are they, and what came of them?
//!
//! A job is accepted once it is on the disk, and is worked on by one of a bounded number of threads. It knows nothing of
//! backtests: what there is to do is a [`Work`]. Whatever a work says is addressed by the job's id and the number of the
//! attempt, so that a job which was cancelled or superseded cannot write into another.
//!
//! What a job is told while it works is there without the feature `serve`, too: others do such work as well.
//!
//! ```text
//!            ┌────────────── cached ──────────────┐
//! submit ─ pending ─ running ─┬─────────────── complete
//!            │  ▲       │     ├─────────────── failed
//!            │  └ died ─┤     └─ died too often interrupted
//!            └──────────┴───────────────────── cancelled, superseded
//! ```

#[cfg(feature = "serve")]
use std::sync::Mutex;
#[cfg(feature = "serve")]
use std::sync::MutexGuard;
#[cfg(feature = "serve")]
use std::sync::PoisonError;

#[cfg(feature = "serve")]
mod desk;
mod work;

mod job;
#[cfg(feature = "serve")]
mod order;

#[cfg(feature = "serve")]
mod event;

#[cfg(feature = "serve")]
mod counts;
#[cfg(feature = "serve")]
mod limits;

#[cfg(feature = "serve")]
mod worker;

#[cfg(feature = "serve")]
mod book;

#[cfg(feature = "serve")]
mod entry;
#[cfg(feature = "serve")]
mod results;
#[cfg(feature = "serve")]
mod run;

#[cfg(feature = "serve")]
mod moment;

#[cfg(feature = "serve")]
mod error;

#[cfg(feature = "serve")]
pub use counts::BUCKETS_S;
#[cfg(feature = "serve")]
pub use counts::Counts;
#[cfg(feature = "serve")]
pub use counts::Histogram;
#[cfg(feature = "serve")]
pub use desk::Ended;
#[cfg(feature = "serve")]
pub use desk::Jobs;
#[cfg(feature = "serve")]
pub use error::Error;
#[cfg(feature = "serve")]
pub use event::Event;
#[cfg(feature = "serve")]
pub use event::Events;
pub use job::Failure;
pub use job::Filter;
pub use job::Job;
pub use job::Stage;
pub use job::State;
#[cfg(feature = "serve")]
pub use limits::Limits;
#[cfg(feature = "serve")]
pub use order::Order;
#[cfg(feature = "serve")]
pub use order::Refusal;
pub use work::Done;
pub use work::Failed;
pub use work::Watch;
pub use work::Work;

/// Takes a lock. Nobody who holds one of ours leaves what it guards half done, so one who panicked with it spoils nothing.
#[cfg(feature = "serve")]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
