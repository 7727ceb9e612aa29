//! `hive why`: the first event that differs, what the engine saw then, and what followed.

use serde_json::Value;

use super::blame::Repository;
use super::project::Project;

const RECIPE: &str = "recipes/demo.toml";
const GOLDEN: &str = "snapshots/demo/walk.golden.toml";

/// A market maker around a price of its own, in both modes.
const DYNAMIC: &str = r#"schema = 1

[recipe]
name = "dynamic"

[upstream.path]
path = "upstream"

[candles.walk]
synthetic = { seed = 11, rows = 600, start = 2026-01-01T00:00:00Z, interval = "1m", price = 100, tick = 0.01, volume = 3, volatility-bps = 8 }
pair = "BTC-USDT"
connector = "binance_perpetual"

[scenario.parity]
candles = "walk"
start = 2026-01-01T02:00:00Z
end = 2026-01-01T09:59:00Z
resolution = "1m"
trade-cost = 0.0002
CONTROLLER(parity)
[scenario.causal]
mode = "causal"
candles = "walk"
start = 2026-01-01T02:00:00Z
end = 2026-01-01T09:59:00Z
resolution = "1m"
trade-cost = 0.0002
maker-fee = 0.0002
taker-fee = 0.0005
slippage-bps = 1.0
CONTROLLER(causal)
"#;

const CONTROLLER: &str = r#"
[scenario.NAME.controller]
controller_name = "pmm_dynamic"
controller_type = "market_making"
connector_name = "binance_perpetual"
trading_pair = "BTC-USDT"
candles_connector = ""
candles_trading_pair = ""
interval = "3m"
natr_length = 14
total_amount_quote = 1000
buy_spreads = "1"
sell_spreads = "1"
buy_amounts_pct = ""
sell_amounts_pct = ""
stop_loss = "0.003"
take_profit = "0.002"
time_limit = 1800
executor_refresh_time = 300
cooldown_time = 60
"#;

fn dynamic() -> Project {
    let project = Project::new();
    let controller = |name: &str| CONTROLLER.replace("NAME", name);
    let text = DYNAMIC.replace("CONTROLLER(parity)", &controller("parity"));
    project.write("recipes/dynamic.toml", &text.replace("CONTROLLER(causal)", &controller("causal")));
    project.hive(&["golden", "accept", "dynamic", "--reason", "first run"]).with(0);
    project
}

/// A project whose first scenario has a tighter stop than its golden.
pub(crate) fn drifted() -> Project {
    let project = Project::accepted();
    let recipe = project.read(RECIPE);
    project.write(RECIPE, &recipe.replacen("stop_loss = \"0.003\"", "stop_loss = \"0.001\"", 1));
    project
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

/// Returns the candle of the first event.
fn event_candle(why: &Value) -> &Value {
    let candles = why["first_divergence"]["candles"].as_array().expect("there are candles");
    candles.iter().find(|row| row["is_event"] == true).expect("one of them is that of the event")
}

#[test]
fn what_is_equal_is_said_to_be() {
    let project = Project::accepted();
    insta::assert_snapshot!(project.hive(&["why", "demo/walk"]).with(0), @r"
    demo/walk  identical  profile 2.6
      all 29 executors are the same
    ");
    assert_eq!(project.hive(&["why", "demo", "walk"]), project.hive(&["why", "demo/walk"]));
    let why = project.hive(&["why", "demo/walk", "--format", "json"]).json(0);
    assert_eq!((&why["verdict"], &why["first_divergence"]), (&Value::from("identical"), &Value::Null));
}

#[test]
fn a_drift_is_explained() {
    let project = drifted();
    insta::assert_snapshot!("why_drift", project.hive(&["why", "demo/walk"]).with(3));
    let why = project.hive(&["why", "demo/walk", "--around", "5", "--format", "json"]).json(3);
    let first = &why["first_divergence"];
    assert_eq!((&why["verdict"], &first["change"]), (&Value::from("drift"), &Value::from("changed")));
    assert_eq!(first["golden_unknown"], Value::Null, "the golden's run was made again");
    // No event that differs is earlier.
    let times: Vec<i64> =
        why["events"].as_array().expect("events").iter().filter_map(|it| it["time"].as_i64()).collect();
    assert_eq!(times.iter().min().copied(), first["time"].as_i64());
    assert_eq!(first["candles"].as_array().map(Vec::len), Some(11));
    assert_eq!(event_candle(&why)["time"], first["time"]);
    // A stop is a fraction of the close that filled the order, and only the stop is another one now.
    let (golden, now) = (&first["barriers"]["golden"], &first["barriers"]["now"]);
    let side = if first["side"] == "BUY" { 1.0 } else { -1.0 };
    let stop = |barriers: &Value, share: f64| number(&barriers["from_price"]) * (1.0 - share * side);
    assert_eq!(number(&golden["stop_loss"]), stop(golden, 0.003));
    assert_eq!(number(&now["stop_loss"]), stop(now, 0.001));
    assert_eq!(golden["take_profit"], now["take_profit"]);
    assert_eq!(golden["time_limit"], now["time_limit"]);
    let price = if side > 0.0 { "low" } else { "high" };
    assert!(
        (number(&now["stop_loss"]) - number(&event_candle(&why)[price])) * side >= 0.0,
        "the candle reaches the stop"
    );
}

#[test]
fn parts_of_a_metric_add_up() {
    let why = drifted().hive(&["why", "demo/walk", "--format", "json"]).json(3);
    let metrics = why["metrics"].as_array().expect("metrics moved");
    let split: Vec<&Value> = metrics.iter().filter(|metric| metric["parts"].is_object()).collect();
    assert!(split.iter().any(|metric| metric["metric"] == "net_pnl_quote"), "{metrics:?}");
    for metric in split {
        let sum: f64 = ["missing", "new", "changed", "fees"].iter().map(|part| number(&metric["parts"][*part])).sum();
        let difference = number(&metric["difference"]);
        assert!((sum - difference).abs() <= 1e-9 * difference.abs().max(1.0), "{metric}");
    }
    let sharpe = metrics.iter().find(|metric| metric["metric"] == "sharpe_ratio").expect("it moved");
    assert_eq!(sharpe["parts"], Value::Null, "a ratio over a series is not split");
}

#[test]
fn a_distance_is_told_in_floats() {
    let project = Project::accepted();
    let golden = project.read(GOLDEN);
    let row = golden
        .lines()
        .find(|line| line.starts_with("buy_0 ") && line.contains(" TAKE_PROFIT "))
        .expect("something was won")
        .to_owned();
    let pnl = row.split_ascii_whitespace().last().expect("a row has fields");
    let value: f64 = pnl.parse().expect("a profit is a number");
    let moved = f64::from_bits(value.to_bits() + 3);
    // The rows' hashes would tell that somebody edited them, so they go.
    let (before, after) = golden.split_once("chunks = [").expect("there are hashes");
    let after = after.split_once("]\n").expect("the list ends").1;
    let edited = format!("{before}{}", after.replace(&row, &row.replace(pnl, &format!("{moved:?}"))));
    project.write(GOLDEN, &edited);
    let why = project.hive(&["why", "demo/walk", "--format", "json"]).json(3);
    let first = &why["first_divergence"];
    let fields = first["fields"].as_array().expect("fields");
    let differing: Vec<&Value> = fields.iter().filter(|field| field["differs"] == true).collect();
    assert_eq!(differing.len(), 1, "{differing:?}");
    assert_eq!((&differing[0]["field"], &differing[0]["ulps"]), (&Value::from("pnl_quote"), &Value::from(3)));
    // A ledger that its inputs do not give is not taken for the golden's run.
    let unknown = first["golden_unknown"].as_str().expect("it is not known");
    assert!(unknown.starts_with("the golden's inputs give another result now"), "{unknown}");
    assert!(project.hive(&["why", "demo/walk"]).with(3).contains(", 3 ULPs"));
}

#[test]
fn what_controllers_saw_is_told_in_both_modes() {
    let project = dynamic();
    project.write("recipes/dynamic.toml", &project.read("recipes/dynamic.toml").replace("length = 14", "length = 10"));
    for scenario in ["parity", "causal"] {
        let why = project.hive(&["why", "dynamic", scenario, "--format", "json"]).json(3);
        let first = &why["first_divergence"];
        assert_eq!(first["golden_unknown"], Value::Null, "{scenario}");
        assert_eq!(first["event"], "created", "{scenario}");
        assert_eq!(
            first["computes"],
            serde_json::json!({
                "reference_price": true, "spread_multiplier": true, "signal": false,
            })
        );
        let candle = event_candle(&why);
        // What is created at a moment stands in what the controller did at that moment, with its price.
        assert_eq!(candle["moment"], first["time"], "{scenario}");
        let field = |name: &str| {
            let fields = first["fields"].as_array().expect("fields");
            fields.iter().find(|field| field["field"] == name).expect("it is a column").clone()
        };
        let price = field("entry_price");
        for side in ["golden", "now"] {
            let price = &price[side];
            let Some(price) = price.as_str() else { continue };
            let actions = candle[side]["actions"].as_array().expect("the moment was seen");
            assert!(actions.iter().any(|action| action.as_str().is_some_and(|it| it.ends_with(price))), "{actions:?}");
            assert!(number(&candle[side]["reference_price"]) > 0.0);
        }
        // Another length of the volatility gives another spread.
        assert_ne!(candle["golden"]["spread_multiplier"], candle["now"]["spread_multiplier"], "{scenario}");
    }
    insta::assert_snapshot!("why_causal", project.hive(&["why", "dynamic/causal", "--around", "1"]).with(3));
}

#[test]
fn candles_that_are_gone_leave_the_ledger() {
    let project = Project::accepted();
    let candles = "recipes/candles/small.csv";
    project.replace(candles, "99.9,100,99.5,99.6,7", "99.9,100,99.5,99.8,7");
    let why = project.hive(&["why", "demo/file", "--format", "json"]).json(3);
    let first = &why["first_divergence"];
    let reason = "the golden's candles are not there any more: `recipes/candles/small.csv` holds others";
    assert_eq!(first["golden_unknown"], reason);
    assert!(first["barriers"]["now"].is_object() && first["barriers"]["golden"].is_null(), "{first}");
    assert!(first["candles"].as_array().is_some_and(|rows| rows.iter().all(|row| row["golden"].is_null())));
}

#[test]
fn candles_of_before_are_found_in_the_history() {
    let repository = Repository::new();
    let candles = "recipes/candles/small.csv";
    repository.project.replace(candles, "99.9,100,99.5,99.6,7", "99.9,100,99.5,99.8,7");
    let why = repository.project.hive(&["why", "demo/file", "--format", "json"]).json(3);
    let first = &why["first_divergence"];
    assert_eq!(first["golden_unknown"], Value::Null);
    assert!(first["candles"].as_array().is_some_and(|rows| rows.iter().any(|row| row["golden"].is_object())));
}

#[test]
fn generated_candles_of_before_are_generated_again() {
    let project = Project::accepted();
    project.replace(RECIPE, "seed = 7", "seed = 8");
    let why = project.hive(&["why", "demo/walk", "--format", "json"]).json(3);
    assert_eq!(why["first_divergence"]["golden_unknown"], Value::Null);
}

#[test]
fn refusals() {
    let project = Project::new();
    insta::assert_snapshot!("why_no_golden", project.hive(&["why", "demo/walk"]).with(3));
    assert_eq!(project.hive(&["why", "demo/walk", "--format", "json"]).json(3)["verdict"], "no-golden");
    insta::assert_snapshot!("why_which", project.hive(&["why", "demo"]).with(2));
    insta::assert_snapshot!("why_unknown_scenario", project.hive(&["why", "demo/walks"]).with(2));
    insta::assert_snapshot!("why_unknown_recipe", project.hive(&["why", "dem/walk"]).with(2));
    project.hive(&["why", "demo/walk", "--around", "101"]).with(2);
}

#[test]
fn a_page_says_nothing_that_a_browser_runs() {
    let project = drifted();
    // What a golden says comes into the page as it is.
    let strange = "[inputs]\nnote = \"</script><script>alert(1)</script>&amp;\"";
    project.replace(GOLDEN, "[inputs]", strange);
    project.hive(&["why", "demo/walk", "--html", "out/why.html"]).with(3);
    let page = project.read("out/why.html");
    assert_eq!(page.matches("</script>").count(), 2, "the data, and the script");
    assert!(!page.contains("alert(1)</script>") && page.contains("\\u003cscript\\u003ealert(1)"));
    let data = page.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>")).expect("the data").0;
    let data: Value = serde_json::from_str(data).expect("it is JSON");
    let why = project.hive(&["why", "demo/walk", "--format", "json"]).json(3);
    assert_eq!(data["why"], why);
    for forbidden in ["http:", "https:", "//cdn", "@import", "url("] {
        // The name of a vocabulary is no address, and a part of the drawing is no other file.
        let known = page.replace("http://www.w3.org/2000/svg", "").replace("url(#plot)", "");
        assert!(!known.contains(forbidden), "{forbidden}");
    }
    let trades = |kind: &str| data["trades"][kind]["time"].as_array().map(Vec::len).expect("trades");
    assert!(trades("golden") > 0 && trades("now") > 0, "both runs trade otherwise");
    // Both lines end at the profit that the metrics have.
    let net = why["metrics"]
        .as_array()
        .expect("metrics")
        .iter()
        .find(|it| it["metric"] == "net_pnl_quote")
        .expect("it moved");
    for side in ["golden", "now"] {
        let last = data["profit"][side]["sum"].as_array().and_then(|sums| sums.last()).expect("a line has points");
        assert!((number(last) - number(&net[side])).abs() < 1e-9, "{side}");
    }
    assert_eq!(data["candles"]["time"].as_array().map(Vec::len), Some(240));
}

#[test]
fn a_page_that_cannot_be_written_is_an_error() {
    let project = drifted();
    project.write("file", "");
    project.hive(&["why", "demo/walk", "--html", "file/why.html"]).with(2);
}

#[test]
fn a_result_that_waits_is_explained_without_a_replay() {
    let project = drifted();
    insta::assert_snapshot!("why_nothing_waits", project.hive(&["why", "demo/walk", "--pending"]).with(4));
    let now = project.hive(&["why", "demo/walk", "--format", "json"]).json(3);
    project.hive(&["test"]).with(3);
    // What the recipe says by now is of no account.
    project.replace(RECIPE, "stop_loss = \"0.001\"", "stop_loss = \"0.002\"");
    let waiting = project.hive(&["why", "demo/walk", "--pending", "--format", "json"]).json(3);
    assert_eq!(waiting, now);
    assert_ne!(project.hive(&["why", "demo/walk", "--format", "json"]).json(3), now);
}
