//! The four scenarios that the service's users began with, through Hummingbot's own routes: the market maker on the NATR, DCAs
//! on the bands, a market maker of DCAs, and the market maker that a recipe registers.
//!
//! `tests/data/backtest/seed-000` holds what the real Hummingbot 20260922 answers, on two days of a random walk: the
//! requests, the metrics, and of each executor its type, level, side, times, close type and figures.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value;
use serde_json::json;

use super::served::Served;

const SCENARIOS: [&str; 4] = ["pmm_dynamic", "dman_v3", "dman_maker_v2", "pmm_dynamic_2"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/backtest/seed-000")
}

fn expected(scenario: &str) -> Value {
    let mut text = String::new();
    let file = fs::File::open(folder().join(format!("{scenario}.json.gz"))).expect("the answer is there");
    GzDecoder::new(file).read_to_string(&mut text).expect("it is gzipped text");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Returns an executor as the expected answers have it.
fn told(executor: &Value) -> Value {
    json!([
        executor["type"],
        executor["custom_info"]["level_id"],
        executor["side"],
        executor["timestamp"],
        executor["close_timestamp"],
        executor["close_type"],
        executor["net_pnl_pct"],
        executor["net_pnl_quote"],
        executor["cum_fees_quote"],
        executor["filled_amount_quote"],
    ])
}

/// Tells whether two values are equal, as numbers where they are.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|it| is_equal(value, it)))
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}

#[track_caller]
fn check(scenario: &str, expected: &Value, answer: &Value) {
    assert!(answer.get("error").is_none(), "{scenario}: {}", answer["error"]);
    assert!(
        is_equal(&expected["results"], &answer["results"]),
        "{scenario}\nexpected {}\nfound    {}",
        expected["results"],
        answer["results"]
    );
    let theirs = expected["executors"].as_array().expect("a list");
    let ours = answer["executors"].as_array().expect("a list");
    assert_eq!(ours.len(), theirs.len(), "{scenario}");
    for (place, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
        assert!(
            is_equal(theirs, &told(ours)),
            "{scenario}, executor {place}\nexpected {theirs}\nfound    {}",
            told(ours)
        );
    }
}

#[test]
fn the_four_scenarios_answer_as_the_real_hummingbot() {
    let project = tempfile::tempdir().expect("temporary folders can be made");
    let [candles, configs, recipes] =
        [".hive/candles", "conf/controllers", "recipes"].map(|name| project.path().join(name));
    for made in [&candles, &configs, &recipes] {
        fs::create_dir_all(made).expect("the folder is ours");
    }
    let file = "kucoin__BTC-USDT__1m.csv.gz";
    fs::copy(folder().join(file), candles.join(file)).expect("the candles are there");
    for scenario in SCENARIOS {
        let config = expected(scenario)["request"]["config"].to_string();
        // JSON is YAML, too.
        fs::write(configs.join(format!("{scenario}.yml")), config).expect("the folder is ours");
    }
    let served = Served::start(project.path(), &["--profile", "20260922"], &[]);
    let mut executor_count = 0;
    for scenario in SCENARIOS {
        let expected = expected(scenario);
        let body = served.json("POST", "/run-backtesting", &expected["request"].to_string(), 200);
        check(scenario, &expected, &body);
        executor_count += body["executors"].as_array().map_or(0, Vec::len);
        // The same by the name of its configuration, on the newer route.
        let mut named = expected["request"].clone();
        named["config"] = json!(format!("{scenario}.yml"));
        let body = served.json("POST", "/backtesting/run", &named.to_string(), 200);
        check(scenario, &expected, &body);
    }
    assert!(executor_count > 3_000, "{executor_count} executors were compared");
}
