//! Backtests as a service does them: what Hummingbot's own API answers, requests that are wrong, and being stopped.

mod check;
pub(crate) mod packet;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use hive::workflow::Project;
use hive::workflow::backtest::Desk;
use hive::workflow::backtest::Settings;
use hive::workflow::jobs::Stage;
use hive::workflow::jobs::Watch;
use hive::workflow::jobs::Work as _;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

/// A project with the oracle's candles and no recipes.
pub(crate) fn project() -> (TempDir, Project) {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let candles = folder.path().join(".hive/candles");
    fs::create_dir_all(&candles).expect("the folder is ours");
    fs::create_dir_all(folder.path().join("recipes")).expect("the folder is ours");
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle/candles");
    for (from, names) in [
        (
            "SYN-BTC-USDT-1m-30d.csv.gz",
            &["binance_perpetual__BTC-USDT__1m.csv.gz", "binance__BTC-USDT__1m.csv.gz"] as &[&str],
        ),
        ("SYN-SOL-USDT-1m-10d.csv.gz", &["binance_perpetual__SOL-USDT__1m.csv.gz"]),
    ] {
        for name in names {
            fs::copy(oracle.join(from), candles.join(name)).expect("the oracle's candles are there");
        }
    }
    let project = Project::at(folder.path());
    (folder, project)
}

/// Opens a project's desk under a profile.
pub(crate) fn desk(project: &Project, profile: Option<&str>) -> Desk {
    let settings = Settings { profile: profile.map(str::to_owned), ..Settings::default() };
    Desk::open(project, &settings).expect("the profile is known")
}

/// The request of one day of `pmm_simple`.
pub(crate) fn day() -> Value {
    json!({
        "start_time": 1_767_225_600, "end_time": 1_767_311_940, "backtesting_resolution": "1m", "trade_cost": 0.0002,
        "config": {
            "id": "day", "controller_type": "market_making", "controller_name": "pmm_simple",
            "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT", "total_amount_quote": 1000,
            "buy_spreads": "0.001,0.002", "sell_spreads": "0.001,0.002", "buy_amounts_pct": "", "sell_amounts_pct": "",
            "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800, "executor_refresh_time": 300,
        },
    })
}

/// Somebody who watches, and who stops the work after so many looks.
#[derive(Default)]
pub(crate) struct Looking {
    stages: Mutex<Vec<Stage>>,
    progress: Mutex<Vec<(u64, u64)>>,
    steps: Mutex<Vec<Value>>,
    looks: AtomicU64,
    stop_after: Option<u64>,
}

impl Watch for Looking {
    fn stage(&self, stage: Stage, _message: &str) {
        self.stages.lock().expect("nobody panics with it").push(stage);
    }

    fn progress(&self, done: u64, total: u64) {
        self.progress.lock().expect("nobody panics with it").push((done, total));
    }

    fn step(&self, step: Value) {
        self.steps.lock().expect("nobody panics with it").push(step);
    }

    fn is_cancelled(&self) -> bool {
        let looks = self.looks.fetch_add(1, Ordering::SeqCst);
        self.stop_after.is_some_and(|after| looks >= after)
    }
}

#[test]
fn progress_is_rows_of_real_work() {
    let (_folder, project) = project();
    let desk = desk(&project, None);
    let checked = hive::workflow::backtest::check(&desk, &day()).expect("the request is right");
    let looking = Looking::default();
    desk.run("backtest", &checked.request, &looking).expect("it is replayed");
    let stages = looking.stages.into_inner().expect("nobody panicked with it");
    assert_eq!(stages, [Stage::Validating, Stage::FetchingCandles, Stage::Calculating]);
    let progress = looking.progress.into_inner().expect("nobody panicked with it");
    // The candles that were found, then the rows in rising order, about 256 at a time.
    assert_eq!(progress[0], (1440, 1440));
    assert!(progress[1..].windows(2).all(|pair| pair[0].0 < pair[1].0), "{progress:?}");
    assert!(progress[1..].iter().all(|&(_, total)| total == 1440) && progress.len() >= 6, "{progress:?}");
    let steps = looking.steps.into_inner().expect("nobody panicked with it");
    assert!(steps.len() >= 5, "{steps:?}");
    assert!(steps.iter().all(|step| step["time"].is_i64() && step["executors"].is_u64()), "{steps:?}");
}

#[test]
fn a_stopped_backtest_has_no_result() {
    let (_folder, project) = project();
    let desk = desk(&project, None);
    for mode in ["parity", "causal"] {
        let mut request = day();
        request["mode"] = json!(mode);
        let checked = hive::workflow::backtest::check(&desk, &request).expect("the request is right");
        let looking = Looking { stop_after: Some(2), ..Looking::default() };
        let failed = desk.run("backtest", &checked.request, &looking).expect_err("it was stopped");
        assert!(failed.message.contains("was stopped"), "{mode}: {failed:?}");
        assert_eq!(looking.looks.load(Ordering::SeqCst), 3, "{mode}: nobody is asked once it has stopped");
    }
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let (_folder, project) = project();
    let desk = desk(&project, None);
    let checked = hive::workflow::backtest::check(&desk, &day()).expect("the request is right");
    let run = || desk.run("backtest", &checked.request, &Looking::default()).expect("it is replayed");
    let (first, second) = (run(), run());
    assert_eq!(first.result, second.result);
    assert_eq!(first.summary, second.summary);
    assert_eq!(first.summary["rows"], 1440);
    assert_eq!(first.summary["missing_candles"], 0);
}
