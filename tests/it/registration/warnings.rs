//! What a registration warns of, drawn.

use hive::registration::{self, Warning};

use super::{data, declare, draw, register, tree};

/// Draws all warnings of a case, one after the other.
fn drawn(case: &str) -> String {
    let registered = register(case, "MineConfig", "MineController").expect("the loader takes the declared classes");
    registered.warnings.iter().map(|warning| draw(warning)).collect()
}

#[test]
fn a_plain_controller_has_none() {
    assert_eq!(drawn("own_classes"), "");
}

#[test]
fn another_default_name_is_drawn() {
    insta::assert_snapshot!(drawn("other_name"));
}

#[test]
fn an_inherited_name_is_drawn_at_the_heir() {
    insta::assert_snapshot!(drawn("inherited_name"));
}

#[test]
fn an_unknown_type_is_drawn() {
    let mut declaration = declare("MineConfig", "MineController");
    declaration.controller_type = "arbitrage".to_owned();
    let registered = registration::check(&declaration, &data("cases/own_classes.py"), "own_classes.py", &tree)
        .expect("custom types load");
    assert_eq!(registered.path, "controllers/arbitrage/mine.py");
    insta::assert_snapshot!(registered.warnings.iter().map(|warning| draw(warning)).collect::<String>());
}

#[test]
fn what_cannot_be_followed_is_drawn() {
    insta::assert_snapshot!(drawn("unresolved"));
}

#[test]
fn other_peoples_packages_are_no_concern() {
    let registered = register("unresolved", "MineConfig", "MineController").expect("the loader takes them");
    let named = registered.warnings.iter().filter_map(|warning| match warning {
        Warning::Unresolved { what, .. } => Some(what.as_str()),
        _ => None,
    });
    assert_eq!(
        named.collect::<Vec<_>>(),
        ["hummingbot.data_feed.candles_feed.data_types", "hummingbot.strategy_v2.controllers.Gone"]
    );
}
