//! CPU time of replays: `cargo bench --bench replay`.
//!
//! Wall time on shared machines says little, so CPU time of this process is measured: the median of several runs after a
//! warm-up, for windows of 1, 7 and 30 days, and for reading the candles from CSV.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use cpu_time::ProcessTime;
use flate2::read::GzDecoder;
use hive::controller::registry;
use hive::engine::profile;
use hive::engine::replay::replay;
use hive::market::Candles;

const RUNS: usize = 15;

fn main() {
    // `cargo test --benches` passes `--test`: one run of each shows that it works.
    let runs = if std::env::args().any(|argument| argument == "--test") { 1 } else { RUNS };
    let csv = unpacked("SYN-BTC-USDT-1m-30d.csv.gz");
    let (parse, candles) = median(runs, || Candles::parse_csv(&csv).expect("the bundled candles are clean"));
    row("read 30 days from CSV", candles.len(), 0, parse);
    for days in [1, 7, 30] {
        let window = candles.window(candles.time[0], candles.time[0] + days * 86_400 - 60);
        let (time, executors) = median(runs, || replayed(&window));
        row(&format!("pmm_simple {days} d"), window.len(), executors, time);
    }
}

/// Replays the configuration of the oracle's first case and returns the number of executors.
fn replayed(candles: &Candles) -> usize {
    let config = serde_json::json!({
        "controller_type": "market_making", "controller_name": "pmm_simple", "connector_name": "binance_perpetual",
        "total_amount_quote": 1000, "buy_amounts_pct": "", "sell_amounts_pct": "", "buy_spreads": "0.001,0.002",
        "sell_spreads": "0.001,0.002", "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800,
        "executor_refresh_time": 300, "cooldown_time": 60,
    });
    let mut controller = registry::build(config.as_object().expect("a table"), profile::V2_16.model)
        .expect("the configuration is right");
    replay(candles, 0.0002, &profile::V2_16, controller.as_mut()).expect("it decides").executors.len()
}

fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut last = work();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = ProcessTime::now();
            last = std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    (times[times.len() / 2], last)
}

#[allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn row(what: &str, candles: usize, executors: usize, time: Duration) {
    let rate = candles as f64 / time.as_secs_f64() / 1e6;
    let millis = time.as_secs_f64() * 1e3;
    println!("{what:<24} {candles:>7} candles {executors:>7} executors {millis:>9.3} ms CPU {rate:>8.2} M candles/s");
}

fn unpacked(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle/candles").join(name);
    let mut text = String::new();
    let file = File::open(path).expect("the candles are in the repository");
    GzDecoder::new(file).read_to_string(&mut text).expect("the candles are gzipped text");
    text
}
