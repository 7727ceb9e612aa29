//! `kill -9` in the middle of the work: is every accepted backtest done, with the result of an undisturbed run, and none twice?

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::service::project::ProjectDesk;
use hive::workflow::Project;
use hive::workflow::backtest;
use hive::workflow::jobs::Stage;
use hive::workflow::jobs::Watch;
use hive::workflow::jobs::Work as _;
use rustix::process::Signal;
use serde_json::Value;
use serde_json::json;

use super::house;
use super::house::PATIENCE;
use super::served::Served;

/// How many times the service is killed.
const KILLS: u64 = 200;

/// How many clients order at once, and how many backtests each of them wants in a life of the service. All of them together are
/// fewer than the service keeps.
const CLIENTS: u64 = 2;
const JOBS_PER_CLIENT: u64 = 2;

/// After how many complete jobs it is killed, and how much later, at the most.
const COMPLETE_MAX: u64 = 3;
const LATER_US_MAX: u64 = 20_000;

/// Where the moments of the kills come from.
const SEED: u64 = 0x6869_7665;

/// What was seen of a complete job: how many attempts it took, and when it ended.
type Seen = (Value, Value);

/// Draws the next number.
fn draw(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Asks a service that may be killed meanwhile; `None` where it was.
fn ask(address: &str, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// Orders backtests until the service is dead; returns which were accepted. Each is one of its own.
fn order(address: &str, first: u64) -> Vec<String> {
    let mut accepted = Vec::new();
    for number in first..first + JOBS_PER_CLIENT {
        let mut body = house::backtest();
        body["config"]["id"] = json!(format!("walk-{number}"));
        body["config"]["total_amount_quote"] = json!(1000 + number);
        let body = body.to_string();
        loop {
            match ask(address, "POST", "/api/jobs", &body) {
                Some((202, job)) => break accepted.push(job["id"].as_str().expect("an id").to_owned()),
                Some((429, _)) => thread::sleep(Duration::from_millis(5)),
                Some((status, answer)) => panic!("{status}: {answer}"),
                None => return accepted,
            }
        }
    }
    accepted
}

/// Looks until as many jobs more are complete; keeps what was seen of them.
fn look(address: &str, wanted: u64, complete: &mut BTreeMap<String, Seen>) {
    let (before, since) = (complete.len() as u64, Instant::now());
    while complete.len() as u64 - before < wanted {
        assert!(since.elapsed() < PATIENCE, "nothing is done");
        let (_, page) = ask(address, "GET", "/api/jobs?state=complete&limit=20", "").expect("nobody has killed it");
        for job in page["jobs"].as_array().expect("a list") {
            let id = job["id"].as_str().expect("an id").to_owned();
            complete.insert(id, (job["attempts"].clone(), job["completed_at"].clone()));
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn every_accepted_backtest_is_done_once_whenever_the_service_is_killed() {
    let project = house::project();
    let (mut accepted, mut complete) = (BTreeSet::new(), BTreeMap::new());
    let mut random = SEED;
    for life in 0..KILLS {
        let mut served = Served::start(project.path(), &["--workers", "2"], &[]);
        let address = served.address.clone();
        thread::scope(|scope| {
            let first = |client| (life * CLIENTS + client) * JOBS_PER_CLIENT;
            let clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    let address = &address;
                    scope.spawn(move || order(address, first(client)))
                })
                .collect();
            look(&address, draw(&mut random) % (COMPLETE_MAX + 1), &mut complete);
            thread::sleep(Duration::from_micros(draw(&mut random) % LATER_US_MAX));
            served.signal(Signal::KILL);
            served.wait();
            for client in clients {
                accepted.extend(client.join().expect("it only orders"));
            }
        });
    }
    assert!(accepted.len() as u64 > KILLS, "{} accepted orders prove too little", accepted.len());
    let served = Served::start(project.path(), &["--workers", "2"], &[]);
    let desk = ProjectDesk::open(&Project::at(project.path()), &backtest::Settings::default(), false);
    let desk = desk.expect("the newest profile is there");
    let mut repeated = 0;
    for id in &accepted {
        let job = ended(&served, id);
        assert_eq!(job["state"], "complete", "{job}");
        repeated += u64::from(job["attempts"].as_u64() > Some(1));
        if let Some(seen) = complete.get(id) {
            assert_eq!(seen, &(job["attempts"].clone(), job["completed_at"].clone()), "it was done again: {job}");
        }
        let result = served.json("GET", &format!("/api/jobs/{id}/result"), "", 200);
        let undisturbed = desk.run("backtest", &job["request"], &Unwatched).expect("it has a result").result;
        assert!(result == serde_json::from_slice::<Value>(&undisturbed).expect("JSON"), "another result: {job}");
    }
    assert!(repeated > 0, "no kill has met a job that was under way");
    assert!(served.stop().status.success());
    no_result_twice(&project.path().join(".hive/jobs.sqlite"));
}

fn ended(served: &Served, id: &str) -> Value {
    let since = Instant::now();
    loop {
        let job = served.json("GET", &format!("/api/jobs/{id}"), "", 200);
        if job["state"] != "pending" && job["state"] != "running" {
            return job;
        }
        assert!(since.elapsed() < PATIENCE, "{job}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn no_result_twice(database: &Path) {
    let connection = rusqlite::Connection::open(database).expect("nobody else has it");
    let query = "SELECT count(*) - count(DISTINCT key) FROM results";
    let twice: i64 = connection.query_row(query, [], |row| row.get(0)).expect("it is a query");
    assert_eq!(twice, 0);
}

/// Watches nothing.
struct Unwatched;

impl Watch for Unwatched {
    fn stage(&self, _stage: Stage, _message: &str) {}
    fn progress(&self, _done: u64, _total: u64) {}
    fn step(&self, _step: Value) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}
