//! What if the database is in use, damaged, newer, or something else?

use std::fs;
use std::path::Path;
use std::sync::Arc;

use hive::workflow::jobs::Error;
use hive::workflow::jobs::Filter;
use hive::workflow::jobs::Jobs;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::State;
use miette::Diagnostic;
use tempfile::TempDir;

use crate::jobs::play::Desk;
use crate::jobs::play::PATIENCE;
use crate::jobs::play::Play;
use crate::jobs::play::order;
use crate::jobs::play::sum_order;

/// How large SQLite's pages are.
const PAGE_BYTES: usize = 4096;

fn refused(path: &Path) -> Error {
    match Jobs::open(path, Limits::default(), Arc::new(Play::default())) {
        Ok(_) => panic!("it opens"),
        Err(error) => error,
    }
}

/// Returns the code, the text with `FILE` for the database, and the hint.
fn told(error: &Error, path: &Path) -> (String, String, String) {
    let short = |text: String| text.replace(&path.display().to_string(), "FILE");
    let code = error.code().map(|code| code.to_string()).unwrap_or_default();
    let help = error.help().map(|help| help.to_string()).unwrap_or_default();
    (code, short(error.to_string()), short(help))
}

/// Returns the database of a desk that has done some jobs.
fn used() -> TempDir {
    let desk = Desk::new();
    for seed in 0..20 {
        let job = desk.jobs.submit(sum_order(seed, 300, 0)).expect("it is accepted");
        desk.seen_end(&job.id);
    }
    desk.jobs.shut_down(PATIENCE);
    desk.folder
}

#[test]
fn a_second_desk_is_refused_while_the_first_is_there() {
    let desk = Desk::new();
    let path = desk.folder.path().join("jobs.db");
    let (code, text, _) = told(&refused(&path), &path);
    assert_eq!((code.as_str(), text.as_str()), ("HV0840", "`FILE` is in use by another process"));
    let job = desk.hold("it goes on");
    desk.play.release("it goes on");
    assert!(desk.end(&job.id).result.is_some());
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let folder = used();
    let path = folder.path().join("jobs.db");
    let whole = fs::read(&path).expect("it is there");
    // Free pages may hold anything: the page that is overwritten is one that counts.
    let connection = rusqlite::Connection::open(&path).expect("it opens");
    let query = "SELECT rootpage FROM sqlite_master WHERE name = 'results'";
    let page: usize = connection.query_row(query, [], |row| row.get::<_, u32>(0)).expect("it has a root") as usize;
    drop(connection);
    let damaged = |damage: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        bytes
    };
    let cases = [
        ("its head is gone", damaged(&|bytes| bytes[..64].fill(0x20))),
        ("pages are gone", damaged(&|bytes| bytes.truncate(bytes.len() / 2 / PAGE_BYTES * PAGE_BYTES))),
        ("a page is overwritten", damaged(&|bytes| bytes[(page - 1) * PAGE_BYTES..page * PAGE_BYTES].fill(0xa5))),
        ("it is text", b"these are not the jobs that you are looking for".repeat(40)),
    ];
    for (case, bytes) in cases {
        fs::write(&path, &bytes).expect("the folder is ours");
        let (code, text, help) = told(&refused(&path), &path);
        assert_eq!(code, "HV0841", "{case}: {text}");
        assert!(text.starts_with("`FILE` is damaged: "), "{case}: {text}");
        assert!(help.contains("move `FILE` and `FILE-wal` away"), "{case}: {help}");
        assert_eq!(fs::read(&path).expect("it is there"), bytes, "{case}");
    }
    fs::write(&path, whole).expect("the folder is ours");
    let jobs = Jobs::open(&path, Limits::default(), Arc::new(Play::default())).expect("it is whole again");
    assert_eq!(jobs.jobs(&Filter::default()).len(), 20);
}

#[test]
fn what_hive_would_not_have_written_is_damage_too() {
    let folder = used();
    let path = folder.path().join("jobs.db");
    let connection = rusqlite::Connection::open(&path).expect("it opens");
    connection.execute("UPDATE jobs SET state = 'dreaming' WHERE number = 3", []).expect("it is written");
    drop(connection);
    let (code, text, _) = told(&refused(&path), &path);
    assert_eq!(code, "HV0841");
    assert!(text.ends_with("is kept otherwise than hive keeps jobs"), "{text}");
}

#[test]
fn a_damaged_result_is_told_to_who_wants_it() {
    let folder = used();
    let path = folder.path().join("jobs.db");
    let connection = rusqlite::Connection::open(&path).expect("it opens");
    connection.execute("UPDATE results SET packed = x'00'", []).expect("it is written");
    drop(connection);
    let jobs = Jobs::open(&path, Limits::default(), Arc::new(Play::default())).expect("it opens");
    let job = jobs.jobs(&Filter::default()).remove(0);
    let error = jobs.result(&job.id).expect_err("it is damaged");
    assert_eq!(told(&error, &path).0, "HV0841");
    assert!(jobs.job(&job.id).is_some_and(|job| job.steps.is_some()), "the rest is there");
}

#[test]
fn a_newer_database_is_left_to_a_newer_hive() {
    let folder = used();
    let path = folder.path().join("jobs.db");
    let connection = rusqlite::Connection::open(&path).expect("it opens");
    connection.pragma_update(None, "user_version", 7).expect("it is written");
    drop(connection);
    let (code, text, _) = told(&refused(&path), &path);
    assert_eq!(code, "HV0842");
    assert_eq!(text, "`FILE` has version 7 of the tables for jobs, and this hive knows 1");
}

#[test]
fn a_database_of_something_else_is_not_touched() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("jobs.db");
    let connection = rusqlite::Connection::open(&path).expect("it opens");
    connection
        .execute_batch("CREATE TABLE trades (price REAL); INSERT INTO trades VALUES (1.5);")
        .expect("it is written");
    drop(connection);
    let before = fs::read(&path).expect("it is there");
    let (code, text, _) = told(&refused(&path), &path);
    assert_eq!(
        (code.as_str(), text.as_str()),
        ("HV0843", "`FILE` is a database of something else, not of hive's jobs")
    );
    assert_eq!(fs::read(&path).expect("it is there"), before);
}

#[test]
fn what_cannot_be_a_file_is_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("jobs.db");
    fs::create_dir(&path).expect("the folder is ours");
    assert_eq!(told(&refused(&path), &path).0, "HV0844");
    fs::write(folder.path().join("file"), "").expect("the folder is ours");
    let below = folder.path().join("file/jobs.db");
    assert!(!told(&refused(&below), &below).1.is_empty());
}

#[test]
fn a_disk_that_refuses_loses_nothing_that_was_accepted() {
    let desk = Desk::new();
    let accepted = desk.hold("it");
    let path = desk.folder.path().join("jobs.db");
    let connection = rusqlite::Connection::open(&path).expect("it opens");
    let refuse = |table: &str| {
        let trigger =
            format!("CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no space'); END");
        connection.execute_batch(&trigger).expect("it is written");
    };
    let allow = || connection.execute_batch("DROP TRIGGER full").expect("it is written");
    refuse("jobs");
    let refusal = desk.jobs.submit(order("hold", "another")).expect_err("it is not on the disk");
    assert_eq!(refusal.code().expect("it has one").to_string(), "HV0844");
    assert_eq!(desk.jobs.jobs(&Filter::default()).len(), 1, "who was refused leaves nothing behind");
    assert_eq!(desk.jobs.counts().queued, 0);
    allow();
    assert!(desk.jobs.is_ready(), "it is asked again");
    refuse("results");
    desk.play.release("it");
    let seen = desk.seen_end(&accepted.id);
    assert_eq!((seen.state, seen.has_result), (State::Failed, false));
    assert_eq!(seen.error.expect("it has failed").code, "HV0847");
    allow();
    drop(connection);
    let another = desk.hold("another");
    desk.play.release("another");
    assert_eq!(desk.seen_end(&another.id).state, State::Complete);
    let desk = desk.again(Limits { workers: 1, ..Limits::default() });
    desk.play.release("it");
    let ended = desk.end(&accepted.id);
    assert_eq!((ended.job.state, ended.job.attempts), (State::Complete, 2), "it was accepted, so it is done");
}
