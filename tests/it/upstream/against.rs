//! Two scenarios side by side: exact where nothing differs, and the first difference by name where something does.

use hive::workflow::against::first_difference;
use serde_json::Value;
use serde_json::json;

/// Returns a result with two executors, a hold and a series.
fn result() -> Value {
    json!({
        "executors": [
            { "seq": 0, "level_id": "buy_0", "close_type": "TAKE_PROFIT", "amount": "0.0100", "net_pnl_quote_f": 0.3 },
            { "seq": 1, "level_id": "sell_0", "close_type": "EARLY_STOP", "amount": "1E-7", "net_pnl_quote_f": 0.0 },
        ],
        "position_holds": [{ "net_amount_base": "0.5", "buy_amount_base": null }],
        "pnl_timeseries": { "rows": 2, "all": { "timestamp": [0.0, 60.0], "total_pnl": [0.0, 0.3] } },
        "position_held_timeseries": { "rows": 0 },
    })
}

/// Checks where a result parts from one that was changed: part, row, level and field.
#[track_caller]
fn check(change: impl FnOnce(&mut Value), expected: Option<(&str, usize, Option<&str>, Option<&str>)>) {
    let (mut this, other) = (result(), result());
    change(&mut this);
    let found = first_difference([&this, &other]);
    let found = found.as_ref().map(|it| (it.part, it.row, it.level.as_deref(), it.field.as_deref()));
    assert_eq!(found, expected);
}

#[test]
fn equal_results_have_no_difference() {
    check(|_| {}, None);
}

#[test]
fn decimals_are_equal_as_numbers() {
    check(|this| this["executors"][0]["amount"] = json!("0.01"), None);
    check(|this| this["executors"][1]["amount"] = json!("0.0000001"), None);
    let differs = Some(("executors", 1, Some("sell_0"), Some("amount")));
    check(|this| this["executors"][1]["amount"] = json!("-1E-7"), differs);
    check(|this| this["executors"][1]["amount"] = json!("1E-8"), differs);
    check(|this| this["executors"][1]["amount"] = json!("a text"), differs);
}

#[test]
fn the_first_executor_that_differs_is_named() {
    let change = |this: &mut Value| {
        this["executors"][1]["close_type"] = json!("STOP_LOSS");
        this["executors"][0]["close_type"] = json!("STOP_LOSS");
    };
    check(change, Some(("executors", 0, Some("buy_0"), Some("close_type"))));
}

#[test]
fn one_float_apart_is_a_difference() {
    let (mut this, other) = (result(), result());
    this["executors"][0]["net_pnl_quote_f"] = json!(0.1 + 0.2);
    let found = first_difference([&this, &other]).expect("0.1 + 0.2 is not 0.3");
    assert_eq!((found.ulps, found.field.as_deref()), (Some(1), Some("net_pnl_quote_f")));
}

#[test]
fn a_figure_that_does_not_exist_is_no_float() {
    let differs = Some(("executors", 1, Some("sell_0"), Some("net_pnl_quote_f")));
    check(|this| this["executors"][1]["net_pnl_quote_f"] = Value::Null, differs);
}

#[test]
fn an_executor_more_or_less() {
    let (mut this, other) = (result(), result());
    this["executors"].as_array_mut().expect("a list").truncate(1);
    let found = first_difference([&this, &other]).expect("one has more");
    assert_eq!((found.row, found.field.as_deref(), found.this_count, found.other_count), (1, None, 1, 2));
    assert_eq!((found.this.is_null(), found.other["seq"].as_u64()), (true, Some(1)));
}

#[test]
fn a_field_that_one_has_not() {
    let change = |this: &mut Value| drop(this["executors"][0].as_object_mut().expect("a row").shift_remove("amount"));
    check(change, Some(("executors", 0, Some("buy_0"), Some("amount"))));
}

#[test]
fn what_a_release_does_not_keep_is_not_compared() {
    check(|this| this["pnl_timeseries"] = Value::Null, None);
    check(|this| this["position_holds"][0]["net_amount_base"] = Value::Null, None);
    let differs = Some(("position_holds", 0, None, Some("net_amount_base")));
    check(|this| this["position_holds"][0]["net_amount_base"] = json!("0.6"), differs);
}

#[test]
fn series_part_at_a_row() {
    let differs = Some(("pnl_timeseries", 1, None, Some("total_pnl")));
    check(|this| this["pnl_timeseries"]["all"]["total_pnl"][1] = json!(0.4), differs);
    check(|this| this["pnl_timeseries"]["rows"] = json!(3), Some(("pnl_timeseries", 2, None, None)));
}
