//! What do those hear who listen to a job, from the beginning, in between, and again after the connection broke?

use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::workflow::jobs::Event;
use hive::workflow::jobs::Events;
use hive::workflow::jobs::Limits;
use serde_json::json;

use crate::jobs::play::Desk;
use crate::jobs::play::PATIENCE;
use crate::jobs::play::sum_order;

/// Returns all events until there are no more.
fn all(events: &mut Events) -> Vec<Event> {
    std::iter::from_fn(|| events.next_within(PATIENCE)).collect()
}

fn states(events: &[Event]) -> Vec<&str> {
    events.iter().filter(|event| event.kind == "state").filter_map(|event| event.data["state"].as_str()).collect()
}

#[test]
fn events_tell_the_life_of_a_job_and_end_with_it() {
    let desk = Desk::new();
    let job = desk.hold("it");
    let mut events = desk.jobs.events(&job.id, 0).expect("it is there");
    desk.play.release("it");
    let events = all(&mut events);
    assert!(events.is_sorted_by(|one, two| one.id < two.id), "{events:?}");
    let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["state", "state", "stage", "stage", "state"]);
    assert_eq!(states(&events), ["pending", "running", "complete"]);
    let last = &events[4].data;
    assert_eq!((&last["has_result"], &last["progress"]), (&json!(true), &json!(1.0)));
    assert_eq!(events[3].data, json!({ "stage": "calculating", "stage_label": "Calculating", "message": "holds" }));
}

#[test]
fn who_comes_again_hears_what_came_after() {
    let desk = Desk::new();
    let job = desk.hold("it");
    let mut events = desk.jobs.events(&job.id, 0).expect("it is there");
    let heard = events.next_within(PATIENCE).expect("something has happened");
    desk.play.release("it");
    let rest = all(&mut events);
    let again = all(&mut desk.jobs.events(&job.id, heard.id).expect("it is there"));
    assert_eq!(again, rest);
    let nothing = all(&mut desk.jobs.events(&job.id, rest.last().expect("there are some").id).expect("it is there"));
    assert_eq!(nothing, []);
}

#[test]
fn events_come_as_they_happen() {
    let desk = Desk::new();
    let job = desk.hold("it");
    let mut events = desk.jobs.events(&job.id, 0).expect("it is there");
    while events.next_within(Duration::from_millis(20)).is_some() {}
    desk.jobs.pause(&job.id).expect("it runs");
    let event = events.next_within(PATIENCE).expect("it is told");
    assert_eq!((event.kind, &event.data["is_paused"]), ("state", &json!(true)));
    desk.jobs.cancel(&job.id).expect("it is paused");
    assert_eq!(states(&all(&mut events)), ["cancelled"]);
}

#[test]
fn a_slow_listener_misses_the_oldest_and_never_the_end() {
    let desk = Desk::with(Limits { workers: 1, events_per_job_max: 8, ..Limits::default() });
    let job = desk.jobs.submit(sum_order(1, 64 * 300, 0)).expect("it is accepted");
    let mut events = desk.jobs.events(&job.id, 0).expect("it is there");
    let job = desk.seen_end(&job.id);
    let events = all(&mut events);
    assert_eq!(events.len(), 8);
    assert_eq!(states(&events), ["complete"]);
    let steps = job.steps.expect("they are kept");
    assert_eq!(steps.len(), 100, "the last hundred");
    assert_eq!(steps[99]["bar"], json!(64 * 299));
    assert_eq!(events.iter().filter(|event| event.kind == "step").count(), 7);
}

#[test]
fn progress_is_told_seldom_however_often_it_is_said() {
    let desk = Desk::with(Limits { workers: 1, events_per_job_max: 10_000, ..Limits::default() });
    let job = desk.jobs.submit(sum_order(1, 20_000, 0)).expect("it is accepted");
    let mut events = desk.jobs.events(&job.id, 0).expect("it is there");
    let began = Instant::now();
    let events = all(&mut events);
    let told = events.iter().filter(|event| event.kind == "progress").count();
    let most = began.elapsed().as_millis() / 100 + 2;
    assert!(told >= 1 && told as u128 <= most, "{told} in {:?}", began.elapsed());
}

#[test]
fn of_jobs_that_ended_long_ago_the_end_is_told() {
    let limits = Limits { workers: 1, event_logs_max: 1, ..Limits::default() };
    let desk = Desk::with(limits);
    let ids: Vec<String> = (0..3)
        .map(|seed| {
            let job = desk.jobs.submit(sum_order(seed, 10, 0)).expect("it is accepted");
            desk.seen_end(&job.id).id
        })
        .collect();
    let newest = all(&mut desk.jobs.events(&ids[2], 0).expect("it is there"));
    assert_eq!(states(&newest), ["pending", "running", "complete"]);
    let oldest = all(&mut desk.jobs.events(&ids[0], 0).expect("it is there"));
    assert_eq!((oldest.len(), states(&oldest)), (1, vec!["complete"]));
    let before = oldest[0].id;
    let nothing = all(&mut desk.jobs.events(&ids[0], before).expect("it is there"));
    assert_eq!(nothing, []);
    let interrupted = all(&mut desk.jobs.events(&ids[0], before - 1).expect("it is there"));
    assert_eq!(interrupted, oldest, "who had not heard the end hears it");
    let desk = desk.again(limits);
    let after = all(&mut desk.jobs.events(&ids[0], before).expect("it is there"));
    assert_eq!(states(&after), ["complete"]);
    assert!(after[0].id > before, "ids rise over restarts");
}

#[test]
fn tasks_listen_and_wait_as_threads_do() {
    let desk = Desk::new();
    let job = desk.hold("it");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let mut events = desk.jobs.events(&job.id, 0).expect("it is there");
        while events.next().await.expect("it lives").kind != "stage" {}
        let play = desk.play.clone();
        let releases = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            play.release("it");
        });
        let ended = desk.jobs.ended(&job.id).await.expect("it comes to its end");
        assert_eq!(ended.result.as_deref(), Some(br#"{"of":"it"}"#.as_slice()));
        let mut last = None;
        while let Some(event) = events.next().await {
            last = Some(event);
        }
        assert_eq!(last.expect("there were some").data["state"], "complete");
        releases.join().expect("it only releases");
        assert!(desk.jobs.ended("x").await.is_none());
    });
}

#[test]
fn streams_end_when_the_desk_closes() {
    let desk = Desk::new();
    let running = desk.hold("it");
    let waiting = desk.submit("hold", "waits");
    let mut events = [&running.id, &waiting.id].map(|id| desk.jobs.events(id, 0).expect("it is there"));
    desk.jobs.shut_down(PATIENCE);
    for events in &mut events {
        assert!(all(events).len() < 10);
    }
    assert!(desk.jobs.wait(&running.id, PATIENCE).is_none(), "nobody is told an end that has not come");
}
