//! What we will do: a recipe whose every value has been checked once and cannot be wrong any more.

use indexmap::IndexMap;

/// A recipe, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The recipe's name, equal to its file's stem.
    pub name: String,
    /// What the recipe is for, in its author's words.
    pub description: Option<String>,
    /// The recipe's file, relative to the project's root, with `/` between parts.
    pub file: String,
    /// The release that the recipe builds on.
    pub upstream: Upstream,
    /// The Python closure, where the recipe names one.
    pub python: Option<Python>,
    /// The series, in the order in which it is applied.
    pub patches: Vec<Patch>,
    /// The controllers to register, in the file's order.
    pub controllers: Vec<Controller>,
    /// The image to build, where the recipe names one.
    pub image: Option<Image>,
    /// Candles by name, in the file's order.
    pub candles: IndexMap<String, Candles>,
    /// Scenarios by name, in the file's order.
    pub scenarios: IndexMap<String, Scenario>,
    /// How metrics are compared with their goldens.
    pub tolerance: Tolerance,
}

/// The Hummingbot release that a recipe builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upstream {
    /// A release on the package index.
    Pypi {
        /// The project's name on the index.
        package: String,
        /// The release, as the index names it.
        version: String,
        /// Which of the release's files is taken.
        artifact: Artifact,
        /// The SHA-256 that the recipe insists on, in lower-case hex.
        sha256: Option<String>,
    },
    /// A tag of a git repository.
    Git {
        /// The repository's address, `file://` included.
        url: String,
        /// The tag.
        tag: String,
    },
    /// A tree on this machine.
    Path {
        /// The tree's folder, relative to the project's root or absolute.
        path: String,
    },
}

/// Which file of a release is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Artifact {
    /// The source distribution: Cython sources with generated C++ beside them.
    #[default]
    Sdist,
    /// The wheel: site-packages as published, nothing to compile.
    Wheel,
}

/// The Python closure of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// The interpreter's version, `3.12`.
    pub version: String,
    /// Nothing published later is considered, epoch seconds.
    pub cut_off: Option<i64>,
    /// Requirements beside the upstream release.
    pub requires: Vec<String>,
    /// Pins that win over what packages ask for.
    pub overrides: Vec<String>,
    /// Packages that are left out.
    pub exclude: Vec<String>,
}

/// One patch of the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The patch's file, relative to the project's root.
    pub file: String,
    /// Why the patch exists.
    pub why: String,
    /// The only files of the tree that the patch may touch; empty when the recipe does not say.
    pub touches: Vec<String>,
    /// The upstream versions that need the patch, as a PEP 440 specifier.
    pub applies: Option<String>,
    /// The day from which the patch counts as overdue, as `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// The script that shows whether the patch is needed, relative to the project's root.
    pub probe: Option<String>,
}

/// A controller that the recipe registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    /// The module's name and the configuration's `controller_name`.
    pub name: String,
    /// The configuration's `controller_type`.
    pub controller_type: String,
    /// The Python file, relative to the project's root.
    pub source: String,
    /// The configuration class that the loader is to take.
    pub config_class: String,
    /// The controller class that the loader is to take.
    pub class: String,
}

/// The image that a recipe builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The image to build on.
    pub base: String,
    /// The base image's digest, `sha256:…`.
    pub digest: Option<String>,
    /// The name of what is built.
    pub tag: Option<String>,
}

/// Where a scenario's candles come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candles {
    /// The candle file (`.csv`, `.csv.gz`), relative to the project's root.
    pub file: String,
    /// The trading pair, `BTC-USDT`.
    pub pair: String,
    /// The venue that the candles stand for.
    pub connector: String,
}

/// One controller configuration on one set of candles over one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The scenario's name.
    pub name: String,
    /// Which engine replays it.
    pub engine: Engine,
    /// How faithful or how honest the replay is.
    pub mode: Mode,
    /// The name of the candles in [`Recipe::candles`].
    pub candles: String,
    /// The first candle's earliest open time, epoch seconds, inclusive.
    pub start: i64,
    /// The last candle's latest open time, epoch seconds, inclusive.
    pub end: i64,
    /// The length of a replayed candle, in seconds.
    pub resolution: i64,
    /// The fee of one side of a trade, as a fraction.
    pub trade_cost: f64,
    /// The controller's configuration as given, keys in the file's order.
    pub controller: serde_json::Map<String, serde_json::Value>,
    /// The replay profile that the scenario insists on, instead of the upstream version's own.
    pub replay_profile: Option<String>,
    /// The venue's rules, as decimal text.
    pub trading_rules: TradingRules,
    /// What the wall clock reads in a replay.
    pub wall_clock: WallClock,
    /// The generation of the indicator library, `talib-0.6` or `talib-0.8`.
    pub indicators: Option<String>,
}

/// Which engine replays a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The bundled engine.
    #[default]
    Native,
    /// Hummingbot's own backtester, inside the environment.
    Upstream,
}

/// How a replay treats the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// As upstream does, look-ahead included, to the bit.
    #[default]
    Parity,
    /// Without look-ahead.
    Causal,
}

/// The venue's rules, as decimal text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradingRules {
    /// The smallest price step.
    pub min_price_increment: String,
    /// The smallest amount step.
    pub min_base_amount_increment: String,
    /// The smallest order, in quote.
    pub min_notional_size: String,
    /// The smallest order, in base.
    pub min_order_size: String,
}

impl Default for TradingRules {
    fn default() -> Self {
        Self {
            min_price_increment: "0.01".to_owned(),
            min_base_amount_increment: "0.00001".to_owned(),
            min_notional_size: "5".to_owned(),
            min_order_size: "0.00001".to_owned(),
        }
    }
}

/// What the wall clock reads in a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WallClock {
    /// Later than every candle.
    #[default]
    After,
    /// A fixed moment, epoch seconds.
    At(i64),
}

/// How metrics are compared with their goldens.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tolerance {
    /// The rule of every metric that has none of its own.
    pub default: Rule,
    /// Rules by metric.
    pub metric: IndexMap<String, Rule>,
}

/// How far a metric may be from its golden: equal, or within any one of the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rule {
    /// The largest absolute difference.
    pub abs: f64,
    /// The largest difference relative to the larger of the two.
    pub rel: f64,
    /// The largest distance in units in the last place.
    pub ulps: u64,
}
