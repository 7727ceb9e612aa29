//! What the service adds to a replay, and what it takes: `cargo bench --bench serve`.
//!
//! The server is the real binary in a process of its own, asked over a socket. Wall times are medians of one run on one machine,
//! and say little beside other work; what is compared is compared within the run.

use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::workflow::Project;
use hive::workflow::backtest;
use hive::workflow::backtest::Desk;
use hive::workflow::jobs::Stage;
use hive::workflow::jobs::Watch;
use hive::workflow::jobs::Work as _;
use mimalloc::MiMalloc;
use serde_json::Value;
use serde_json::json;

// That of the `hive` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const RUNS: usize = 60;
const JOBS: usize = 1_000;
const CLIENTS: usize = 32;
const ASKED: usize = 400;

/// Nobody watches.
struct Nobody;

impl Watch for Nobody {
    fn stage(&self, _stage: Stage, _message: &str) {}
    fn progress(&self, _done: u64, _total: u64) {}
    fn step(&self, _step: Value) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}

struct Server {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Server {
    fn start(project: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(project).env_remove("HIVE_TOKEN");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary is built with the benchmark");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("it says where it listens");
        Self { child, url: line.trim().to_owned(), agent: agent() }
    }

    /// Returns a figure of the process's memory, in MiB.
    fn memory(&self, key: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        let kib = line.split_whitespace().nth(1).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
        kib / 1024.0
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Vec<u8>) {
        post(&self.agent, &format!("{}{path}", self.url), body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_mins(2)));
    config.build().new_agent()
}

fn post(agent: &ureq::Agent, url: &str, body: &Value) -> (u16, Vec<u8>) {
    let mut answer = agent.post(url).send_json(body).expect("the server answers");
    let read = answer.body_mut().with_config().limit(1 << 30).read_to_vec();
    (answer.status().as_u16(), read.expect("the answer comes whole"))
}

fn get_ms(agent: &ureq::Agent, url: &str) -> f64 {
    let start = Instant::now();
    let mut answer = agent.get(url).call().expect("the server answers");
    let _ = answer.body_mut().read_to_vec();
    start.elapsed().as_secs_f64() * 1e3
}

/// One day of minutes of `pmm_simple`; the cost makes each a request of its own.
fn day(nonce: usize) -> Value {
    json!({
        "start_time": 1_767_225_600, "end_time": 1_767_311_940, "backtesting_resolution": "1m",
        "trade_cost": 0.0002 + nonce as f64 * 1e-9,
        "config": {
            "id": "day", "controller_type": "market_making", "controller_name": "pmm_simple",
            "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT", "total_amount_quote": 1000,
            "buy_spreads": "0.001,0.002", "sell_spreads": "0.001,0.002", "buy_amounts_pct": "", "sell_amounts_pct": "",
            "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800, "executor_refresh_time": 300,
        },
    })
}

fn at(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    // The position is a whole number below the length.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share from 0 to 1 of a length")]
    let place = (((times.len() - 1) as f64) * share).round() as usize;
    times[place]
}

#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn say(what: &str, value: &str) {
    println!("{what:<66} {value}");
}

fn main() {
    // `cargo test --benches` passes `--test`: few of each show that it works.
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (runs, jobs, asked) = if is_test { (3, 40, 20) } else { (RUNS, JOBS, ASKED) };
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let candles = folder.path().join(".hive/candles");
    fs::create_dir_all(&candles).expect("the folder is ours");
    fs::create_dir_all(folder.path().join("recipes")).expect("the folder is ours");
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle/candles/SYN-BTC-USDT-1m-30d.csv.gz");
    fs::copy(oracle, candles.join("binance_perpetual__BTC-USDT__1m.csv.gz")).expect("the oracle's candles are there");

    let server = Server::start(folder.path());
    let status = format!("{}/api/backtest/status", server.url);
    get_ms(&server.agent, &status);
    say("idle server, resident", &format!("{:.1} MiB (goal 30)", server.memory("VmRSS:")));
    say("  of it no file", &format!("{:.1} MiB", server.memory("RssAnon:")));
    say("binary, stripped", &stripped());

    let desk =
        Desk::open(&Project::at(folder.path()), &backtest::Settings::default()).expect("the newest profile is there");
    let mut own = Vec::new();
    let mut theirs = Vec::new();
    let mut size = 0;
    for nonce in 0..runs {
        let body = day(nonce);
        let checked = backtest::check(&desk, &body).expect("the request is right");
        let start = Instant::now();
        let done = desk.run(backtest::KIND, &checked.request, &Nobody).expect("it is replayed");
        own.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        let (code, bytes) = server.post("/backtesting/run", &body);
        theirs.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(code, 200);
        // Key by key: an answer may carry its job's name beside the packet.
        size = bytes.len().max(done.result.len());
    }
    let (own, mid) = (at(&mut own, 0.5), at(&mut theirs, 0.5));
    say("a day of pmm_simple, replayed and written as JSON, in process", &format!("{own:.2} ms"));
    say("the same by POST /backtesting/run", &format!("{mid:.2} ms, {} kB", size / 1000));
    say("  more than the replay", &format!("{:.2} ms (goal 20)", mid - own));
    say("  the slowest of twenty", &format!("{:.2} ms", at(&mut theirs, 0.95)));

    let mut idle: Vec<f64> = (0..asked).map(|_| get_ms(&server.agent, &status)).collect();
    let (accepted, refused, is_over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let next = AtomicUsize::new(0);
    let mut under_load = Vec::new();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let agent = agent();
                loop {
                    let nonce = next.fetch_add(1, Ordering::Relaxed);
                    if nonce >= jobs {
                        return;
                    }
                    match post(&agent, &format!("{}/api/jobs", server.url), &day(1_000_000 + nonce)).0 {
                        202 => accepted.fetch_add(1, Ordering::Relaxed),
                        429 => refused.fetch_add(1, Ordering::Relaxed),
                        other => panic!("{other} is neither accepted nor refused"),
                    };
                }
            });
        }
        let looking = scope.spawn(|| {
            let agent = agent();
            let mut times = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                times.push(get_ms(&agent, &status));
            }
            times
        });
        while accepted.load(Ordering::Relaxed) + refused.load(Ordering::Relaxed) < jobs {
            thread::sleep(Duration::from_millis(5));
        }
        is_over.store(true, Ordering::Relaxed);
        under_load = looking.join().expect("it was answered");
    });
    let (accepted, refused) = (accepted.into_inner(), refused.into_inner());
    say(&format!("{jobs} jobs at once"), &format!("{accepted} accepted, {refused} refused with 429"));
    let (quiet, busy) = (at(&mut idle, 0.99), at(&mut under_load, 0.99));
    say("p99 of status, idle", &format!("{quiet:.2} ms of {}", idle.len()));
    say("p99 of status while they come", &format!("{busy:.2} ms of {}, {:.1} times", under_load.len(), busy / quiet));
    say("most memory it ever had", &format!("{:.1} MiB", server.memory("VmHWM:")));
}

/// Returns the size of the binary without symbols, where there is a program that takes them out.
fn stripped() -> String {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let out = folder.path().join("hive");
    let done = Command::new("strip").arg("-o").arg(&out).arg(env!("CARGO_BIN_EXE_hive")).status();
    match (done, fs::metadata(&out)) {
        (Ok(status), Ok(metadata)) if status.success() => format!("{:.1} MB (goal 30)", metadata.len() as f64 / 1e6),
        _ => "there is no `strip` here".to_owned(),
    }
}
