//! A thousand jobs at once: each is accepted or refused by the stated bound, and no accepted one is lost.

use hive::workflow::jobs::Limits;
use serde_json::Value;
use serde_json::json;

use super::house::House;
use super::house::Setup;
use super::house::answer;
use super::house::backtest;
use super::house::post;

/// How many are asked for at once.
const JOBS: usize = 1000;

/// How many may wait.
const QUEUE: usize = 100;

/// How many are worked on.
const WORKERS: usize = 2;

#[test]
fn a_thousand_jobs_at_once() {
    let limits = Limits { queued_max: QUEUE, workers: WORKERS, ..Limits::default() };
    let (house, held) = House::held(Setup { limits, ..Setup::default() });
    let answers: Vec<_> = house.runtime.block_on(async {
        let asks = (0..JOBS).map(|index| {
            let mut body = backtest();
            body["config"]["id"] = json!(format!("job{index}"));
            tokio::spawn(answer(house.app.clone(), post("/api/jobs", &body)))
        });
        let asks: Vec<_> = asks.collect();
        let mut answers = Vec::new();
        for ask in asks {
            answers.push(ask.await.expect("no handler panics"));
        }
        answers
    });
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 202);
    for answer in &refused {
        assert_eq!((answer.status, answer.header("retry-after")), (429, "1"), "{answer:?}");
        assert_eq!(answer.json()["error"]["code"], "HV0885");
    }
    // The workers take from the queue what they work on, in whatever moment.
    let count = accepted.len();
    assert!((QUEUE..=QUEUE + WORKERS).contains(&count), "{count} accepted");
    assert_eq!(count + refused.len(), JOBS);
    let mut ids: Vec<String> =
        accepted.iter().map(|answer| answer.json()["id"].as_str().expect("an id").to_owned()).collect();
    held.let_go();
    for id in &ids {
        house.until(id, "complete");
    }
    let listed = house.get("/api/jobs?limit=200&state=complete").with(200);
    let mut known: Vec<String> = listed["jobs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|job| job["id"].as_str().expect("an id").to_owned())
        .collect();
    ids.sort();
    known.sort();
    assert_eq!(ids, known);
    assert_eq!(listed["next"], Value::Null);
}
