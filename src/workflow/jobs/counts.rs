//! How many jobs are there, and how long do they take?

use std::collections::BTreeMap;

use crate::workflow::jobs::State;

/// Upper bounds of the buckets of durations, in seconds.
pub const BUCKETS_S: [f64; 14] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 300.0, 1800.0];

/// How long something took, in buckets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// How many took at most as long as the bound at the same place in [`BUCKETS_S`], and longer than the one before.
    pub counts: [u64; BUCKETS_S.len()],
    /// How many there were, those that took longer than the last bound included.
    pub count: u64,
    /// How long all of them took together.
    pub sum_s: f64,
}

impl Histogram {
    /// Counts one more.
    pub(super) fn observe(&mut self, seconds: f64) {
        self.count += 1;
        self.sum_s += seconds;
        if let Some(index) = BUCKETS_S.iter().position(|bound| seconds <= *bound) {
            self.counts[index] += 1;
        }
    }
}

/// What is counted about jobs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Counts {
    /// How many jobs there are in each state; every state is there.
    pub jobs: BTreeMap<State, u64>,
    /// How many of them are paused.
    pub paused: u64,
    /// How many wait for a worker.
    pub queued: u64,
    /// How many may wait.
    pub queued_max: u64,
    /// How many may be worked on at once.
    pub workers: u64,
    /// How many workers have something to do, jobs that were cancelled and have not noticed yet included.
    pub workers_busy: u64,
    /// How many bytes of results lie on the disk.
    pub result_bytes: u64,
    /// How many orders were accepted since the start.
    pub submitted_total: u64,
    /// How many of them had a result at once.
    pub cached_total: u64,
    /// How many orders were refused since the start: the queue was full, or the workspace busy.
    pub refused_total: u64,
    /// How many finished jobs had to make room since the start.
    pub evicted_total: u64,
    /// How many jobs ended since the start, by their last state.
    pub ended_total: BTreeMap<State, u64>,
    /// How long jobs waited for a worker.
    pub waited: Histogram,
    /// How long was worked on jobs that are complete or failed.
    pub worked: Histogram,
}
