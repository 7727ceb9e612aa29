//! Which states are there, and what can be done in each?

use std::fmt::Write as _;

use hive::io::jobs::Change;
use hive::io::jobs::Row;
use hive::io::jobs::Seen;
use hive::io::jobs::Standing;
use hive::io::jobs::Store;
use hive::workflow::jobs::Filter;
use hive::workflow::jobs::Job;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::Order;
use hive::workflow::jobs::Refusal;
use hive::workflow::jobs::Stage;
use hive::workflow::jobs::State;
use serde_json::json;

use crate::jobs::play::Desk;
use crate::jobs::play::PATIENCE;
use crate::jobs::play::order;

/// Brings a job of the desk, which has one worker, into a state. Returns its id.
fn bring(desk: &Desk, state: &str) -> String {
    let id = match state {
        "pending" | "pending, paused" => {
            desk.hold("first");
            desk.submit("hold", "it").id
        }
        "running" | "running, paused" => desk.hold("it").id,
        "complete" => {
            let id = desk.hold("it").id;
            desk.play.release("it");
            desk.seen_end(&id).id
        }
        "failed" => {
            let id = desk.submit("fail", "it").id;
            desk.seen_end(&id).id
        }
        "cancelled" => {
            let id = desk.hold("it").id;
            desk.jobs.cancel(&id).expect("it runs").id
        }
        "superseded" => {
            let mine = |name| Order { workspace: Some("mine".to_owned()), ..order("hold", name) };
            let id = desk.jobs.submit(mine("it")).expect("it is accepted").id;
            desk.jobs.submit(mine("newer")).expect("it is accepted");
            id
        }
        "interrupted" => return desk.jobs.jobs(&Filter::default())[0].id.clone(),
        other => panic!("there is no state `{other}`"),
    };
    if state.ends_with("paused") {
        desk.jobs.pause(&id).expect("it can wait");
    }
    id
}

/// Returns a desk with one job, with which the process has died too often.
fn died() -> Desk {
    let desk = Desk::new();
    desk.jobs.shut_down(PATIENCE);
    let (store, _) = Store::open(&desk.folder.path().join("jobs.db")).expect("it opens");
    let standing =
        Standing { state: "running".to_owned(), crashes: 4, attempts: 5, seen: seen(), ..Standing::default() };
    let row = Row {
        number: 1,
        id: "it".to_owned(),
        kind: "hold".to_owned(),
        request: "{}".to_owned(),
        standing,
        ..Row::default()
    };
    store.write(vec![Change::Accept(Box::new(row))]).wait().expect("it is written");
    drop(store);
    desk.again(Limits { workers: 1, ..Limits::default() })
}

fn seen() -> Seen {
    Seen { stage: "calculating".to_owned(), done: 3, total: 4, message: "replays".to_owned() }
}

fn told(answer: Result<Job, Refusal>) -> String {
    match answer {
        Ok(job) if job.is_paused => format!("{}, paused", job.state.name()),
        Ok(job) => job.state.name().to_owned(),
        Err(Refusal::Ended { state, .. }) => format!("no: is {}", state.name()),
        Err(Refusal::Active { state, .. }) => format!("no: still {}", state.name()),
        Err(other) => format!("no: {other}"),
    }
}

#[test]
fn each_state_allows_what_it_should() {
    let states = [
        "pending",
        "pending, paused",
        "running",
        "running, paused",
        "complete",
        "failed",
        "cancelled",
        "superseded",
        "interrupted",
    ];
    let mut table = Vec::new();
    for state in states {
        let mut row = format!("{state:16}");
        for verb in ["cancel", "pause", "resume", "remove"] {
            let desk = if state == "interrupted" { died() } else { Desk::new() };
            let id = bring(&desk, state);
            let answer = match verb {
                "cancel" => desk.jobs.cancel(&id),
                "pause" => desk.jobs.pause(&id),
                "resume" => desk.jobs.resume(&id),
                _ => desk.jobs.remove(&id),
            };
            let _ = write!(row, "| {:20}", told(answer));
            let is_there = desk.jobs.job(&id).is_some();
            assert_eq!(is_there, verb != "remove" || state.starts_with("pending") || state.starts_with("running"));
        }
        table.push(row.trim_end().to_owned());
    }
    let expected = "\
pending         | cancelled           | pending, paused     | pending             | no: still pending
pending, paused | cancelled           | pending, paused     | pending             | no: still pending
running         | cancelled           | running, paused     | running             | no: still running
running, paused | cancelled           | running, paused     | running             | no: still running
complete        | no: is complete     | no: is complete     | no: is complete     | complete
failed          | no: is failed       | no: is failed       | no: is failed       | failed
cancelled       | no: is cancelled    | no: is cancelled    | no: is cancelled    | cancelled
superseded      | no: is superseded   | no: is superseded   | no: is superseded   | superseded
interrupted     | no: is interrupted  | no: is interrupted  | no: is interrupted  | interrupted";
    assert_eq!(table.join("\n"), expected);
}

#[test]
fn a_job_that_nobody_knows_is_said_to_be_unknown() {
    let desk = Desk::new();
    for answer in [desk.jobs.cancel("x"), desk.jobs.pause("x"), desk.jobs.resume("x"), desk.jobs.remove("x")] {
        assert!(matches!(answer, Err(Refusal::NoSuchJob { job_id }) if job_id == "x"));
    }
    assert!(desk.jobs.job("x").is_none());
    assert!(desk.jobs.events("x", 0).is_none());
    assert!(desk.jobs.wait("x", PATIENCE).is_none());
    assert!(desk.jobs.result("x").expect("nothing is read").is_none());
}

#[test]
fn a_complete_job_says_all_there_is() {
    let desk = Desk::new();
    let accepted = desk.submit("hold", "it");
    assert_eq!((accepted.state, accepted.progress, accepted.attempts), (State::Pending, 0.0, 0));
    assert_eq!(accepted.id.len(), 36, "a UUID: {}", accepted.id);
    desk.play.release("it");
    let ended = desk.end(&accepted.id);
    assert_eq!(ended.job.state, State::Complete, "who waits is told before the disk is");
    assert_eq!(ended.result.as_deref(), Some(br#"{"of":"it"}"#.as_slice()));
    let job = desk.seen_end(&accepted.id);
    assert_eq!((job.stage, job.progress, job.attempts), (Stage::Complete, 1.0, 1));
    assert_eq!(job.request, Some(json!({ "name": "it" })));
    assert_eq!(job.steps, Some(Vec::new()));
    assert_eq!(job.summary, Some(json!({ "length": 2 })));
    assert!(job.has_result && !job.is_cached && job.error.is_none() && job.eta_s.is_none());
    let times = [Some(job.created_at), job.started_at, job.completed_at].map(|time| time.expect("it has ended"));
    assert!(times.is_sorted(), "{times:?}");
    assert!(times.iter().all(|time| time.len() == 24 && time.ends_with('Z')), "{times:?}");
    assert_eq!(desk.jobs.result(&accepted.id).expect("it is kept"), ended.result);
}

#[test]
fn a_failure_keeps_how_far_the_job_was_and_why() {
    let desk = Desk::new();
    let job = desk.submit("fail", "it");
    let job = desk.seen_end(&job.id);
    let error = job.error.expect("it has failed");
    assert_eq!((error.code.as_str(), error.message.as_str()), ("HV0801", "there are no candles"));
    assert_eq!(error.hint.as_deref(), Some("give it some"));
    assert_eq!((job.state, job.stage, job.message.as_str()), (State::Failed, Stage::FetchingCandles, "reads candles"));
    assert!(!job.has_result);
    assert_eq!(desk.jobs.result(&job.id).expect("nothing is read"), None);
}

#[test]
fn a_panic_is_a_failed_job_and_the_next_one_is_done() {
    let desk = Desk::new();
    for name in ["it", "another"] {
        let job = desk.submit("panic", name);
        let job = desk.seen_end(&job.id);
        let error = job.error.expect("it has failed");
        assert_eq!(job.state, State::Failed);
        assert_eq!((error.code.as_str(), error.message), ("HV0849", format!("the work panicked: {name} and falls")));
    }
    let job = desk.hold("it lives");
    desk.play.release("it lives");
    assert_eq!(desk.end(&job.id).job.state, State::Complete);
}

#[test]
fn an_interrupted_job_says_where_it_was() {
    let desk = died();
    let job = desk.jobs.job("it").expect("it is kept");
    assert_eq!((job.state, job.stage, job.progress), (State::Interrupted, Stage::Calculating, 0.75));
    assert_eq!(job.error.expect("it has one").code, "HV0848");
    assert!(desk.play.begun().is_empty(), "nobody works on it");
}

#[test]
fn names_of_states_and_stages_are_those_of_json() {
    for state in State::ALL {
        assert_eq!(serde_json::to_value(state).expect("a name"), state.name());
    }
    for stage in Stage::ALL {
        assert_eq!(serde_json::to_value(stage).expect("a name"), stage.name());
    }
}
