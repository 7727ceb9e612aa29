//! Which configurations `pmm_dynamic_2` takes, and what Hummingbot's own controllers that cannot be replayed are told.

use hive::controller::config::Model;
use hive::controller::registry;
use hive::engine::profile;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Checks what comes of the least configuration, which is none at all, with some keys added: an empty text where it is
/// accepted, otherwise the error. Each case was tried on the Python controller.
fn check(change: &Value, expected: &str) {
    let mut config = Map::new();
    config.insert("controller_type".to_owned(), json!("market_making"));
    config.insert("controller_name".to_owned(), json!("pmm_dynamic_2"));
    config.extend(change.as_object().expect("a table").clone());
    for model in [Model::V2_6, Model::V2_6_1, Model::V2_13, Model::V2_17] {
        let setting = hive::controller::Setting { model, ..profile::V2_16.setting(None) };
        let built = registry::build(&config, &setting);
        assert_eq!(built.err().map_or_else(String::new, |error| error.to_string()), expected, "{change} {model:?}");
    }
}

#[test]
fn everything_may_be_omitted() {
    check(&json!({}), "");
    check(&json!({ "buy_amounts_pct": null, "candles_connector": null, "order_amount": null }), "");
    check(&json!({ "order_amount": "  " }), "");
    check(&json!({ "connector_name": "kucoin", "skip_rebalance": true }), "");
    check(&json!({ "min_spread_multiplier": 0.7, "max_spread_multiplier": 0.7 }), "");
}

#[test]
fn what_the_model_refuses_is_refused() {
    let cases = [
        (json!({ "natr_length": 14 }), "controller `pmm_dynamic_2` has no key `natr_length`"),
        (
            json!({ "macd_fast": 12, "macd_slow": 12 }),
            "`macd_slow` is 12, which is `macd_fast` as well, but a length above `macd_fast` was expected",
        ),
        (json!({ "macd_fast": 1 }), "`macd_fast` is 1, but at least 2, the fewest that TA-Lib takes, was expected"),
        (
            json!({ "order_amount": "0" }),
            "`order_amount` is `\"0\"`, but a decimal number greater than zero was expected",
        ),
        (
            json!({ "spread_adjustment": -0.1 }),
            "`spread_adjustment` is `-0.1`, but a number of zero or more was expected",
        ),
        (
            json!({ "min_spread_multiplier": 0 }),
            "`min_spread_multiplier` is `0`, but a number greater than zero was expected",
        ),
        (
            json!({ "max_spread_multiplier": 0.1 }),
            "`max_spread_multiplier` is 0.1, below `min_spread_multiplier` = 0.5, but a number not below \
             `min_spread_multiplier` was expected",
        ),
    ];
    for (change, expected) in cases {
        check(&change, expected);
    }
    check(
        &json!({ "controller_name": "supertrend_v1", "controller_type": "directional_trading" }),
        "controller `supertrend_v1` fails in Hummingbot's own backtester: SUPERTl and SUPERTs are NaN on the opposite side \
         each, so dropna() removes every row (IndexError)",
    );
    // The type is part of the name.
    check(
        &json!({ "controller_name": "supertrend_v1", "controller_type": "generic" }),
        "controller `supertrend_v1` of type `generic` is not known to the native engine",
    );
}
