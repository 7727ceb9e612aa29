//! What the generic controllers decide at exact ties, and which configurations they refuse.
//!
//! Their whole replays are compared in `oracle.rs`.

use hive::controller::Mode;
use hive::controller::Setting;
use hive::controller::config::Model;
use hive::controller::grid_strike::closes_within;
use hive::controller::pmm_v1::FROZEN_REFERENCE;
use hive::controller::pmm_v1::Level;
use hive::controller::pmm_v1::PmmV1;
use hive::controller::registry;
use hive::engine::profile;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::TradingRules;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

mod causal;
mod dynamic_2;
mod mister;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Checks what comes of a controller's least configuration in a parity replay with some keys replaced, or taken out where the
/// value is `(out)`: an empty text where it is accepted, otherwise the error.
fn check(name: &str, change: &Value, expected: &str) {
    check_in(Mode::Parity, name, change, expected);
}

/// Checks the same in one of the two kinds of replay.
fn check_in(mode: Mode, name: &str, change: &Value, expected: &str) {
    let mut config = least(name);
    for (key, value) in change.as_object().expect("a table") {
        if value == "(out)" {
            config.remove(key);
        } else {
            config.insert(key.clone(), value.clone());
        }
    }
    let built = registry::build(&config, &Setting { mode, ..profile::V2_16.setting(None) });
    assert_eq!(built.err().map_or_else(String::new, |error| error.to_string()), expected, "{name} {change} {mode:?}");
}

/// Returns the least configuration of a controller.
fn least(name: &str) -> Map<String, Value> {
    let own = match name {
        "grid_strike" => json!({ "start_price": "64", "end_price": "128", "limit_price": "32" }),
        "multi_grid_strike" => json!({ "grids": [{
            "grid_id": "g1", "start_price": 64, "end_price": 128, "limit_price": 0, "side": 2, "amount_quote_pct": 0.5,
        }] }),
        "pmm_v1" => json!({ "total_amount_quote": 1000, "buy_spreads": "0.01", "sell_spreads": [0.01, 0.02] }),
        "supertrend_v1" | "bollingrid" => json!({ "candles_connector": "", "candles_trading_pair": "" }),
        "dman_v3" => json!({
            "candles_connector": "", "candles_trading_pair": "", "trailing_stop": "", "dca_spreads": "0.125",
        }),
        _ => json!({
            "buy_spreads": "0.01,0.02", "sell_spreads": 0.01, "buy_amounts_pct": "1,2", "sell_amounts_pct": "",
        }),
    };
    let mut config = own.as_object().expect("a table").clone();
    let is_directional = config.contains_key("candles_connector");
    let controller_type = if is_directional { "directional_trading" } else { "generic" };
    config.insert("controller_type".to_owned(), json!(controller_type));
    config.insert("controller_name".to_owned(), json!(name));
    config
}

#[test]
fn least_configurations_are_accepted() {
    for name in ["grid_strike", "multi_grid_strike", "pmm_v1", "pmm_mister"] {
        check(name, &json!({}), "");
        check(name, &json!({ "leverages": 1 }), &format!("controller `{name}` has no key `leverages`"));
    }
}

#[test]
fn releases_without_their_executors_are_refused() {
    let cases = [
        ("grid_strike", "grid executors"),
        ("multi_grid_strike", "grid executors"),
        ("pmm_v1", "order executors"),
        ("pmm_mister", "position holds"),
    ];
    for (name, what) in cases {
        for (model, is_accepted) in
            [(Model::V2_6, false), (Model::V2_6_1, false), (Model::V2_13, true), (Model::V2_17, true)]
        {
            let setting = Setting { model, ..profile::V2_16.setting(None) };
            let error = registry::build(&least(name), &setting).err().map(|error| error.to_string());
            let expected = format!("a controller of {what} before v2.14 is not replayed by the native engine");
            assert_eq!(error, (!is_accepted).then_some(expected), "{name} {model:?}");
        }
    }
}

#[test]
fn configurations_of_grids() {
    const SIDE: &str = "but BUY or SELL, or its number, 1 or 2 was expected";
    for side in [json!(1), json!(2), json!("sell"), json!("TradeType.BUY")] {
        check("grid_strike", &json!({ "side": side }), "");
    }
    check("grid_strike", &json!({ "side": 3 }), &format!("`side` is `3`, {SIDE}"));
    check("grid_strike", &json!({ "side": "RANGE" }), &format!("`side` is `\"RANGE\"`, {SIDE}"));
    let missing = |key: &str| format!("`{key}` is missing, and Hummingbot fails without it");
    for key in ["start_price", "end_price", "limit_price"] {
        check("grid_strike", &json!({ key: "(out)" }), &missing(key));
    }
    let barriers = |table: Value| json!({ "triple_barrier_config": table });
    check("grid_strike", &barriers(json!({ "take_profit": 0.001, "open_order_type": 3, "time_limit": null })), "");
    check("grid_strike", &barriers(json!({ "open_order_type": "LIMIT_MAKER" })), &missing("take_profit"));
    check("grid_strike", &barriers(json!({ "tp": 1 })), "controller `grid_strike` has no key `tp`");
    let expected = "`triple_barrier_config` is `1`, but a table such as { take_profit = \"0.001\" } was expected";
    check("grid_strike", &barriers(json!(1)), expected);
    check("multi_grid_strike", &json!({ "grids": "(out)" }), "");
    check("multi_grid_strike", &json!({ "grids": [{}] }), &missing("grid_id"));
    let expected = "`grids` is `1`, but a list of tables, one for each grid was expected";
    check("multi_grid_strike", &json!({ "grids": [1] }), expected);
}

#[test]
fn configurations_of_plain_orders() {
    for key in ["buy_spreads", "sell_spreads", "total_amount_quote"] {
        let expected = format!("`{key}` is missing, and Hummingbot fails without it");
        check("pmm_v1", &json!({ key: "(out)" }), &expected);
    }
    let expected = "`buy_spreads` is `0.01`, but a list of numbers, or a text such as \"0.001,0.002\" was expected";
    check("pmm_v1", &json!({ "buy_spreads": 0.01 }), expected);
    let expected = "`total_amount_quote` is `0`, but an amount other than zero: results are divided by it was expected";
    check("pmm_v1", &json!({ "total_amount_quote": 0 }), expected);
}

#[test]
fn a_range_includes_its_ends() {
    let is_inside = |close: f64, start, end| closes_within(decimal(start), decimal(end)).contains(&close);
    assert!(is_inside(64.0, "64", "128") && is_inside(128.0, "64", "128"));
    assert!(!is_inside(63.5, "64", "128") && !is_inside(128.5, "64", "128"));
    // The float 0.1 lies above the decimal 0.1.
    assert!(is_inside(0.1, "0.1", "1") && !is_inside(0.1, "0.01", "0.1"));
}

/// One level a side, 1/1000 away.
fn pmm_v1() -> PmmV1 {
    let level = |side| Level { side, spread: decimal("0.001") };
    PmmV1 {
        levels: [Side::Buy, Side::Sell].map(level).to_vec(),
        order_amount: decimal("0.001"),
        order_refresh_time: 120,
        order_refresh_tolerance: None,
        price_ceiling: None,
        price_floor: None,
        rules: TradingRules::default(),
        total_amount_quote: decimal("1000"),
    }
}

#[test]
fn pmm_v1_keeps_within_its_band() {
    let bound = |text: &str| Some(text.parse().expect("a decimal"));
    let banded = PmmV1 { price_ceiling: bound("128"), price_floor: bound("64"), ..pmm_v1() };
    let cases =
        [(Side::Buy, 127.5, true), (Side::Buy, 128.0, false), (Side::Sell, 64.0, false), (Side::Sell, 64.5, true)];
    for (side, close, expected) in cases {
        assert_eq!(banded.is_in_band(side, close), expected, "{side} {close}");
    }
    assert!(pmm_v1().is_in_band(Side::Buy, 1e9));
}

#[test]
fn pmm_v1_compares_old_orders_with_prices_around_one() {
    let tolerant = |text: &str| PmmV1 { order_refresh_tolerance: Some(decimal(text)), ..pmm_v1() };
    let far = [(Side::Buy, decimal("93000")), (Side::Sell, decimal("93100"))];
    assert!(!tolerant("0.5").spares(FROZEN_REFERENCE, &far));
    assert!(tolerant("1").spares(FROZEN_REFERENCE, &far));
    // Half of the orders is not compared at all, and an order at zero is never near.
    assert!(!tolerant("1").spares(FROZEN_REFERENCE, &far[..1]));
    assert!(!tolerant("1").spares(FROZEN_REFERENCE, &[(Side::Buy, Decimal::ZERO), far[1]]));
    // Exactly at the tolerance they stay: 0.999 and 1.001 against 1.998 and 2.002.
    let tie = [(Side::Buy, decimal("1.998")), (Side::Sell, decimal("2.002"))];
    assert!(tolerant("0.5").spares(FROZEN_REFERENCE, &tie) && !tolerant("0.4999").spares(FROZEN_REFERENCE, &tie));
}
