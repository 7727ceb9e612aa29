//! What the command line accepts.

mod candles;
mod golden;
#[cfg(feature = "serve")]
mod serve;
mod upgrade;

use std::path::PathBuf;

use clap::Args;
use clap::CommandFactory as _;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

pub(crate) use crate::cli::arguments::candles::Candles;
pub(crate) use crate::cli::arguments::candles::Download;
pub(crate) use crate::cli::arguments::golden::Accept;
pub(crate) use crate::cli::arguments::golden::Blame;
pub(crate) use crate::cli::arguments::golden::Golden;
pub(crate) use crate::cli::arguments::golden::OneScenario;
pub(crate) use crate::cli::arguments::golden::Prune;
pub(crate) use crate::cli::arguments::golden::Review;
pub(crate) use crate::cli::arguments::golden::Waiting;
pub(crate) use crate::cli::arguments::golden::Why;
#[cfg(feature = "serve")]
pub(crate) use crate::cli::arguments::serve::LogForm;
#[cfg(feature = "serve")]
pub(crate) use crate::cli::arguments::serve::Serve;
pub(crate) use crate::cli::arguments::upgrade::Outdated;
pub(crate) use crate::cli::arguments::upgrade::Upgrade;
use crate::cli::report::outputs::Outputs;
use crate::workflow::Options;
use crate::workflow::Place;
use crate::workflow::bisect::Origin;

/// Keep a patched, self-extended Hummingbot reproducible, upgradeable and provably unchanged.
#[derive(Debug, Parser)]
#[command(name = "hive", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  fine                      5  not reproducible
  1  findings                  6  lock stale under --locked
  2  usage or recipe invalid   7  Docker engine unavailable
  3  golden drift              8  fetch or hash mismatch
  4  nothing selected         70  a bug of hive";

/// What every verb accepts.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// How results are written to standard output
    #[arg(long, global = true, value_enum, default_value = "human", value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Refuse a `hive.lock` that is not what the recipes say
    #[arg(long, global = true)]
    pub(crate) locked: bool,

    /// Use only what is in the cache
    #[arg(long, global = true)]
    pub(crate) offline: bool,

    /// The same as `--locked --offline`
    #[arg(long, global = true)]
    pub(crate) frozen: bool,

    /// Write nothing but results and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,
}

impl Global {
    /// Returns the options that use cases take.
    pub(crate) fn options(&self) -> Options {
        Options { offline: self.offline || self.frozen, locked: self.locked || self.frozen, ..Options::default() }
    }
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
    /// JUnit's XML, a test case a file (lint and test)
    Junit,
    /// SARIF 2.1.0 (lint and test)
    Sarif,
    /// Annotations of GitHub's workflows (lint and test)
    Github,
}

impl Format {
    /// Returns the format's name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check recipes, series and registrations, replay the scenarios, compare with the goldens
    Test(Test),
    /// Replay one scenario and show the full result
    Run(Run),
    /// Explain how a scenario's result differs from its golden, from the first event that does
    ///
    /// Exit code 3 where it does, and where there is no golden; 0 where it is what was accepted.
    Why(Why),
    /// Replay a scenario in both modes and show how much of it is look-ahead
    ///
    /// The causal replay pays the scenario's `maker-fee`, `taker-fee` and `slippage-bps`. A scenario of `mode = "parity"`
    /// has none: both fees are its `trade-cost`, and nothing slips. The parity replay always pays `trade-cost`. Where one of
    /// the modes cannot replay the scenario, it says why and shows the other.
    Audit(Audit),
    /// Find out what made a scenario's result another one, and by how much
    ///
    /// Two sides are compared: from what the golden was made of to the recipe as it is, or from and to what is named: `golden`,
    /// `now`, a version of upstream, or `git:REVISION`. Each thing in which they differ is an axis: a switch of the replay
    /// profile, the release, a patch, the Python closure, the candles, a parameter. Mixtures of the sides are run until the
    /// smallest sets of axes are known that make the result drift; then every metric's change is shared out among the axes.
    /// Runs are kept in `.hive/cache`. Ends with 3 where the sides drift apart, explained or not, and with 0 where they do not.
    Bisect(Bisect),
    /// Lint recipes, patches and quilt's series; no network, no Docker
    ///
    /// A patch is looked at in the recipes that name it, on the patches before it. Rules that look at the release run where
    /// it is in the cache, or on the tree that `--root` names. Formats: human, json, junit, sarif, github.
    Lint(Lint),
    /// Pin what the recipes resolve to in `hive.lock`
    Lock(Recipes),
    /// Download the upstream releases
    Fetch(Recipes),
    /// Say what would be done, and why
    Plan(Recipes),
    /// Build a recipe's image in the Docker engine, or write its patched tree into a folder
    ///
    /// An image is its base and what hive puts on top: no Dockerfile runs, and its digest is known before the engine is asked.
    Build(Build),
    /// Show what is saved in the environment at once, and run a command there anew, until Ctrl-C
    ///
    /// The recipe, its patches and its controllers are watched. A save that is broken is told, and what ran before still
    /// runs. The command is started in the project's folder, with the environment's `bin` first on the `PATH`; its output is
    /// passed on, and with `--format json`, where each event is one object on a line, it goes to standard error. With
    /// `--in image` it runs in a container of the base, over which the changed files are bound. A local upstream's own tree
    /// is not watched.
    Dev(Dev),
    /// Build an image again in memory, and compare it with the one in the Docker engine
    Verify(Image),
    /// Show what is inside an image
    Inspect(Image),
    /// Live with a series of patches
    #[command(subcommand)]
    Patch(Patch),
    /// Live with goldens
    #[command(subcommand)]
    Golden(Golden),
    /// See which candles there are, what they lack, and download more
    #[command(subcommand)]
    Candles(Candles),
    /// Say which releases are newer, and which patches expire, were absorbed, or are not for the release
    Outdated(Outdated),
    /// Look at recipes on another release: series, packages, registrations, results on both engines, and what drifts
    ///
    /// Nothing is written without `--apply`, which changes recipe, patches, lock and pending goldens as one; `--undo` takes the
    /// last one back. A patch whose probe passes on the pristine release is obsolete, whatever its text does, and leaves the
    /// series with that reason. What cannot be looked at is told with the reason. Ends with 1 where something is in the way of
    /// `--apply` or fails, with 3 where results drift.
    Upgrade(Upgrade),
    /// Send the messages for webhooks that wait
    ///
    /// `hive.toml` says who is told when a golden turns red or green again: Slack, Discord, or any address, signed. `hive test`
    /// sends at its end what is due; what a receiver did not take waits in `.hive/outbox`.
    Notify(Notify),
    /// Serve backtests: jobs over HTTP, the routes that Hummingbot's clients speak, and a page
    ///
    /// Jobs are kept in `.hive/jobs.sqlite` and go on after a restart. Candles are the recipes' and those in `.hive/candles`.
    /// Without a token or a password the service answers this machine alone. Ends with 0 on SIGTERM and Ctrl-C, once streams
    /// are closed and running jobs are back in the queue.
    #[cfg(feature = "serve")]
    Serve(Serve),
    /// Say what this machine lacks, and for which verb
    Doctor,
    /// Explain a diagnostic code
    Explain(Code),
    /// Print the JSON Schema of recipes
    Schema,
    /// Print shell completions
    Completions(Completions),
}

impl Verb {
    /// Returns the verb's name on the command line.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Test(_) => "test",
            Self::Run(_) => "run",
            Self::Why(_) => "why",
            Self::Audit(_) => "audit",
            Self::Bisect(_) => "bisect",
            Self::Lint(_) => "lint",
            Self::Lock(_) => "lock",
            Self::Fetch(_) => "fetch",
            Self::Plan(_) => "plan",
            Self::Build(_) => "build",
            Self::Dev(_) => "dev",
            Self::Verify(_) => "verify",
            Self::Inspect(_) => "inspect",
            Self::Patch(_) => "patch",
            Self::Golden(_) => "golden",
            Self::Candles(_) => "candles",
            Self::Outdated(_) => "outdated",
            Self::Upgrade(_) => "upgrade",
            Self::Notify(_) => "notify",
            #[cfg(feature = "serve")]
            Self::Serve(_) => "serve",
            Self::Doctor => "doctor",
            Self::Explain(_) => "explain",
            Self::Schema => "schema",
            Self::Completions(_) => "completions",
        }
    }

    /// Returns the formats that the verb's results can be written in.
    pub(crate) fn formats(&self) -> &'static [Format] {
        const REPORTS: &[Format] = &[Format::Human, Format::Json];
        const FINDINGS: &[Format] = &[Format::Human, Format::Json, Format::Junit, Format::Sarif, Format::Github];
        // What a difference has, findings' formats have no place for.
        match self {
            Self::Lint(lint) if lint.diff => REPORTS,
            Self::Test(_) | Self::Lint(_) => FINDINGS,
            _ => REPORTS,
        }
    }
}

/// What to send.
#[derive(Debug, Args)]
pub(crate) struct Notify {
    /// Try at once what failed a moment ago, too
    #[arg(long)]
    pub(crate) now: bool,
}

/// Some recipes.
#[derive(Debug, Args)]
pub(crate) struct Recipes {
    /// Recipes by name or path; all of `recipes/` when none is given
    #[arg(value_name = "RECIPE")]
    pub(crate) recipes: Vec<String>,
}

/// What to test, and where upstream's engine runs.
#[derive(Debug, Args)]
pub(crate) struct Test {
    #[command(flatten)]
    pub(crate) recipes: Recipes,
    /// Fail where a metric takes 80 % or more of its tolerance
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) inside: Inside,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
}

/// Where Python runs.
#[derive(Debug, Args)]
pub(crate) struct Inside {
    /// Where Python runs: in the environment of this machine, or in a container of the recipe's image
    #[arg(long = "in", value_enum, default_value = "local", value_name = "PLACE")]
    pub(crate) place: PlaceName,
}

/// A place where Python runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceName {
    /// The managed environment of this machine
    Local,
    /// The image that was built of the recipe
    Image,
}

impl Inside {
    /// Returns the options that use cases take, with the place.
    pub(crate) fn options(&self, global: &Global) -> Options {
        let place = match self.place {
            PlaceName::Local => Place::Local,
            PlaceName::Image => Place::Image,
        };
        Options { place, ..global.options() }
    }
}

/// One scenario.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The recipe, by name or path
    pub(crate) recipe: String,
    /// The scenario
    pub(crate) scenario: String,
    /// Write a page as well that a browser opens without a network: candles, trades and profit, beside the golden's
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) inside: Inside,
}

/// A scenario to audit.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The recipe, by name or path
    pub(crate) recipe: String,
    /// The scenario
    pub(crate) scenario: String,
    /// At how many places the candles are cut
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = cut_count)]
    pub(crate) cuts: usize,
}

/// Reads a number of cuts: each is two replays of the scenario.
fn cut_count(text: &str) -> Result<usize, String> {
    let count = text.parse().map_err(|_| format!("`{text}` is not a whole number"))?;
    if (1..=10_000).contains(&count) { Ok(count) } else { Err(format!("{count} is not from 1 to 10000")) }
}

/// What to bisect, between what.
#[derive(Debug, Args)]
pub(crate) struct Bisect {
    /// The scenario
    #[arg(value_name = "RECIPE/SCENARIO")]
    pub(crate) target: String,
    /// What to begin from: `golden`, `now`, a version, or `git:REVISION` [default: golden]
    #[arg(long, value_name = "SIDE")]
    pub(crate) from: Option<Origin>,
    /// What to end at: `now`, a version, `git:REVISION`, or `golden` [default: now]
    #[arg(long, value_name = "SIDE")]
    pub(crate) to: Option<Origin>,
    /// Find the first release from the recipe's own to the version that `--to` names where the result is another one
    #[arg(long, requires = "to")]
    pub(crate) releases: bool,
    /// Look at one metric alone, instead of the ledger and all metrics
    #[arg(long, value_name = "NAME")]
    pub(crate) metric: Option<String>,
    /// How many mixtures may be run [default: 256, and 24 on upstream's engine]
    #[arg(long, value_name = "N", value_parser = run_count)]
    pub(crate) runs: Option<usize>,
}

/// Reads a number of runs: with fewer than two there is nothing to compare.
fn run_count(text: &str) -> Result<usize, String> {
    let count = text.parse().map_err(|_| format!("`{text}` is not a whole number"))?;
    if (2..=1_000_000).contains(&count) { Ok(count) } else { Err(format!("{count} is not from 2 to 1000000")) }
}

/// What to lint, and what to do about it.
#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// Recipes, patches and `series` files; everything in the project when none is given
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Lint the patches against this tree instead of the release that their recipe names
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Mend what can be mended without changing what a patch does
    #[arg(long)]
    pub(crate) fix: bool,
    /// With `--fix`: print the difference and write nothing
    #[arg(long, requires = "fix")]
    pub(crate) diff: bool,
}

/// What to build, and where.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The recipe, by name or path
    pub(crate) recipe: String,
    /// Write the tree into this folder, instead of an image into the Docker engine
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// Make the folder a virtual environment in which the patched Hummingbot runs, instead of its tree
    #[arg(long, requires = "into")]
    pub(crate) install: bool,
    /// Send all layers of the image to the engine, and tell the digest of its manifest, too
    #[arg(long, conflicts_with = "into")]
    pub(crate) whole: bool,
    /// Trust the image's digest, and do not look into it afterwards
    #[arg(long, conflicts_with = "into")]
    pub(crate) unproven: bool,
}

/// An image in the Docker engine.
#[derive(Debug, Args)]
pub(crate) struct Image {
    /// A recipe, by name or path, or the name of an image
    #[arg(value_name = "RECIPE|IMAGE")]
    pub(crate) image: String,
}

/// What to watch, and what to run.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The recipe, by name or path
    pub(crate) recipe: String,
    #[command(flatten)]
    pub(crate) inside: Inside,
    /// The command and its arguments; without one the environment is proven after each save, and an image runs what it runs
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// Live with a series of patches.
#[derive(Debug, Subcommand)]
pub(crate) enum Patch {
    /// Say in which state each patch and each hunk is
    ///
    /// With `--format json` each patch is one object on a line of its own.
    Status(PatchStatus),
    /// Apply patches to a tree: all of them or none, and none twice
    Apply(PatchApply),
    /// Walk the releases up to another version, and carry the series there by three-way merges
    ///
    /// Each patch is followed from release to release: which one absorbed it, which one it conflicts with. Then the series
    /// is made anew for the last release; where both sides changed the same lines, files with conflict markers are laid out
    /// to be merged by hand.
    Rebase(PatchRebase),
    /// Make a patch of what was edited in a tree, and take it into the recipe
    ///
    /// The tree is one that `hive build RECIPE --into DIR` wrote, edited by hand. The patch goes to the end of the series; its
    /// file and the recipe are both written, or neither.
    New(PatchNew),
    /// Bring line numbers and context of patches up to date, without changing what they do
    ///
    /// Afterwards each patch is `clean` at its place in the series, and the tree is the same to the byte: else nothing is
    /// written. A patch that is exact already stays as it is.
    Refresh(PatchRefresh),
    /// Take a patch out of a recipe, and keep the reason there
    Drop(PatchDrop),
    /// Show which patches of a series need which, and why
    ///
    /// A patch needs an earlier one that wrote lines which it changes or shows as context, that deleted lines from between
    /// them, or that put the file there. With `--format json` each patch is one object on a line of its own.
    Series(PatchSeries),
    /// Run the probes of patches on the pristine release and on the patched one: is each patch needed, and does it work?
    ///
    /// A probe is a Python program that ends with 0 where the fault is not there, and otherwise where it is. It runs inside
    /// the environment, without a network, within bounds. What it cannot import, and time or memory that is over, is no
    /// answer. With `--version` the release that is asked is another one: a patch whose probe passes there is not needed any
    /// more.
    #[command(disable_version_flag = true)]
    Probe(PatchProbe),
}

/// Patches, and the tree that they are for.
#[derive(Debug, Args)]
pub(crate) struct Patches {
    /// One recipe, whose patches are for the release that it builds on; with `--root` patch files, quilt's `series`
    /// files and recipes, in order
    #[arg(value_name = "RECIPE|PATCH", required = true)]
    pub(crate) named: Vec<String>,
    #[command(flatten)]
    pub(crate) placing: Placing,
}

/// Where patches belong, and what is agreed to.
#[derive(Debug, Args)]
pub(crate) struct Placing {
    /// The tree
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// The tree that the patches were made for: a doubtful place is taken where a three-way merge proves it
    #[arg(long, value_name = "DIR")]
    pub(crate) base: Option<PathBuf>,
    /// How many folders to strip of the names in patch files
    #[arg(short = 'p', long, value_name = "N", default_value_t = 1)]
    pub(crate) strip: usize,
    /// How many lines of context may be left out at each end of a hunk
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) fuzz: usize,
    /// Take the nearest of several places, as GNU patch does
    #[arg(long)]
    pub(crate) nearest: bool,
}

/// Patches to look at.
#[derive(Debug, Args)]
pub(crate) struct PatchStatus {
    #[command(flatten)]
    pub(crate) patches: Patches,
    /// Undo the patches, the last one first
    #[arg(short = 'R', long)]
    pub(crate) reverse: bool,
}

/// Patches to apply.
#[derive(Debug, Args)]
pub(crate) struct PatchApply {
    #[command(flatten)]
    pub(crate) patches: Patches,
    /// Undo the patches, the last one first
    #[arg(short = 'R', long)]
    pub(crate) reverse: bool,
    /// Write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

/// Where to carry a series.
#[derive(Debug, Args)]
pub(crate) struct PatchRebase {
    /// The recipe, by name or path; not needed where only one recipe has patches
    pub(crate) recipe: Option<String>,
    /// The version to carry the series to
    #[arg(long, value_name = "VERSION", required_unless_present_any = ["resume", "abort"])]
    pub(crate) to: Option<String>,
    /// Say what would become of each patch, and write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Go on after conflicts have been merged by hand
    #[arg(long = "continue", conflicts_with_all = ["to", "dry_run"])]
    pub(crate) resume: bool,
    /// Forget a rebase that waits for a merge by hand
    #[arg(long, conflicts_with_all = ["to", "dry_run", "resume"])]
    pub(crate) abort: bool,
}

/// A patch to make.
#[derive(Debug, Args)]
pub(crate) struct PatchNew {
    /// The recipe and the new patch's name; with `--root` the patch's file
    #[arg(value_name = "RECIPE NAME|FILE", required = true, num_args = 1..=2)]
    pub(crate) named: Vec<String>,
    /// The tree before the edits, where no recipe is named
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// The edited tree
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Why the patch exists; kept in its header and in the recipe
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    /// The paths that the patch may touch: those that differ, and no others
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) touches: Vec<String>,
}

/// Patches to refresh.
#[derive(Debug, Args)]
pub(crate) struct PatchRefresh {
    /// One recipe and, behind it, some of its patches where not all are meant; with `--root` patch files, quilt's
    /// `series` files and recipes, in order
    #[arg(value_name = "RECIPE|PATCH", required = true)]
    pub(crate) named: Vec<String>,
    #[command(flatten)]
    pub(crate) placing: Placing,
    /// Show what would change in the patch files, and write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

/// A patch to drop.
#[derive(Debug, Args)]
pub(crate) struct PatchDrop {
    /// The recipe, by name or path
    pub(crate) recipe: String,
    /// The patch, by its file or its file's name
    pub(crate) patch: String,
    /// Why the patch goes; kept in the recipe
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) reason: String,
    /// Drop it even though later patches need it
    #[arg(long)]
    pub(crate) force: bool,
}

/// Patches whose probes are run.
#[derive(Debug, Args)]
pub(crate) struct PatchProbe {
    /// The recipe, by name or path
    pub(crate) recipe: String,
    /// Some of its patches, by their files or their files' names; all of them when none is given
    #[arg(value_name = "PATCH")]
    pub(crate) patches: Vec<String>,
    /// Ask another release of the package
    #[arg(long = "version", value_name = "V")]
    pub(crate) version: Option<String>,
    #[command(flatten)]
    pub(crate) inside: Inside,
}

/// Patches to look through.
#[derive(Debug, Args)]
pub(crate) struct PatchSeries {
    #[command(flatten)]
    pub(crate) patches: Patches,
    /// Write the graph for Graphviz
    #[arg(long)]
    pub(crate) dot: bool,
}

/// A diagnostic code.
#[derive(Debug, Args)]
pub(crate) struct Code {
    /// The code, `HV0203`; all of them are listed when none is given
    pub(crate) code: Option<String>,
}

/// A shell.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Returns the command line's description, for help texts and completions.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}
