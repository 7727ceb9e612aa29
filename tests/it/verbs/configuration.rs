//! What controllers refuse, drawn in the recipe: each refusal is exit code 2.

use super::project::Project;

const BUY_SPREADS: &str = "buy_spreads = \"0.001\"\n";
const SELL_AMOUNTS: &str = "sell_amounts_pct = \"\"\n";
const CONNECTOR: &str = "connector_name = \"binance_perpetual\"\n";

/// Checks how a change to the configuration of the first scenario is refused.
#[track_caller]
fn check(name: &str, from: &str, to: &str) {
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    assert!(recipe.contains(from), "{from}");
    project.write("recipes/demo.toml", &recipe.replacen(from, to, 1));
    insta::assert_snapshot!(format!("config_{name}"), project.hive(&["run", "demo", "walk"]).with(2));
}

#[test]
fn keys() {
    check("unknown_key", "stop_loss = ", "stop_los = ");
    check("unknown_far_key", "stop_loss = ", "colour = ");
    check("without_spreads", BUY_SPREADS, "");
    check("without_amounts", SELL_AMOUNTS, "");
    check("unknown_controller", "\"pmm_simple\"", "\"pmm_simpel\"");
}

#[test]
fn values() {
    check("not_a_number", BUY_SPREADS, "buy_spreads = \"a,b\"\n");
    check("not_finite", BUY_SPREADS, "buy_spreads = [nan]\n");
    check("wrong_kind", "time_limit = 1800", "time_limit = \"half an hour\"");
    check("negative", "stop_loss = \"0.003\"", "stop_loss = \"-0.003\"");
    check("lengths", SELL_AMOUNTS, "sell_amounts_pct = [1, 2]\n");
    check("spot", CONNECTOR, "connector_name = \"binance\"\n");
}

#[test]
fn a_replay_that_stops() {
    check("zero_price", BUY_SPREADS, "buy_spreads = \"1\"\n");
}

#[test]
fn in_a_test_the_other_scenarios_go_on() {
    let project = Project::accepted();
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/demo.toml", &recipe.replacen("stop_loss = ", "stop_los = ", 1));
    insta::assert_snapshot!("config_in_test", project.hive(&["test"]).with(2));
    let tested = project.hive(&["test", "--format", "json"]).json(2);
    assert_eq!(tested["recipes"][0]["scenarios"][0]["error"]["code"], "HV0701");
    assert_eq!(tested["recipes"][0]["scenarios"][0]["error"]["file"], "recipes/demo.toml");
    assert_eq!(tested["recipes"][0]["scenarios"][1]["verdict"], "identical");
}
