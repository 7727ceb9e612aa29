//! Which requests are refused, where, and with which words?

use std::fmt::Write as _;
use std::fs;

use hive::workflow::backtest::check;
use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use super::day;
use super::desk;
use super::project;

/// Returns a request with something changed.
fn with(key: &str, value: Value) -> Value {
    let mut request = day();
    request[key] = value;
    request
}

/// Returns a request with something changed in the configuration.
fn configured(key: &str, value: Value) -> Value {
    let mut request = day();
    request["config"][key] = value;
    request
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let (folder, project) = project();
    let configs = folder.path().join("conf/controllers");
    fs::create_dir_all(&configs).expect("the folder is ours");
    let put = |name: &str, text: &str| fs::write(configs.join(name), text).expect("the folder is ours");
    put("broken.yml", "a: 1\nb: [");
    put("list.yml", "- 1\n- 2\n");
    put("nowhere.yml", "controller_name: pmm_simpel\ncontroller_type: market_making\n");
    let desk = desk(&project, None);
    let mut nothing = day();
    nothing.as_object_mut().expect("an object").remove("config");
    let mut table = String::new();
    for (name, request) in [
        ("not an object", json!([1, 2])),
        ("start is text", with("start_time", json!("yesterday"))),
        ("start is a fraction", with("start_time", json!(1.5))),
        ("start is true", with("start_time", json!(true))),
        ("start is in milliseconds", with("start_time", json!(1_767_225_600_000_i64))),
        ("start is negative", with("start_time", json!(-1))),
        ("start is huge", with("start_time", json!(1e300))),
        ("end before start", with("end_time", json!(1_767_225_600))),
        ("a window of a century of seconds", {
            let mut request = with("start_time", json!(0));
            request["end_time"] = json!(4_102_444_800_i64);
            request["backtesting_resolution"] = json!("1s");
            request
        }),
        ("unknown resolution", with("backtesting_resolution", json!("7m"))),
        ("resolution is a number", with("backtesting_resolution", json!(60))),
        ("negative cost", with("trade_cost", json!(-0.1))),
        ("cost in percent", with("trade_cost", json!(6))),
        ("cost is text", with("trade_cost", json!("cheap"))),
        ("cost is NaN", with("trade_cost", json!("NaN"))),
        ("unknown mode", with("mode", json!("honest"))),
        ("unknown profile", with("profile", json!("9.9"))),
        ("costs of a kind", with("costs", json!({ "maker": 1 }))),
        ("costs out of range", with("costs", json!({ "maker_fee": 2.0 }))),
        ("a key that is nearly one", with("trade_costs", json!(0.1))),
        ("no configuration", nothing),
        ("configuration is a number", with("config", json!(7))),
        ("empty configuration", with("config", json!({}))),
        ("path in a name", with("config", json!("../../etc/passwd"))),
        ("absolute path in a name", with("config", json!("/etc/passwd"))),
        ("empty name", with("config", json!(""))),
        ("hidden name", with("config", json!(".hidden.yml"))),
        ("unknown name", with("config", json!("brokn"))),
        ("configuration is not YAML", with("config", json!("broken"))),
        ("configuration is a list", with("config", json!("list.yml"))),
        ("unknown controller in a file", with("config", json!("nowhere"))),
        ("unknown controller", configured("controller_name", json!("pmm_simpel"))),
        ("a controller that fails upstream", {
            let mut request = configured("controller_name", json!("stat_arb"));
            request["config"]["controller_type"] = json!("generic");
            request
        }),
        ("unknown key", configured("buy_spread", json!("0.1"))),
        ("a spread that is text", configured("buy_spreads", json!("wide"))),
        ("negative stop loss", configured("stop_loss", json!(-1))),
        ("ten thousand levels", configured("buy_spreads", json!(vec!["0.1"; 10_000]))),
        ("ten thousand levels in a text", configured("buy_spreads", json!(vec!["0.1"; 10_000].join(",")))),
    ] {
        match check(&desk, &request) {
            Ok(checked) => panic!("{name} is accepted: {checked:?}"),
            Err(invalid) => {
                writeln!(table, "{name}").expect("a text can be written to");
                for problem in &invalid.problems {
                    let hint = problem.hint.as_deref().map(|hint| format!("\n      hint: {hint}")).unwrap_or_default();
                    let (loc, kind) = (problem.loc.join("."), problem.kind);
                    writeln!(table, "  {} {kind} [{loc}] {}{hint}", problem.code, problem.message)
                        .expect("a text can be written to");
                }
            }
        }
    }
    assert_snapshot!(table);
}

#[test]
fn requests_are_read_as_pydantic_reads_them() {
    let (_folder, project) = project();
    let desk = desk(&project, None);
    let key = |request: &Value| check(&desk, request).expect("the request is right").key;
    let plain = key(&day());
    assert_eq!(plain.len(), 64);
    assert_eq!(key(&with("start_time", json!("1767225600"))), plain, "a number in a text");
    assert_eq!(key(&with("start_time", json!(1_767_225_600.0))), plain, "a number with a point");
    assert_eq!(key(&with("trade_cost", json!("0.0002"))), plain, "a fraction in a text");
    assert_eq!(key(&with("workspace", json!("mine"))), plain, "what is somebody else's is not looked at");
    assert_ne!(key(&with("trade_cost", json!(0.0003))), plain);
    assert_ne!(key(&with("mode", json!("causal"))), plain);
    assert_ne!(key(&configured("stop_loss", json!("0.004"))), plain);
}

#[test]
fn a_named_configuration_is_the_one_in_the_file() {
    let (folder, project) = project();
    let configs = folder.path().join("conf/controllers");
    fs::create_dir_all(&configs).expect("the folder is ours");
    let config = day()["config"].clone();
    fs::write(configs.join("mine.yml"), serde_json::to_string(&config).expect("JSON is YAML"))
        .expect("the folder is ours");
    let desk = desk(&project, None);
    let key = |request: &Value| check(&desk, request).expect("the request is right").key;
    assert_eq!(key(&with("config", json!("mine"))), key(&day()));
    assert_eq!(key(&with("config", json!("mine.yml"))), key(&day()));
    assert_eq!(desk.configs(), ["mine.yml"]);
}

#[test]
fn candles_that_are_not_there_are_no_fault_of_the_request() {
    let (_folder, project) = project();
    let desk = desk(&project, None);
    let checked = check(&desk, &configured("trading_pair", json!("DOGE-USDT"))).expect("the request is right");
    assert_eq!(checked.key, "", "what has no candles cannot be cached");
}
