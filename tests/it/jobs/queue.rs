//! How many jobs wait, in which order are they worked on, and what is counted?

use std::thread;

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

#[test]
fn one_more_than_the_queue_holds_is_refused_and_nothing_is_lost() {
    let desk = Desk::with(Limits { workers: 1, queued_max: 3, ..Limits::default() });
    desk.hold("first");
    let waiting: Vec<_> = ["a", "b", "c"].map(|name| desk.submit("hold", name)).into();
    assert!(matches!(desk.jobs.submit(order("hold", "d")), Err(Refusal::QueueFull { limit: 3 })));
    let counts = desk.jobs.counts();
    assert_eq!((counts.queued, counts.queued_max, counts.refused_total, counts.submitted_total), (3, 3, 1, 4));
    desk.jobs.cancel(&waiting[1].id).expect("it waits");
    desk.submit("hold", "d");
    for name in ["first", "a", "c", "d"] {
        desk.play.release(name);
    }
    until(|| desk.play.begun().len() == 4);
    assert_eq!(desk.play.begun(), ["first", "a", "c", "d"], "first come, first served");
}

#[test]
fn who_takes_the_place_of_a_waiting_job_needs_no_other() {
    let desk = Desk::with(Limits { workers: 1, queued_max: 1, ..Limits::default() });
    desk.hold("first");
    let mine = |name| Order { workspace: Some("mine".to_owned()), ..order("hold", name) };
    desk.jobs.submit(mine("a")).expect("there is a place");
    desk.jobs.submit(mine("b")).expect("it takes the place of the other");
    assert!(matches!(desk.jobs.submit(order("hold", "c")), Err(Refusal::QueueFull { .. })));
}

#[test]
fn a_thousand_at_once_are_done_or_refused() {
    let desk = Desk::with(Limits { workers: 2, queued_max: 100, ..Limits::default() });
    let (accepted, refused) = thread::scope(|scope| {
        let threads: Vec<_> = (0..20)
            .map(|thread| {
                let jobs = &desk.jobs;
                scope.spawn(move || {
                    let answers = (0..50).map(|index| jobs.submit(sum_order(thread * 50 + index, 50, 10)));
                    answers.collect::<Vec<_>>()
                })
            })
            .collect();
        let answers = threads.into_iter().flat_map(|thread| thread.join().expect("nobody panics"));
        answers.partition::<Vec<_>, _>(Result::is_ok)
    });
    assert_eq!(accepted.len() + refused.len(), 1_000);
    assert!(refused.iter().all(|answer| matches!(answer, Err(Refusal::QueueFull { limit: 100 }))));
    for job in accepted.iter().flatten() {
        assert_eq!(desk.end(&job.id).job.state, State::Complete);
    }
    let counts = desk.jobs.counts();
    assert_eq!((counts.submitted_total, counts.refused_total), (accepted.len() as u64, refused.len() as u64));
    until(|| desk.jobs.counts().ended_total[&State::Complete] == accepted.len() as u64);
}

#[test]
fn as_many_work_as_may() {
    let desk = Desk::with(Limits { workers: 3, ..Limits::default() });
    for name in ["a", "b", "c"] {
        desk.hold(name);
    }
    desk.submit("hold", "d");
    let counts = desk.jobs.counts();
    assert_eq!((counts.workers, counts.workers_busy, counts.queued), (3, 3, 1));
    assert_eq!((counts.jobs[&State::Running], counts.jobs[&State::Pending]), (3, 1));
}

#[test]
fn what_took_how_long_is_counted() {
    let desk = Desk::new();
    for kind in ["fail", "panic", "sum"] {
        let job = desk.submit(kind, "it");
        desk.seen_end(&job.id);
    }
    let counts = desk.jobs.counts();
    assert_eq!((counts.waited.count, counts.worked.count), (3, 3));
    assert!(counts.worked.sum_s >= 0.0 && counts.worked.counts.iter().sum::<u64>() <= 3);
    assert_eq!((counts.ended_total[&State::Failed], counts.ended_total[&State::Complete]), (2, 1));
    assert_eq!(counts.ended_total[&State::Interrupted], 0, "every end has its row");
    assert_eq!(counts.jobs.len(), State::ALL.len());
    assert!(counts.result_bytes > 0);
}

#[test]
fn lists_are_filtered_and_go_on_where_they_ended() {
    let desk = Desk::new();
    let mut ids = Vec::new();
    for (kind, workspace) in [("sum", None), ("fail", Some("a")), ("sum", Some("a")), ("sum", Some("b"))] {
        let order = Order { workspace: workspace.map(str::to_owned), ..order(kind, "it") };
        let job = desk.jobs.submit(order).expect("it is accepted");
        ids.push(desk.seen_end(&job.id).id);
    }
    ids.reverse();
    let list = |filter: &Filter| desk.jobs.jobs(filter).into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(list(&Filter::default()), ids);
    assert_eq!(list(&Filter { state: Some(State::Failed), ..Filter::default() }), ids[2..3]);
    assert_eq!(list(&Filter { workspace: Some("a".to_owned()), ..Filter::default() }), ids[1..3]);
    assert_eq!(list(&Filter { kind: Some("sum".to_owned()), limit: 2, ..Filter::default() }), ids[..2]);
    let page = desk.jobs.jobs(&Filter { limit: 3, ..Filter::default() });
    let rest = Filter { before: Some(page[2].number), ..Filter::default() };
    assert_eq!(list(&rest), ids[3..]);
    assert!(page.iter().all(|job| job.request.is_none() && job.steps.is_none()), "lists are short");
}

#[test]
fn nothing_is_accepted_by_a_desk_that_closes() {
    let desk = Desk::new();
    assert!(desk.jobs.is_ready());
    desk.jobs.shut_down(PATIENCE);
    assert!(!desk.jobs.is_ready());
    assert!(matches!(desk.jobs.submit(order("sum", "it")), Err(Refusal::ShuttingDown)));
}

/// Returns how nice a thread of this process is, as its `stat` in `/proc` says it.
#[cfg(target_os = "linux")]
fn nice(stat: &str) -> i64 {
    // The name, in parentheses, may have spaces in it; the niceness is the seventeenth after it.
    let (_, after) = stat.rsplit_once(')').expect("a thread has a name");
    after.split_whitespace().nth(16).and_then(|text| text.parse().ok()).expect("a thread has a niceness")
}

#[test]
#[cfg(target_os = "linux")]
fn who_works_stands_back_behind_who_answers() {
    use std::fs;
    let desk = Desk::with(Limits { workers: 1, ..Limits::default() });
    desk.hold("first");
    let own = nice(&fs::read_to_string("/proc/thread-self/stat").expect("Linux has it"));
    let threads = fs::read_dir("/proc/self/task").expect("Linux has it").flatten();
    let working = threads
        .filter(|thread| fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.trim() == "job"))
        .filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok());
    assert!(working.map(|stat| nice(&stat)).any(|nice| nice == (own + 5).min(19)), "the thread that works is nicer");
    desk.play.release("first");
}
