//! Which of all that changed made a scenario's result another one, and at which release did it begin?

mod walk;

use std::str::FromStr;

use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::workflow;
use crate::workflow::Options;
use crate::workflow::Progress;
use crate::workflow::Project;
use crate::workflow::attribution;
use crate::workflow::attribution::Attribution;
use crate::workflow::attribution::Request;
use crate::workflow::golden;
use crate::workflow::project::Loaded;
use crate::workflow::side::Maker;
use crate::workflow::side::Side;

pub use crate::workflow::bisect::walk::Walked;

/// Why two sides cannot be compared.
#[derive(Debug, Error, Diagnostic)]
pub enum Refusal {
    /// Neither side has the metric.
    #[error("the result has no metric `{metric}`")]
    #[diagnostic(code("HV0540"), help("{}", nearest_metric(nearest.as_deref(), known)))]
    NoMetric {
        /// What was asked for.
        metric: String,
        /// The metric that is spelled most like it.
        nearest: Option<String>,
        /// The metrics that are there.
        known: Vec<String>,
    },

    /// The old side has no result.
    #[error("`{name}` has no result to compare with: {reason}")]
    #[diagnostic(code("HV0541"), help("name another side to begin from with `--from`"))]
    NoBase {
        /// What the side is called.
        name: String,
        /// Why it has none.
        reason: String,
    },

    /// There is no golden to begin from, or it does not say what it was made of.
    #[error("{what}, so there is nothing to begin from")]
    #[diagnostic(
        code("HV0542"),
        help(
            "accept a result with `hive golden accept`, or name what to begin from: `--from now`, a version, `git:REVISION`"
        )
    )]
    NoInputs {
        /// What is missing.
        what: String,
    },

    /// The two sides are of two engines.
    #[error("`{old}` and `{new}` were replayed by different engines, and no mixture of them can be run")]
    #[diagnostic(
        code("HV0543"),
        help("compare two scenarios with `against`, or begin from where the engine was the same")
    )]
    Engines {
        /// The old side.
        old: String,
        /// The new side.
        new: String,
    },

    /// A local tree has no releases.
    #[error("the local tree `{path}` is no release `{version}`, nor any other")]
    #[diagnostic(
        code("HV0544"),
        help("name the release that the tree was made from: `[upstream.pypi]` or `[upstream.git]`")
    )]
    LocalTree {
        /// The tree, as the recipe names it.
        path: String,
        /// What was asked for.
        version: String,
    },

    /// A file is not in a revision.
    #[error("revision `{revision}` has no file `{file}`")]
    #[diagnostic(code("HV0546"), help("name a revision in which the recipe and what it names are committed"))]
    NotInRevision {
        /// The revision.
        revision: String,
        /// The file, relative to the project's root.
        file: String,
    },

    /// A walk through releases ends at one.
    #[error("the releases between two can be walked only from the recipe as it is now to a version")]
    #[diagnostic(code("HV0547"), help("name the last one: `--releases --to VERSION`, and leave `--from` out"))]
    NoWalk,
}

/// Where a side comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The accepted golden.
    Golden,
    /// The recipe as it is now.
    Now,
    /// The recipe at another release of its upstream.
    Version(String),
    /// The recipe as it was at a revision of the project's git repository.
    Revision(String),
}

impl FromStr for Origin {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "golden" => Self::Golden,
            "now" => Self::Now,
            _ => match text.strip_prefix("git:") {
                Some(revision) => Self::Revision(revision.to_owned()),
                None => Self::Version(text.to_owned()),
            },
        })
    }
}

/// What is to be found out.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The recipe's file.
    pub file: &'a str,
    /// The scenario.
    pub scenario: &'a str,
    /// The old side; `None` for the golden, and for the recipe as it is where releases are walked.
    pub from: Option<Origin>,
    /// The new side; `None` for the recipe as it is.
    pub to: Option<Origin>,
    /// Whether the releases between are walked.
    pub releases: bool,
    /// The metric that is looked at alone.
    pub metric: Option<&'a str>,
    /// How many runs may be asked for.
    pub budget: Option<usize>,
}

/// What was found out.
#[derive(Debug, Clone, Serialize)]
pub struct Bisected {
    /// The way through the releases, where it was asked for.
    pub releases: Option<Walked>,
    /// What causes the drift: between the two releases where it begins, or between the two sides.
    #[serde(flatten)]
    pub attribution: Attribution,
}

/// Finds what made a scenario's result another one.
///
/// # Errors
///
/// Returns a [`Refusal`] for sides that cannot be compared, and says what is missing of them.
pub fn bisect(
    project: &Project,
    question: &Question<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Bisected, workflow::Error> {
    let loaded = project.load(question.file)?;
    let maker = Maker { project, options, progress };
    let request = Request { metric: question.metric, budget: question.budget };
    let side = |origin: &Origin| side(&maker, &loaded, question, origin);
    let to = question.to.clone().unwrap_or(Origin::Now);
    if question.releases {
        let (None | Some(Origin::Now), Origin::Version(last)) = (&question.from, &to) else {
            return Err(Refusal::NoWalk.into());
        };
        let old = side(&Origin::Now)?;
        let (walked, sides) = walk::walk(&maker, &loaded, &old, last, question.metric)?;
        let (old, new) = match sides {
            Some(sides) => sides,
            // Nothing changes on the way; the end says so once more.
            None => (old, side(&to)?),
        };
        let attribution = attribution::attribute(project, &old, &new, request, options, progress)?;
        return Ok(Bisected { releases: Some(walked), attribution });
    }
    let (old, new) = (side(&question.from.clone().unwrap_or(Origin::Golden))?, side(&to)?);
    let attribution = attribution::attribute(project, &old, &new, request, options, progress)?;
    Ok(Bisected { releases: None, attribution })
}

/// Makes the side of an origin.
fn side(maker: &Maker<'_>, loaded: &Loaded, question: &Question<'_>, origin: &Origin) -> Result<Side, workflow::Error> {
    match origin {
        Origin::Now => maker.of("the recipe as it is", loaded, question.scenario),
        Origin::Version(version) => maker.at_version(loaded, question.scenario, version),
        Origin::Revision(revision) => maker.at_revision(question.file, question.scenario, revision),
        Origin::Golden => of_golden(maker, loaded, question.scenario),
    }
}

/// Makes the side that a golden was made of.
fn of_golden(maker: &Maker<'_>, loaded: &Loaded, scenario: &str) -> Result<Side, workflow::Error> {
    let recipe = &loaded.recipe;
    if !recipe.scenarios.contains_key(scenario) {
        return Err(workflow::Error::unknown_scenario(recipe, scenario));
    }
    let file = Project::golden_file(&recipe.name, scenario);
    match golden::read(maker.project, &recipe.name, scenario)? {
        None => Err(Refusal::NoInputs { what: format!("there is no golden `{file}`") }.into()),
        Some(golden) => maker.of_golden(loaded, scenario, &file, &golden),
    }
}

fn nearest_metric(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it has {}", known.join(", ")),
    }
}
