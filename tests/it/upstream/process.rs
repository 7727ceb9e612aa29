//! Programs within bounds: what they are given, what they say, and how they end.

use std::time::Duration;
use std::time::Instant;

use hive::io::process;
use hive::io::process::Error;
use hive::io::process::Program;
use hive::io::script::Ended;
use hive::io::script::Output;
use tempfile::TempDir;

/// Returns a shell that runs a script.
fn shell(folder: &TempDir, script: &str) -> Program {
    Program::new("/bin/sh", folder.path()).arguments(["-c", script]).variable("PATH", "/usr/bin:/bin")
}

fn ran(program: &Program) -> Output {
    process::run(program, &mut |_| {}).expect("a shell starts")
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

#[test]
fn it_reads_says_and_answers() {
    let folder = folder();
    let mut program = shell(&folder, "cat; echo one >&2; echo two >&2; exit 3");
    program.stdin = b"asked".to_vec();
    let mut lines = Vec::new();
    let output = process::run(&program, &mut |line| lines.push(line.to_owned())).expect("a shell starts");
    assert_eq!(output.ended, Ended::Exit(3));
    assert_eq!(output.stdout, b"asked");
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(output.talk, "one\ntwo\n");
}

#[test]
fn nothing_of_the_environment_is_handed_on() {
    let folder = folder();
    let program = Program::new("/usr/bin/env", folder.path()).variable("ONLY", "this");
    assert_eq!(String::from_utf8_lossy(&ran(&program).stdout), "ONLY=this\n");
}

#[test]
fn what_is_too_slow_is_stopped_with_all_that_it_started() {
    let folder = folder();
    // The grandchild would hold the pipes open for a minute.
    let mut program = shell(&folder, "sleep 60 & echo $! ; sleep 60");
    program.timeout = Some(Duration::from_millis(300));
    let started = Instant::now();
    let output = ran(&program);
    assert_eq!(output.ended, Ended::TimedOut);
    assert!(started.elapsed() < Duration::from_secs(30));
    let grandchild = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(is_gone(&grandchild), "{grandchild} still runs");
}

/// A killed process may stand in the table until somebody has reaped it.
fn is_gone(process: &str) -> bool {
    (0..100).any(|_| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
        let gone = stat.map_or(true, |stat| stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")));
        if !gone {
            std::thread::sleep(Duration::from_millis(20));
        }
        gone
    })
}

#[test]
fn what_it_leaves_behind_is_stopped() {
    let folder = folder();
    let started = Instant::now();
    let output = ran(&shell(&folder, "sleep 60 & echo $!"));
    assert_eq!(output.ended, Ended::Exit(0));
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(is_gone(String::from_utf8_lossy(&output.stdout).trim()));
}

#[test]
fn a_signal_is_not_a_status() {
    let folder = folder();
    assert_eq!(ran(&shell(&folder, "kill -TERM $$")).ended, Ended::Signal(15));
}

#[cfg(target_os = "linux")]
#[test]
fn what_takes_too_much_memory_is_stopped() {
    let folder = folder();
    // The shell keeps the whole of it in a variable.
    let mut program = shell(&folder, "a=$(head -c 200000000 /dev/zero | tr '\\0' x); sleep 60; echo $a");
    program.memory_bytes = Some(50 * 1024 * 1024);
    program.timeout = Some(Duration::from_mins(1));
    assert_eq!(ran(&program).ended, Ended::OutOfMemory);
}

#[test]
fn only_the_end_of_much_talk_is_kept() {
    let folder = folder();
    let output = ran(&shell(&folder, "i=0; while [ $i -lt 40000 ]; do echo line $i >&2; i=$((i+1)); done"));
    assert!(output.talk.len() <= hive::io::script::TALK_BYTES_MAX);
    assert!(output.talk.ends_with("line 39999\n"));
    assert!(output.talk.starts_with("line "));
}

#[test]
fn a_program_that_is_not_there() {
    let folder = folder();
    let error =
        process::run(&Program::new("/nowhere/python", folder.path()), &mut |_| {}).expect_err("it is not there");
    assert!(matches!(error, Error::NotStarted { .. }));
    assert_eq!(error.to_string(), "`/nowhere/python` cannot be started");
}
