//! Room: streams and paused jobs are bounded, a slow answer says so, and a panic is an answer.

use hive::service::bound;
use hive::workflow::jobs::Limits;
use serde_json::json;

use super::house::House;
use super::house::Setup;
use super::house::backtest;

#[test]
fn streams_are_bounded() {
    let (house, held) = House::held(Setup::default());
    let id = house.start(&backtest());
    house.until(&id, "running");
    let path = format!("/api/jobs/{id}/events");
    let open: Vec<_> = (0..bound::STREAMS_MAX)
        .map(|_| {
            let ask = super::house::request("GET", &path).body(axum::body::Body::empty()).expect("a request");
            let response =
                house.runtime.block_on(tower::ServiceExt::oneshot(house.app.clone(), ask)).expect("an answer");
            assert_eq!(response.status(), 200);
            response
        })
        .collect();
    let refused = house.get(&path);
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{refused:?}");
    assert!(house.get("/metrics").text.contains(&format!("\nhive_event_streams {}\n", bound::STREAMS_MAX)));
    drop(open);
    assert!(house.get("/metrics").text.contains("\nhive_event_streams 0\n"));
    held.let_go();
    assert_eq!(house.get(&path).status, 200);
}

#[test]
fn requests_are_bounded() {
    let house = House::new();
    let room = u32::try_from(bound::REQUESTS_MAX).expect("a small number");
    let taken = house.front.requests.clone().try_acquire_many_owned(room).expect("nobody else asks");
    let refused = house.get("/healthz");
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{refused:?}");
    drop(taken);
    assert_eq!(house.get("/healthz").status, 200);
}

#[test]
fn a_job_that_panics_is_a_failed_job() {
    let (house, held) = House::held(Setup::default());
    held.let_go();
    let mut body = backtest();
    body["config"]["id"] = json!("panics");
    let id = house.start(&body);
    let job = house.until(&id, "failed");
    assert!(job["error"]["message"].as_str().is_some_and(|message| message.contains("it was told to panic")), "{job}");
    assert_eq!(house.get("/healthz").status, 200);
    let result = house.get(&format!("/api/jobs/{id}/result")).with(404);
    assert_eq!(result["error"]["code"], "HV0883");
}

#[test]
fn a_full_queue_refuses_hummingbots_clients_too() {
    let limits = Limits { queued_max: 1, workers: 1, ..Limits::default() };
    let (house, held) = House::held(Setup { limits, ..Setup::default() });
    let first = house.start(&backtest());
    house.until(&first, "running");
    let mut body = backtest();
    body["config"]["id"] = json!("second");
    house.start(&body);
    body["config"]["id"] = json!("third");
    let refused = house.post("/backtesting/run", &body);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"), "{refused:?}");
    assert_eq!(refused.json()["detail"], "1 jobs wait already, and no more may");
    held.let_go();
}
