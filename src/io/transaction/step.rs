//! Where can a transaction be interrupted? After each step; tests kill it there.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// For tests alone: after how many steps hive kills itself, as a power cut would. Nobody else sets it.
const VARIABLE: &str = "HIVE_TEST_KILL_AFTER_STEPS";

static LIMIT: OnceLock<Option<u64>> = OnceLock::new();
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// Says that a step is taken, between which and the next the process may end.
pub(super) fn step() {
    let limit = LIMIT.get_or_init(|| std::env::var(VARIABLE).ok()?.parse().ok());
    if let Some(limit) = limit
        && TAKEN.fetch_add(1, Ordering::SeqCst) + 1 == *limit
    {
        kill();
    }
}

#[cfg(unix)]
fn kill() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}

#[cfg(not(unix))]
fn kill() {
    std::process::abort();
}
