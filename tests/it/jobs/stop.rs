//! How are jobs cancelled, superseded, paused and resumed?

use std::thread;
use std::time::Duration;

use hive::workflow::jobs::Filter;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::Order;
use hive::workflow::jobs::Refusal;
use hive::workflow::jobs::State;

use crate::jobs::play::Desk;
use crate::jobs::play::PATIENCE;
use crate::jobs::play::order;
use crate::jobs::play::sum_order;
use crate::jobs::play::until;

fn of_mine(kind: &str, name: &str) -> Order {
    Order { workspace: Some("mine".to_owned()), ..order(kind, name) }
}

#[test]
fn a_running_job_is_cancelled_at_once_and_its_work_stops() {
    let desk = Desk::new();
    let job = desk.hold("it");
    assert_eq!(desk.jobs.cancel(&job.id).expect("it runs").state, State::Cancelled);
    let job = desk.jobs.job(&job.id).expect("it is kept");
    assert_eq!((job.state, job.has_result, job.error.is_none()), (State::Cancelled, false, true));
    assert_eq!(desk.end(&job.id).job.state, State::Cancelled);
    until(|| desk.play.has_stopped("it"));
    let next = desk.hold("next");
    desk.play.release("next");
    assert_eq!(desk.end(&next.id).job.state, State::Complete);
    let after = desk.jobs.job(&job.id).expect("it is kept");
    assert_eq!(after, job, "what a cancelled work says is heard by nobody");
}

#[test]
fn a_job_that_waits_is_cancelled_before_anybody_begins() {
    let desk = Desk::new();
    desk.hold("first");
    for is_paused in [false, true] {
        let job = desk.submit("hold", "it");
        if is_paused {
            desk.jobs.pause(&job.id).expect("it waits");
        }
        assert_eq!(desk.jobs.cancel(&job.id).expect("it waits").state, State::Cancelled);
        assert_eq!(desk.end(&job.id).job.state, State::Cancelled);
    }
    desk.play.release("first");
    let last = desk.submit("hold", "last");
    desk.play.release("last");
    desk.end(&last.id);
    assert_eq!(desk.play.begun(), ["first", "last"]);
}

#[test]
fn a_paused_job_stops_when_it_is_cancelled() {
    let desk = Desk::new();
    let job = desk.hold("it");
    desk.jobs.pause(&job.id).expect("it runs");
    stands_still(&desk, "it");
    desk.jobs.cancel(&job.id).expect("it is paused");
    until(|| desk.play.has_stopped("it"));
}

/// Waits until the work with this name no longer looks, and makes sure of it.
fn stands_still(desk: &Desk, name: &str) {
    let wait = Duration::from_millis(40);
    until(|| {
        let before = desk.play.looks(name);
        thread::sleep(wait);
        desk.play.looks(name) == before
    });
    let before = desk.play.looks(name);
    thread::sleep(wait);
    assert_eq!(desk.play.looks(name), before);
}

#[test]
fn a_paused_job_waits_and_goes_on_and_another_has_its_worker_meanwhile() {
    let desk = Desk::new();
    let job = desk.hold("it");
    let paused = desk.jobs.pause(&job.id).expect("it runs");
    assert_eq!((paused.state, paused.is_paused, paused.eta_s), (State::Running, true, None));
    stands_still(&desk, "it");
    let other = desk.hold("other");
    let looks = desk.play.looks("it");
    assert!(desk.jobs.resume(&job.id).is_ok_and(|job| !job.is_paused));
    until(|| desk.play.looks("it") > looks);
    for name in ["it", "other"] {
        desk.play.release(name);
    }
    for id in [&job.id, &other.id] {
        assert_eq!(desk.end(id).job.state, State::Complete);
    }
    // Whoever stood in has gone: one works, as before.
    desk.hold("one");
    let waits = desk.submit("hold", "two");
    thread::sleep(Duration::from_millis(50));
    assert!(!desk.play.has_begun("two"));
    assert_eq!(desk.jobs.job(&waits.id).expect("it is kept").state, State::Pending);
}

#[test]
fn a_pending_job_that_is_paused_lets_others_pass() {
    let desk = Desk::new();
    desk.hold("first");
    let waits = desk.submit("hold", "waits");
    desk.jobs.pause(&waits.id).expect("it is pending");
    desk.submit("hold", "passes");
    desk.play.release("first");
    until(|| desk.play.has_begun("passes"));
    assert!(!desk.play.has_begun("waits"));
    desk.play.release("passes");
    desk.jobs.resume(&waits.id).expect("it is pending");
    until(|| desk.play.has_begun("waits"));
}

#[test]
fn only_so_many_running_jobs_are_paused() {
    let desk = Desk::with(Limits { workers: 1, paused_max: 1, ..Limits::default() });
    let first = desk.hold("first");
    desk.jobs.pause(&first.id).expect("there is room");
    let second = desk.hold("second");
    assert!(matches!(desk.jobs.pause(&second.id), Err(Refusal::TooManyPaused { limit: 1 })));
    desk.jobs.cancel(&first.id).expect("it is paused");
    desk.jobs.pause(&second.id).expect("there is room again");
}

#[test]
fn the_newer_job_of_a_workspace_takes_the_place_of_the_older() {
    let desk = Desk::with(Limits { workers: 2, ..Limits::default() });
    let older = desk.jobs.submit(of_mine("hold", "older")).expect("it is accepted");
    until(|| desk.play.has_begun("older"));
    let other = desk.jobs.submit(Order { workspace: Some("other".to_owned()), ..order("hold", "other") });
    let other = other.expect("another workspace has nothing to do with it");
    let newer = desk.jobs.submit(of_mine("hold", "newer")).expect("it is accepted");
    let seen = desk.jobs.job(&older.id).expect("it is kept");
    assert_eq!(seen.state, State::Superseded);
    assert_eq!(desk.end(&older.id).job.state, State::Superseded);
    assert_eq!(desk.jobs.active("mine").expect("there is one").id, newer.id);
    assert_eq!(desk.jobs.latest("mine").expect("there is one").id, newer.id);
    until(|| desk.play.has_stopped("older") && desk.play.has_begun("newer"));
    desk.play.release("older");
    desk.play.release("newer");
    assert_eq!(desk.end(&newer.id).result.as_deref(), Some(br#"{"of":"newer"}"#.as_slice()));
    desk.seen_end(&newer.id);
    assert_eq!(desk.jobs.job(&older.id).expect("it is kept"), seen, "neither writes into the other");
    assert!(desk.jobs.active("mine").is_none());
    assert_eq!(desk.jobs.latest("mine").expect("there is one").id, newer.id);
    assert!(desk.jobs.job(&other.id).expect("it is kept").state.is_active());
}

#[test]
fn what_a_deaf_work_brings_too_late_is_not_taken() {
    let desk = Desk::with(Limits { workers: 2, ..Limits::default() });
    let older = desk.jobs.submit(of_mine("deaf", "older")).expect("it is accepted");
    until(|| desk.play.has_begun("older"));
    let newer = desk.jobs.submit(of_mine("hold", "newer")).expect("it is accepted");
    until(|| desk.play.has_begun("newer"));
    desk.play.release("older");
    until(|| desk.jobs.counts().workers_busy == 1);
    let older = desk.jobs.job(&older.id).expect("it is kept");
    assert_eq!((older.state, older.has_result), (State::Superseded, false));
    assert_eq!(desk.jobs.job(&newer.id).expect("it is kept").state, State::Running);
}

#[test]
fn many_that_order_for_one_workspace_at_once_leave_one_active() {
    let desk = Desk::with(Limits { workers: 2, ..Limits::default() });
    thread::scope(|scope| {
        for index in 0..32 {
            let jobs = &desk.jobs;
            scope.spawn(move || jobs.submit(of_mine("hold", &format!("it-{index}"))).expect("it is accepted"));
        }
    });
    let jobs = desk.jobs.jobs(&Filter::default());
    assert_eq!(jobs.len(), 32);
    let active: Vec<_> = jobs.iter().filter(|job| job.state.is_active()).collect();
    assert_eq!(active.len(), 1, "{active:?}");
    assert_eq!(active[0].id, jobs[0].id, "it is the newest");
    assert!(jobs[1..].iter().all(|job| job.state == State::Superseded));
}

#[test]
fn a_busy_workspace_refuses_who_asks_for_that() {
    let desk = Desk::new();
    let polite = |name| Order { refuses_when_busy: true, ..of_mine("hold", name) };
    let first = desk.jobs.submit(polite("first")).expect("nobody is there");
    match desk.jobs.submit(polite("second")) {
        Err(Refusal::Busy { workspace, job_id }) => {
            assert_eq!((workspace.as_str(), job_id), ("mine", first.id.clone()));
        }
        other => panic!("{other:?}"),
    }
    desk.play.release("first");
    desk.end(&first.id);
    desk.jobs.submit(polite("second")).expect("whoever has seen the end may order");
}

#[test]
fn progress_and_eta_come_from_what_was_done() {
    let desk = Desk::new();
    let job = desk.jobs.submit(sum_order(7, 100_000, 100)).expect("it is accepted");
    until(|| desk.jobs.job(&job.id).is_some_and(|job| job.eta_s.is_some()));
    let job = desk.jobs.job(&job.id).expect("it is kept");
    assert_eq!((job.stage_label, job.message.as_str(), job.total), ("Calculating", "sums", 100_000));
    assert!(job.done > 0 && (job.progress * 100_000.0 - job.done as f64).abs() < 1e-6, "{job:?}");
    let eta_s = job.eta_s.expect("it is known");
    // A bar takes a tenth of a millisecond at least, and there are 100,000.
    assert!(eta_s > 5.0 * (1.0 - job.progress) && eta_s.is_finite(), "{job:?}");
    assert!(job.steps.is_some_and(|steps| !steps.is_empty() && steps.len() <= 100));
    desk.jobs.cancel(&job.id).expect("it runs");
    until(|| desk.jobs.counts().workers_busy == 0);
    assert!(desk.jobs.wait(&job.id, PATIENCE).is_some());
}
