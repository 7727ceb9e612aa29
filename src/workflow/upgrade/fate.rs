//! What becomes of each patch: what its text does on the way, and what its probe says of the new release.
//!
//! The probe has the last word: a release that does not have the fault needs no patch, however its text stands there, and one
//! that still has it has not absorbed the patch, whatever its text says.

use serde::Serialize;

use crate::io::progress::Progress;
use crate::patch::State;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::probe;
use crate::workflow::patch::probe::Outcome;
use crate::workflow::patch::probe::Probed;
use crate::workflow::patch::probe::Verdict;
use crate::workflow::patch::walk::Conflict;
use crate::workflow::patch::walk::Walked;
use crate::workflow::project::Loaded;
use crate::workflow::upgrade::Stage;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::why;

/// What becomes of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "fate")]
pub enum Fate {
    /// It stays in the series.
    Carried {
        /// How it fits.
        state: &'static str,
    },
    /// It leaves the series: the new release does not need it.
    Obsolete {
        /// What shows it.
        by: Proof,
        /// The release that had absorbed it first, where its text says so.
        release: Option<String>,
        /// Why it goes, as the recipe keeps it.
        reason: String,
    },
    /// Its text does not go along, and nothing shows that it is obsolete.
    Conflict {
        /// Its state.
        state: &'static str,
        /// The first release on which it does not go along.
        since: Option<String>,
    },
    /// Its text stands in the release, and its probe still finds the fault.
    Contradicted {
        /// The release that had absorbed it, by its text.
        release: String,
        /// What the probe says.
        reason: String,
    },
}

/// What shows that a patch is obsolete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Its text stands in a release.
    Text,
    /// Its probe passes on the pristine release.
    Probe,
}

/// What is told of a patch.
#[derive(Debug, Serialize)]
pub struct PatchReport {
    /// The patch's file.
    pub file: String,
    /// Why it exists.
    pub why: String,
    /// What becomes of it.
    #[serde(flatten)]
    pub fate: Fate,
    /// What its text does at the end of the way.
    pub text: &'static str,
    /// The first release that had absorbed it, by its text.
    pub absorbed_in: Option<String>,
    /// The first release on which its text no longer goes along, or is needed again.
    pub turned_in: Option<String>,
    /// The release right before the one in which it was absorbed or turned.
    pub turned_after: Option<String>,
    /// What its probe says of the new release.
    pub probe: Check<Probed>,
    /// Where both sides changed the same lines; empty unless that decides.
    pub conflicts: Vec<Conflict>,
}

/// What the probes say of the new release.
pub struct Probes {
    /// The answers, in the series' order.
    pub answers: Vec<Check<Probed>>,
    /// The recipe whose environment was taken, where it is not this one's.
    pub environment_of: Option<String>,
}

impl Fate {
    /// Returns whether the patch is part of the new series.
    #[must_use]
    pub fn stays(&self) -> bool {
        matches!(self, Self::Carried { .. })
    }

    /// Returns why the patch leaves the series, or is left out of what is looked at; `None` for one that stays.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Carried { .. } => None,
            Self::Obsolete { reason, .. } | Self::Contradicted { reason, .. } => Some(reason.clone()),
            Self::Conflict { state, .. } => Some((*state).to_owned()),
        }
    }

    /// Returns how the patch fits.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self {
            Self::Carried { state } | Self::Conflict { state, .. } => state,
            Self::Obsolete { .. } => "obsolete",
            Self::Contradicted { .. } => "contradicted",
        }
    }

    /// Returns what keeps the upgrade from being applied, and what to do about it.
    #[must_use]
    pub fn block(&self, file: &str) -> Option<String> {
        match self {
            Self::Conflict { .. } => Some(format!(
                "`{file}` does not go along, and no probe shows it obsolete: merge it with `hive patch rebase`, or drop it with \
                 `hive patch drop`"
            )),
            Self::Contradicted { release, .. } => Some(format!(
                "the text of `{file}` stands in {release}, and its probe fails on the new release: look at both, then drop the \
                 patch or change the probe"
            )),
            Self::Carried { .. } | Self::Obsolete { .. } => None,
        }
    }
}

/// Asks the probes of a recipe's patches on the pristine release `to`.
///
/// # Errors
///
/// Returns only that the user stopped it: why there is no environment is an answer.
pub fn probes(
    project: &Project,
    loaded: &Loaded,
    to: &str,
    makes_environments: bool,
    options: Options,
    progress: &dyn Progress,
) -> Result<Probes, Error> {
    let patches = &loaded.recipe.patches;
    let has_probe: Vec<String> =
        patches.iter().filter(|patch| patch.probe.is_some()).map(|patch| patch.file.clone()).collect();
    let mut environment_of = None;
    let answered = if has_probe.is_empty() {
        Ok(Vec::new())
    } else if makes_environments {
        match probe::probe(project, &loaded.recipe.file, &has_probe, Some(to), options, progress) {
            Ok(report) => {
                environment_of = report.environment_of;
                Ok(report.patches)
            }
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            Err(error) => Err(why(&error)),
        }
    } else {
        Err("`--no-environment`".to_owned())
    };
    let mut answered = answered.map(Vec::into_iter);
    let answers = patches.iter().map(|patch| match (&patch.probe, &mut answered) {
        (None, _) => Check::NotChecked("it has no probe".to_owned()),
        (Some(_), Ok(answers)) => match answers.next() {
            Some(answer) => Check::Checked(answer),
            None => Check::NotChecked("it was not asked".to_owned()),
        },
        (Some(_), Err(reason)) => Check::NotChecked(reason.clone()),
    });
    Ok(Probes { answers: answers.collect(), environment_of })
}

/// Asks the probe of a patch that stays, on the new release with and without the new series; `None` for one without a probe.
///
/// # Errors
///
/// As [`probes`].
pub(super) fn works(stage: &Stage<'_>, file: &str, has_probe: bool) -> Result<Option<Check<&'static str>>, Error> {
    if !has_probe {
        return Ok(None);
    }
    if !stage.request.makes_environments {
        return Ok(Some(Check::NotChecked("`--no-environment`".to_owned())));
    }
    let (selected, options) = ([file.to_owned()], stage.request.options);
    let probed = probe::probe(stage.shadow, &stage.after.recipe.file, &selected, None, options, stage.progress);
    Ok(Some(match probed {
        Ok(report) => match report.patches.first() {
            Some(probed) => Check::Checked(probed.verdict.name()),
            None => Check::NotChecked("it was not asked".to_owned()),
        },
        Err(error) if error.exit() == Exit::Interrupted => return Err(error),
        Err(error) => Check::NotChecked(why(&error)),
    }))
}

/// Decides what becomes of each patch.
#[must_use]
pub fn fates(loaded: &Loaded, walked: &Walked, probes: &Probes, to: &str) -> Vec<Fate> {
    let count = loaded.recipe.patches.len();
    (0..count).map(|index| fate(walked, index, probes.answers[index].seen(), to)).collect()
}

fn fate(walked: &Walked, index: usize, probed: Option<&Probed>, to: &str) -> Fate {
    let walk = &walked.walk.patches[index];
    let pristine = probed.and_then(|probed| probed.pristine.as_ref());
    let passes = pristine.is_some_and(|answer| answer.outcome == Outcome::Passes);
    let fails = pristine.filter(|answer| answer.outcome == Outcome::Fails);
    if walk.state == State::Absorbed.name() {
        let release = walk.absorbed_in.clone().unwrap_or_else(|| to.to_owned());
        if let Some(answer) = fails {
            let reason = answer.reason.clone().unwrap_or_else(|| "its probe fails".to_owned());
            return Fate::Contradicted { release, reason };
        }
        let reason = format!("absorbed in {release}");
        return Fate::Obsolete { by: Proof::Text, release: Some(release), reason };
    }
    if passes {
        let reason = format!("obsolete: its probe passes on {to} without it");
        return Fate::Obsolete { by: Proof::Probe, release: None, reason };
    }
    if walk.is_fine && !walked.standings[index].changes.is_empty() {
        return Fate::Carried { state: walk.state };
    }
    if walk.is_fine {
        let reason = format!("nothing of it is left on {to}");
        return Fate::Obsolete { by: Proof::Text, release: None, reason };
    }
    Fate::Conflict { state: walk.state, since: walk.turned_in.clone() }
}

/// Returns what is told of each patch.
#[must_use]
pub fn reports(loaded: &Loaded, walked: &Walked, fates: Vec<Fate>, probes: Vec<Check<Probed>>) -> Vec<PatchReport> {
    let parts = loaded.recipe.patches.iter().zip(&walked.walk.patches).zip(fates).zip(probes);
    let reports = parts.map(|(((patch, walk), fate), probe)| {
        let conflicts = if matches!(fate, Fate::Conflict { .. }) { walk.conflicts.clone() } else { Vec::new() };
        PatchReport {
            file: patch.file.clone(),
            why: patch.why.clone(),
            fate,
            text: walk.state,
            absorbed_in: walk.absorbed_in.clone(),
            turned_in: walk.turned_in.clone(),
            turned_after: walk.turned_after.clone(),
            probe,
            conflicts,
        }
    });
    reports.collect()
}

/// Returns whether what a probe says of the new release with the series keeps the upgrade from being applied.
#[must_use]
pub fn is_unfit(works: Option<&Check<&'static str>>) -> bool {
    let bad = [Verdict::NotWorking.name(), Verdict::Inverted.name()];
    works.and_then(Check::seen).is_some_and(|verdict| bad.contains(verdict))
}
