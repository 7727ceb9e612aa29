//! What a recipe's file says, schema 1, before anything is checked.
//!
//! Every value knows where it stands, so that what is wrong with it can be drawn. The same types emit the JSON Schema
//! of `hive schema`: their documentation is the documentation of the format.

mod parse;
mod value;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;

pub use self::parse::Document;
pub(super) use self::parse::hint;
pub(super) use self::parse::known;
pub use self::parse::nearest;
pub use self::parse::parse;
pub use self::value::Amount;
pub use self::value::Day;
pub use self::value::Moment;
pub use self::value::Rule;
pub use self::value::WallClock;
use super::located::Located;
use super::located::Named;
use super::resolve::Artifact;
use super::resolve::Engine;
use super::resolve::Extensions;
use super::resolve::Mode;

/// The schema versions that this build reads.
pub const VERSIONS: &[i64] = &[1];

/// A recipe: an upstream release, what is done to it, and what is run on the result.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Recipe {
    /// The version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub schema: Located<i64>,
    /// What the recipe is.
    pub recipe: Header,
    /// The Hummingbot release to build on: exactly one of `pypi`, `git` and `path`.
    pub upstream: Located<Upstream>,
    /// The Python closure of the environment.
    pub python: Option<Located<Python>>,
    /// The series: patches in the order in which they are applied.
    #[serde(default)]
    pub patch: Vec<Located<Patch>>,
    /// Patches that the series had once, and why they went.
    #[serde(default)]
    pub dropped: Vec<Located<Dropped>>,
    /// Controllers to make loadable by Hummingbot's own loader.
    #[serde(default)]
    pub controller: Vec<Located<Controller>>,
    /// The image to build.
    pub image: Option<Located<Image>>,
    /// Candles by name.
    #[serde(default)]
    pub candles: Named<Candles>,
    /// Scenarios by name: what is run, and compared with its golden.
    #[serde(default)]
    pub scenario: Named<Scenario>,
    /// How far metrics may be from their goldens. Events are always compared exactly.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// Containers that an environment runs with, by name.
    #[serde(default)]
    pub service: Named<Service>,
    /// Named choices of services and scenarios.
    #[serde(default)]
    pub profile: Named<Profile>,
}

/// What the recipe is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Header {
    /// The recipe's name: the stem of its file.
    pub name: Located<String>,
    /// What the recipe is for.
    pub description: Option<String>,
}

/// The Hummingbot release to build on: exactly one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Upstream {
    /// A release on the Python package index.
    pub pypi: Option<Located<Pypi>>,
    /// A tag of a git repository.
    pub git: Option<Located<Git>>,
    /// A tree on this machine.
    pub path: Option<Located<Tree>>,
}

/// A release on the Python package index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Pypi {
    /// The project's name on the index.
    pub package: Located<String>,
    /// The release, as the index names it.
    pub version: Located<String>,
    /// Which of the release's files is taken; `sdist` when not given.
    pub artifact: Option<Artifact>,
    /// The file's SHA-256 that the recipe insists on, 64 hex digits.
    #[schemars(with = "Option<value::Sha256>")]
    pub sha256: Option<Located<String>>,
}

/// A tag of a git repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Git {
    /// The repository's address.
    pub url: Located<String>,
    /// The tag.
    pub tag: Located<String>,
}

/// A tree on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Tree {
    /// The tree's folder, absolute or relative to the project's root; it may lie outside of it.
    pub path: Located<String>,
}

/// The Python closure of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Python {
    /// The interpreter's version, `3.12`.
    pub version: Located<String>,
    /// Packages published later are not considered: an absolute moment, or old releases stop installing.
    pub cut_off: Option<Located<Moment>>,
    /// Requirements beside the upstream release.
    #[serde(default)]
    pub requires: Vec<Located<String>>,
    /// Pins that win over what packages ask for.
    #[serde(default, rename = "override")]
    pub overrides: Vec<Located<String>>,
    /// Packages that are left out.
    #[serde(default)]
    pub exclude: Vec<Located<String>>,
    /// What upstream is built with where something has to be compiled; upstream's own build requirements when not given.
    #[serde(default)]
    pub build_requires: Vec<Located<String>>,
    /// Which of upstream's compiled modules are built where something has to be compiled; `all` when not given.
    pub extensions: Option<Extensions>,
}

/// One patch of the series.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Patch {
    /// The patch's file, relative to the project's root.
    pub file: Located<String>,
    /// Why the patch exists.
    pub why: Located<String>,
    /// The only files of the tree that the patch may touch.
    #[serde(default)]
    pub touches: Vec<Located<String>>,
    /// The upstream versions that need the patch, as a PEP 440 specifier.
    pub applies: Option<Located<String>>,
    /// The day from which the patch counts as overdue; lint warns 30 days before.
    pub expires: Option<Located<Day>>,
    /// A script that fails on the pristine release and passes on the patched one, relative to the project's root.
    pub probe: Option<Located<String>>,
    /// Earlier patches of the series that this one builds on.
    #[serde(default)]
    pub after: Vec<Located<String>>,
    /// Lint rules that the patch may break, each with its reason.
    #[serde(default)]
    pub allow: Vec<Located<Allow>>,
}

/// A lint rule that a patch may break.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Allow {
    /// The rule, by its name or its code.
    pub rule: Located<String>,
    /// Why the patch may break it.
    pub reason: Located<String>,
}

/// A patch that the series had once; `hive patch drop` writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Dropped {
    /// The patch's file, relative to the project's root; it need not be there any more.
    pub file: Located<String>,
    /// Why the patch existed.
    pub why: Located<String>,
    /// Why it went.
    pub reason: Located<String>,
    /// The upstream version at which it went.
    pub upstream: Option<Located<String>>,
    /// The SHA-256 of the patch's text, 64 hex digits: version control still finds it by that.
    #[schemars(with = "value::Sha256")]
    pub sha256: Located<String>,
}

/// A controller to make loadable by Hummingbot's own loader.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Controller {
    /// The stem of the source file, and the configuration's `controller_name`.
    pub name: Located<String>,
    /// The configuration's `controller_type`.
    #[serde(rename = "type")]
    pub controller_type: Located<String>,
    /// The Python file, relative to the project's root.
    pub source: Located<String>,
    /// The configuration class that the loader has to take.
    pub config_class: Located<String>,
    /// The controller class that the loader has to take.
    pub class: Located<String>,
}

/// The image to build.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Image {
    /// The image to build on.
    pub base: Located<String>,
    /// The base image's digest, `sha256:` and 64 hex digits; required under `--locked`.
    #[schemars(with = "Option<value::Digest>")]
    pub digest: Option<Located<String>>,
    /// The name of what is built.
    pub tag: Option<Located<String>>,
    /// The folder of the base that holds `hummingbot/`, an absolute path; looked for in the usual places when not given.
    pub root: Option<Located<String>>,
    /// The image that compiles where something has to be compiled; the base when not given.
    pub builder: Option<Located<String>>,
}

/// Candles: a file, or a generator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(extend("oneOf" = [{"required": ["file"]}, {"required": ["synthetic"]}]))]
pub struct Candles {
    /// The candle file, relative to the project's root.
    pub file: Option<Located<String>>,
    /// Candles made up from a seed instead of a file.
    pub synthetic: Option<Located<Synthetic>>,
    /// The trading pair, `BTC-USDT`.
    pub pair: Located<String>,
    /// The venue that the candles stand for.
    pub connector: Located<String>,
}

/// Candles made up from a seed: the same keys give the same candles, everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Synthetic {
    /// The seed, 0 or more.
    #[schemars(range(min = 0))]
    pub seed: Located<i64>,
    /// How many candles, 1 to 10000000.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub rows: Located<i64>,
    /// The first candle's open time.
    pub start: Located<Moment>,
    /// The length of a candle; `1m` when not given.
    #[schemars(with = "Option<value::Interval>")]
    pub interval: Option<Located<String>>,
    /// The first candle's open; `100` when not given.
    pub price: Option<Located<Amount>>,
    /// The step that all prices are multiples of; `0.01` when not given.
    pub tick: Option<Located<Amount>>,
    /// The base volume of an average candle; `10` when not given.
    pub volume: Option<Located<Amount>>,
    /// How far the price moves in an average candle, in basis points, 0 to 1000; 5 when not given.
    #[schemars(range(min = 0, max = 1000))]
    pub volatility_bps: Option<Located<i64>>,
}

/// One controller configuration on one set of candles over one window.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(extend("oneOf" = [{"required": ["controller"]}, {"required": ["config"]}]))]
pub struct Scenario {
    /// Which engine replays it; `native` when not given.
    pub engine: Option<Engine>,
    /// How the replay treats the future; `parity` when not given.
    pub mode: Option<Mode>,
    /// The name of the candles.
    pub candles: Located<String>,
    /// The first candle's earliest open time, inclusive.
    pub start: Located<Moment>,
    /// The last candle's latest open time, inclusive.
    pub end: Located<Moment>,
    /// The length of a replayed candle; `1m` when not given.
    #[schemars(with = "Option<value::Interval>")]
    pub resolution: Option<Located<String>>,
    /// The fee of one side of a trade, as a fraction, 0 to below 1; 0.0002 when not given.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1))]
    pub trade_cost: Option<Located<f64>>,
    /// The fee of an order that waits, as a fraction, -0.01 (a rebate) to below 1; `trade-cost` when not given; causal only.
    #[schemars(range(min = -0.01), extend("exclusiveMaximum" = 1))]
    pub maker_fee: Option<Located<f64>>,
    /// The fee of an order that takes, as a fraction, 0 to below 1; `trade-cost` when not given; causal only.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1))]
    pub taker_fee: Option<Located<f64>>,
    /// How much worse than the market an order that takes fills, in basis points, 0 to 1000; 0 when not given; causal only.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub slippage_bps: Option<Located<f64>>,
    /// The controller's configuration.
    #[schemars(with = "Option<value::Settings>")]
    pub controller: Option<Located<toml::Table>>,
    /// A YAML file with the controller's configuration, relative to the project's root.
    pub config: Option<Located<String>>,
    /// The generation of the indicator library, `talib-0.6` or `talib-0.8`; it moves the last bits.
    pub indicators: Option<Located<String>>,
    /// The venue's rules, any subset of them.
    #[serde(default)]
    pub trading_rules: TradingRules,
    /// What the wall clock reads in a replay: `after` all candles (when not given), or a fixed moment.
    pub wall_clock: Option<Located<WallClock>>,
    /// The replay profile to use instead of the upstream version's own, `2.16`.
    pub replay_profile: Option<Located<String>>,
    /// Another scenario of the recipe that this one is compared with, beside its own golden.
    pub against: Option<Located<String>>,
    /// How long upstream's engine may take, in seconds, 1 to 86400; 900 when not given; upstream engine only.
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout: Option<Located<i64>>,
    /// How much memory upstream's engine may take, in MiB, 256 to 1048576; 4096 when not given; upstream engine only.
    #[schemars(range(min = 256, max = 1_048_576))]
    pub memory_mb: Option<Located<i64>>,
    /// How often the scenario is replayed, 1 to 100; every time has to give the same bytes. Once when not given.
    #[schemars(range(min = 1, max = 100))]
    pub repeat: Option<Located<i64>>,
}

/// The venue's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct TradingRules {
    /// The smallest price step; `0.01` when not given.
    pub min_price_increment: Option<Located<Amount>>,
    /// The smallest amount step; `0.00001` when not given.
    pub min_base_amount_increment: Option<Located<Amount>>,
    /// The smallest order in quote; `5` when not given.
    pub min_notional_size: Option<Located<Amount>>,
    /// The smallest order in base; `0.00001` when not given.
    pub min_order_size: Option<Located<Amount>>,
}

/// How far metrics may be from their goldens.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Tolerance {
    /// The rule of every metric that has none of its own; `exact` when not given.
    pub default: Option<Located<Rule>>,
    /// Rules by metric.
    #[serde(default)]
    pub metric: Named<Located<Rule>>,
}

/// The bounds of a metric: within any one of them is near enough.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Bounds {
    /// The largest absolute difference.
    #[schemars(range(min = 0.0))]
    pub abs: Option<Located<f64>>,
    /// The largest difference relative to the larger of the two.
    #[schemars(range(min = 0.0))]
    pub rel: Option<Located<f64>>,
    /// The largest distance in units in the last place.
    #[schemars(range(min = 0))]
    pub ulps: Option<Located<i64>>,
}

/// A container that an environment runs with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Service {
    /// The image to run.
    pub image: Located<String>,
    /// The image's digest, `sha256:` and 64 hex digits.
    #[schemars(with = "Option<value::Digest>")]
    pub digest: Option<Located<String>>,
    /// Published ports, `127.0.0.1:6379:6379`, `6379:6379` or `6379`.
    #[serde(default)]
    pub ports: Vec<Located<String>>,
    /// Environment variables.
    #[serde(default)]
    pub env: Named<String>,
    /// The command, instead of the image's own.
    #[serde(default)]
    pub command: Vec<String>,
    /// How to see that the service is ready.
    pub health: Option<Located<Health>>,
}

/// How to see that a service is ready.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[schemars(extend("oneOf" = [{"required": ["tcp"]}, {"required": ["command"]}]))]
pub struct Health {
    /// A port of the container that accepts connections, 1 to 65535.
    #[schemars(range(min = 1, max = 65535))]
    pub tcp: Option<Located<i64>>,
    /// A command that succeeds inside the container.
    pub command: Option<Vec<String>>,
    /// How long to wait, in seconds, 1 to 3600; 30 when not given.
    #[schemars(range(min = 1, max = 3600))]
    pub timeout: Option<Located<i64>>,
}

/// A named choice of services and scenarios.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct Profile {
    /// Services that run, by name.
    #[serde(default)]
    pub services: Vec<Located<String>>,
    /// Scenarios that are run, by name; all when not given.
    pub scenarios: Option<Vec<Located<String>>>,
}

/// Returns the JSON Schema (draft-07) of recipes.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Recipe>();
    schema.insert("title".to_owned(), "hive recipe, schema 1".into());
    let mut schema = schema.to_value();
    without_null(&mut schema);
    schema
}

/// TOML has no null: a key that may be left out is not a key that may be null. It has no formats of integers either.
fn without_null(schema: &mut serde_json::Value) {
    let is_null = |value: &serde_json::Value| *value == "null" || value["type"] == "null" || value.is_null();
    if let Some(object) = schema.as_object_mut() {
        for key in ["type", "enum", "anyOf"] {
            let Some(kinds) = object.get_mut(key).and_then(|kinds| kinds.as_array_mut()) else {
                continue;
            };
            kinds.retain(|kind| !is_null(kind));
            if let ("type", [only]) = (key, kinds.as_slice()) {
                let only = only.clone();
                object.insert(key.to_owned(), only);
            } else if let ("anyOf", [_]) = (key, kinds.as_slice()) {
                // A draft-07 reader ignores what stands beside a `$ref`, so the list of one stays a list.
                let only = object.shift_remove(key).unwrap_or_default();
                object.insert("allOf".to_owned(), only);
            }
        }
        if object.get("format").is_some_and(|format| *format == "int64" || *format == "double") {
            object.shift_remove("format");
        }
    }
    match schema {
        serde_json::Value::Object(object) => object.values_mut().for_each(without_null),
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
