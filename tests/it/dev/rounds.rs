//! `hive dev`, whole: what is saved runs a moment later, what is broken leaves the last good thing running, Ctrl-C leaves
//! nothing.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::env;
use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::Value;

use crate::docker;
use crate::image;
use crate::verbs::project::Project;

/// Long enough for the first environment on the slowest machine; an event ends the wait at once.
const PATIENCE: Duration = Duration::from_mins(5);

/// A loop that runs, and what it tells.
struct Loop {
    hive: Child,
    events: Receiver<Value>,
    talk: Receiver<String>,
}

impl Loop {
    fn start(mut command: Command) -> Self {
        let mut hive = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary is there");
        let (out, err) = (hive.stdout.take().expect("it is piped"), hive.stderr.take().expect("it is piped"));
        let (event, events) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = event.send(serde_json::from_str(&line).expect("each event is an object on a line"));
            }
        });
        let (line, talk) = mpsc::channel();
        thread::spawn(move || {
            for text in BufReader::new(err).lines().map_while(Result::ok) {
                let _ = line.send(text);
            }
        });
        Self { hive, events, talk }
    }

    /// Waits for the next event that is not a line of the command, and checks its kind.
    #[track_caller]
    fn next(&self, kind: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE);
            let event = event.unwrap_or_else(|_| panic!("no event: {:?}", self.talk.try_iter().collect::<Vec<_>>()));
            if event["event"] != "line" {
                assert_eq!(event["event"], kind, "{event}");
                return event;
            }
        }
    }

    /// Waits until the command has said something: with a local environment on standard error.
    #[track_caller]
    fn says(&self, text: &str) {
        while let Ok(line) = self.talk.recv_timeout(PATIENCE) {
            if line == text {
                return;
            }
        }
        panic!("`{text}` was never said");
    }

    /// Waits until the command in the container has said something.
    #[track_caller]
    fn writes(&self, text: &str) {
        let mut others = Vec::new();
        while let Ok(event) = self.events.recv_timeout(PATIENCE) {
            if event["line"] == text {
                return;
            }
            others.push(event);
        }
        panic!("`{text}` was never written, but {others:?}");
    }

    /// Presses Ctrl-C, and returns the exit code.
    fn stop(mut self) -> Option<i32> {
        rustix::process::kill_process(Pid::from_child(&self.hive), Signal::INT).expect("it is ours");
        self.hive.wait().expect("it ends").code()
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        // After a failure it still runs; Ctrl-C takes its container along.
        if self.hive.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = rustix::process::kill_process(Pid::from_child(&self.hive), Signal::INT);
            let _ = self.hive.wait();
        }
    }
}

/// Saves what changes the fee, and then what does not apply.
fn edit(project: &Project, dev: &Loop) {
    project.replace("patches/demo/01_fee.patch", "+    share = 0.1\n", "+    share = 0.5\n");
    let saved = dev.next("saved");
    assert_eq!(saved["files"][0], "patches/demo/01_fee.patch");
    let ready = dev.next("ready");
    assert_eq!(ready["ready"]["changed"], serde_json::json!(["hummingbot/engine.py"]));
}

fn break_it(project: &Project, dev: &Loop) {
    project.replace("patches/demo/01_fee.patch", "-    share = 0.01\n", "-    share = 0.02\n");
    dev.next("saved");
    let broken = dev.next("broken");
    assert_eq!(broken["findings"][0]["code"], "HV0203", "{broken}");
}

fn left(project: &Project) -> Vec<String> {
    let stages = fs::read_dir(project.path(".hive/dev")).into_iter().flatten().flatten();
    stages.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_loop_runs_in_an_environment_of_this_machine() {
    if env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
        eprintln!("skipped: an environment is made where HIVE_REQUIRE_UPSTREAM=1 is set");
        return;
    }
    let mut project = Project::new();
    // The package index and its certificates are the machine's: uv may have to be fetched.
    project.unset("PIP_INDEX_URL");
    project.replace(
        "recipes/demo.toml",
        "[candles.walk]\n",
        "[python]\nversion = \"3.12\"\ncut-off = 2026-11-01T00:00:00Z\n\n[candles.walk]\n",
    );
    let program = "import os, time; from hummingbot.engine import fee; print(fee(100), flush=True); time.sleep(600)";
    let mut command = project.command(&["dev", "demo", "--format", "json", "--", "python", "-c", program]);
    command.envs(env::vars());
    let dev = Loop::start(command);
    let first = dev.next("ready");
    assert_eq!(first["ready"]["changed_count"], 3, "{first}");
    dev.says("10.0");
    edit(&project, &dev);
    dev.says("50.0");
    break_it(&project, &dev);
    assert_eq!(dev.stop(), Some(130));
    assert_eq!(left(&project), Vec::<String>::new());
}

#[test]
fn the_loop_runs_in_a_container() {
    let Some(engine) = docker::engine() else { return };
    let base = image::engine::base(&engine, "dev", &|root| root.text("etc/of", "dev"));
    let project = image::engine::project(&base, "dev");
    let program = "cat /usr/local/lib/python3.12/site-packages/hummingbot/engine.py; sleep 600";
    let dev =
        Loop::start(project.command(&["dev", "demo", "--in", "image", "--format", "json", "--", "sh", "-c", program]));
    let first = dev.next("ready");
    let name = first["ready"]["place"].as_str().expect("it names the container").to_owned();
    dev.writes("    share = 0.1");
    edit(&project, &dev);
    dev.writes("    share = 0.5");
    break_it(&project, &dev);
    let label = format!("hive.process={}", dev.hive.id());
    assert_eq!(engine.containers(&label).expect("the engine answers").len(), 1, "{name} still stands");
    assert_eq!(dev.stop(), Some(130));
    assert_eq!(engine.containers(&label).expect("the engine answers"), Vec::<String>::new());
    assert_eq!(left(&project), Vec::<String>::new());
}
