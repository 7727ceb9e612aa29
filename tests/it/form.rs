//! Do forms say what controllers accept, with the defaults that the controllers have?

use std::collections::BTreeSet;

use hive::controller::Mode;
use hive::controller::Setting;
use hive::controller::config::Error;
use hive::controller::form::Field;
use hive::controller::form::Form;
use hive::controller::form::Kind;
use hive::controller::form::forms;
use hive::controller::registry;
use hive::engine::profile;
use hive::engine::replay::Setup;
use hive::engine::replay::replay;
use hive::market::TradingRules;
use hive::market::synthetic::Walk;
use serde_json::Map;
use serde_json::Value;

/// Controllers that Hummingbot's newest release cannot backtest.
const FAIL_UPSTREAM: [&str; 2] = ["bollingrid", "supertrend_v1"];

fn config(form: &Form, is_chosen: impl Fn(&Field) -> bool) -> Map<String, Value> {
    let mut config = Map::new();
    config.insert("controller_name".to_owned(), form.name.into());
    config.insert("controller_type".to_owned(), form.controller_type.into());
    config.insert("id".to_owned(), "form".into());
    for field in form.fields.iter().filter(|field| is_chosen(field)) {
        config.insert(field.key.to_owned(), serde_json::from_str(field.default).expect("defaults are JSON"));
    }
    config
}

/// What controllers are told that hive replays as their authors meant them, also where Hummingbot's backtester fails.
fn causal() -> Setting {
    Setting { mode: Mode::Causal, ..setting() }
}

fn setting() -> Setting {
    profile::of_version("20260922").expect("it is proven").setting(None)
}

#[test]
fn every_controller_has_a_form_and_begins_right() {
    let mut names: Vec<&str> = Vec::new();
    for form in forms() {
        names.push(form.name);
        if let Err(error) = registry::build(&config(&form, |_| true), &causal()) {
            panic!("{}: {error}", form.name);
        }
    }
    let mut unknown = Map::new();
    unknown.insert("controller_name".to_owned(), "nobody".into());
    let Err(Error::UnknownController { known, .. }) = registry::build(&unknown, &setting()) else {
        panic!("nobody is known")
    };
    assert_eq!(names, known);
}

#[test]
fn a_form_has_every_key_that_its_controller_takes() {
    let every: BTreeSet<&str> = forms().iter().flat_map(|form| form.fields.iter().map(|field| field.key)).collect();
    assert!(every.len() > 80, "{}", every.len());
    for form in forms() {
        for key in &every {
            let is_shown = form.fields.iter().any(|field| field.key == *key);
            let mut config = config(&form, |_| true);
            if !is_shown {
                config.insert((*key).to_owned(), Value::Null);
            }
            let refused = registry::build(&config, &causal()).err();
            let is_taken = !matches!(&refused, Some(Error::UnknownKey { key: found, .. } | Error::OtherRelease { key: found, .. }) if found == key);
            assert_eq!(is_taken, is_shown, "{} {key}: {refused:?}", form.name);
        }
    }
}

/// Fields whose default is an example, because upstream's is of another market or none at all.
const EXAMPLES: [&str; 9] = [
    "trading_pair",
    "connector_name",
    "total_amount_quote",
    "start_price",
    "end_price",
    "limit_price",
    "grids",
    "triple_barrier_config",
    "side",
];

#[test]
fn defaults_are_what_is_taken_when_a_key_is_left_out() {
    let walk = Walk {
        seed: 11,
        rows: 1440,
        start: 1_767_225_600,
        interval: 60,
        price: 93_000.0,
        tick: 0.1,
        volume: 2.0,
        volatility_bps: 9.0,
    };
    let candles = walk.candles();
    let played = |form: &Form, config: &Map<String, Value>| {
        let profile = profile::of_version("20260922").expect("it is proven");
        let mut controller =
            registry::build(config, &setting()).unwrap_or_else(|error| panic!("{}: {error}", form.name));
        let setup = Setup {
            candles: &candles,
            start: walk.start,
            end: i64::MAX,
            resolution: 60,
            trade_cost: 0.0002,
            profile,
            rules: TradingRules::default(),
        };
        replay(&setup, controller.as_mut()).unwrap_or_else(|error| panic!("{}: {error}", form.name))
    };
    let mut traded = 0;
    for form in forms().iter().filter(|form| !FAIL_UPSTREAM.contains(&form.name)) {
        let all = played(form, &config(form, |_| true));
        let needed = played(form, &config(form, |field| field.is_required || EXAMPLES.contains(&field.key)));
        assert!(all == needed, "{}: a default is not what is taken without it", form.name);
        traded += usize::from(!all.executors.is_empty());
    }
    assert!(traded >= 9, "{traded} controllers have traded");
}

#[test]
fn fields_are_told_in_whole() {
    for form in forms() {
        assert!(form.doc.ends_with('.'), "{}", form.name);
        for field in &form.fields {
            let place = format!("{} {}", form.name, field.key);
            let default: Value = serde_json::from_str(field.default).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(field.doc.ends_with('.') && field.doc.len() > 10, "{place}");
            assert_eq!(field.kind == Kind::Choice, !field.choices.is_empty(), "{place}");
            match field.kind {
                Kind::Choice => assert!(default.as_str().is_some_and(|it| field.choices.contains(&it)), "{place}"),
                Kind::Flag => assert!(default.is_boolean(), "{place}"),
                Kind::Integer => assert!(default.is_i64(), "{place}"),
                Kind::Text => assert!(default.is_string(), "{place}"),
                Kind::Decimal | Kind::DecimalList => {
                    assert!(default.is_string() || default.is_number() || default.is_null(), "{place}");
                }
                Kind::Object => assert!(default.is_object() || default.is_array(), "{place}"),
            }
        }
    }
}
