//! How does a thread leave the machine to what is in a hurry?

/// How much nicer than others a thread with time is: it gets about a third of what another one gets that wants the same core.
const NICER: i32 = 5;

/// Lets the calling thread stand back behind others of this process and of others, for as long as it lives. Where the system
/// has no such thing, or refuses, nothing changes.
pub fn stand_back() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process;
        // Linux gives each thread a priority of its own; the others of this process keep theirs.
        let nice = process::getpriority_process(None).unwrap_or(0);
        let _ = process::setpriority_process(Some(rustix::thread::gettid()), (nice + NICER).min(19));
    }
}
