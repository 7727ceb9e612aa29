//! What is a result a function of? Everything, by name, so that the run can be made again from its golden.

use indexmap::IndexMap;
use serde_json::Value;
use serde_json::json;

use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Costs;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::TradingRules;
use crate::recipe::resolve::WallClock;
use crate::workflow::lock;
use crate::workflow::played::Played;
use crate::workflow::project::Loaded;
use crate::workflow::scenario;
use crate::workflow::upstream;

/// What precedes the name of a parameter of the controller.
pub const CONTROLLER: &str = "controller.";

/// What precedes the file of a patch, of a controller, and the name of a package: what upstream's engine runs on.
pub const PATCH: &str = "patch ";
/// See [`PATCH`].
pub const CONTROLLER_FILE: &str = "controller-file ";
/// See [`PATCH`].
pub const PACKAGE: &str = "package ";

/// Returns the inputs of a replayed scenario, in the order in which a golden has them.
#[must_use]
pub fn of(loaded: &Loaded, scenario: &Scenario, played: &Played) -> IndexMap<String, String> {
    let recipe = &loaded.recipe;
    let mut inputs = IndexMap::new();
    let mut put = |key: &str, value: Value| {
        let value = if key.starts_with(CONTROLLER) { typed(&value) } else { plain(&value) };
        inputs.insert(key.to_owned(), value);
    };
    put("upstream", json!(upstream::label(recipe)));
    put("mode", json!(scenario.mode.name()));
    match played {
        Played::Native(ran) => {
            put("engine", json!(lock::engine()));
            // One profile's name stands for releases that read configurations otherwise, so the version is what counts.
            match &ran.version {
                Some(version) => put("version", json!(version)),
                None => put("replay-profile", json!(ran.profile.name)),
            }
            put("profile", json!(ran.profile.name));
            let indicators = scenario::chosen_indicators(scenario).unwrap_or(ran.profile.indicators);
            put("indicators", json!(indicators.name()));
        }
        Played::Upstream(ran) => {
            put("engine", json!("upstream"));
            for (prefix, files) in [(PATCH, &ran.patches), (CONTROLLER_FILE, &ran.controllers)] {
                for (file, sha256) in files {
                    put(&format!("{prefix}{file}"), json!(format!("sha256:{sha256}")));
                }
            }
            for (package, version) in &ran.answer.versions {
                put(&format!("{PACKAGE}{package}"), json!(version));
            }
        }
    }
    let market = &recipe.candles[&scenario.candles];
    put("candles", json!(played.candles_checksum()));
    put(
        "candles-from",
        match &market.source {
            CandleSource::File(file) => json!(file),
            CandleSource::Synthetic(walk) => json!({ "synthetic": {
                "seed": walk.seed, "rows": walk.rows, "start": walk.start, "interval": walk.interval, "price": walk.price,
                "tick": walk.tick, "volume": walk.volume, "volatility-bps": walk.volatility_bps,
            }}),
        },
    );
    put("pair", json!(market.pair));
    put("connector", json!(market.connector));
    put("start", json!(scenario.start));
    put("end", json!(scenario.end));
    put("resolution", json!(scenario.resolution));
    put("trade-cost", json!(scenario.trade_cost));
    if scenario.mode == Mode::Causal {
        let Costs { maker_fee, taker_fee, slippage_bps } = scenario.costs;
        let costs = [("maker-fee", maker_fee), ("taker-fee", taker_fee), ("slippage-bps", slippage_bps)];
        for (key, value) in costs {
            put(key, json!(value));
        }
    }
    let TradingRules { min_price_increment, min_base_amount_increment, min_notional_size, min_order_size } =
        &scenario.trading_rules;
    let rules = [
        ("min_price_increment", min_price_increment),
        ("min_base_amount_increment", min_base_amount_increment),
        ("min_notional_size", min_notional_size),
        ("min_order_size", min_order_size),
    ];
    for (key, value) in rules {
        put(&format!("trading-rules.{key}"), json!(value));
    }
    put(
        "wall-clock",
        match scenario.wall_clock {
            WallClock::After => json!("after"),
            WallClock::At(time) => json!(time),
        },
    );
    for (key, value) in &scenario.controller {
        put(&format!("{CONTROLLER}{key}"), json!(value));
    }
    inputs
}

/// Returns a text as it is, all else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Returns the value of a parameter, which may be of any kind: a text that would read as another one, `"3"`, keeps its quotes.
fn typed(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_ok() => value.to_string(),
        value => plain(value),
    }
}

/// Reads the value of a parameter as a golden has it.
#[must_use]
pub fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
