//! hive's own API: what each route answers when all is well.

use serde_json::Value;
use serde_json::json;

use super::house::House;
use super::house::Setup;
use super::house::backtest;

fn named(id: &str) -> Value {
    let mut body = backtest();
    body["config"]["id"] = json!(id);
    body
}

#[test]
fn a_job_from_its_start_to_its_tables() {
    let house = House::new();
    let accepted = house.post("/api/jobs", &backtest());
    let place = accepted.header("location").to_owned();
    let job = accepted.with(202);
    assert_eq!(place, format!("/api/jobs/{}", job["id"].as_str().expect("an id")));
    let job = house.until(job["id"].as_str().expect("an id"), "complete");
    assert_eq!((&job["progress"], &job["stage"], &job["has_result"]), (&json!(1.0), &json!("complete"), &json!(true)));
    assert!(job["summary"]["metrics"]["total_executors"].is_u64(), "{job}");
    assert!(job["steps"].is_array() && job["request"].is_object(), "{job}");
    let result = house.get(&format!("{place}/result")).with(200);
    let count = result["executors"].as_array().expect("a list").len();
    let executors = house.get(&format!("{place}/executors.csv"));
    assert_eq!((executors.status, executors.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(executors.header("content-disposition").starts_with("attachment; filename=\"executors-"));
    assert_eq!(executors.text.lines().count(), count + 1);
    let profit = house.get(&format!("{place}/pnl.csv"));
    let bars = result["pnl_timeseries"].as_array().expect("a list").len();
    assert_eq!((profit.status, profit.text.lines().count()), (200, bars + 1));
    // The same again has its result at once.
    let again = house.post("/api/jobs", &backtest()).with(202);
    assert_eq!((&again["is_cached"], &again["state"]), (&json!(true), &json!("complete")));
    assert_eq!(house.get(&format!("/api/jobs/{}/result", again["id"].as_str().expect("an id"))).with(200), result);
    assert_eq!(house.delete(&place).with(200)["state"], "complete");
    assert_eq!(house.get(&place).status, 404);
}

#[test]
fn a_job_is_paused_resumed_and_cancelled() {
    let (house, _held) = House::held(Setup::default());
    let id = house.start(&backtest());
    house.until(&id, "running");
    let path = format!("/api/jobs/{id}");
    let post = |deed: &str| house.post(&format!("{path}/{deed}"), &Value::Null);
    assert_eq!(post("pause").with(200)["is_paused"], true);
    assert_eq!(house.get(&path).with(200)["is_paused"], true);
    assert_eq!(post("resume").with(200)["is_paused"], false);
    assert_eq!(post("cancel").with(200)["state"], "cancelled");
    let refused = post("cancel").with(409);
    assert_eq!(refused["error"]["code"], "HV0882");
    assert_eq!(
        refused["error"]["message"],
        format!("job `{id}` is cancelled, so that it cannot be stopped, paused or resumed")
    );
    // Removing what is active cancels it; removing what has ended forgets it.
    let id = house.start(&named("other"));
    let path = format!("/api/jobs/{id}");
    assert_eq!(house.delete(&path).with(200)["state"], "cancelled");
    assert_eq!(house.delete(&path).status, 200);
    assert_eq!(house.delete(&path).status, 404);
}

#[test]
fn jobs_are_listed_in_pages() {
    let (house, held) = House::held(Setup::default());
    let ids: Vec<String> = (0..5).map(|index| house.start(&named(&format!("job{index}")))).collect();
    held.let_go();
    for id in &ids {
        house.until(id, "complete");
    }
    let mut found = Vec::new();
    let mut path = "/api/jobs?limit=2".to_owned();
    loop {
        let page = house.get(&path).with(200);
        for job in page["jobs"].as_array().expect("a list") {
            assert!(job.get("request").is_none() && job.get("steps").is_none(), "{job}");
            found.push(job["id"].as_str().expect("an id").to_owned());
        }
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/api/jobs?limit=2&before={next}");
    }
    found.reverse();
    assert_eq!(found, ids);
    assert_eq!(house.get("/api/jobs?state=failed").with(200), json!({ "jobs": [], "next": null }));
    assert_eq!(house.get("/api/jobs?kind=download").with(200)["jobs"], json!([]));
}

#[test]
fn a_newer_job_takes_the_place_of_the_workspaces_older_one() {
    let (house, _held) = House::held(Setup::default());
    let place = |id: &str| {
        let mut body = named(id);
        body["workspace"] = json!("mine");
        house.start(&body)
    };
    let older = place("older");
    house.until(&older, "running");
    let newer = place("newer");
    house.until(&older, "superseded");
    house.until(&newer, "running");
    let listed = house.get("/api/jobs?workspace=mine").with(200);
    assert_eq!(listed["jobs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_workspaces_backtest_is_started_watched_and_stopped() {
    let (house, _held) = House::held(Setup::default());
    let none = house.get("/api/backtest/status").with(200);
    assert_eq!((&none["running"], &none["job_id"], &none["metrics"]), (&json!(false), &Value::Null, &json!({})));
    let started = house.post("/api/backtest/start", &backtest()).with(200);
    let id = started["job_id"].as_str().expect("an id").to_owned();
    assert_eq!(started, json!({ "started": true, "job_id": id }));
    house.until(&id, "running");
    let busy = house.post("/api/backtest/start", &named("second")).with(409);
    assert_eq!(busy, json!({ "started": false, "job_id": id, "error": "Backtest already running" }));
    let status = house.get("/api/backtest/status").with(200);
    let keys: Vec<&str> = status.as_object().expect("an object").keys().map(String::as_str).collect();
    // The first thirteen are the seed's.
    assert_eq!(
        keys,
        [
            "running",
            "paused",
            "job_id",
            "started_at",
            "finished_at",
            "progress_pct",
            "current_time",
            "decisions_processed",
            "total_decisions",
            "exit_style",
            "underlying",
            "start_date",
            "end_date",
            "metrics",
            "recent_steps",
            "error",
            "stage",
            "stage_label",
            "message",
            "eta_s"
        ]
    );
    assert_eq!((&status["running"], &status["progress_pct"]), (&json!(true), &json!(0.25)));
    assert_eq!((&status["stage"], &status["message"]), (&json!("calculating"), &json!("held")));
    assert_eq!((&status["underlying"], &status["start_date"]), (&json!("BTC-USDT"), &json!("2026-01-01T00:00:00Z")));
    assert_eq!((&status["current_time"], &status["recent_steps"][0]["what"]), (&json!(1_767_225_600), &json!("held")));
    let post = |deed: &str| house.post(&format!("/api/backtest/{deed}"), &Value::Null).with(200);
    assert_eq!(post("pause"), json!({ "paused": true, "job_id": id }));
    assert_eq!(house.get("/api/backtest/status").with(200)["paused"], true);
    assert_eq!(post("resume"), json!({ "resumed": true, "job_id": id }));
    assert_eq!(post("stop"), json!({ "stopping": true, "job_id": id }));
    let stopped = house.get("/api/backtest/status").with(200);
    assert_eq!((&stopped["running"], &stopped["error"]), (&json!(false), &json!("Cancelled by user")));
    assert_eq!(stopped["metrics"], json!({}), "what was stopped is not taken for finished");
    // Another workspace is another backtest.
    let mut body = named("third");
    body["workspace"] = json!("other");
    assert_eq!(house.post("/api/backtest/start", &body).status, 200);
    assert_eq!(house.get("/api/backtest/status?workspace=other").with(200)["running"], true);
}

#[test]
fn one_backtest_at_a_time_where_that_is_said() {
    let mut setup = Setup::default();
    setup.settings.single_run = true;
    let (house, held) = House::held(setup);
    let id = house.start(&backtest());
    let busy = house.post("/api/jobs", &named("second")).with(409);
    assert_eq!(busy["error"]["code"], "HV0884");
    assert_eq!(
        house.post("/backtesting/tasks", &named("third")).with(409),
        json!({ "detail": "Backtest already running" })
    );
    held.let_go();
    house.until(&id, "complete");
    assert_eq!(house.post("/api/jobs", &named("second")).status, 202);
}

#[test]
fn what_there_is_to_choose_from() {
    let house = House::new();
    let controllers = house.get("/api/controllers").with(200);
    let names: Vec<&str> =
        controllers["controllers"].as_array().expect("a list").iter().flat_map(|form| form["name"].as_str()).collect();
    assert!(names.contains(&"pmm_simple"), "{names:?}");
    let profiles = house.get("/api/profiles").with(200);
    let all = profiles["profiles"].as_array().expect("a list");
    assert!(all.contains(&profiles["default"]), "{profiles}");
    let candles = house.get("/api/candles").with(200);
    let walk = &candles["candles"][0];
    assert_eq!(
        (&walk["connector"], &walk["pair"], &walk["rows"]),
        (&json!("binance_perpetual"), &json!("BTC-USDT"), &json!(240))
    );
    assert_eq!(house.get("/api/version").with(200), json!({ "name": "hive", "version": env!("CARGO_PKG_VERSION") }));
    assert_eq!(house.get("/healthz").with(200), json!({ "status": "ok" }));
    assert_eq!(house.get("/readyz").with(200), json!({ "status": "ok" }));
    house.front.stop();
    assert_eq!(house.get("/readyz").with(503), json!({ "status": "stopping" }));
    assert_eq!(house.get("/healthz").status, 200);
}
