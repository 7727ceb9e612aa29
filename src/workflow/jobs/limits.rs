//! How much is accepted, done at once, and kept?

use std::thread;

/// The bounds of a desk of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many jobs wait at most; one more is refused. 256.
    pub queued_max: usize,
    /// How many jobs are worked on at once. As many as the machine has processors.
    pub workers: usize,
    /// How many running jobs are paused at most: each holds a thread and its memory. 16.
    pub paused_max: usize,
    /// How many finished jobs are kept; those that finished first go first, with their results. 1,000.
    pub kept_jobs_max: usize,
    /// How many bytes of results are kept on the disk, as they lie there; those of the jobs that finished first go first. The
    /// job that finished last is kept, whatever its size. 256 MiB.
    pub kept_result_bytes_max: u64,
    /// How many bytes of results are kept in memory, too, for those who ask soon. 8 MiB.
    pub memory_result_bytes_max: u64,
    /// How many events of a job can be replayed; the oldest go first. 256.
    pub events_per_job_max: usize,
    /// Of how many finished jobs the events can be replayed; of others the last one can. 64.
    pub event_logs_max: usize,
    /// How many times the process may die while a job is worked on, until the job is held to be the cause. 5.
    pub crashes_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queued_max: 256,
            workers: thread::available_parallelism().map_or(1, usize::from),
            paused_max: 16,
            kept_jobs_max: 1_000,
            kept_result_bytes_max: 256 << 20,
            memory_result_bytes_max: 8 << 20,
            events_per_job_max: 256,
            event_logs_max: 64,
            crashes_max: 5,
        }
    }
}
