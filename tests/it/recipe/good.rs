//! Good recipes: what they resolve to, and that they agree with the emitted schema.

use std::fs;
use std::path::Path;

use hive::recipe::located::line_and_column;
use hive::recipe::located::locate;
use hive::recipe::schema::json_schema;
use serde_json::Value;

use super::fixtures;
use super::plain;
use super::read;
use super::resolved;

#[test]
fn each_good_recipe_resolves() {
    for (name, text) in fixtures("good") {
        let recipe = resolved(&name, &text).unwrap_or_else(|errors| panic!("{}", plain(&errors)));
        insta::with_settings!({
            snapshot_path => "../snapshots/recipe/good",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_debug_snapshot!(name, recipe);
        });
    }
}

#[test]
fn named_files_are_listed_once() {
    let recipe = resolved("full", &read("good", "full")).expect("the fixture is good");
    assert_eq!(
        recipe.files(),
        [
            "patches/01_guard.patch",
            "patches/01_guard.probe.py",
            "patches/02_fee.patch",
            "recipes/controllers/market_making/pmm_two.py",
            "recipes/candles/btc.csv",
            "conf/pmm_simple.yml",
        ]
    );
}

#[test]
fn the_emitted_schema_is_reviewed() {
    let schema = serde_json::to_string_pretty(&json_schema()).expect("a schema is JSON");
    insta::with_settings!({
        snapshot_path => "../snapshots/recipe",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("schema", schema);
    });
}

#[test]
fn good_and_shipped_recipes_agree_with_the_schema() {
    for (name, text) in fixtures("good") {
        assert_eq!(schema_errors(&text), Vec::<String>::new(), "{name}");
    }
    // A project's recipes are what its author wrote; ours must hold against the schema that we hand out.
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes");
    let entries = fs::read_dir(shipped).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).expect("a shipped recipe is text");
            assert_eq!(schema_errors(&text), Vec::<String>::new(), "{}", path.display());
        }
    }
}

#[test]
fn the_schema_refuses_what_it_can_see() {
    for name in [
        "unknown_key",
        "unknown_table",
        "unknown_key_in_bounds",
        "unknown_upstream",
        "snake_case_key",
        "wrong_type",
        "wrong_type_of_table",
        "patch_as_table",
        "missing_key",
        "missing_schema",
        "missing_upstream",
        "missing_why",
        "two_upstreams",
        "no_upstream",
        "unknown_schema",
        "unknown_engine",
        "unknown_artifact",
        "unknown_wall_clock",
        "moment_without_offset",
        "bad_resolution",
        "bad_digest",
        "bad_sha256",
        "bad_synthetic",
        "bad_trading_rules",
        "nameless_controller",
        "both_controller_and_config",
        "neither_controller_nor_config",
        "candles_without_rows",
        "out_of_range",
        "costs_out_of_range",
    ] {
        assert_ne!(schema_errors(&read("bad", name)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn values_are_found_by_their_path() {
    let text = read("good", "full");
    let check = |path: &[&str], expected: Option<&str>| {
        let found = locate(&text, path).map(|span| &text[span]);
        assert_eq!(found, expected, "{path:?}");
    };
    check(&["patch", "1", "why"], Some("\"fees are counted twice\""));
    check(&["scenario", "pmm-two", "controller", "leverage"], Some("20"));
    check(&["scenario", "pmm-two", "controller"], Some("[scenario.pmm-two.controller]"));
    check(&["scenario", "gone"], None);
    check(&["patch", "2"], None);
    check(&["schema", "deeper"], None);
    assert_eq!(locate("not = [toml", &["not"]), None);
}

#[test]
fn lines_and_columns_count_characters_from_one() {
    let text = "é = 1\nb\n";
    for (offset, expected) in [(0, (1, 1)), (1, (1, 1)), (2, (1, 2)), (7, (2, 1)), (9, (3, 1)), (99, (3, 1))] {
        assert_eq!(line_and_column(text, offset), expected, "{offset}");
    }
}

/// What the schema has against a recipe, as an editor would tell.
fn schema_errors(text: &str) -> Vec<String> {
    let recipe: toml::Value = toml::from_str(text).expect("the fixture is TOML");
    jsonschema::draft7::options()
        .should_validate_formats(true)
        .build(&json_schema())
        .expect("the schema is one")
        .iter_errors(&as_editors_do(recipe))
        .map(|error| error.to_string())
        .collect()
}

/// Editors hand date-times to the schema as text, and JSON has no infinity.
fn as_editors_do(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(as_editors_do).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_editors_do(value))).collect(),
    }
}
