//! The native engine against what the real Hummingbot computed, to the last bit.
//!
//! `tests/data/oracle` holds results of Hummingbot's own backtester on six releases, with the candles they were made
//! on. Every executor and every figure must be equal; a case that fails upstream must be refused or be a named exception.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use hive::controller::Setting;
use hive::controller::registry;
use hive::engine::Profile;
use hive::engine::profile;
use hive::engine::replay::Setup;
use hive::engine::replay::replay;
use hive::indicator::Generation;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::TradingRules;
use hive::market::decimal::Operand;
use hive::metric;
use hive::metric::Value as Metric;
use hive::workflow::report;
use hive::workflow::report::Subject;
use serde_json::Value;

use crate::properties::strict;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle")
}

fn unpacked(path: &Path) -> String {
    let file = fs::File::open(path).expect("the oracle's file is in the repository");
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).expect("the oracle's files are gzipped text");
    text
}

/// Returns the candles of a case by file name.
fn candles(name: &str, cache: &mut BTreeMap<String, Candles>) -> Candles {
    let parse = || {
        Candles::parse_csv(&unpacked(&data().join(format!("candles/{name}.gz"))))
            .expect("the oracle's candles are clean")
    };
    cache.entry(name.to_owned()).or_insert_with(parse).clone()
}

fn seconds(resolution: &str) -> i64 {
    let (count, unit) = resolution.split_at(resolution.len() - 1);
    let unit = match unit {
        "m" => 60,
        "h" => 3600,
        other => panic!("`{other}` is not a unit of the oracle"),
    };
    count.parse::<i64>().expect("a count") * unit
}

/// Replays a golden's case; an error as text where the engine refuses it.
fn run(
    golden: &Value,
    profile: &Profile,
    indicators: Option<Generation>,
    cache: &mut BTreeMap<String, Candles>,
) -> Result<Value, String> {
    let config = golden["config"].as_object().expect("a table");
    let rules = TradingRules::default();
    #[allow(clippy::cast_possible_truncation, reason = "the oracle's clocks are whole seconds")]
    let wall_clock = golden["freeze_time"].as_f64().map_or(Setting::CLOCK, |clock| clock as i64);
    let setting = Setting { rules, wall_clock, ..profile.setting(indicators) };
    let mut controller = registry::build(config, &setting).map_err(|error| error.to_string())?;
    let setup = Setup {
        candles: &candles(golden["candles"].as_str().expect("a name"), cache),
        start: golden["start"].as_i64().expect("seconds"),
        end: golden["end"].as_i64().expect("seconds"),
        resolution: seconds(golden["resolution"].as_str().expect("a text")),
        trade_cost: golden["trade_cost"].as_f64().expect("a number"),
        profile: *profile,
        rules,
    };
    let replay = replay(&setup, controller.as_mut()).map_err(|error| error.to_string())?;
    let text = |key: &str| config[key].as_str().unwrap_or_default();
    let market = (text("connector_name"), text("trading_pair"));
    let (controller, convention) = (controller.as_ref(), profile.convention);
    let subject = Subject { replay: &replay, controller, convention, period: setup.resolution };
    Ok(report::replay_json(&subject, market.0, market.1))
}

/// Compares two values as the oracle's rule says: numbers by value, everything else as it is.
fn check(at: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Number(_), Value::Number(_)) if ours.as_f64() == theirs.as_f64() => {}
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().chain(right.keys().filter(|key| !left.contains_key(*key))) {
                let (ours, theirs) = (left.get(key).unwrap_or(&Value::Null), right.get(key).unwrap_or(&Value::Null));
                check(&format!("{at}.{key}"), ours, theirs, differences);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (ours, theirs)) in left.iter().zip(right).enumerate() {
                check(&format!("{at}[{index}]"), ours, theirs, differences);
            }
        }
        _ if ours == theirs => {}
        _ => differences.push(format!("{at}: {ours} is not {theirs}")),
    }
}

/// Checks every case of one upstream release and returns how many were equal.
fn check_release(release: &str, version: &str, indicators: Option<Generation>) -> usize {
    let profile = profile::of_version(version).expect("the oracle's releases have profiles");
    let mut cache = BTreeMap::new();
    let mut equal = 0;
    let mut wrong = Vec::new();
    let mut names: Vec<PathBuf> = fs::read_dir(data().join("golden").join(release))
        .expect("the release is in the repository")
        .map(|entry| entry.expect("readable").path())
        .collect();
    names.sort();
    for path in names {
        let golden: Value = serde_json::from_str(&unpacked(&path)).expect("goldens are JSON");
        let case = format!("{release} {}", golden["case"].as_str().expect("a name"));
        match exception(release, &golden) {
            Exception::None => {
                let ours = match run(&golden, &profile, indicators, &mut cache) {
                    Ok(ours) => ours,
                    Err(error) => {
                        wrong.push(format!("{case}: {error}"));
                        continue;
                    }
                };
                let mut differences = strict::problems(&ours);
                for key in ["results", "executors", "position_holds", "position_held_timeseries", "pnl_timeseries"] {
                    let mut theirs = golden[key].clone();
                    if theirs.is_null() {
                        continue;
                    }
                    let mut ours = ours[key].clone();
                    if theirs.get("first5").is_none() {
                        differences.extend(strict::missing(key, &theirs, &ours));
                    }
                    if key == "results" && theirs["close_types"] == 0 {
                        // Without executors upstream gives the integer 0 here; hive's type does not change.
                        theirs["close_types"] = serde_json::json!({});
                    }
                    if key.ends_with("_timeseries") && theirs.get("all").is_none() {
                        let ends = ["first5", "last5"];
                        ours.as_object_mut().expect("a table").remove("all");
                        for end in ends {
                            theirs.as_object_mut().expect("a table").remove(end);
                        }
                    }
                    check(key, &ours, &theirs, &mut differences);
                }
                if differences.is_empty() {
                    equal += 1;
                } else {
                    let first = &differences[..differences.len().min(4)];
                    wrong.push(format!("{case}: {} differences, first {first:#?}", differences.len()));
                }
            }
            Exception::Refused(text) => {
                let error = run(&golden, &profile, indicators, &mut cache).expect_err("upstream fails here");
                assert!(error.contains(text), "{case}: `{error}` does not speak of `{text}`");
            }
            Exception::EmptyResult => {
                let ours = run(&golden, &profile, indicators, &mut cache)
                    .expect("without positions the result is empty, not an error");
                assert_eq!(ours["results"]["total_executors_with_position"], 0);
                assert_eq!(ours["results"]["net_pnl_quote"], 0.0);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    equal
}

/// The cases that are not compared figure for figure, each with its reason.
enum Exception {
    None,
    /// Fails upstream for a reason that lies in the configuration, and is refused with words that name it.
    Refused(&'static str),
    /// Fails upstream in the summary of executors none of which filled (before v2.14): the bundled recipe patches that, and an
    /// empty result is a result.
    EmptyResult,
}

/// The controllers that Hummingbot's backtester cannot run, with words of the reason that they are refused with.
const FAILS_UPSTREAM: [(&str, &str); 8] = [
    ("arbitrage_controller", "on two markets"),
    ("bollingrid", "KeyError"),
    ("hedge_asset", "on two markets"),
    ("lp_rebalancer", "no simulator"),
    ("quantum_grid_allocator", "live connector"),
    ("stat_arb", "scikit-learn"),
    ("supertrend_v1", "dropna"),
    ("xemm_multiple_levels", "on two markets"),
];

fn exception(release: &str, golden: &Value) -> Exception {
    match (release, golden["case"].as_str().expect("a name")) {
        (_, "pitfall__mm_amounts_omitted") => Exception::Refused("buy_amounts_pct"),
        (_, "pitfall__mm_spreads_omitted") => Exception::Refused("buy_spreads"),
        (_, "pitfall__dt_candles_connector_omitted") => Exception::Refused("candles_connector"),
        (_, "pitfall__dca_no_stop_loss") => Exception::Refused("an executor failed"),
        // Market making on spot raises a TypeError in v2.6.0, and its configuration knows no way around it.
        ("v2.6.0", "pmm_simple__c3_spot_rebalance") => Exception::Refused("inventory rebalancing"),
        ("v2.6.0", "pmm_simple__c6_never_fills") => Exception::EmptyResult,
        // There was no grid simulator before v2.14.
        ("v2.6.0", "grid_strike__c1_buy") => Exception::Refused("grid executors"),
        (_, case) if golden.get("error").is_some() => {
            let words = FAILS_UPSTREAM.iter().find(|(name, _)| case.starts_with(name));
            let (_, words) = words.unwrap_or_else(|| panic!("{release} {case} has no exception here"));
            Exception::Refused(words)
        }
        _ => Exception::None,
    }
}

#[test]
fn release_2_6_is_equal() {
    assert_eq!(check_release("v2.6.0", "20250609", None), 15);
}

#[test]
fn releases_2_14_and_2_15_hold_what_they_held() {
    // Each with the controllers of its tag, which is v2.15.0 for the release of 20260601, too.
    assert_eq!(check_release("20260410", "20260410", None), 6);
    assert_eq!(check_release("20260601", "20260601", None), 2);
    assert_eq!(check_release("20260616", "20260616", None), 2);
}

#[test]
fn release_2_16_is_equal() {
    assert_eq!(check_release("v2.16.0", "v2.16.0", None), 36);
}

#[test]
fn release_2_16_is_equal_with_the_older_indicators() {
    assert_eq!(check_release("v2.16.0-talib-0.6.8", "v2.16.0", Some(Generation::TaLib06)), 14);
}

#[test]
fn release_2_18_is_equal() {
    assert_eq!(check_release("20260922", "20260922", None), 36);
}

#[test]
fn figures_of_no_executors_are_zeros() {
    let run = metric::Run {
        executors: &[],
        total_pnl_quote: &[],
        total_amount_quote: Decimal::ZERO,
        convention: metric::Convention::Series,
        hold: None,
        period: 60,
        position_quote: &[],
        fees_quote: 0.0,
        volume_quote: 0.0,
        unrealized_pnl_quote: 0.0,
    };
    for (name, value) in metric::registry::measure(&run) {
        let zero = match value {
            Metric::Count(count) => count == 0,
            Metric::Figure(figure) => figure == Some(0.0),
            Metric::Counts(counts) => counts.is_empty(),
        };
        assert!(zero, "`{name}` is not zero");
    }
    assert!(Operand::from(0.0).is_zero());
}
