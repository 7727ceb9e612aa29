//! `hive audit`: the look-ahead of upstream's backtester is found, its cause named, and none is found in causal replays.

use std::fmt::Write as _;

use super::project::Project;
use hive::market::synthetic::Walk;
use serde_json::Value;

/// A recipe of one scenario over six hours, its controller's keys behind the common ones.
fn project(controller: &str) -> Project {
    let project = Project::empty();
    let recipe = r#"schema = 1
[recipe]
name = "demo"
[upstream.pypi]
package = "hummingbot"
version = "20260729"
artifact = "wheel"
[candles.walk]
synthetic = { seed = 5, rows = 500, start = 2026-01-01T00:00:00Z, interval = "1m", price = "100", tick = "0.01", volatility-bps = 10 }
pair = "BTC-USDT"
connector = "binance_perpetual"
[scenario.walk]
candles = "walk"
start = 2026-01-01T02:00:00Z
end = 2026-01-01T08:00:00Z
resolution = "1m"
trade-cost = 0.0002
[scenario.walk.controller]
connector_name = "binance_perpetual"
trading_pair = "BTC-USDT"
total_amount_quote = 1000
stop_loss = "0.004"
take_profit = "0.003"
time_limit = 1800
"#;
    project.write("recipes/demo.toml", &format!("{recipe}{controller}"));
    project
}

const QUOTES: &str = r#"controller_type = "market_making"
buy_spreads = "SPREADS"
sell_spreads = "SPREADS"
buy_amounts_pct = ""
sell_amounts_pct = ""
"#;

const FEED: &str = r#"candles_connector = ""
candles_trading_pair = ""
interval = "3m"
"#;

const BANDS: &str = r#"controller_type = "directional_trading"
bb_length = 20
bb_long_threshold = 0.2
bb_short_threshold = 0.8
cooldown_time = 60
"#;

fn quotes(name: &str, spreads: &str, more: &str) -> Project {
    project(&format!("controller_name = \"{name}\"\n{}{more}", QUOTES.replace("SPREADS", spreads)))
}

#[test]
fn pmm_dynamic_looks_ahead_over_the_whole_window() {
    let project = quotes("pmm_dynamic", "1,2", &format!("{FEED}macd_fast = 12\nmacd_slow = 26\nmacd_signal = 9\n"));
    insta::assert_snapshot!("audit_whole_window", project.hive(&["audit", "demo", "walk", "--cuts", "8"]).with(0));
    let audit = project.hive(&["audit", "demo", "walk", "--cuts", "8", "--format", "json"]).json(0);
    insta::assert_snapshot!("audit_json", format!("{:#}", audit["parity"]["look_ahead"]));
}

/// Audits a scenario, and checks how many of ten cuts change something for which reason; in causal mode none does.
#[track_caller]
fn check(project: &Project, causes: &[(&str, u64)]) {
    let audit = project.hive(&["audit", "demo", "walk", "--cuts", "10", "--format", "json"]).json(0);
    let found = &audit["parity"]["look_ahead"];
    for (cause, count) in found["causes"].as_object().expect("causes by name") {
        let expected = causes.iter().find(|(name, _)| name == cause).map_or(0, |(_, count)| *count);
        assert_eq!(count.as_u64(), Some(expected), "{cause} in {found:#}");
    }
    let causal = &audit["causal"]["look_ahead"];
    assert_eq!((causal["cut_count"].as_u64(), causal["changed_count"].as_u64()), (Some(10), Some(0)), "{causal:#}");
    assert!(causal["decision_count"].as_u64() > Some(10), "{causal:#}");
    assert_eq!(causal["first"], Value::Null);
}

#[test]
fn pmm_simple_does_not_look_ahead() {
    check(&quotes("pmm_simple", "0.001", ""), &[]);
}

#[test]
fn bollinger_v1_sees_candles_that_have_not_closed() {
    let project = project(&format!(
        "controller_name = \"bollinger_v1\"\n{}{}",
        BANDS.replace("20", "8"),
        FEED.replace("3m", "15m")
    ));
    let audit = project.hive(&["audit", "demo", "walk", "--cuts", "60", "--format", "json"]).json(0);
    let found = &audit["parity"]["look_ahead"];
    assert!(found["causes"]["unclosed-candle"].as_u64() > Some(0), "{found:#}");
    assert_eq!(found["causes"]["executor-state"], 0);
    // A minute's candle is known at its close, when that of a quarter of an hour has up to 14 minutes to go.
    let (moments, unclosed) = (found["moment_count"].as_f64(), found["unclosed_count"].as_f64());
    let share = unclosed.zip(moments).map(|(unclosed, moments)| unclosed / moments);
    assert!(share.is_some_and(|share| (0.92..0.95).contains(&share)), "{share:?}");
    let mean = found["unclosed_seconds_mean"].as_f64();
    assert!(mean.is_some_and(|mean| (440.0..460.0).contains(&mean)), "{mean:?}");
    assert_eq!(audit["causal"]["look_ahead"]["changed_count"], 0);
}

#[test]
fn before_v2_14_a_fill_that_comes_later_stops_an_executor() {
    let project = quotes("pmm_simple", "0.001", "executor_refresh_time = 100000\ncooldown_time = 600\n");
    project.replace("recipes/demo.toml", "20260729", "20250612");
    project.replace("recipes/demo.toml", "time_limit = 1800", "time_limit = 60");
    project.replace("recipes/demo.toml", "stop_loss = \"0.004\"", "stop_loss = \"0.0001\"");
    let audit = project.hive(&["audit", "demo", "walk", "--cuts", "60", "--format", "json"]).json(0);
    let found = &audit["parity"]["look_ahead"];
    assert!(found["causes"]["executor-state"].as_u64() > Some(0), "{found:#}");
    assert_eq!((&found["causes"]["whole-window"], &found["causes"]["unclosed-candle"]), (&0.into(), &0.into()));
    assert_eq!(audit["causal"]["look_ahead"]["changed_count"], 0);
}

/// Gives the project's scenario some of the minutes of a walk, from a file.
fn give(project: &Project, rows: &[usize]) {
    let walk = Walk {
        seed: 5,
        rows: 360,
        start: 1_767_225_600,
        interval: 60,
        price: 100.0,
        tick: 0.01,
        volume: 1.0,
        volatility_bps: 10.0,
    };
    let candles = walk.candles();
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    for &row in rows {
        let [open, high, low] = [candles.open[row], candles.high[row], candles.low[row]];
        writeln!(text, "{},{open},{high},{low},{},1", candles.time[row], candles.close[row]).expect("a text takes all");
    }
    project.write("walk.csv", &text);
    let recipe = project.read("recipes/demo.toml");
    let synthetic = recipe.lines().find(|line| line.starts_with("synthetic")).expect("it has candles");
    project.replace("recipes/demo.toml", synthetic, "file = \"walk.csv\"");
    project.replace("recipes/demo.toml", "T02:00:00Z", "T00:00:00Z");
}

#[test]
fn a_file_that_begins_with_a_gap_is_not_cut_within_it() {
    let project = quotes("pmm_simple", "0.001", "");
    // Two minutes are missing after the first, and after the second of those that follow.
    give(&project, &[0, 3, 6, 7, 8, 9, 10, 11]);
    let audit = project.hive(&["audit", "demo", "walk", "--cuts", "8", "--format", "json"]).json(0);
    // A causal moment is the close of a candle, so there is one more of them.
    for (mode, cuts) in [("parity", 3), ("causal", 4)] {
        let found = &audit[mode]["look_ahead"];
        assert_eq!((&found["cut_count"], &found["changed_count"]), (&cuts.into(), &0.into()), "{mode}: {found:#}");
    }
}

#[test]
fn a_candle_without_its_last_minute_is_no_look_ahead() {
    let project = quotes("pmm_simple", "0.001", "executor_refresh_time = 60\n");
    // Every third candle of three minutes lacks its last one.
    give(&project, &(0..360).filter(|row| row % 9 != 8).collect::<Vec<usize>>());
    project.replace("recipes/demo.toml", "resolution = \"1m\"", "resolution = \"3m\"");
    check(&project, &[]);
}

const SUPERTREND: &str = "length = 10\nmultiplier = 2\npercentage_threshold = 0.02\ncooldown_time = 60\n";

#[test]
fn a_mode_that_refuses_the_scenario_says_why_beside_the_other() {
    let head = "controller_type = \"directional_trading\"\ncontroller_name = \"supertrend_v1\"\n";
    let project = project(&format!("{head}{FEED}{SUPERTREND}"));
    insta::assert_snapshot!("audit_parity_refused", project.hive(&["audit", "demo", "walk", "--cuts", "8"]).with(0));
    let audit = project.hive(&["audit", "demo", "walk", "--cuts", "8", "--format", "json"]).json(0);
    assert!(audit["parity"]["refused"].as_str().is_some_and(|reason| reason.contains("supertrend_v1")), "{audit:#}");
    assert_eq!(audit["causal"]["look_ahead"]["changed_count"], 0);
}

#[test]
fn what_both_modes_refuse_is_an_error() {
    let project = quotes("pmm_simple", "0.001", "cooldwon_time = 60\n");
    insta::assert_snapshot!("audit_both_refused", project.hive(&["audit", "demo", "walk"]).with(2));
}

#[test]
fn a_number_of_cuts_is_checked() {
    let project = quotes("pmm_simple", "0.001", "");
    insta::assert_snapshot!("audit_cuts", project.hive(&["audit", "demo", "walk", "--cuts", "0"]).with(2));
    insta::assert_snapshot!("audit_unknown", project.hive(&["audit", "demo", "wlk"]).with(2));
}
