//! What do the jobs of these tests do? Their work is a small machine whose result is a function of what it is asked for.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::workflow::jobs::Done;
use hive::workflow::jobs::Ended;
use hive::workflow::jobs::Failed;
use hive::workflow::jobs::Job;
use hive::workflow::jobs::Jobs;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::Order;
use hive::workflow::jobs::Stage;
use hive::workflow::jobs::Watch;
use hive::workflow::jobs::Work;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

/// Longer than anything takes on a machine that has other things to do; who waits so long waits in vain.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A work that a test holds by the hand.
#[derive(Default)]
pub(super) struct Play {
    /// Which jobs were begun, by name, in order.
    pub(super) begun: Mutex<Vec<String>>,
    /// Which jobs have heard that they are to stop.
    pub(super) stopped: Mutex<Vec<String>>,
    /// Which jobs may end.
    released: Mutex<BTreeSet<String>>,
    /// How many times each job has looked.
    pub(super) looks: Mutex<BTreeMap<String, u64>>,
}

impl Play {
    /// Lets the job with this name end.
    pub(super) fn release(&self, name: &str) {
        self.released.lock().expect("nobody panics with it").insert(name.to_owned());
    }

    pub(super) fn begun(&self) -> Vec<String> {
        self.begun.lock().expect("nobody panics with it").clone()
    }

    pub(super) fn has_begun(&self, name: &str) -> bool {
        self.begun().iter().any(|begun| begun == name)
    }

    pub(super) fn has_stopped(&self, name: &str) -> bool {
        self.stopped.lock().expect("nobody panics with it").iter().any(|stopped| stopped == name)
    }

    pub(super) fn looks(&self, name: &str) -> u64 {
        self.looks.lock().expect("nobody panics with it").get(name).copied().unwrap_or(0)
    }

    fn is_released(&self, name: &str) -> bool {
        self.released.lock().expect("nobody panics with it").contains(name)
    }
}

impl Work for Play {
    fn run(&self, kind: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed> {
        let name = request["name"].as_str().unwrap_or_default();
        self.begun.lock().expect("nobody panics with it").push(name.to_owned());
        watch.stage(Stage::FetchingCandles, "reads candles");
        match kind {
            "hold" => {
                watch.stage(Stage::Calculating, "holds");
                while !self.is_released(name) {
                    *self.looks.lock().expect("nobody panics with it").entry(name.to_owned()).or_default() += 1;
                    if watch.is_cancelled() {
                        self.stopped.lock().expect("nobody panics with it").push(name.to_owned());
                        watch.step(json!("what nobody hears any more"));
                        watch.stage(Stage::Complete, "neither this");
                        return Err(failed("stopped"));
                    }
                    thread::sleep(Duration::from_millis(1));
                }
                Ok(done(name))
            }
            "deaf" => {
                while !self.is_released(name) {
                    thread::sleep(Duration::from_millis(1));
                }
                Ok(done(name))
            }
            "panic" => panic!("{} and falls", request["name"].as_str().unwrap_or_default()),
            "fail" => Err(failed("there are no candles")),
            "sum" => {
                watch.stage(Stage::Calculating, "sums");
                sum(request, watch).ok_or_else(|| failed("stopped"))
            }
            other => panic!("there is no kind `{other}`"),
        }
    }
}

fn failed(message: &str) -> Failed {
    Failed { code: "HV0801", message: message.to_owned(), hint: Some("give it some".to_owned()) }
}

fn done(name: &str) -> Done {
    Done { result: json!({ "of": name }).to_string().into_bytes(), summary: json!({ "length": name.len() }) }
}

/// Mixes numbers for a while, and says how far it is; `None` where it was stopped.
pub(super) fn sum(request: &Value, watch: &dyn Watch) -> Option<Done> {
    let number = |key: &str| request[key].as_u64().unwrap_or(0);
    let (bars, mut mixed) = (number("bars"), number("seed"));
    let mut lines = Vec::new();
    for bar in 0..bars {
        if watch.is_cancelled() {
            return None;
        }
        mixed = mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(0x1405_7b7e_f767_814f ^ bar);
        lines.push(mixed);
        if bar % 64 == 0 {
            watch.step(json!({ "bar": bar, "mixed": mixed }));
        }
        watch.progress(bar + 1, bars);
        if number("bar_us") > 0 {
            thread::sleep(Duration::from_micros(number("bar_us")));
        }
    }
    Some(Done {
        result: json!({ "seed": request["seed"], "lines": lines }).to_string().into_bytes(),
        summary: json!({ "mixed": mixed }),
    })
}

/// Watches nothing: for the result that nobody disturbs.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    fn stage(&self, _stage: Stage, _message: &str) {}
    fn progress(&self, _done: u64, _total: u64) {}
    fn step(&self, _step: Value) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A desk in a folder of its own, and the work that it does.
pub(super) struct Desk {
    pub(super) jobs: Jobs,
    pub(super) play: Arc<Play>,
    pub(super) folder: TempDir,
}

impl Desk {
    /// Opens a desk with one worker.
    pub(super) fn new() -> Self {
        Self::with(Limits { workers: 1, ..Limits::default() })
    }

    pub(super) fn with(limits: Limits) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let play = Arc::new(Play::default());
        let jobs = Jobs::open(&folder.path().join("jobs.db"), limits, play.clone()).expect("it opens");
        Self { jobs, play, folder }
    }

    /// Closes the desk as the service does when it stops, and opens it again.
    pub(super) fn again(self, limits: Limits) -> Self {
        let Self { jobs, folder, .. } = self;
        jobs.shut_down(PATIENCE);
        drop(jobs);
        let play = Arc::new(Play::default());
        let jobs = Jobs::open(&folder.path().join("jobs.db"), limits, play.clone()).expect("it opens again");
        Self { jobs, play, folder }
    }

    pub(super) fn submit(&self, kind: &str, name: &str) -> Job {
        self.jobs.submit(order(kind, name)).expect("it is accepted")
    }

    /// Submits a job that holds, and waits until somebody works on it.
    pub(super) fn hold(&self, name: &str) -> Job {
        let job = self.submit("hold", name);
        until(|| self.play.has_begun(name));
        job
    }

    pub(super) fn end(&self, id: &str) -> Ended {
        self.jobs.wait(id, PATIENCE).expect("it comes to its end")
    }

    /// Waits until a job is seen as ended by everybody, and returns it.
    pub(super) fn seen_end(&self, id: &str) -> Job {
        until(|| self.jobs.job(id).is_some_and(|job| !job.state.is_active()));
        self.jobs.job(id).expect("it is kept")
    }
}

/// Waits until something is so.
pub(super) fn until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never comes to be so");
        thread::sleep(Duration::from_millis(1));
    }
}

pub(super) fn order(kind: &str, name: &str) -> Order {
    Order {
        kind: kind.to_owned(),
        request: json!({ "name": name }),
        title: format!("{kind} {name}"),
        ..Order::default()
    }
}

pub(super) fn sum_order(seed: u64, bars: u64, bar_us: u64) -> Order {
    Order {
        kind: "sum".to_owned(),
        request: json!({ "name": format!("sum-{seed}"), "seed": seed, "bars": bars, "bar_us": bar_us }),
        title: format!("sum {seed}"),
        ..Order::default()
    }
}
