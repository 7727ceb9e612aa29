//! What Hummingbot's clients speak: the shapes of each answer, and that who goes away has the backtest cancelled.

use std::time::Instant;

use axum::body::Body;
use serde_json::Value;
use serde_json::json;

use super::house::House;
use super::house::PATIENCE;
use super::house::Setup;
use super::house::answer;
use super::house::backtest;
use super::house::post;
use super::house::request;

const RUNS: [&str; 3] = ["/run-backtesting", "/backtesting/run-backtesting", "/backtesting/run"];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn each_generations_route_answers_with_the_result() {
    let house = House::new();
    let packets = RUNS.map(|path| house.post(path, &backtest()).with(200));
    assert_eq!(
        keys(&packets[0]),
        ["executors", "processed_data", "results", "position_holds", "position_held_timeseries", "pnl_timeseries"]
    );
    let executors = packets[0]["executors"].as_array().expect("a list");
    assert!(!executors.is_empty(), "the walk moves enough to trade");
    assert!(executors[0]["side"].is_u64() && executors[0]["status"].is_u64(), "enums are integers: {}", executors[0]);
    assert!(packets[0]["results"]["close_types"].is_object());
    assert_eq!(packets[0], packets[1]);
    assert_eq!(packets[0], packets[2]);
}

#[test]
fn a_config_may_be_the_name_of_a_file() {
    let house = House::new();
    let mut body = backtest();
    let whole = house.post("/backtesting/run", &body).with(200);
    body["config"] = json!("walk.yml");
    assert_eq!(house.post("/backtesting/run", &body).with(200), whole);
    assert_eq!(house.get("/api/configs").with(200), json!({ "configs": ["walk.yml"] }));
}

#[test]
fn a_backtest_that_fails_is_answered_with_its_error() {
    let (house, held) = House::held(Setup::default());
    held.let_go();
    let mut body = backtest();
    body["config"]["id"] = json!("fails");
    assert_eq!(house.post("/backtesting/run", &body).with(200), json!({ "error": "it was told to fail" }));
    body["config"]["id"] = json!("panics");
    let panicked = house.post("/backtesting/run", &body).with(200);
    assert!(panicked["error"].as_str().is_some_and(|error| error.contains("it was told to panic")), "{panicked}");
}

#[test]
fn tasks_are_submitted_listed_read_and_deleted() {
    let (house, held) = House::held(Setup::default());
    assert_eq!(house.get("/backtesting/tasks").with(200), json!([]));
    let first = house.post("/backtesting/tasks", &backtest()).with(200);
    assert_eq!(keys(&first), ["task_id", "status"]);
    let id = first["task_id"].as_str().expect("an id");
    house.until(id, "running");
    let mut body = backtest();
    body["config"]["id"] = json!("second");
    let second = house.post("/backtesting/tasks", &body).with(200);
    assert_eq!(second["status"], "pending");
    let listed = house.get("/backtesting/tasks").with(200);
    let ids: Vec<&Value> = listed.as_array().expect("a list").iter().map(|task| &task["task_id"]).collect();
    assert_eq!(ids, [&first["task_id"], &second["task_id"]], "the oldest is first");
    assert_eq!(keys(&listed[0]), ["task_id", "status", "config", "created_at", "started_at", "completed_at", "error"]);
    assert_eq!((&listed[0]["status"], &listed[0]["completed_at"]), (&json!("running"), &Value::Null));
    assert_eq!(listed[0]["config"]["config"]["controller_name"], "pmm_simple");
    held.let_go();
    house.until(id, "complete");
    let path = format!("/backtesting/tasks/{id}");
    let task = house.get(&path).with(200);
    assert_eq!(task["status"], "completed");
    assert_eq!(keys(&task["result"]), ["executors", "processed_data", "results"]);
    assert_eq!(house.delete(&path).with(200), json!({ "status": "deleted", "task_id": id }));
    assert_eq!(house.get(&path).with(404), json!({ "detail": format!("Task {id} not found") }));
    assert_eq!(house.delete(&path).status, 404);
}

#[test]
fn deleting_a_task_that_runs_cancels_it() {
    let (house, _held) = House::held(Setup::default());
    let task = house.post("/backtesting/tasks", &backtest()).with(200);
    let id = task["task_id"].as_str().expect("an id");
    house.until(id, "running");
    assert_eq!(house.delete(&format!("/backtesting/tasks/{id}")).status, 200);
    assert_eq!(house.get(&format!("/api/jobs/{id}")).status, 404);
    // The worker is free again: the next one is begun.
    let mut body = backtest();
    body["config"]["id"] = json!("next");
    let next = house.start(&body);
    house.until(&next, "running");
}

#[test]
fn who_goes_away_has_the_backtest_cancelled() {
    let (house, _held) = House::held(Setup::default());
    let waiting = house.runtime.spawn(answer(house.app.clone(), post("/backtesting/run", &backtest())));
    let since = Instant::now();
    let id = loop {
        let jobs = house.get("/api/jobs?state=running").with(200);
        if let Some(id) = jobs["jobs"][0]["id"].as_str() {
            break id.to_owned();
        }
        assert!(since.elapsed() < PATIENCE, "{jobs}");
    };
    waiting.abort();
    house.until(&id, "cancelled");
    let counts = house.get("/metrics").text;
    let gone = "hive_http_requests_total{method=\"POST\",route=\"/backtesting/run\",status=\"499\"} 1";
    assert!(counts.contains(gone), "{counts}");
}

#[test]
fn challenges_are_of_the_kind_that_clients_know() {
    let house = House::with(Setup::locked());
    assert_eq!(house.get("/backtesting/tasks").header("www-authenticate"), "Basic realm=\"hive\"");
    // A browser would ask for a password by itself, where the page does.
    assert_eq!(house.get("/api/jobs").header("www-authenticate"), "Bearer realm=\"hive\"");
}

#[test]
fn a_head_has_no_body() {
    let house = House::new();
    let answer = house.ask(request("HEAD", "/backtesting/tasks").body(Body::empty()).expect("a request"));
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}
