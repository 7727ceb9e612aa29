//! What the verbs that live with goldens accept.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::arguments::Inside;

/// Live with goldens.
#[derive(Debug, Subcommand)]
pub(crate) enum Golden {
    /// Replay and accept the result, with the reason for it
    Accept(Accept),
    /// Say which commit last moved each metric, and what changed with it
    Blame(Blame),
    /// Decide on what waits: on the whole screen of a terminal, else as a list
    ///
    /// `hive test` keeps each result that is not what its golden says in `snapshots/RECIPE/SCENARIO.pending.toml`, except
    /// where `CI` is set. Without a terminal what waits is shown, and the exit code is 3 until all is decided.
    Review(Review),
    /// List what waits for a decision
    Pending(Waiting),
    /// Forget results that wait; the goldens stay as they are
    Reject(Waiting),
    /// Take back the last change of goldens: accepted, rejected or pruned
    Undo,
    /// Remove goldens and pending results that belong to no scenario
    Prune(Prune),
}

/// What to decide on.
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    /// Accept all of it without asking, with the reason for it
    #[arg(long, value_name = "REASON", conflicts_with = "reject_all", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) accept_all: Option<String>,
    /// Reject all of it without asking
    #[arg(long)]
    pub(crate) reject_all: bool,
}

/// Which of the results that wait.
#[derive(Debug, Args)]
pub(crate) struct Waiting {
    /// One scenario, or all scenarios of a recipe; all of them when none is given
    #[arg(value_name = "RECIPE[/SCENARIO]")]
    pub(crate) target: Option<String>,
}

/// What to do about goldens without a scenario.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Only say what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What to accept.
#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// One scenario, or all scenarios of a recipe
    #[arg(value_name = "RECIPE[/SCENARIO]")]
    pub(crate) target: String,
    /// Why the new result is right; kept in the golden
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) inside: Inside,
}

/// A scenario of a recipe.
#[derive(Debug, Args)]
pub(crate) struct OneScenario {
    /// The scenario; or the recipe alone, and then the scenario
    #[arg(value_name = "RECIPE/SCENARIO")]
    pub(crate) target: String,
    /// The scenario, where it does not stand behind the recipe
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: Option<String>,
}

/// What to explain.
#[derive(Debug, Args)]
pub(crate) struct Why {
    #[command(flatten)]
    pub(crate) scenario: OneScenario,
    /// How many candles are shown before the first event, and after it, up to 100
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) around: u8,
    /// Explain the result that waits for a decision instead of a new one
    #[arg(long)]
    pub(crate) pending: bool,
    /// Write a page as well that a browser opens without a network: candles, trades and profit of both runs
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) inside: Inside,
}

/// Whose past to look into.
#[derive(Debug, Args)]
pub(crate) struct Blame {
    #[command(flatten)]
    pub(crate) scenario: OneScenario,
    /// A metric, or `ledger` for what happened; may be repeated, all of them when none is given
    #[arg(long = "metric", value_name = "NAME")]
    pub(crate) metrics: Vec<String>,
}
