//! Server-sent events: from the past on, after what was seen, until the job has ended.

use serde_json::Value;
use serde_json::json;

use super::house::House;
use super::house::Setup;
use super::house::backtest;
use super::house::request;

/// An event: its id where it has one, its kind, its data.
type Told = (Option<u64>, String, Value);

fn read(text: &str) -> Vec<Told> {
    let events = text.split("\n\n").filter(|event| event.contains("event: "));
    events
        .map(|event| {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            let data = field("data: ").expect("an event has data");
            let id = field("id: ").map(|id| id.parse().expect("ids are numbers"));
            let kind = field("event: ").expect("an event has a kind");
            (id, kind, serde_json::from_str(&data).expect("data is JSON"))
        })
        .collect()
}

#[test]
fn a_stream_tells_everything_and_ends_with_the_job() {
    let house = House::new();
    let id = house.start(&backtest());
    let answer = house.get(&format!("/api/jobs/{id}/events"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
    assert!(answer.text.starts_with("retry: 1000\n\n"), "{}", answer.text);
    let events = read(&answer.text);
    let ids: Vec<u64> = events.iter().filter_map(|(id, ..)| *id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids rise: {ids:?}");
    let kinds: Vec<&str> = events.iter().map(|(_, kind, _)| kind.as_str()).collect();
    for kind in ["state", "stage", "progress", "step"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert_eq!(kinds[kinds.len() - 2..], ["state", "end"]);
    assert_eq!(events[events.len() - 2].2["state"], "complete");
}

#[test]
fn who_comes_back_is_told_what_came_after() {
    let house = House::new();
    let id = house.start(&backtest());
    house.until(&id, "complete");
    let path = format!("/api/jobs/{id}/events");
    let all = read(&house.get(&path).text);
    let seen = all.iter().filter_map(|(id, ..)| *id).nth(1).expect("more than two events");
    let after = |header: Option<String>, path: &str| {
        let ask = header.into_iter().fold(request("GET", path), |ask, id| ask.header("last-event-id", id));
        read(&house.ask(ask.body(axum::body::Body::empty()).expect("a request")).text)
    };
    let rest: Vec<Told> = all.iter().filter(|(id, ..)| id.is_none_or(|id| id > seen)).cloned().collect();
    assert_eq!(after(Some(seen.to_string()), &path), rest);
    assert_eq!(after(None, &format!("{path}?after={seen}")), rest);
    // What was never an id is no reason to tell nothing.
    assert_eq!(after(Some("yesterday".to_owned()), &path), all);
    let last = all.iter().filter_map(|(id, ..)| *id).next_back().expect("there are events");
    assert_eq!(after(Some(last.to_string()), &path), [(None, "end".to_owned(), json!({}))]);
}

#[test]
fn a_stream_follows_a_job_that_is_cancelled() {
    let (house, _held) = House::held(Setup::default());
    let id = house.start(&backtest());
    house.until(&id, "running");
    let path = format!("/api/jobs/{id}/events");
    let ask = request("GET", &path).body(axum::body::Body::empty()).expect("a request");
    let stream = house.runtime.spawn(super::house::answer(house.app.clone(), ask));
    house.post(&format!("/api/jobs/{id}/cancel"), &Value::Null).with(200);
    let answer = house.runtime.block_on(stream).expect("the stream ends");
    let states: Vec<Value> = read(&answer.text)
        .into_iter()
        .filter(|(_, kind, _)| kind == "state")
        .map(|(.., data)| data["state"].clone())
        .collect();
    assert_eq!(states.last(), Some(&json!("cancelled")), "{}", answer.text);
}

#[test]
fn streams_end_when_the_service_does() {
    let (house, _held) = House::held(Setup::default());
    let id = house.start(&backtest());
    house.until(&id, "running");
    let ask = request("GET", &format!("/api/jobs/{id}/events")).body(axum::body::Body::empty()).expect("a request");
    let stream = house.runtime.spawn(super::house::answer(house.app.clone(), ask));
    let run = house.runtime.spawn(super::house::answer(
        house.app.clone(),
        super::house::post("/backtesting/run", &{
            let mut body = backtest();
            body["config"]["id"] = json!("waits");
            body
        }),
    ));
    while house.get("/api/jobs").with(200)["jobs"].as_array().map(Vec::len) != Some(2) {}
    house.front.stop();
    let answer = house.runtime.block_on(stream).expect("the stream ends");
    assert!(!answer.text.contains("event: end"), "the job has not ended: {}", answer.text);
    let told = house.runtime.block_on(run).expect("who waits is told");
    assert_eq!((told.status, told.header("retry-after")), (503, "1"), "{told:?}");
    // The job is kept, and done at the next start.
    assert_eq!(house.get("/api/jobs?state=pending").with(200)["jobs"].as_array().map(Vec::len), Some(1));
}
