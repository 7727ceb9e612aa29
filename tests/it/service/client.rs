//! The real hummingbot-api-client, of two generations, against the real binary.
//!
//! It is installed where `HIVE_REQUIRE_UPSTREAM=1` says that there is a network, and Python 3.12.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use hive::io::python;
use serde_json::Value;
use serde_json::json;

use super::house::PASSWORD;
use super::house::backtest;
use super::served::Served;

/// The current release.
const NEWEST: &str = "1.5.9";

/// The last one from before the routes of tasks.
const OLDER: &str = "1.2.9";

/// What the real Hummingbot answers: spot quotes, an inventory, orders that mend it, and a position that is held.
const ORACLE: &str = "20260922/pmm_simple__c3_spot_rebalance";

/// Returns an environment with a package; `None`, and says so, where nothing is downloaded.
pub(super) fn venv(name: &str, requirement: &str) -> Option<PathBuf> {
    if std::env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
        eprintln!("skipped: `{requirement}` is installed where HIVE_REQUIRE_UPSTREAM=1 is set");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("venv-{name}"));
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).is_ok_and(|text| text == requirement) {
        return Some(folder);
    }
    let interpreter = python::find("3.12").expect("HIVE_REQUIRE_UPSTREAM=1 says that Python 3.12 is there");
    run(Command::new(&interpreter.program).args(["-m", "venv", "--clear"]).arg(&folder));
    run(Command::new(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet", requirement]));
    fs::write(mark, requirement).expect("the folder is ours");
    Some(folder)
}

fn run(command: &mut Command) {
    let said = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
}

/// Runs the client's calls against a service that a password opens; returns what it got, and what the service's route says.
fn called(version: &str) -> Option<(Value, Value)> {
    let venv = venv(&format!("client-{version}"), &format!("hummingbot-api-client=={version}"))?;
    let project = super::house::project();
    fs::write(project.path().join("password"), PASSWORD).expect("the folder is ours");
    fs::write(project.path().join("request.json"), backtest().to_string()).expect("the folder is ours");
    let candles = project.path().join(".hive/candles");
    fs::create_dir_all(&candles).expect("the folder is ours");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle/candles/SYN-BTC-USDT-1m-30d.csv.gz");
    fs::copy(data, candles.join("binance__BTC-USDT__1m.csv.gz")).expect("the oracle's candles are there");
    let oracle = crate::backtest::packet::answer(ORACLE);
    fs::write(project.path().join("oracle.json"), oracle["request"].to_string()).expect("the folder is ours");
    let served = Served::start(project.path(), &["--user", "admin", "--password-file", "password"], &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/service/client.py");
    let mut client = Command::new(venv.join("bin/python"));
    client
        .arg(script)
        .args([&served.url(), "admin", PASSWORD, "request.json", "oracle.json"])
        .current_dir(project.path());
    let said = client.output().expect("the interpreter is there");
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{errors}");
    let got: Value = serde_json::from_slice(&said.stdout).expect("it prints JSON");
    assert_eq!(got["version"], version);
    let problems = crate::backtest::packet::differences(&oracle["packet"], &got["oracle"]);
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), problems[..problems.len().min(12)].join("\n"));
    // The same figures as a route that the client does not know.
    let key = ["Basic ".to_owned(), super::bad_input::base64(&format!("admin:{PASSWORD}"))].concat();
    let (status, text) = served.ask("POST", "/run-backtesting", &[("Authorization", &key)], &backtest().to_string());
    assert_eq!(status, 200, "{text}");
    let (_, body) = text.split_once("\r\n\r\n").expect("headers end");
    let own = serde_json::from_str(body).expect("the answer is JSON");
    let ended = served.stop();
    assert!(ended.status.success(), "{}", ended.log);
    Some((got, own))
}

#[test]
fn the_current_client_runs_its_calls() {
    let Some((got, own)) = called(NEWEST) else { return };
    assert_eq!(got["run"], own);
    assert_eq!(got["named"], own);
    assert!(!got["run"]["executors"].as_array().expect("a list").is_empty());
    assert!(got["run"]["results"]["total_executors"].as_u64().is_some_and(|count| count > 0));
    let task = &got["task"];
    assert_eq!((&task["status"], &task["error"]), (&json!("completed"), &Value::Null));
    assert_eq!(task["task_id"], got["submitted"]["task_id"]);
    assert_eq!(task["config"]["trade_cost"], 0.0004);
    assert_ne!(task["result"]["results"]["net_pnl"], own["results"]["net_pnl"], "twice the cost is another profit");
    assert!(got["tasks"].as_array().expect("a list").iter().any(|found| found["task_id"] == task["task_id"]));
    assert_eq!(got["deleted"], json!({ "status": "deleted", "task_id": task["task_id"] }));
    assert_eq!(got["gone"]["status"], 404);
    assert_eq!(got["wrong"]["status"], 422);
    assert_eq!(got["wrong"]["message"][0]["loc"], json!(["body", "start_time"]));
    assert_eq!(got["locked"], json!({ "status": 401, "message": "Incorrect username or password" }));
}

#[test]
fn a_client_from_before_the_tasks_runs_its_call() {
    let Some((got, own)) = called(OLDER) else { return };
    assert_eq!(got["run"], own);
    assert_eq!(got["wrong"]["status"], 422);
    assert_eq!(got["locked"]["status"], 401);
}
