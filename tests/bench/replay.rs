//! CPU time of replays: `cargo bench --bench replay`.
//!
//! Wall time on shared machines says little, so CPU time of this process is measured: the median of several runs after a
//! warm-up, for windows of 1, 7, 30 and 365 days (the year is a synthetic walk), and for reading candles from CSV.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use cpu_time::ProcessTime;
use flate2::read::GzDecoder;
use hive::controller::registry;
use hive::engine::profile;
use hive::engine::replay::Setup;
use hive::engine::replay::replay;
use hive::market::Candles;
use hive::market::TradingRules;
use hive::market::synthetic::Walk;
use serde_json::Value;
use serde_json::json;

const RUNS: usize = 9;

fn main() {
    // `cargo test --benches` passes `--test`: one run of each shows that it works.
    let quick = std::env::args().any(|argument| argument == "--test");
    let runs = if quick { 1 } else { RUNS };
    let csv = unpacked("SYN-BTC-USDT-1m-30d.csv.gz");
    let (parse, month) = median(runs, || Candles::parse_csv(&csv).expect("the bundled candles are clean"));
    row("read 30 d from CSV", month.len(), 0, parse);
    let year = Walk {
        seed: 11,
        rows: 365 * 1440,
        start: month.time[0],
        interval: 60,
        price: 93_000.0,
        tick: 0.1,
        volume: 2.0,
        volatility_bps: 8.0,
    };
    let year = if quick { Candles::default() } else { year.candles() };
    for (name, config) in configurations() {
        for days in [1, 7, 30, 365] {
            let candles = if days == 365 { &year } else { &month };
            if candles.is_empty() {
                continue;
            }
            let window = candles.window(candles.time[0], candles.time[0] + days * 86_400 - 60);
            let (time, executors) = median(runs, || replayed(&window, &config));
            row(&format!("{name} {days} d"), window.len(), executors, time);
        }
    }
}

/// The configurations that the real Hummingbot was timed with.
fn configurations() -> Vec<(&'static str, Value)> {
    let making = json!({
        "controller_type": "market_making", "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT",
        "total_amount_quote": 1000, "buy_amounts_pct": "", "sell_amounts_pct": "", "time_limit": 1800,
        "executor_refresh_time": 300, "cooldown_time": 60, "stop_loss": "0.003", "take_profit": "0.002",
    });
    let with = |base: &Value, more: Value| {
        let mut table = base.as_object().expect("a table").clone();
        table.extend(more.as_object().expect("a table").clone());
        Value::Object(table)
    };
    let spreads = |spreads: &str| json!({ "buy_spreads": spreads, "sell_spreads": spreads });
    let simple = with(&making, spreads("0.001,0.002"));
    let dynamic = with(&making, spreads("1,2,4"));
    let maker = with(&making, spreads("0.0005,0.002"));
    vec![
        ("pmm_simple", with(&simple, json!({ "controller_name": "pmm_simple" }))),
        (
            "pmm_dynamic",
            with(
                &dynamic,
                json!({
                    "controller_name": "pmm_dynamic", "candles_connector": "", "candles_trading_pair": "",
                    "interval": "3m", "macd_fast": 21, "macd_slow": 42, "macd_signal": 9, "natr_length": 14,
                }),
            ),
        ),
        (
            "dman_maker_v2",
            with(
                &maker,
                json!({
                    "controller_name": "dman_maker_v2", "dca_spreads": "0.0005,0.0015,0.003", "dca_amounts": "1,3,6",
                }),
            ),
        ),
        (
            "dman_v3",
            json!({
                "controller_type": "directional_trading", "controller_name": "dman_v3", "trading_pair": "BTC-USDT",
                "connector_name": "binance_perpetual", "total_amount_quote": 1000, "candles_connector": "",
                "candles_trading_pair": "", "interval": "3m", "bb_length": 50, "bb_std": 2.0,
                "bb_long_threshold": 0.1, "bb_short_threshold": 0.9, "dca_spreads": "0.0005,0.002,0.005",
                "dca_amounts_pct": "", "max_executors_per_side": 2, "cooldown_time": 600, "stop_loss": "0.006",
                "take_profit": "0.01", "time_limit": 7200, "trailing_stop": "0.002,0.0005",
            }),
        ),
        (
            "grid_strike",
            json!({
                "controller_type": "generic", "controller_name": "grid_strike", "trading_pair": "BTC-USDT",
                "connector_name": "binance_perpetual", "total_amount_quote": 1000, "side": 1, "leverage": 10,
                "start_price": "80000", "end_price": "110000", "limit_price": "70000",
                "min_spread_between_orders": "0.001", "min_order_amount_quote": "6", "max_open_orders": 5,
                "triple_barrier_config": { "take_profit": "0.001", "open_order_type": 3, "take_profit_order_type": 3 },
            }),
        ),
    ]
}

/// Replays a configuration and returns the number of executors.
fn replayed(candles: &Candles, config: &Value) -> usize {
    let config = config.as_object().expect("a table");
    let setting = profile::V2_16.setting(None);
    let mut controller = registry::build(config, &setting).expect("the configuration is right");
    let setup = Setup {
        candles,
        start: candles.time[0],
        end: i64::MAX,
        resolution: 60,
        trade_cost: 0.0002,
        profile: profile::V2_16,
        rules: TradingRules::default(),
    };
    replay(&setup, controller.as_mut()).expect("it decides").executors.len()
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
