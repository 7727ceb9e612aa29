//! Is the answer the one that the real Hummingbot gives? `tests/data/backtest` holds whole answers of two releases, made with
//! the real engine as Hummingbot's API makes them, the random names of executors replaced by their places.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use hive::workflow::backtest::check;
use hive::workflow::jobs::Work as _;
use serde_json::Value;
use serde_json::json;

use super::Looking;
use super::desk;
use super::project;

/// What hive says beside Hummingbot's own keys.
const MORE: [&str; 5] =
    ["is_closed", "n_executors", "grid_fill_event_count", "position_held_timeseries", "pnl_timeseries"];

/// What hive leaves out: each fill of a grid, which it only counts.
const LESS: [&str; 1] = ["fill_events"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/backtest")
}

/// Returns what the real Hummingbot was asked, `request`, and what it answered, `packet`.
pub(crate) fn answer(name: &str) -> Value {
    let mut text = String::new();
    let file = fs::File::open(folder().join(format!("{name}.json.gz"))).expect("the answer is there");
    GzDecoder::new(file).read_to_string(&mut text).expect("it is gzipped text");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Returns where hive says other than Hummingbot.
pub(crate) fn differences(theirs: &Value, ours: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    compare("", theirs, ours, &mut problems);
    problems
}

fn check_release(release: &str) {
    let (_folder, project) = project();
    let desk = desk(&project, Some(release));
    let folder = folder().join(release);
    let mut cases: Vec<_> = fs::read_dir(folder).expect("there are answers").flatten().map(|it| it.path()).collect();
    cases.sort();
    assert!(cases.len() >= 2);
    for case in cases {
        let name = case.file_name().and_then(|name| name.to_str()).expect("names are plain");
        let mut case_json = answer(&format!("{release}/{}", name.trim_end_matches(".json.gz")));
        let checked = check(&desk, &case_json["request"]).unwrap_or_else(|invalid| panic!("{name}: {invalid:?}"));
        let done = desk.run("backtest", &checked.request, &Looking::default()).unwrap_or_else(|it| panic!("{it:?}"));
        let ours: Value = serde_json::from_slice(&done.result).expect("the answer is JSON");
        let theirs = case_json["packet"].take();
        assert!(ours["position_holds"].is_array(), "{name}: hive always has the holds");
        let problems = differences(&theirs, &ours);
        assert!(
            problems.is_empty(),
            "{name}, {} problems:\n{}",
            problems.len(),
            problems[..problems.len().min(12)].join("\n")
        );
        let count = ours["executors"].as_array().map_or(0, Vec::len);
        assert!(count > 0, "{name}: nothing was compared");
    }
}

/// Compares what Hummingbot says with what hive says, wherever Hummingbot says something.
fn compare(place: &str, theirs: &Value, ours: &Value, problems: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            let is_frame = place == "/processed_data";
            for (key, value) in theirs {
                let inside = format!("{place}/{key}");
                match ours.get(key) {
                    Some(own) => compare(&inside, value, own, problems),
                    // The lines of an indicator that a controller keeps for itself.
                    None if is_frame && key.contains(|digit: char| digit.is_ascii_digit()) => {}
                    None if LESS.contains(&key.as_str()) => {}
                    None => problems.push(format!("{inside} is missing")),
                }
            }
            let known: BTreeSet<&str> = theirs.keys().map(String::as_str).chain(MORE).collect();
            let is_known = |key: &&String| known.contains(key.as_str()) || place.is_empty() && *key == "position_holds";
            problems.extend(ours.keys().filter(|key| !is_known(key)).map(|key| format!("{place}/{key} is not theirs")));
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if theirs.len() != ours.len() {
                problems.push(format!("{place} has {} entries, not {}", ours.len(), theirs.len()));
                return;
            }
            if place.ends_with("/source_executor_ids") {
                let sorted = |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<_>>();
                if sorted(theirs) != sorted(ours) {
                    problems.push(format!("{place} names other executors"));
                }
                return;
            }
            for (index, (value, own)) in theirs.iter().zip(ours).enumerate() {
                compare(&format!("{place}/{index}"), value, own, problems);
            }
        }
        // Python writes a decimal without a fraction as a whole number.
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        (one, other) if one == other => {}
        (one, other) => problems.push(format!("{place} is {other}, not {one}")),
    }
}

#[test]
fn answers_of_20250609_are_repeated() {
    check_release("20250609");
}

#[test]
fn answers_of_20260922_are_repeated() {
    check_release("20260922");
}

#[test]
fn the_comparison_sees_what_differs() {
    let theirs = json!({ "a": 1, "b": [1.5, null], "c": "x", "processed_data": { "BBP_20": {} } });
    let ours = json!({ "a": 1.0, "b": [1.500_000_000_000_000_2, 0], "d": "x", "processed_data": {} });
    let problems = differences(&theirs, &ours);
    let expected = ["/b/0 is 1.5000000000000002, not 1.5", "/b/1 is 0, not null", "/c is missing", "/d is not theirs"];
    assert_eq!(problems, expected);
}

#[test]
fn an_empty_result_is_zeros_and_no_close_types() {
    let (_folder, project) = project();
    let desk = desk(&project, None);
    let mut request = super::day();
    request["config"]["buy_spreads"] = json!("");
    request["config"]["sell_spreads"] = json!("");
    let checked = check(&desk, &request).expect("a maker without levels is one");
    let done = desk.run("backtest", &checked.request, &Looking::default()).expect("it is replayed");
    let answer: Value = serde_json::from_slice(&done.result).expect("the answer is JSON");
    assert_eq!(answer["results"]["close_types"], json!({}));
    assert_eq!(answer["executors"], json!([]));
    let figures = answer["results"].as_object().expect("an object");
    assert!(figures.iter().all(|(key, value)| key == "close_types" || value.is_number()), "{figures:?}");
}
