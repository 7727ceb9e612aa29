//! What we will do: a recipe whose every value has been checked once and cannot be wrong any more.

mod check;
mod environment;
mod moment;
mod scenario;
mod settings;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use self::check::Check;
use super::error::Errors;
use super::schema;

/// The lengths of candles that upstream's feeds know, each with its seconds.
pub const INTERVALS: &[(&str, i64)] = &[
    ("1s", 1),
    ("1m", 60),
    ("3m", 180),
    ("5m", 300),
    ("15m", 900),
    ("30m", 1_800),
    ("1h", 3_600),
    ("2h", 7_200),
    ("4h", 14_400),
    ("6h", 21_600),
    ("8h", 28_800),
    ("12h", 43_200),
    ("1d", 86_400),
    ("3d", 259_200),
    ("1w", 604_800),
];

/// The fee of one side of a trade where a scenario gives none: upstream's own default since 2.14.
///
/// Earlier upstreams default to 0.0006. A recipe's result must not move with its upstream for such a reason, so there
/// is one default, and a recipe for an earlier upstream says what it wants.
pub const TRADE_COST: f64 = 0.0002;

/// The files of a project, as far as recipes need them; paths are relative to the project's root.
pub trait Project {
    /// Returns whether there is a file at the path.
    fn exists(&self, path: &str) -> bool;

    /// Returns a file's text; `None` when it is not there or not UTF-8.
    fn read(&self, path: &str) -> Option<String>;
}

/// Resolves a recipe's text.
///
/// `file` is the recipe's path relative to the project's root, with `/` between parts.
///
/// # Errors
///
/// What the text breaks of the format: the first such thing. When it breaks nothing: everything that its values have
/// wrong, in the file's order.
pub fn resolve(file: &str, text: &str, project: &dyn Project) -> Result<Recipe, Errors> {
    let document = schema::parse(text).map_err(|error| Errors::new(file, text, vec![error]))?;
    let mut check = Check::new(text, project);
    let recipe = environment::recipe(&mut check, file, &document);
    if check.errors.is_empty() { Ok(recipe) } else { Err(Errors::new(file, text, check.errors)) }
}

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
    /// The patches that the series had once, in the file's order.
    pub dropped: Vec<Dropped>,
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
    /// Containers that the environment runs with by name, in the file's order.
    pub services: IndexMap<String, Service>,
    /// Named choices of services and scenarios, in the file's order.
    pub profiles: IndexMap<String, Profile>,
}

impl Recipe {
    /// Returns every file of the project that the recipe names, in the recipe's order, each once.
    ///
    /// The recipe's own file is not among them, nor is a local upstream's tree.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        let patches = self.patches.iter().flat_map(|patch| [Some(&patch.file), patch.probe.as_ref()]);
        let controllers = self.controllers.iter().map(|controller| Some(&controller.source));
        let candles = self.candles.values().map(|candles| match &candles.source {
            CandleSource::File(file) => Some(file),
            CandleSource::Synthetic(_) => None,
        });
        let configs = self.scenarios.values().map(|scenario| scenario.config.as_ref());
        let files: indexmap::IndexSet<&str> =
            patches.chain(controllers).chain(candles).chain(configs).flatten().map(String::as_str).collect();
        files.into_iter().collect()
    }
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

impl Upstream {
    /// Returns the version that a patch's `applies` is held against: a release's, or a tag's without its `v`.
    ///
    /// `None` for a local tree.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Pypi { version, .. } => Some(version),
            Self::Git { tag, .. } => Some(tag.strip_prefix('v').unwrap_or(tag)),
            Self::Path { .. } => None,
        }
    }
}

/// Which file of a release is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
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
    /// What upstream is built with; empty for upstream's own build requirements.
    pub build_requires: Vec<String>,
    /// Which of upstream's compiled modules are built.
    pub extensions: Extensions,
}

/// Which of upstream's compiled modules are built, where something has to be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Extensions {
    /// All of them.
    #[default]
    All,
    /// Those that a backtest imports.
    Backtesting,
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
    /// The earlier patches of the series that it builds on, by their files.
    pub after: Vec<String>,
    /// The lint rules that it may break, by name or code; each has its reason in the file.
    pub allow: Vec<String>,
}

/// A patch that the series had once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The patch's file, relative to the project's root; it need not be there any more.
    pub file: String,
    /// Why the patch existed.
    pub why: String,
    /// Why it went.
    pub reason: String,
    /// The upstream version at which it went.
    pub upstream: Option<String>,
    /// The SHA-256 of the patch's text, in lower-case hex.
    pub sha256: String,
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
    /// The folder of the base that holds `hummingbot/`, an absolute path without `.` and `..`; `None` for the usual places.
    pub root: Option<String>,
    /// The image that compiles; `None` for the base.
    pub builder: Option<String>,
}

/// Where a scenario's candles come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candles {
    /// The file or the generator that gives the rows.
    pub source: CandleSource,
    /// The trading pair, `BTC-USDT`.
    pub pair: String,
    /// The venue that the candles stand for.
    pub connector: String,
}

/// What gives the rows of candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CandleSource {
    /// The candle file (`.csv`, `.csv.gz`, `.parquet`), relative to the project's root.
    File(String),
    /// A generator.
    Synthetic(Synthetic),
}

/// Candles made up from a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synthetic {
    /// The seed.
    pub seed: u64,
    /// How many candles, 1 to 10000000.
    pub rows: u32,
    /// The first candle's open time, epoch seconds.
    pub start: i64,
    /// The length of a candle, in seconds.
    pub interval: i64,
    /// The first candle's open, as decimal text above zero.
    pub price: String,
    /// The step that all prices are multiples of, as decimal text above zero.
    pub tick: String,
    /// The base volume of an average candle, as decimal text.
    pub volume: String,
    /// How far the price moves in an average candle, in basis points, 0 to 1000.
    pub volatility_bps: u32,
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
    /// What trading costs in a causal replay; a parity replay looks at [`Scenario::trade_cost`] alone.
    pub costs: Costs,
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
    /// The YAML file that [`Scenario::controller`] was read from, relative to the project's root; `None` when the
    /// configuration stands in the recipe.
    pub config: Option<String>,
    /// Another scenario of the recipe that this one is compared with.
    pub against: Option<String>,
    /// What upstream's engine may take; the native engine is not limited.
    pub limits: Limits,
    /// How often the scenario is replayed, 1 to 100; every time has to give the same bytes.
    pub repeat: u32,
}

/// What a program inside an environment may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run, in seconds.
    pub timeout_s: u32,
    /// How much memory it may take, in MiB.
    pub memory_mb: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout_s: 900, memory_mb: 4_096 }
    }
}

/// What trading costs in a causal replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// The fee of an order that waits in the book, as a fraction, -0.01 to below 1; a rebate is negative.
    pub maker_fee: f64,
    /// The fee of an order that takes what is in the book, as a fraction, 0 to below 1.
    pub taker_fee: f64,
    /// How much worse than the market an order fills that takes what is in the book, in basis points, 0 to 1000.
    pub slippage_bps: f64,
}

/// Which engine replays a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// The bundled engine.
    #[default]
    Native,
    /// Hummingbot's own backtester, inside the environment.
    Upstream,
}

/// How a replay treats the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As upstream does, look-ahead included, to the bit.
    #[default]
    Parity,
    /// Without look-ahead.
    Causal,
}

impl Mode {
    /// Returns the word that recipes and results have for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Parity => "parity",
            Self::Causal => "causal",
        }
    }
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

/// A container that an environment runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The image to run.
    pub image: String,
    /// The image's digest, `sha256:…`.
    pub digest: Option<String>,
    /// Published ports, as Docker writes them.
    pub ports: Vec<String>,
    /// Environment variables, in the file's order.
    pub env: IndexMap<String, String>,
    /// The command, instead of the image's own; empty when the image's own is run.
    pub command: Vec<String>,
    /// How to see that the service is ready; `None` when running is enough.
    pub health: Option<Health>,
}

/// How to see that a service is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is tried until it works.
    pub check: HealthCheck,
    /// How long to wait, in seconds, 1 to 3600.
    pub timeout: u32,
}

/// What shows that a service is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthCheck {
    /// A port of the container accepts connections.
    Tcp(u16),
    /// A command succeeds inside the container.
    Command(Vec<String>),
}

/// A named choice of services and scenarios.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The names of services that run.
    pub services: Vec<String>,
    /// The names of scenarios that are run; `None` for all.
    pub scenarios: Option<Vec<String>>,
}
