//! Which results are found again, which are shared, and which make room?

use std::collections::BTreeSet;

use hive::workflow::jobs::Filter;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::Order;
use hive::workflow::jobs::State;
use serde_json::json;

use crate::jobs::play::Desk;
use crate::jobs::play::PATIENCE;
use crate::jobs::play::order;
use crate::jobs::play::sum_order;
use crate::jobs::play::until;

fn keyed(kind: &str, name: &str, key: &str) -> Order {
    Order { key: key.to_owned(), ..order(kind, name) }
}

#[test]
fn who_asks_for_the_same_has_its_result_at_once() {
    let desk = Desk::new();
    desk.play.release("it");
    let first = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    let first = desk.seen_end(&first.id);
    let second = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    assert_eq!((second.state, second.is_cached, second.attempts, second.progress), (State::Complete, true, 0, 1.0));
    assert_ne!(second.id, first.id);
    assert_eq!(second.summary, Some(json!({ "length": 2 })));
    let result = desk.jobs.result(&second.id).expect("it is kept");
    assert_eq!(result.as_deref(), Some(br#"{"of":"it"}"#.as_slice()));
    assert_eq!(desk.end(&second.id).result, result);
    assert_eq!(desk.play.begun(), ["it"]);
    assert_eq!(desk.jobs.counts().cached_total, 1);
    let without = desk.jobs.submit(keyed("hold", "it", "")).expect("it is accepted");
    assert!(!desk.end(&without.id).job.is_cached, "without a key there is nothing to find");
}

#[test]
fn a_cached_result_needs_no_place_in_the_queue_and_supersedes() {
    let desk = Desk::with(Limits { workers: 1, queued_max: 1, ..Limits::default() });
    desk.play.release("it");
    let first = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    desk.seen_end(&first.id);
    desk.hold("other");
    let mine = |order| Order { workspace: Some("mine".to_owned()), ..order };
    let waits = desk.jobs.submit(mine(order("hold", "waits"))).expect("it is accepted");
    let cached = desk.jobs.submit(mine(keyed("hold", "it", "k"))).expect("it needs no place");
    assert_eq!(cached.state, State::Complete);
    assert_eq!(desk.jobs.job(&waits.id).expect("it is kept").state, State::Superseded);
    assert_eq!(desk.jobs.latest("mine").expect("there is one").id, cached.id);
}

#[test]
fn two_that_want_the_same_at_once_work_once() {
    let desk = Desk::with(Limits { workers: 2, ..Limits::default() });
    let first = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    until(|| desk.play.has_begun("it"));
    let second = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    assert_eq!(second.state, State::Pending);
    let other = desk.hold("other");
    desk.play.release("it");
    assert!(!desk.end(&first.id).job.is_cached);
    let second = desk.end(&second.id);
    assert!(second.job.is_cached && second.job.state == State::Complete);
    assert_eq!(second.result.as_deref(), Some(br#"{"of":"it"}"#.as_slice()));
    assert_eq!(desk.play.begun(), ["it", "other"]);
    desk.jobs.cancel(&other.id).expect("it runs");
}

#[test]
fn when_the_first_is_cancelled_the_second_works() {
    let desk = Desk::with(Limits { workers: 2, ..Limits::default() });
    let first = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    until(|| desk.play.has_begun("it"));
    let second = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    desk.jobs.cancel(&first.id).expect("it runs");
    until(|| desk.play.begun().len() == 2);
    desk.play.release("it");
    let second = desk.end(&second.id);
    assert!(!second.job.is_cached && second.job.state == State::Complete);
}

#[test]
fn a_failure_is_not_cached() {
    let desk = Desk::new();
    for _ in 0..2 {
        let job = desk.jobs.submit(keyed("fail", "it", "k")).expect("it is accepted");
        assert_eq!(desk.seen_end(&job.id).state, State::Failed);
    }
    assert_eq!(desk.play.begun().len(), 2);
}

#[test]
fn those_that_ended_first_make_room_and_active_ones_never_do() {
    let desk = Desk::with(Limits { workers: 2, kept_jobs_max: 3, ..Limits::default() });
    let active = desk.hold("active");
    let mut ids = Vec::new();
    for seed in 0..6 {
        let job = desk.jobs.submit(sum_order(seed, 10, 0)).expect("it is accepted");
        ids.push(desk.seen_end(&job.id).id);
    }
    let kept: BTreeSet<_> = desk.jobs.jobs(&Filter::default()).into_iter().map(|job| job.id).collect();
    let expected: BTreeSet<_> = ids[3..].iter().chain([&active.id]).cloned().collect();
    assert_eq!(kept, expected);
    assert!(desk.jobs.job(&ids[0]).is_none() && desk.jobs.result(&ids[0]).expect("nothing is read").is_none());
    assert_eq!(desk.jobs.counts().evicted_total, 3);
    let again = desk.again(Limits { workers: 2, kept_jobs_max: 2, ..Limits::default() });
    let mut kept: Vec<_> = again.jobs.jobs(&Filter::default()).into_iter().map(|job| job.id).collect();
    kept.retain(|id| *id != active.id);
    assert_eq!(kept, [ids[5].clone(), ids[4].clone()], "on the disk it is the same");
    assert!(again.jobs.job(&active.id).is_some_and(|job| job.state.is_active()));
}

#[test]
fn large_results_make_room_and_the_newest_is_kept_whatever_its_size() {
    let desk = Desk::with(Limits { workers: 1, kept_result_bytes_max: 1, ..Limits::default() });
    let mut last = String::new();
    for seed in 0..3 {
        let job = desk.jobs.submit(sum_order(seed, 500, 0)).expect("it is accepted");
        last = desk.seen_end(&job.id).id;
        assert!(desk.jobs.result(&last).expect("it is kept").is_some());
    }
    let kept: Vec<_> = desk.jobs.jobs(&Filter::default()).into_iter().map(|job| job.id).collect();
    assert_eq!(kept, [last]);
}

#[test]
fn a_shared_result_goes_with_the_last_job_that_has_it() {
    let desk = Desk::new();
    desk.play.release("it");
    let first = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    desk.seen_end(&first.id);
    let second = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    desk.jobs.remove(&first.id).expect("it has ended");
    assert!(desk.jobs.result(&second.id).expect("it is kept").is_some());
    let third = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    assert!(third.is_cached);
    for id in [&second.id, &third.id] {
        desk.jobs.remove(id).expect("it has ended");
    }
    assert_eq!(desk.jobs.counts().result_bytes, 0);
    let fourth = desk.jobs.submit(keyed("hold", "it", "k")).expect("it is accepted");
    assert!(!desk.end(&fourth.id).job.is_cached);
}

#[test]
fn results_are_found_after_a_restart_and_without_memory() {
    let limits = Limits { workers: 1, memory_result_bytes_max: 0, ..Limits::default() };
    let desk = Desk::with(limits);
    let order = || Order { key: "k".to_owned(), ..sum_order(3, 2_000, 0) };
    let job = desk.jobs.submit(order()).expect("it is accepted");
    let result = desk.end(&job.id).result.expect("it has one");
    let before = desk.seen_end(&job.id);
    assert_eq!(desk.jobs.result(&job.id).expect("it is kept"), Some(result.clone()));
    let counted = desk.jobs.counts();
    assert!(counted.result_bytes > 0 && counted.result_bytes < result.len() as u64, "it lies there packed");
    let desk = desk.again(limits);
    assert_eq!(desk.jobs.job(&job.id), Some(before), "also its request and its steps");
    assert_eq!(desk.jobs.result(&job.id).expect("it is kept"), Some(result.clone()));
    let cached = desk.jobs.submit(order()).expect("it is accepted");
    assert!(cached.is_cached);
    assert_eq!(desk.jobs.wait(&cached.id, PATIENCE).expect("it has ended").result, Some(result));
    assert_eq!(desk.jobs.counts().result_bytes, counted.result_bytes);
}
