//! What becomes of jobs when the process stops, in order or not?

use std::time::Duration;

use hive::io::jobs::Change;
use hive::io::jobs::Row;
use hive::io::jobs::Seen;
use hive::io::jobs::Standing;
use hive::io::jobs::Store;
use hive::workflow::jobs::Filter;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::State;
use serde_json::json;

use crate::jobs::play::Desk;
use crate::jobs::play::PATIENCE;
use crate::jobs::play::Unwatched;
use crate::jobs::play::sum;
use crate::jobs::play::sum_order;
use crate::jobs::play::until;

const ONE: fn() -> Limits = || Limits { workers: 1, ..Limits::default() };

#[test]
fn a_stop_in_order_puts_running_jobs_back_and_the_next_start_does_them() {
    let desk = Desk::new();
    let running = desk.hold("running");
    let paused = desk.submit("hold", "paused");
    desk.jobs.pause(&paused.id).expect("it waits");
    let waiting = desk.submit("hold", "waiting");
    desk.jobs.shut_down(PATIENCE);
    assert!(desk.play.has_stopped("running"));
    let desk = desk.again(ONE());
    until(|| desk.play.has_begun("running"));
    for name in ["running", "waiting", "paused"] {
        desk.play.release(name);
    }
    assert_eq!(desk.end(&running.id).job.attempts, 2);
    assert_eq!(desk.end(&waiting.id).job.attempts, 1);
    let job = desk.jobs.job(&paused.id).expect("it is kept");
    assert_eq!((job.state, job.is_paused), (State::Pending, true), "nobody has resumed it");
    desk.jobs.resume(&paused.id).expect("it waits");
    assert_eq!(desk.end(&paused.id).job.state, State::Complete);
    assert_eq!(desk.play.begun(), ["running", "waiting", "paused"]);
}

#[test]
fn a_paused_running_job_is_put_back_as_paused() {
    let desk = Desk::new();
    let job = desk.hold("it");
    desk.jobs.pause(&job.id).expect("it runs");
    let desk = desk.again(ONE());
    let job = desk.jobs.job(&job.id).expect("it is kept");
    assert_eq!((job.state, job.is_paused), (State::Pending, true));
}

#[test]
fn a_deaf_work_does_not_hold_up_the_stop() {
    let desk = Desk::new();
    let job = desk.submit("deaf", "it");
    until(|| desk.play.has_begun("it"));
    desk.jobs.shut_down(Duration::from_millis(20));
    let old = desk.play.clone();
    let desk = desk.again(ONE());
    until(|| desk.play.has_begun("it"));
    old.release("it");
    desk.play.release("it");
    let ended = desk.end(&job.id);
    assert_eq!((ended.job.state, ended.job.attempts), (State::Complete, 2));
}

#[test]
fn what_ran_when_the_process_died_runs_again() {
    let desk = Desk::new();
    desk.jobs.shut_down(PATIENCE);
    let order = sum_order(11, 100, 0);
    let row = |number: u64, state: &str, crashes| Row {
        number,
        id: format!("job-{number}"),
        kind: order.kind.clone(),
        request: order.request.to_string(),
        standing: Standing {
            state: state.to_owned(),
            attempts: crashes + 1,
            crashes,
            seen: Seen { stage: "calculating".to_owned(), ..Seen::default() },
            ..Standing::default()
        },
        ..Row::default()
    };
    let (store, _) = Store::open(&desk.folder.path().join("jobs.db")).expect("it opens");
    let rows = [row(1, "running", 3), row(2, "running", 0), row(3, "pending", 0), row(4, "running", 4)];
    store.write(rows.into_iter().map(|row| Change::Accept(Box::new(row))).collect()).wait().expect("it is written");
    drop(store);
    let desk = desk.again(ONE());
    let expected = sum(&order.request, &Unwatched).expect("nobody stops it").result;
    for (id, attempts) in [("job-1", 5), ("job-2", 2), ("job-3", 2)] {
        let ended = desk.end(id);
        assert_eq!((ended.job.state, ended.job.attempts), (State::Complete, attempts), "{id}");
        assert_eq!(ended.result.as_deref(), Some(expected.as_slice()));
    }
    let last = desk.jobs.job("job-4").expect("it is kept");
    assert_eq!((last.state, last.attempts), (State::Interrupted, 5));
    let ended = |id: &str| desk.seen_end(id).completed_at;
    assert!(ended("job-1") >= ended("job-3"), "the one under suspicion comes last");
}

#[test]
fn numbers_go_on_after_a_restart() {
    let desk = Desk::new();
    let first = desk.submit("fail", "it");
    desk.seen_end(&first.id);
    let desk = desk.again(ONE());
    let second = desk.submit("fail", "it");
    assert_eq!(second.number, first.number + 1);
    desk.seen_end(&second.id);
    let ids: Vec<_> = desk.jobs.jobs(&Filter::default()).into_iter().map(|job| job.id).collect();
    assert_eq!(ids, [second.id, first.id.clone()]);
    let error = desk.jobs.job(&first.id).expect("it is kept").error.expect("it has failed");
    assert_eq!(json!(error), json!({ "code": "HV0801", "message": "there are no candles", "hint": "give it some" }));
}
