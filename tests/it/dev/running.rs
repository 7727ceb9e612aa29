//! A program of the edit loop goes with all that it has started.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::io::running::Running;
use tempfile::TempDir;

/// Starts a shell that starts a sleeper, writes its number into a file, and goes on as `then` says; returns the number.
fn started(then: &str) -> (TempDir, Running, String) {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let script = format!("sleep 600 & echo $! > new && mv new sleeper; {then}");
    let running = Running::start(Path::new("sh"), &["-c".to_owned(), script], folder.path(), &[], Stdio::inherit());
    let running = running.expect("there is a shell");
    let sleeper = folder.path().join("sleeper");
    until(|| sleeper.exists());
    let number = fs::read_to_string(sleeper).expect("it was written").trim().to_owned();
    (folder, running, number)
}

fn until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "it never came to be");
        thread::sleep(Duration::from_millis(5));
    }
}

fn is_there(process: &str) -> bool {
    // A zombie that waits for its parent is not there any more.
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, fields)| !fields.trim_start().starts_with('Z'))
}

#[test]
fn what_is_stopped_takes_its_children_along() {
    let (_folder, mut running, sleeper) = started("wait");
    assert!(is_there(&sleeper) && running.ended().is_none());
    running.stop();
    until(|| !is_there(&sleeper));
    assert!(running.ended().is_none(), "its end is no news");
}

#[test]
fn what_ends_by_itself_takes_its_children_along() {
    let (_folder, mut running, sleeper) = started("exit 3");
    let mut status = None;
    let end = Instant::now() + Duration::from_secs(20);
    while status.is_none() && Instant::now() < end {
        status = running.ended();
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(status.and_then(|status| status.code()), Some(3));
    until(|| !is_there(&sleeper));
}

#[test]
fn what_is_dropped_is_stopped() {
    let (_folder, running, sleeper) = started("wait");
    drop(running);
    until(|| !is_there(&sleeper));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = Running::start(Path::new("no-such-program"), &[], Path::new("."), &[], Stdio::inherit())
        .expect_err("it is not there");
    assert_eq!(error.to_string(), "`no-such-program` cannot be started");
}
