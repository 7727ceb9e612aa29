//! What a configuration may say depends on the Hummingbot that reads it; each case was tried on the real models.

use hive::controller::Setting;
use hive::controller::config::Model;
use hive::controller::registry;
use hive::engine::profile;
use hive::indicator::Generation;
use serde_json::Value;
use serde_json::json;

const MODELS: [Model; 4] = [Model::V2_6, Model::V2_6_1, Model::V2_13, Model::V2_17];

/// Checks which models accept a configuration of one level a side with one key replaced; `y` or `n` for each, oldest first.
fn check(key: &str, value: Value, expected: &str) {
    let mut config = json!({
        "controller_type": "market_making", "controller_name": "pmm_simple", "connector_name": "binance_perpetual",
        "buy_spreads": "0.001", "sell_spreads": "0.001", "buy_amounts_pct": "", "sell_amounts_pct": "",
    });
    config[key] = value;
    let table = config.as_object().expect("a table");
    let setting = |model| Setting { model, ..profile::V2_16.setting(None) };
    let accepts = |model| if registry::build(table, &setting(model)).is_ok() { 'y' } else { 'n' };
    let found: String = MODELS.into_iter().map(accepts).collect();
    assert_eq!(found, expected, "{key} = {}", config[key]);
}

#[test]
fn keys_come_and_go() {
    check("skip_rebalance", json!(true), "nyyy");
    check("skip_rebalance", json!("x"), "nnnn");
    check("candles_config", json!(""), "yynn");
    check("candles_config", json!("binance.BTC-USDT.1m.100"), "yynn");
    check("candles_config", json!("binance"), "nnnn");
    check("initial_positions", json!([]), "yyyy");
    check("initial_positions", json!(""), "nnnn");
    check("id", json!(7), "nnnn");
}

#[test]
fn a_single_number_is_a_list_since_v2_13() {
    check("buy_spreads", json!(0.001), "nnyy");
    check("buy_amounts_pct", json!(1), "nnyy");
}

#[test]
fn entries_of_texts_are_counted_since_v2_13() {
    check("buy_amounts_pct", json!("1,2"), "yynn");
    check("buy_amounts_pct", json!([1, 2]), "nnnn");
    check("buy_spreads", json!("0.001,0.002"), "yyyy");
}

#[test]
fn executors_check_themselves_since_v2_17() {
    check("trailing_stop", json!("0,0.01"), "yyyn");
    check("trailing_stop", json!("0.01,0.005"), "yyyy");
    check("leverage", json!(0), "yyyn");
    check("trading_pair", json!("BTCUSDT"), "yyyn");
}

#[test]
fn numbers_are_read_as_the_models_read_them() {
    check("executor_refresh_time", json!("30.0"), "yyyy");
    check("executor_refresh_time", json!(true), "yyyy");
    check("executor_refresh_time", json!("3e1"), "nnnn");
    check("executor_refresh_time", json!("30."), "nnnn");
    check("executor_refresh_time", json!(30.5), "nnnn");
    check("time_limit", json!("3e1"), "yyyy");
    check("time_limit", json!(0), "nnnn");
    check("time_limit", json!("1_0"), "yyyy");
    check("executor_refresh_time", json!("1_000"), "yyyy");
    check("executor_refresh_time", json!("1__0"), "nnnn");
    check("executor_refresh_time", json!("_1"), "nnnn");
    check("total_amount_quote", json!("1_000"), "yyyy");
    check("stop_loss", json!("0_1"), "yyyy");
    check("buy_amounts_pct", json!("1_0"), "yyyy");
    check("buy_amounts_pct", json!(["1_0"]), "yyyy");
}

#[test]
fn members_of_enumerations() {
    check("position_mode", json!("hedge"), "yyyy");
    check("position_mode", json!("PositionMode.HEDGE"), "nnnn");
    check("position_mode", json!(1), "nnnn");
    check("take_profit_order_type", json!("OrderType.MARKET"), "yyyy");
    check("take_profit_order_type", json!(2), "yyyy");
    check("take_profit_order_type", json!("AMM_ADD"), "nnyy");
}

#[test]
fn a_macd_without_a_signal_is_not_taken_from_ta_lib_0_6() {
    let refused = "`macd_signal` is 1, but at least 2, as with `1` TA-Lib 0.6 hands out memory that it never wrote (0.8 \
                   does not), was expected";
    let users =
        [("market_making", "pmm_dynamic"), ("market_making", "pmm_dynamic_2"), ("directional_trading", "macd_bb_v1")];
    for (controller_type, controller_name) in users {
        for (signal, generation, expected) in [
            (1, Generation::TaLib06, Some(refused)),
            (2, Generation::TaLib06, None),
            (1, Generation::TaLib08, None),
            (1, Generation::Classic, None),
        ] {
            let config = json!({
                "controller_type": controller_type, "controller_name": controller_name, "candles_connector": "",
                "candles_trading_pair": "", "connector_name": "binance_perpetual", "buy_spreads": "1", "sell_spreads": "1",
                "buy_amounts_pct": "", "sell_amounts_pct": "", "macd_signal": signal,
            });
            let mut table = config.as_object().expect("a table").clone();
            if controller_type == "directional_trading" {
                table.retain(|key, _| !key.starts_with("buy_") && !key.starts_with("sell_"));
            }
            let built = registry::build(&table, &profile::V2_16.setting(Some(generation)));
            let found = built.err().map(|error| error.to_string());
            assert_eq!(found.as_deref(), expected, "{controller_name} {signal} {generation:?}");
        }
    }
}
