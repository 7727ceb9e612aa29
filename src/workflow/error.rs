//! Every way in which a use case can fail, joined from the floors below.

use std::path::PathBuf;

use miette::Diagnostic;
use miette::NamedSource;
use miette::SourceSpan;
use thiserror::Error;

use crate::controller;
use crate::engine::profile;
use crate::engine::replay;
use crate::golden;
use crate::io::archive;
use crate::io::docker;
use crate::io::edit;
use crate::io::fetch;
use crate::io::files;
use crate::io::git;
use crate::io::git::mirror;
use crate::io::klines;
use crate::io::materialise;
use crate::io::parquet;
use crate::io::process;
use crate::io::python;
use crate::io::running;
use crate::io::sandbox;
use crate::io::transaction;
use crate::io::tree;
use crate::io::uv;
use crate::io::uv::pylock;
use crate::io::watch;
use crate::market::candles;
use crate::patch;
use crate::recipe;
use crate::recipe::resolve;
use crate::recipe::schema;
use crate::workflow::exit::Exit;
use crate::workflow::golden::blame;
use crate::workflow::install;
#[cfg(feature = "serve")]
use crate::workflow::jobs;
use crate::workflow::notify;
use crate::workflow::product;
use crate::workflow::releases;
use crate::workflow::upstream_engine;

/// Why a use case failed.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// There is no interpreter to make an environment with.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Python(#[from] python::Error),

    /// uv gave no answer.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Uv(#[from] Box<uv::Error>),

    /// Jobs cannot be kept.
    #[cfg(feature = "serve")]
    #[error(transparent)]
    #[diagnostic(transparent)]
    Jobs(#[from] jobs::Error),

    /// Nobody can be told of a golden that turned.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Notify(#[from] notify::Error),

    /// A resolution cannot be pinned.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pylock(#[from] pylock::Error),

    /// A program could not be started or watched.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] process::Error),

    /// An archive could not be unpacked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Archive(#[from] archive::Error),

    /// An environment could not be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Install(#[from] Box<install::Error>),

    /// What is installed is not what the recipe says.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Product(#[from] Box<product::Error>),

    /// The recipe does not say on which packages its environment stands.
    #[error("recipe `{recipe}` has no `[python]`, so nothing says what its environment is made of")]
    #[diagnostic(
        code("HV0368"),
        help("add `[python]` with `version = \"3.12\"` and a `cut-off`, a moment soon after the upstream release")
    )]
    NoPython {
        /// The recipe.
        recipe: String,
    },

    /// The lock has to have the closure and has not.
    #[error("`hive.lock` has no Python closure for recipe `{recipe}` as it is now")]
    #[diagnostic(code("HV0367"), help("run `hive lock {recipe}`, which resolves and pins it"))]
    ClosureNotLocked {
        /// The recipe.
        recipe: String,
    },

    /// A recipe is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Recipe(#[from] Box<recipe::error::Errors>),

    /// No recipe of that name or path is there.
    #[error("there is no recipe `{selector}`")]
    #[diagnostic(code("HV0160"), help("{}", nearest_recipe(nearest.as_deref(), known)))]
    UnknownRecipe {
        /// What was asked for.
        selector: String,
        /// The recipe that is spelled most like it.
        nearest: Option<String>,
        /// The recipes that are there.
        known: Vec<String>,
    },

    /// No scenario of a recipe is named.
    #[error("which scenario of recipe `{recipe}` is meant?")]
    #[diagnostic(code("HV0169"), help("write `{recipe}/SCENARIO`; {}", nearest_scenario(None, known)))]
    WhichScenario {
        /// The recipe.
        recipe: String,
        /// Its scenarios.
        known: Vec<String>,
    },

    /// No result of a scenario waits for a decision.
    #[error("no result of scenario `{scenario}` waits for a decision")]
    #[diagnostic(
        code("HV0523"),
        help("`hive why {recipe}/{scenario}` replays it; `hive test` keeps a result that is not what its golden says")
    )]
    NothingWaits {
        /// The recipe.
        recipe: String,
        /// The scenario.
        scenario: String,
    },

    /// The history of a golden cannot be told.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Blame(#[from] Box<blame::Error>),

    /// The recipe has no scenario of that name.
    #[error("recipe `{recipe}` has no scenario `{scenario}`")]
    #[diagnostic(code("HV0161"), help("{}", nearest_scenario(nearest.as_deref(), known)))]
    UnknownScenario {
        /// The recipe.
        recipe: String,
        /// What was asked for.
        scenario: String,
        /// The scenario that is spelled most like it.
        nearest: Option<String>,
        /// The scenarios that are there.
        known: Vec<String>,
    },

    /// There are no recipes.
    #[error("there are no recipes in `{}`", folder.display())]
    #[diagnostic(code("HV0162"), help("a recipe is a file `recipes/NAME.toml`; `hive schema` describes it"))]
    NoRecipes {
        /// Where they were looked for.
        folder: PathBuf,
    },

    /// Patches are named, and no tree.
    #[error("no tree is named for {}", quoted(named))]
    #[diagnostic(code("HV0163"), help("name one recipe, or the tree with `--root DIR` and the patches behind it"))]
    NoRoot {
        /// What was named.
        named: Vec<String>,
    },

    /// A recipe is needed, and not exactly one has patches.
    #[error("{} recipes have patches, and none is named", known.len())]
    #[diagnostic(code("HV0168"), help("name the recipe: {}", quoted(known)))]
    WhichRecipe {
        /// The recipes that have patches.
        known: Vec<String>,
    },

    /// A patch cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Patch(#[from] Box<patch::Error>),

    /// A line of quilt's `series` asks for something else than a strip level.
    #[error("`{}` asks for `{option}` at line {line}", path.display())]
    #[diagnostic(
        code("HV0164"),
        help("only `-pN` may stand behind a patch's name; write everything else into the patch")
    )]
    SeriesOption {
        /// The series file.
        path: PathBuf,
        /// The line, from one.
        line: usize,
        /// What it asks for.
        option: String,
    },

    /// A verb that writes patches or recipes is refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] crate::workflow::patch::Refusal),

    /// Files cannot be watched.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Watch(#[from] watch::Error),

    /// The command of the edit loop cannot be started.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Running(#[from] running::Error),

    /// A tree could not be changed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Edit(#[from] edit::Error),

    /// Several files could not be changed as one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Transaction(#[from] transaction::Error),

    /// A file could not be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),

    /// An upstream release is not to be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fetch(#[from] Box<fetch::Error>),

    /// A git tag is not to be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Git(#[from] git::Error),

    /// A repository cannot be looked into.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mirror(#[from] mirror::Error),

    /// There is no way from the recipe's release to another one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Releases(#[from] releases::Error),

    /// A tree is not as it should be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tree(#[from] tree::Error),

    /// A tree could not be written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Materialise(#[from] materialise::Error),

    /// The lock is stale or broken.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lock(#[from] recipe::lock::Error),

    /// There is no lock.
    #[error("there is no `hive.lock`")]
    #[diagnostic(code("HV0306"), help("run `hive lock`"))]
    NoLock,

    /// The series or a registration is broken, and the verb needs it whole.
    #[error("recipe `{recipe}` cannot be built: {count} of its patches and registrations fail")]
    #[diagnostic(code("HV0230"), help("run `hive test {recipe}` to see each of them"))]
    NotBuildable {
        /// The recipe.
        recipe: String,
        /// How many fail.
        count: usize,
    },

    /// An image is not built, not there, or not what it should be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(#[from] Box<crate::workflow::image::Error>),

    /// A scenario's candles are wrong.
    #[error("candles `{file}` cannot be replayed")]
    #[diagnostic(code("HV0402"), help("{}", candle_mend(source)))]
    Candles {
        /// The candle file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: candles::Error,
    },

    /// A candle file is neither CSV nor gzipped CSV nor Parquet.
    #[error("candles `{file}` are neither CSV nor gzipped CSV nor Parquet")]
    #[diagnostic(code("HV0403"), help("export them as `.csv`, `.csv.gz` or `.parquet`"))]
    CandleFormat {
        /// The candle file.
        file: String,
    },

    /// The rows of a Parquet file are no candles.
    #[error("candles `{file}` cannot be read")]
    #[diagnostic(
        code("HV0863"),
        help("columns are `timestamp`, `open`, `high`, `low`, `close`, `volume`, oldest row first")
    )]
    Parquet {
        /// The candle file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: parquet::Error,
    },

    /// A file among the candles that are found by name has a name that is none, or is not its own.
    #[error("candles `{file}` have a name that is none: {problem}")]
    #[diagnostic(code("HV0864"), help("call it `CONNECTOR__PAIR__INTERVAL.csv`, such as `binance__BTC-USDT__1m.csv`"))]
    CandleName {
        /// The candle file.
        file: String,
        /// What is wrong with its name.
        problem: String,
    },

    /// Candles cannot be downloaded.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Klines(#[from] Box<klines::Error>),

    /// A scenario's configuration is wrong.
    #[error("scenario `{scenario}` has a configuration that its controller refuses")]
    #[diagnostic(code("HV0701"))]
    Controller {
        /// The scenario.
        scenario: String,
        /// What is wrong.
        #[source]
        source: controller::config::Error,
        /// What to do about it.
        #[help]
        help: Option<String>,
        /// The recipe.
        #[source_code]
        text: NamedSource<String>,
        /// Where the value stands.
        #[label("here")]
        at: Option<SourceSpan>,
    },

    /// No replay profile holds for the upstream version.
    #[error("scenario `{scenario}` cannot be replayed")]
    #[diagnostic(code("HV0404"))]
    Profile {
        /// The scenario.
        scenario: String,
        /// Why.
        #[source]
        source: profile::Error,
        /// What to do about it.
        #[help]
        help: String,
    },

    /// A local tree does not say which release it is.
    #[error("the tree `{path}` does not say which release it is")]
    #[diagnostic(
        code("HV0407"),
        help("put the release's tree there, or write `replay-profile = \"{}\"` in the scenario", newest_profile())
    )]
    NoVersion {
        /// The tree, as the recipe names it.
        path: String,
        /// Why its `hummingbot/VERSION` cannot be read.
        #[source]
        source: files::Error,
    },

    /// The replay could not go on.
    #[error("scenario `{scenario}` stopped")]
    #[diagnostic(code("HV0405"), help("{mend}"))]
    Replay {
        /// The scenario.
        scenario: String,
        /// What to do about it.
        mend: &'static str,
        /// Why.
        #[source]
        source: replay::Error,
    },

    /// Only the native engine can do what is asked for.
    #[error("scenario `{scenario}` is replayed by upstream's engine, which cannot be told not to look ahead")]
    #[diagnostic(
        code("HV0406"),
        help("audit a scenario of the native engine: write one like it without `engine = \"upstream\"`")
    )]
    NotNative {
        /// The scenario.
        scenario: String,
    },

    /// Upstream's engine gave no result.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UpstreamEngine(#[from] upstream_engine::error::Error),

    /// A program of ours could not run in an environment.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Sandbox(#[from] sandbox::Error),

    /// Two replays of the same inputs differ.
    #[error("scenario `{scenario}` gave another result when it was replayed again")]
    #[diagnostic(code("HV0401"), help("this is a bug of hive; please report it with the recipe"))]
    NotDeterministic {
        /// The scenario.
        scenario: String,
    },

    /// A golden file cannot be read.
    #[error("golden `{file}` cannot be read")]
    #[diagnostic(
        code("HV0501"),
        help("restore it from version control, or accept the result anew with `hive golden accept`")
    )]
    Golden {
        /// The golden's file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: golden::format::Error,
    },

    /// Two sides cannot be compared, or one of them is not to be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bisect(#[from] crate::workflow::bisect::Refusal),

    /// The Docker engine is not there, or did not do what it was asked for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Docker(#[from] Box<docker::Error>),

    /// The terminal refused to be drawn on.
    #[error("the terminal cannot be drawn on")]
    #[diagnostic(
        code("HV0507"),
        help("decide without it: `hive golden pending`, then `hive golden accept` or `hive golden reject`")
    )]
    Terminal {
        /// What it said.
        source: std::io::Error,
    },

    /// Nothing is written in CI.
    #[error("`{what}` writes, and nothing is written where `CI` is set")]
    #[diagnostic(code("HV0505"), help("run it on your own machine and commit what it writes"))]
    InCi {
        /// The verb.
        what: &'static str,
    },
}

impl Error {
    /// Returns the error for a scenario that a recipe does not have.
    pub(super) fn unknown_scenario(recipe: &resolve::Recipe, scenario: &str) -> Self {
        let known = recipe.scenarios.keys();
        let nearest = schema::nearest(scenario, known.clone().map(String::as_str)).map(str::to_owned);
        Self::UnknownScenario {
            recipe: recipe.name.clone(),
            scenario: scenario.to_owned(),
            nearest,
            known: known.cloned().collect(),
        }
    }

    /// Returns the exit code that goes with the error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoRecipes { .. } | Self::NothingWaits { .. } => Exit::NothingSelected,
            Self::Git(git::Error::NoRevision { .. }) => Exit::Usage,
            Self::Fetch(_) | Self::Git(_) | Self::Mirror(_) | Self::Releases(releases::Error::NotCached { .. }) => {
                Exit::Fetch
            }
            Self::Klines(error) => match **error {
                klines::Error::Cancelled => Exit::Interrupted,
                ref error if error.is_of_the_venue() => Exit::Fetch,
                _ => Exit::Usage,
            },
            Self::Refused(refusal) => refusal.exit(),
            Self::Uv(error) if matches!(**error, uv::Error::NoUv { .. } | uv::Error::Install { .. }) => Exit::Fetch,
            Self::Install(error) => error.exit(),
            Self::ClosureNotLocked { .. } => Exit::StaleLock,
            Self::NoLock | Self::Lock(recipe::lock::Error::Stale { .. } | recipe::lock::Error::Missing { .. }) => {
                Exit::StaleLock
            }
            Self::NotBuildable { .. } | Self::Product(_) => Exit::Findings,
            Self::Image(error) => error.exit(),
            Self::NotDeterministic { .. }
            | Self::UpstreamEngine(upstream_engine::error::Error::NotDeterministic { .. }) => Exit::NotReproducible,
            Self::Process(process::Error::Interrupted { .. })
            | Self::Sandbox(sandbox::Error::Process(process::Error::Interrupted { .. })) => Exit::Interrupted,
            Self::Golden { .. } => Exit::Drift,
            Self::Blame(error) => error.exit(),
            Self::Docker(error) => engine(error),
            _ => Exit::Usage,
        }
    }
}

impl From<recipe::error::Errors> for Error {
    fn from(errors: recipe::error::Errors) -> Self {
        Self::Recipe(Box::new(errors))
    }
}

impl From<crate::workflow::image::Error> for Error {
    fn from(error: crate::workflow::image::Error) -> Self {
        Self::Image(Box::new(error))
    }
}

impl From<uv::Error> for Error {
    fn from(error: uv::Error) -> Self {
        Self::Uv(Box::new(error))
    }
}

impl From<product::Error> for Error {
    fn from(error: product::Error) -> Self {
        Self::Product(Box::new(error))
    }
}

impl From<install::Error> for Error {
    fn from(error: install::Error) -> Self {
        Self::Install(Box::new(error))
    }
}

impl From<fetch::Error> for Error {
    fn from(error: fetch::Error) -> Self {
        Self::Fetch(Box::new(error))
    }
}

impl From<klines::Error> for Error {
    fn from(error: klines::Error) -> Self {
        Self::Klines(Box::new(error))
    }
}

impl From<blame::Error> for Error {
    fn from(error: blame::Error) -> Self {
        Self::Blame(Box::new(error))
    }
}

impl From<docker::Error> for Error {
    fn from(error: docker::Error) -> Self {
        Self::Docker(Box::new(error))
    }
}

/// Returns the exit code for an engine that did not do what it was asked for: mostly the engine is to blame.
fn engine(error: &docker::Error) -> Exit {
    match error {
        docker::Error::Address { .. }
        | docker::Error::Context { .. }
        | docker::Error::Certificates { .. }
        | docker::Error::NoImage { .. }
        | docker::Error::NameTaken { .. }
        | docker::Error::NotStarted { .. } => Exit::Usage,
        docker::Error::NotCompiled { .. } => Exit::Findings,
        docker::Error::Interrupted { .. } => Exit::Interrupted,
        _ => Exit::NoDockerEngine,
    }
}

fn nearest_recipe(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("known recipes: {}", quoted(known)),
    }
}

fn newest_profile() -> &'static str {
    profile::PROFILES.last().map_or("", |profile| profile.name)
}

fn candle_mend(error: &candles::Error) -> &'static str {
    match error {
        candles::Error::TooCoarse { .. } | candles::Error::NotAMultiple { .. } => {
            "set the scenario's `resolution` to a multiple of the candles' own interval"
        }
        _ => "rows are `timestamp,open,high,low,close,volume`, oldest first, in UTC seconds",
    }
}

fn nearest_scenario(nearest: Option<&str>, known: &[String]) -> String {
    match (nearest, known) {
        (Some(nearest), _) => format!("did you mean `{nearest}`?"),
        (None, []) => "it has none".to_owned(),
        (None, known) => format!("its scenarios: {}", quoted(known)),
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
