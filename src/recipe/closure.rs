//! Which Python packages does an environment stand on, file by file?
//!
//! A closure is kept in the lock, one fact a package. Beside them stands the checksum of what was asked for ([`inputs`]):
//! as long as that is the same, the pins are taken over as they are, and nobody has to be asked again.

use std::fmt::Write as _;

use super::lock::Facts;
use super::lock::fact;
use super::lock::fact::Key;
use super::resolve::Extensions;
use super::resolve::Recipe;

/// The machine that the pins of a lock are for: `CPython` on Linux, x86-64, with the glibc of 2018 or a newer one.
pub const PLATFORM: &str = "linux x86_64 glibc 2.28";

/// The name under which the index knows Python's TA-Lib. Pandas-ta computes with it where it is installed, and without it
/// otherwise; the last bits differ.
pub const TA_LIB: &str = "ta-lib";

/// How closures are asked for. Goes up when the same inputs are to be resolved anew.
const GENERATION: u32 = 1;

/// One file of one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// The package's name, as the index knows it.
    pub name: String,
    /// The version.
    pub version: String,
    /// The file's SHA-256, in lower-case hex.
    pub sha256: String,
}

/// Where Hummingbot's own installed files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The published wheel with this SHA-256: the files to be patched are the same as in the sources.
    Wheel(String),
    /// The tree, which is compiled: no published wheel fits.
    Tree,
}

/// The packages that an environment stands on; Hummingbot itself is none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// What is installed beside Hummingbot, in the order of the names.
    pub run: Vec<Pin>,
    /// What Hummingbot is built with, in the order of the names; empty where its sources cannot be compiled.
    pub build: Vec<Pin>,
    /// Where Hummingbot's files come from.
    pub source: Source,
}

impl Closure {
    /// Returns the version of TA-Lib; `None` for a closure without it.
    #[must_use]
    pub fn ta_lib(&self) -> Option<&str> {
        self.run.iter().find(|pin| pin.name == TA_LIB).map(|pin| pin.version.as_str())
    }

    /// Returns the closure's facts; `checksum` is that of its [`inputs`].
    #[must_use]
    pub fn facts(&self, checksum: &str) -> Facts {
        let mut facts = Facts::new();
        facts.insert(fact::closure(), checksum.to_owned());
        let source = match &self.source {
            Source::Wheel(sha256) => format!("wheel {}", fact::sha256(sha256)),
            Source::Tree => "tree".to_owned(),
        };
        facts.insert(fact::closure_source(), source);
        facts.insert(fact::ta_lib(), self.ta_lib().unwrap_or("absent").to_owned());
        for (pins, phase) in [(&self.run, "run"), (&self.build, "build")] {
            for pin in pins {
                facts.insert(fact::package(phase, &pin.name), format!("{} {}", pin.version, fact::sha256(&pin.sha256)));
            }
        }
        facts
    }

    /// Reads a closure back from a recipe's facts; `None` where they are not all there, or were asked for otherwise.
    #[must_use]
    pub fn from_facts(facts: &Facts, checksum: &str) -> Option<Self> {
        if facts.get(&fact::closure())? != checksum {
            return None;
        }
        let source = match facts.get(&fact::closure_source())?.strip_prefix("wheel sha256:") {
            Some(sha256) => Source::Wheel(sha256.to_owned()),
            None => Source::Tree,
        };
        let pins = |phase: &str| -> Option<Vec<Pin>> {
            let of_phase = |(key, value): (&Key, &String)| match key.words() {
                [python, of, name] if python == "python" && of == phase => {
                    let (version, sha256) = value.split_once(" sha256:")?;
                    Some(Pin { name: name.clone(), version: version.to_owned(), sha256: sha256.to_owned() })
                }
                _ => None,
            };
            Some(facts.iter().filter_map(of_phase).collect())
        };
        let closure = Self { run: pins("run")?, build: pins("build")?, source };
        // A package that was lost in a merge is missed here, and a changed one by its checksum when it is installed.
        (closure.ta_lib().unwrap_or("absent") == facts.get(&fact::ta_lib())?).then_some(closure)
    }
}

/// Tells whether a fact belongs to the closure.
#[must_use]
pub fn is_of_closure(key: &Key) -> bool {
    key.words().first().is_some_and(|word| word == "python")
}

/// Returns everything that decides a closure, as text; `None` for a recipe without `[python]`.
#[must_use]
pub fn inputs(recipe: &Recipe) -> Option<String> {
    let python = recipe.python.as_ref()?;
    let mut text = format!("closure {GENERATION}\nplatform {PLATFORM}\n{}\n", fact::upstream(&recipe.upstream));
    let mut line = |name: &str, value: &str| writeln!(text, "{name} {value}").expect("writing to a text cannot fail");
    line("python", &python.version);
    line("cut-off", &python.cut_off.map_or_else(|| "none".to_owned(), |moment| moment.to_string()));
    let lists = [
        ("requires", &python.requires),
        ("override", &python.overrides),
        ("exclude", &python.exclude),
        ("build-requires", &python.build_requires),
    ];
    for (name, values) in lists {
        for value in values {
            line(name, value);
        }
    }
    Some(text)
}

/// Returns the modules that a backtest imports, of all releases: those which a release does not have are nobody's loss.
#[must_use]
pub fn modules(extensions: Extensions) -> Option<&'static [&'static str]> {
    match extensions {
        Extensions::All => None,
        Extensions::Backtesting => Some(&BACKTESTING),
    }
}

/// What the backtesting engine imports of what is compiled, directly or not; measured on the releases of 2025 and 2026.
const BACKTESTING: [&str; 24] = [
    "hummingbot.connector.connector_base",
    "hummingbot.connector.exchange_base",
    "hummingbot.connector.in_flight_order_base",
    "hummingbot.connector.trading_rule",
    "hummingbot.core.clock",
    "hummingbot.core.data_type.limit_order",
    "hummingbot.core.data_type.order_book",
    "hummingbot.core.data_type.order_book_query_result",
    "hummingbot.core.event.event_listener",
    "hummingbot.core.event.event_logger",
    "hummingbot.core.event.event_reporter",
    "hummingbot.core.network_iterator",
    "hummingbot.core.pubsub",
    "hummingbot.core.py_time_iterator",
    "hummingbot.core.time_iterator",
    "hummingbot.strategy.__utils__.ring_buffer",
    "hummingbot.strategy.__utils__.trailing_indicators.trading_intensity",
    "hummingbot.strategy.asset_price_delegate",
    "hummingbot.strategy.avellaneda_market_making.avellaneda_market_making",
    "hummingbot.strategy.cross_exchange_market_making.order_id_market_pair_tracker",
    "hummingbot.strategy.order_book_asset_price_delegate",
    "hummingbot.strategy.order_tracker",
    "hummingbot.strategy.strategy_base",
    "hummingbot.strategy.strategy_py_base",
];
