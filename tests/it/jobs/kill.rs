//! Whenever the process is killed: is every accepted job done, with the result that it has undisturbed, and none twice?

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::path::Path;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use hive::workflow::jobs::Done;
use hive::workflow::jobs::Failed;
use hive::workflow::jobs::Filter;
use hive::workflow::jobs::Jobs;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::Order;
use hive::workflow::jobs::Refusal;
use hive::workflow::jobs::State;
use hive::workflow::jobs::Watch;
use hive::workflow::jobs::Work;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::jobs::play::PATIENCE;
use crate::jobs::play::Unwatched;
use crate::jobs::play::sum;
use crate::jobs::play::until;

/// How many times the process is killed.
const KILLS: u64 = 100;

/// How many jobs it wants at most in each of its lives.
const JOBS_PER_LIFE: u64 = 30;

/// After how long it is killed at the latest, counted from when it accepts orders.
const LIFE_US_MAX: u64 = 60_000;

/// Where the moments of the kills come from.
const SEED: u64 = 0x6869_7665;

/// What the child is told.
const DATABASE: &str = "HIVE_TEST_JOBS";
const PART: &str = "HIVE_TEST_PART";

fn limits() -> Limits {
    Limits { workers: 2, queued_max: 16, kept_jobs_max: 100_000, ..Limits::default() }
}

/// Returns what the job with this number is asked for. Some want what others want, too.
fn request(number: u64) -> Value {
    let seed = if number.is_multiple_of(7) { number % 50 } else { number };
    json!({ "number": number, "seed": seed, "bars": 40 + seed % 60, "bar_us": 20 })
}

fn order(number: u64) -> Order {
    let request = request(number);
    let key = if number.is_multiple_of(3) { String::new() } else { format!("sum of {}", request["seed"]) };
    let workspace = (number.is_multiple_of(5)).then(|| "mine".to_owned());
    Order { kind: "sum".to_owned(), request, key, workspace, ..Order::default() }
}

/// A work that says what it begins.
struct Loud;

impl Work for Loud {
    fn run(&self, kind: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed> {
        say(&format!("begun {}", request["number"]));
        if kind == "abort" {
            std::process::abort();
        }
        sum(request, watch).ok_or_else(stopped)
    }
}

/// A work that remembers what it has begun.
#[derive(Default)]
struct Quiet {
    begun: Mutex<Vec<u64>>,
}

impl Work for Quiet {
    fn run(&self, _kind: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed> {
        let number = request["number"].as_u64().expect("every order has one");
        self.begun.lock().expect("nobody panics with it").push(number);
        sum(request, watch).ok_or_else(stopped)
    }
}

fn stopped() -> Failed {
    Failed { code: "HV0801", message: "stopped".to_owned(), hint: None }
}

/// Writes a line at once: what the parent reads was said before the kill.
fn say(line: &str) {
    // Whoever listened may be gone.
    let _ = std::io::stdout().lock().write_all(format!("\n{line}\n").as_bytes());
}

fn child(database: &Path, part: &str) -> Child {
    let mut command = Command::new(env::current_exe().expect("it is running"));
    command.args(["--exact", "jobs::kill::the_part_of_the_child", "--nocapture"]);
    command.env(DATABASE, database).env(PART, part);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("this binary starts")
}

/// Plays what the tests below start; by itself it proves nothing.
#[test]
fn the_part_of_the_child() {
    let (Ok(database), Ok(part)) = (env::var(DATABASE), env::var(PART)) else { return };
    let jobs = Jobs::open(Path::new(&database), limits(), Arc::new(Loud)).expect("it opens");
    say("open");
    match part.as_str() {
        "orders with a bad one" => {
            for number in 0..8 {
                accepted(&jobs, number, &order(number));
            }
            accepted(&jobs, 8, &Order { kind: "abort".to_owned(), ..order(8) });
            accepted(&jobs, 9, &order(9));
            until(|| false);
        }
        "orders nothing" => until(|| jobs.jobs(&Filter::default()).iter().all(|job| !job.state.is_active())),
        first => {
            let first: u64 = first.parse().expect("the number of the first job");
            thread::scope(|scope| {
                scope.spawn(|| tell_ends(&jobs));
                for number in first..first + JOBS_PER_LIFE {
                    accepted(&jobs, number, &order(number));
                }
            });
        }
    }
}

/// Orders until there is room, and says that it was accepted.
fn accepted(jobs: &Jobs, number: u64, order: &Order) {
    loop {
        match jobs.submit(order.clone()) {
            Ok(job) => return say(&format!("accepted {} {number}", job.id)),
            Err(Refusal::QueueFull { .. }) => thread::sleep(Duration::from_millis(1)),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Says which jobs everybody sees as complete, until the process is killed.
fn tell_ends(jobs: &Jobs) {
    let mut told = BTreeSet::new();
    loop {
        for job in jobs.jobs(&Filter { state: Some(State::Complete), limit: 50, ..Filter::default() }) {
            if told.insert(job.id.clone()) {
                say(&format!("complete {}", job.id));
            }
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// What a child has said in its life.
#[derive(Default)]
struct Heard {
    /// Accepted jobs and their numbers.
    accepted: BTreeMap<String, u64>,
    /// The numbers of jobs that it has begun to work on, in order.
    begun: Vec<u64>,
    /// The jobs that were seen as complete.
    complete: BTreeSet<String>,
}

/// Listens until the child is dead.
fn listen(reader: BufReader<ChildStdout>) -> Heard {
    let mut heard = Heard::default();
    for line in reader.lines().map_while(Result::ok) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["accepted", id, number] => {
                heard.accepted.insert(id.to_owned(), number.parse().expect("lines are whole"));
            }
            ["complete", id] => {
                heard.complete.insert(id.to_owned());
            }
            ["begun", number] => heard.begun.push(number.parse().expect("lines are whole")),
            _ => {}
        }
    }
    heard
}

fn hears(reader: &mut BufReader<ChildStdout>, wanted: &str) -> bool {
    reader.lines().map_while(Result::ok).any(|line| line == wanted)
}

/// Draws the next number.
fn draw(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn every_accepted_job_is_done_once_whenever_the_process_is_killed() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("jobs.db");
    let mut random = SEED;
    let mut accepted = BTreeMap::new();
    let mut complete = BTreeSet::new();
    let mut lives_cut_short = 0;
    for life in 0..KILLS {
        let mut child = child(&database, &(life * 1_000).to_string());
        let mut reader = BufReader::new(child.stdout.take().expect("it is piped"));
        assert!(hears(&mut reader, "open"), "life {life}: the database does not open");
        let listener = thread::spawn(move || listen(reader));
        thread::sleep(Duration::from_micros(draw(&mut random) % LIFE_US_MAX));
        child.kill().expect("it is ours");
        child.wait().expect("it is dead");
        let heard = listener.join().expect("lines are whole");
        none_twice(&heard, &accepted, &complete);
        accepted.extend(heard.accepted);
        complete.extend(heard.complete);
        let done = numbers(&accepted, &complete);
        lives_cut_short += u64::from(heard.begun.iter().any(|number| !done.contains(number)));
    }
    assert!(
        lives_cut_short > KILLS / 4,
        "only {lives_cut_short} lives ended in the middle of a job, which proves too little"
    );
    every_one_is_done(&database, &accepted, &complete);
}

/// What everybody has seen as complete is not begun again, and nothing is begun twice in one life.
fn none_twice(heard: &Heard, accepted: &BTreeMap<String, u64>, complete: &BTreeSet<String>) {
    let done = numbers(accepted, complete);
    let mut begun = BTreeSet::new();
    for number in &heard.begun {
        assert!(!done.contains(number), "job {number} was complete");
        assert!(begun.insert(number), "job {number} was begun twice");
    }
}

fn numbers(accepted: &BTreeMap<String, u64>, complete: &BTreeSet<String>) -> BTreeSet<u64> {
    complete.iter().filter_map(|id| accepted.get(id).copied()).collect()
}

fn every_one_is_done(database: &Path, accepted: &BTreeMap<String, u64>, complete: &BTreeSet<String>) {
    let quiet = Arc::new(Quiet::default());
    let jobs = Jobs::open(database, limits(), quiet.clone()).expect("it opens");
    for (id, number) in accepted {
        let ended = jobs.wait(id, PATIENCE).unwrap_or_else(|| panic!("job {number} is lost"));
        let request = request(*number);
        match ended.job.state {
            State::Complete => {
                let expected = sum(&request, &Unwatched).expect("nobody stops it").result;
                assert!(ended.result.as_deref() == Some(expected.as_slice()), "job {number} has another result");
            }
            State::Superseded => {
                let workspace = ended.job.workspace.as_deref().expect("only those of a workspace are superseded");
                assert!(jobs.latest(workspace).is_some_and(|latest| latest.number > ended.job.number));
                assert!(!complete.contains(id), "job {number} was complete");
            }
            other => panic!("job {number} is {}: {:?}", other.name(), ended.job.error),
        }
    }
    until(|| jobs.counts().workers_busy == 0 && jobs.counts().queued == 0);
    let last = Heard { begun: quiet.begun.lock().expect("nobody panics with it").clone(), ..Heard::default() };
    none_twice(&last, accepted, complete);
    jobs.shut_down(PATIENCE);
    let connection = rusqlite::Connection::open(database).expect("it opens");
    let count = |query: &str| -> i64 { connection.query_row(query, [], |row| row.get(0)).expect("it is a query") };
    let twice = count("SELECT count(*) FROM (SELECT 1 FROM results WHERE key <> '' GROUP BY key HAVING count(*) > 1)");
    assert_eq!(twice, 0, "what is kept under a key was made once");
    let stray =
        count("SELECT count(*) FROM results WHERE number NOT IN (SELECT result FROM jobs WHERE result NOT NULL)");
    assert_eq!(stray, 0, "every result belongs to a job");
}

#[test]
fn a_job_that_kills_the_process_is_found_and_the_others_are_done() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("jobs.db");
    let mut accepted = BTreeMap::new();
    let mut deaths = 0;
    for part in ["orders with a bad one"].into_iter().chain(std::iter::repeat_n("orders nothing", 9)) {
        let mut child = child(&database, part);
        let reader = BufReader::new(child.stdout.take().expect("it is piped"));
        accepted.extend(listen(reader).accepted);
        if child.wait().expect("it is ours").success() {
            break;
        }
        deaths += 1;
    }
    assert_eq!(deaths, limits().crashes_max);
    assert!(accepted.len() >= 8);
    let jobs = Jobs::open(&database, limits(), Arc::new(Quiet::default())).expect("it opens");
    for job in jobs.jobs(&Filter::default()) {
        let expected = if job.kind == "abort" { [State::Interrupted; 2] } else { [State::Complete, State::Superseded] };
        assert!(expected.contains(&job.state), "{job:?}");
        accepted.remove(&job.id);
    }
    assert!(accepted.is_empty(), "lost: {accepted:?}");
}
