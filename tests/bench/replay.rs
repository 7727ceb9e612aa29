//! CPU time of replays: `cargo bench --bench replay`, or `-- pmm_simple` for one controller.
//!
//! Wall time on shared machines says little, so CPU time of this process is measured: the median of several runs after a
//! warm-up, for windows of 1, 7, 30 and 365 days (the year is a synthetic walk). `growth` is the time of a candle against
//! that of a candle of the first day; `upstream` is how often the real Hummingbot's CPU time of the same seven days holds it.
//! The last row names the smallest of these, of medians as all the others.
//!
//! A year of `pmm_simple` is also timed from its file, as `hive run` comes by it: parsed, and from the columns that the
//! first run kept. Its peak memory is that of a process of its own.

use std::fmt::Write as _;
use std::fs;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cpu_time::ProcessTime;
use flate2::read::GzDecoder;
use hive::controller::registry;
use hive::engine::profile;
use hive::engine::replay::Setup;
use hive::engine::replay::replay;
use hive::io::cache::Cache;
use hive::io::files;
use hive::market::Candles;
use hive::market::TradingRules;
use hive::market::synthetic::Walk;
use mimalloc::MiMalloc;
use serde_json::Value;
use serde_json::json;

// That of the `hive` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const RUNS: usize = 9;
/// Asks this program for the peak memory of a year, by the file that follows.
const PEAK: &str = "--peak";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == PEAK) {
        return peak_memory(Path::new(&arguments[at + 1]));
    }
    // `cargo test --benches` passes `--test`: one run of each shows that it works.
    let quick = arguments.iter().any(|argument| argument == "--test");
    let runs = if quick { 1 } else { RUNS };
    let chosen = arguments.iter().find(|argument| !argument.starts_with('-'));
    let csv = unpacked("SYN-BTC-USDT-1m-30d.csv.gz");
    let (parse, month) = median(runs, || Candles::parse_csv(&csv).expect("the bundled candles are clean"));
    row("read 30 d from CSV", month.len(), 0, parse, "");
    let year = if quick { Candles::default() } else { walk(month.time[0]).candles() };
    let mut ratios: Vec<(f64, &str)> = Vec::new();
    for case in cases() {
        if chosen.is_some_and(|chosen| !case.name.contains(chosen.as_str())) {
            continue;
        }
        let mut first_day = None;
        for days in [1, 7, 30, 365] {
            let candles = if days == 365 { &year } else { &month };
            if candles.is_empty() {
                continue;
            }
            let window = candles.window(candles.time[0], candles.time[0] + days * 86_400 - 60);
            let (time, executors) = median(runs, || replayed(&window, &case.config));
            let each = time.as_secs_f64() / window.len() as f64;
            let mut more = format!("  growth {:.2}", each / *first_day.get_or_insert(each));
            if days == 7 {
                assert_eq!(executors, case.upstream_executors, "the real Hummingbot counts otherwise");
                let ratio = case.upstream_cpu_s / time.as_secs_f64();
                ratios.push((ratio, case.name));
                let _ = write!(more, "  upstream {ratio:.0} x");
            }
            row(&format!("{} {days} d", case.name), window.len(), executors, time, &more);
        }
    }
    summary(&ratios);
    if !quick {
        from_files(&year);
    }
}

/// Prints how often upstream's CPU time of seven days holds that of each controller, and the least of it.
#[allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn summary(ratios: &[(f64, &str)]) {
    let each: Vec<String> = ratios.iter().map(|(ratio, name)| format!("{name} {ratio:.0} x")).collect();
    if let Some((least, name)) =
        ratios.iter().copied().reduce(|left, right| if right.0 < left.0 { right } else { left })
    {
        println!("upstream, 7 d: {}; at least {least:.0} x ({name})", each.join(", "));
    }
}

/// A year of random candles.
fn walk(start: i64) -> Walk {
    Walk {
        seed: 11,
        rows: 365 * 1440,
        start,
        interval: 60,
        price: 93_000.0,
        tick: 0.1,
        volume: 2.0,
        volatility_bps: 8.0,
    }
}

/// Times a year of `pmm_simple` from its file.
fn from_files(year: &Candles) {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, cache) = (folder.path().join("year.csv"), Cache::new(folder.path().join("cache")));
    let mut text = String::from("timestamp,open,high,low,close,volume\n");
    for row in 0..year.len() {
        let [open, high, low] = [year.open[row], year.high[row], year.low[row]];
        let (close, volume) = (year.close[row], year.volume[row]);
        writeln!(text, "{},{open},{high},{low},{close},{volume:.5}", year.time[row]).expect("a text takes all");
    }
    fs::write(&path, text).expect("the folder can be written to");
    let config = &cases().swap_remove(0).config;
    let hash = || files::sha256_of_file(&path).expect("just written");
    let parsed = || {
        let bytes = files::read(&path).expect("just written");
        Candles::parse_csv(std::str::from_utf8(&bytes).expect("ASCII")).expect("clean")
    };
    let (time, sha256) = median(RUNS, hash);
    row("hash 365 d of CSV", year.len(), 0, time, "");
    let (time, candles) = median(RUNS, parsed);
    row("read 365 d from CSV", year.len(), 0, time, "");
    cache.keep_candles(&sha256, &candles).expect("the folder can be written to");
    let (time, columns) = median(RUNS, || cache.candles(&sha256).expect("kept"));
    row("read 365 d from columns", year.len(), 0, time, "");
    assert_eq!(columns, candles, "the columns are what was parsed");
    drop((candles, columns));
    let (time, executors) = median(RUNS, || replayed(&parsed(), config));
    row("pmm_simple, from CSV", year.len(), executors, time, "  parsed and replayed");
    let (time, executors) = median(RUNS, || replayed(&cache.candles(&hash()).expect("kept"), config));
    row("pmm_simple, from columns", year.len(), executors, time, "  hashed, read and replayed");
    let this = std::env::current_exe().expect("this program has a path");
    Command::new(this).arg(PEAK).arg(&path).status().expect("this program runs");
}

/// Replays a year from its file and prints the most memory that the process has held, where the system tells.
#[allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn peak_memory(path: &Path) {
    let text = fs::read_to_string(path).expect("the year is there");
    let candles = Candles::parse_csv(&text).expect("clean");
    drop(text);
    let executors = replayed(&candles, &cases().swap_remove(0).config);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown", str::trim);
    println!("pmm_simple 365 d, peak memory from CSV with {executors} executors: {peak}");
}

/// A configuration that the real Hummingbot was timed with, v2.16.0 on the bundled candles.
struct Case {
    name: &'static str,
    config: Value,
    /// The CPU time of its backtest of seven days, without imports, in seconds.
    upstream_cpu_s: f64,
    /// The number of its executors.
    upstream_executors: usize,
}

fn cases() -> Vec<Case> {
    let case = |name, upstream_cpu_s, upstream_executors, tables: &[Value]| {
        let mut config = json!({
            "controller_name": name, "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT",
            "total_amount_quote": 1000, "leverage": 10,
        });
        let all = config.as_object_mut().expect("a table");
        for table in tables {
            all.extend(table.as_object().expect("a table").clone());
        }
        Case { name, config, upstream_cpu_s, upstream_executors }
    };
    let making = |spreads: &str, stop_loss: &str, take_profit: &str, time_limit: u32, cooldown_time: u32| {
        json!({
            "controller_type": "market_making", "buy_spreads": spreads, "sell_spreads": spreads, "buy_amounts_pct": "",
            "sell_amounts_pct": "", "stop_loss": stop_loss, "take_profit": take_profit, "time_limit": time_limit,
            "executor_refresh_time": 300, "cooldown_time": cooldown_time,
        })
    };
    let feed = json!({ "candles_connector": "", "candles_trading_pair": "", "interval": "3m" });
    let natr = json!({ "macd_fast": 21, "macd_slow": 42, "macd_signal": 9, "natr_length": 14 });
    let ladder = json!({ "dca_spreads": "0.0005,0.0015,0.003", "dca_amounts": "0.1,0.3,0.6" });
    let bands = json!({
        "controller_type": "directional_trading", "bb_length": 50, "bb_std": 2.0, "bb_long_threshold": 0.1,
        "bb_short_threshold": 0.9, "dca_spreads": "0.0005,0.002,0.005", "dca_amounts_pct": "",
        "max_executors_per_side": 2, "cooldown_time": 600, "stop_loss": "0.006", "take_profit": "0.01",
        "time_limit": 7200, "trailing_stop": "0.002,0.0005",
    });
    let grid = json!({
        "controller_type": "generic", "side": 1, "start_price": "76000", "end_price": "98000", "limit_price": "70000",
        "min_spread_between_orders": "0.001", "min_order_amount_quote": "6", "max_open_orders": 5,
        "triple_barrier_config": { "take_profit": "0.001", "open_order_type": 3, "take_profit_order_type": 3 },
    });
    vec![
        case("pmm_simple", 26.31, 4371, &[making("0.001,0.002", "0.003", "0.002", 1800, 60)]),
        case("pmm_dynamic", 40.6, 7845, &[making("1,2,4", "0.004", "0.002", 2700, 15), feed.clone(), natr]),
        case("dman_maker_v2", 61.13, 5610, &[making("0.0005,0.002", "0.004", "0.0015", 7200, 60), ladder]),
        case("dman_v3", 6.06, 84, &[bands, feed]),
        case("grid_strike", 2.12, 1, &[grid]),
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
fn row(what: &str, candles: usize, executors: usize, time: Duration, more: &str) {
    let rate = candles as f64 / time.as_secs_f64() / 1e6;
    let millis = time.as_secs_f64() * 1e3;
    println!(
        "{what:<24} {candles:>7} candles {executors:>7} executors {millis:>9.3} ms CPU {rate:>7.2} M candles/s{more}"
    );
}

fn unpacked(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle/candles").join(name);
    let mut text = String::new();
    let file = File::open(path).expect("the candles are in the repository");
    GzDecoder::new(file).read_to_string(&mut text).expect("the candles are gzipped text");
    text
}
