//! What the runner answers: read without losing a bit, written as a native result, and its exceptions told in a few lines.

use hive::golden::Metric;
use hive::workflow::upstream_engine::answer::Answer;
use hive::workflow::upstream_engine::error::Error;
use miette::Diagnostic as _;
use serde_json::Value;
use serde_json::json;

/// Returns an answer with one executor.
fn answer() -> Value {
    json!({
        "stage": "done",
        "versions": { "hummingbot": "20250609" },
        "executors": [{
            "type": "position_executor", "level_id": "buy_0", "side": "BUY", "timestamp": "1767225600.0",
            "close_timestamp": "1767225900.0", "close_type": "TAKE_PROFIT", "status": "TERMINATED", "is_active": false,
            "is_trading": false, "close_price": "93130.5", "current_position_average_price": "0.30000000000000004",
            "net_pnl_pct": "0.003", "net_pnl_pct_f": "0.003", "net_pnl_quote": "0.75", "net_pnl_quote_f": "0.75",
            "cum_fees_quote": "0.05", "cum_fees_quote_f": "0.05", "filled_amount_quote": "250", "filled_amount_quote_f": "250.0",
            "asked": { "entry_price": "92939.8671", "amount": "0.00268991" },
        }],
        "results": [
            ["net_pnl", "0.30000000000000004"], ["sharpe_ratio", "inf"], ["max_drawdown_usd", "nan"],
            ["total_executors", 1], ["profit_factor", 1], ["close_types", { "TAKE_PROFIT": 1 }],
        ],
        "holds": [], "held": null,
        "series": { "count": 1, "columns": [["timestamp", ["1767225600.0"]], ["total_pnl", ["-0.0"]]] },
    })
}

fn read(answer: &Value) -> Answer {
    Answer::read("basic", answer.to_string().as_bytes()).expect("it is an answer")
}

#[test]
fn floats_come_over_to_the_bit() {
    let json = read(&answer()).replay_json();
    assert_eq!(json["executors"][0]["current_position_average_price"].as_f64(), Some(0.1 + 0.2));
    assert_eq!(json["results"]["net_pnl"].as_f64(), Some(0.1 + 0.2));
}

#[test]
fn what_is_not_finite_is_none() {
    let metrics = read(&answer()).metrics();
    assert_eq!(
        (&metrics["sharpe_ratio"], &metrics["max_drawdown_usd"]),
        (&Metric::Figure(None), &Metric::Figure(None))
    );
    assert_eq!(read(&answer()).replay_json()["results"]["sharpe_ratio"], Value::Null);
}

#[test]
fn whole_numbers_are_figures_where_the_metric_is_one() {
    let metrics = read(&answer()).metrics();
    assert_eq!(
        (&metrics["profit_factor"], &metrics["total_executors"]),
        (&Metric::Figure(Some(1.0)), &Metric::Count(1))
    );
}

#[test]
fn no_close_types_are_none() {
    let mut empty = answer();
    empty["results"] = json!([["close_types", 0], ["net_pnl", 0]]);
    let metrics = read(&empty).metrics();
    assert_eq!(metrics["close_types"], Metric::Counts(indexmap::IndexMap::new()));
    assert_eq!(metrics["net_pnl"], Metric::Figure(Some(0.0)));
}

#[test]
fn a_result_reads_as_a_native_one_does() {
    insta::assert_snapshot!("answer_executor", format!("{:#}", read(&answer()).replay_json()["executors"][0]));
    insta::assert_snapshot!("answer_series", format!("{:#}", read(&answer()).replay_json()["pnl_timeseries"]));
    insta::assert_snapshot!("answer_row", read(&answer()).rows()[0].join(" "));
}

#[test]
fn a_series_that_the_release_has_not_is_null() {
    let mut old = answer();
    old["series"] = Value::Null;
    assert_eq!(read(&old).replay_json()["pnl_timeseries"], Value::Null);
}

/// Returns the error that an exception is told as.
fn raised(stage: &str, error: &Value) -> Error {
    let answer = json!({ "stage": stage, "error": error });
    Answer::read("basic", answer.to_string().as_bytes()).expect_err("it was raised")
}

/// Returns all that an error says.
fn told(error: &Error) -> String {
    let code = error.code().map(|code| code.to_string()).unwrap_or_default();
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let help = error.help().map(|help| help.to_string()).unwrap_or_default();
    format!("{code}: {error}\n{cause}\n{help}")
}

#[test]
fn exceptions_are_told_by_their_useful_lines() {
    let frame = |file: &str, line: u32, function: &str| json!({ "file": file, "line": line, "function": function, "text": "x = y" });
    let frames = json!([
        frame("hummingbot/strategy_v2/backtesting/backtesting_engine_base.py", 98, "run_backtesting"),
        frame("controllers/market_making/mine.py", 7, "get_executor_config"),
        frame("pandas/core/indexing.py", 1685, "_validate_integer"),
    ]);
    let error = json!({ "type": "IndexError", "message": "out of bounds", "is_refusal": false, "frames": frames });
    insta::assert_snapshot!("raised_replay", told(&raised("replay", &error)));
    let error = json!({ "type": "ImportError", "message": "", "is_refusal": false, "frames": [] });
    insta::assert_snapshot!("raised_import", told(&raised("import", &error)));
    let error =
        json!({ "type": "Refusal", "message": "candles of ETH-USDT are asked for", "is_refusal": true, "frames": [] });
    insta::assert_snapshot!("raised_refusal", told(&raised("replay", &error)));
}

#[test]
fn an_answer_that_is_none() {
    let error = Answer::read("basic", b"Welcome!\n{}").expect_err("it is no JSON");
    insta::assert_snapshot!("unreadable", told(&error));
}
