//! What `hive outdated` and `hive upgrade` accept.

use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::Recipes;

/// Recipes that may have grown old.
#[derive(Debug, Args)]
pub(crate) struct Outdated {
    #[command(flatten)]
    pub(crate) recipes: Recipes,
    /// End with 1 where something is old
    #[arg(long)]
    pub(crate) check: bool,
}

/// What to upgrade, and to which release.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Upgrade {
    /// Recipes by name or path
    #[arg(value_name = "RECIPE", required_unless_present_any = ["all", "undo"])]
    pub(crate) recipes: Vec<String>,
    /// The release; each recipe is looked at on each one that is named. The newest with a proven replay profile where none is
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Vec<String>,
    /// All recipes
    #[arg(long, conflicts_with = "recipes")]
    pub(crate) all: bool,
    /// Write recipe, patches, lock and pending goldens, all of them or none
    #[arg(long)]
    pub(crate) apply: bool,
    /// Write nothing, as without `--apply`
    #[arg(short = 'n', long, conflicts_with = "apply")]
    pub(crate) dry_run: bool,
    /// Take the last upgrade back, unless its files have changed since
    #[arg(long, conflicts_with_all = ["recipes", "to", "all", "apply", "dry_run", "no_environment", "report"])]
    pub(crate) undo: bool,
    /// Make no environment: no probes, no packages, no results of upstream's engine
    #[arg(long)]
    pub(crate) no_environment: bool,
    /// Write the report as Markdown, too
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}
