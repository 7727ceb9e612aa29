//! The end of the service: streams are closed, connections drained within a bound, running jobs are back in the queue.

use std::io::Read as _;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use super::house::PATIENCE;
use super::house::RECIPE;
use super::house::backtest;
use super::served::Served;

/// A project whose candles take a while to replay.
fn long_project() -> TempDir {
    let folder = super::house::project();
    let long = RECIPE.replace("rows = 240", "rows = 400000");
    assert_ne!(long, RECIPE);
    std::fs::write(folder.path().join("recipes/walk.toml"), long).expect("the folder is ours");
    folder
}

fn long_backtest(id: &str) -> String {
    let mut body = backtest();
    body["end_time"] = json!(1_767_225_600 + 390_000_i64 * 60);
    body["config"]["id"] = json!(id);
    body.to_string()
}

/// Reads from a stream until a text has come.
fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    while !text.contains(wanted) {
        let count = stream.read(&mut chunk).expect("the stream goes on");
        assert!(count > 0, "the stream ended before `{wanted}`: {text}");
        text.push_str(&String::from_utf8_lossy(&chunk[..count]));
    }
    text
}

fn until(served: &Served, id: &str, states: &[&str]) -> Value {
    let since = Instant::now();
    loop {
        let job = served.json("GET", &format!("/api/jobs/{id}"), "", 200);
        if states.iter().any(|state| job["state"] == *state) {
            return job;
        }
        assert!(since.elapsed() < PATIENCE, "{job}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_service_with_an_open_stream_ends_in_time_and_loses_nothing() {
    let project = long_project();
    let mut served = Served::start(project.path(), &["--workers", "1"], &[]);
    let job = served.json("POST", "/api/jobs", &long_backtest("first"), 202);
    let id = job["id"].as_str().expect("an id").to_owned();
    let waiting = served.json("POST", "/api/jobs", &long_backtest("second"), 202);
    let waiting = waiting["id"].as_str().expect("an id").to_owned();
    let mut stream = served.send("GET", &format!("/api/jobs/{id}/events"), &[], "");
    read_until(&mut stream, "event: state");
    // A connection that says nothing does not keep the service.
    let _silent = TcpStream::connect(&served.address).expect("it listens");
    let since = Instant::now();
    served.signal(Signal::TERM);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the stream is closed, not cut");
    assert!(rest.ends_with("0\r\n\r\n"), "the last chunk says that it is the last: {rest:?}");
    let ended = served.wait();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(since.elapsed() < Duration::from_secs(25), "{:?}", since.elapsed());
    assert!(ended.log.contains("stopped"), "{}", ended.log);

    let served = Served::start(project.path(), &["--workers", "1"], &[]);
    for id in [&id, &waiting] {
        let job = until(&served, id, &["pending", "running", "complete"]);
        assert_eq!(job["error"], Value::Null, "{job}");
    }
    let (status, _) = served.ask("DELETE", &format!("/api/jobs/{id}"), &[], "");
    assert_eq!(status, 200);
    assert!(served.stop().status.success());
}

#[test]
fn ctrl_c_is_an_end_like_any_other() {
    let project = super::house::project();
    let mut served = Served::start(project.path(), &[], &[]);
    served.signal(Signal::INT);
    let ended = served.wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.log);
}
