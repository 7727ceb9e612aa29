//! What is told of an upgrade.

use std::path::Path;

use serde::Serialize;

use crate::io::files;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::finding;
use crate::workflow::finding::Written;
use crate::workflow::upgrade::changed::UpstreamFile;
use crate::workflow::upgrade::fate::PatchReport;
use crate::workflow::upgrade::packages::PackageChanges;
use crate::workflow::upgrade::scenarios::ScenarioReport;

/// How many lines of an error's text are told.
const LINES_MAX: usize = 3;

/// Something that was looked at, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "check", content = "result")]
pub enum Check<T> {
    /// It was looked at.
    Checked(T),
    /// It was not, for this reason.
    NotChecked(String),
}

impl<T> Check<T> {
    /// Returns what was seen; `None` where nothing was.
    #[must_use]
    pub fn seen(&self) -> Option<&T> {
        match self {
            Self::Checked(seen) => Some(seen),
            Self::NotChecked(_) => None,
        }
    }
}

/// A recipe on another release.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The recipe.
    pub recipe: String,
    /// The release that it builds on.
    pub from: String,
    /// The release that it is looked at on.
    pub to: String,
    /// What that release is called.
    pub upstream: String,
    /// The releases on the way; the last is the target.
    pub releases: Vec<String>,
    /// What the list of releases leaves out, and why.
    pub note: Option<String>,
    /// What upstream did to the files that patches touch.
    pub upstream_files: Vec<UpstreamFile>,
    /// The recipe whose environment probes and upstream's engine were asked in, where it is not this one's.
    pub environment_of: Option<String>,
    /// What becomes of each patch.
    pub patches: Vec<PatchReport>,
    /// The patches that stay, as they are on the new release.
    pub series: Vec<Series>,
    /// How the Python closure changes.
    pub packages: Check<PackageChanges>,
    /// What the loader would load on the new tree.
    pub registration: Check<Registration>,
    /// What the lint says of the new series and recipe.
    pub lint: Check<Vec<Written>>,
    /// What becomes of each scenario.
    pub scenarios: Vec<ScenarioReport>,
    /// How the recipe's lines change, as hunks of a unified diff.
    pub recipe_changes: String,
    /// What keeps the upgrade from being applied.
    pub blocks: Vec<String>,
    /// The files that were written; empty for an upgrade that was only looked at.
    pub written: Vec<String>,
}

/// A patch of the new series.
#[derive(Debug, Serialize)]
pub struct Series {
    /// The patch's file.
    pub file: String,
    /// How it fits on the new release.
    pub state: String,
    /// Whether its text changes.
    pub is_rewritten: bool,
    /// The text.
    pub text: String,
    /// What its probe says of the new release with the series; `null` for a patch without one.
    pub works: Option<Check<&'static str>>,
}

/// What the loader would load.
#[derive(Debug, Serialize)]
pub struct Registration {
    /// The classes.
    pub controllers: Vec<String>,
    /// What is wrong or doubtful about them, or about the series on the new tree.
    pub findings: Vec<Written>,
}

impl Report {
    /// Returns how the upgrade stands: findings where something keeps it from being applied or fails, drift where results
    /// are not the accepted ones.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let scenarios = &self.scenarios;
        if !self.blocks.is_empty() || scenarios.iter().any(ScenarioReport::is_failed) {
            Exit::Findings
        } else if scenarios.iter().any(ScenarioReport::is_drift) {
            Exit::Drift
        } else {
            Exit::Fine
        }
    }
}

/// Returns an error on one line: what it says, what caused it, and what belongs to it.
#[must_use]
pub fn why(error: &Error) -> String {
    told(&finding::written(error))
}

fn told(written: &Written) -> String {
    let on_one_line = |text: &str| text.lines().take(LINES_MAX).map(str::trim).collect::<Vec<_>>().join(" ");
    let mut text = on_one_line(&written.message);
    for cause in written.causes.iter().map(|cause| on_one_line(cause)) {
        if !cause.is_empty() && !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    let related: Vec<String> = written.related.iter().map(told).collect();
    if related.is_empty() { text } else { format!("{text}: {}", related.join("; ")) }
}

/// Writes a report into a file.
///
/// # Errors
///
/// Returns an error when the file system refuses.
pub fn save(path: &Path, text: &str) -> Result<(), Error> {
    Ok(files::write_atomic(path, text.as_bytes())?)
}
