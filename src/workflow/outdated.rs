//! What of a recipe has grown old: its release, and the patches that expire, were absorbed, or are not for the release.

use std::str::FromStr as _;

use jiff::civil::Date;
use pep440_rs::Version;
use pep440_rs::VersionSpecifiers;
use serde::Serialize;

use crate::engine::profile;
use crate::io::progress::Progress;
use crate::patch::walk::Decided;
use crate::recipe::resolve::Patch;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::walk;
use crate::workflow::patch::walk::WalkedPatch;
use crate::workflow::project::Loaded;
use crate::workflow::releases;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::why;
use crate::workflow::upstream;

/// What of a recipe has grown old.
#[derive(Debug, Serialize)]
pub struct Outdated {
    /// The recipe.
    pub recipe: String,
    /// The release that it builds on.
    pub upstream: String,
    /// The releases that are newer.
    pub newer: Check<Newer>,
    /// The patches, in the series' order.
    pub patches: Vec<OutdatedPatch>,
}

/// The releases that are newer than a recipe's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Newer {
    /// The versions, in order.
    pub versions: Vec<String>,
    /// The newest; `null` where the recipe builds on it.
    pub newest: Option<String>,
    /// The newest for which a replay profile is proven.
    pub newest_proven: Option<String>,
    /// The replay profile of the newest; `null` where none is proven.
    pub profile: Option<&'static str>,
    /// Why there is none.
    pub no_profile: Option<String>,
    /// What the list leaves out, and why.
    pub note: Option<String>,
}

/// A patch, and how old it is.
#[derive(Debug, Clone, Serialize)]
pub struct OutdatedPatch {
    /// The patch's file.
    pub file: String,
    /// The day on which it expires.
    pub expires: Option<Date>,
    /// How many days that is away; negative afterwards.
    pub days_left: Option<i32>,
    /// The releases that it is for.
    pub applies: Option<String>,
    /// Whether the recipe's own release is one of them; `null` where nobody says.
    pub is_for_own: Option<bool>,
    /// Whether the newest release is one of them.
    pub is_for_newest: Option<bool>,
    /// Whether it has a probe.
    pub has_probe: bool,
    /// What its text does up to the newest release.
    pub walk: Check<PatchWalk>,
}

/// What the text of a patch does up to the newest release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatchWalk {
    /// The state on the newest release.
    pub state: &'static str,
    /// The first release that had absorbed it.
    pub absorbed_in: Option<String>,
    /// The first release on which it no longer goes along, or is needed again.
    pub turned_in: Option<String>,
}

impl Outdated {
    /// Returns whether something has to be done, now or soon.
    #[must_use]
    pub fn is_old(&self) -> bool {
        let has_newer = self.newer.seen().is_some_and(|newer| newer.newest.is_some());
        has_newer || self.patches.iter().any(OutdatedPatch::is_old)
    }
}

impl OutdatedPatch {
    /// How many days before its end a patch is said to expire, as the lint does.
    pub const SOON_DAYS: i32 = 30;

    /// Returns whether it expires, was absorbed, or is not for the recipe's release.
    #[must_use]
    pub fn is_old(&self) -> bool {
        let is_absorbed = self.walk.seen().is_some_and(|walk| walk.absorbed_in.is_some());
        self.days_left.is_some_and(|days| days <= Self::SOON_DAYS) || is_absorbed || self.is_for_own == Some(false)
    }
}

/// Looks at recipes, in their order.
///
/// # Errors
///
/// Says what is wrong with a recipe. What upstream does not tell is not checked, and says why.
pub fn outdated(
    project: &Project,
    files: &[String],
    today: Date,
    options: Options,
    progress: &dyn Progress,
) -> Result<Vec<Outdated>, Error> {
    files.iter().map(|file| one(project, &project.load(file)?, today, options, progress)).collect()
}

fn one(
    project: &Project,
    loaded: &Loaded,
    today: Date,
    options: Options,
    progress: &dyn Progress,
) -> Result<Outdated, Error> {
    let recipe = &loaded.recipe;
    let newer = match releases::newer(project, recipe, None, options, progress) {
        Ok(newer) => Check::Checked(described(newer)),
        Err(error) if error.exit() == Exit::Interrupted => return Err(error),
        Err(error) => Check::NotChecked(why(&error)),
    };
    let newest = newer.seen().and_then(|newer| newer.newest.clone());
    let walked: Check<Vec<WalkedPatch>> = match (&newest, recipe.patches.is_empty()) {
        (_, true) => Check::Checked(Vec::new()),
        (None, false) => Check::NotChecked("no newer release is known".to_owned()),
        (Some(newest), false) => match walk::walk(project, loaded, newest, &Decided::default(), options, progress) {
            Ok(walked) => Check::Checked(walked.walk.patches),
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            Err(error) => Check::NotChecked(why(&error)),
        },
    };
    let patches = recipe.patches.iter().enumerate().map(|(index, patch)| {
        let walk = match &walked {
            Check::Checked(walked) => Check::Checked(PatchWalk {
                state: walked[index].state,
                absorbed_in: walked[index].absorbed_in.clone(),
                turned_in: walked[index].turned_in.clone(),
            }),
            Check::NotChecked(reason) => Check::NotChecked(reason.clone()),
        };
        let expires = patch.expires.as_ref().and_then(|expires| expires.parse::<Date>().ok());
        OutdatedPatch {
            file: patch.file.clone(),
            expires,
            days_left: expires.and_then(|expires| Some(today.until(expires).ok()?.get_days())),
            applies: patch.applies.clone(),
            is_for_own: is_for(patch, recipe.upstream.version()),
            is_for_newest: is_for(patch, newest.as_deref()),
            has_probe: patch.probe.is_some(),
            walk,
        }
    });
    let patches = patches.collect();
    Ok(Outdated { recipe: recipe.name.clone(), upstream: upstream::label(recipe), newer, patches })
}

fn described(newer: releases::Newer) -> Newer {
    let releases::Newer { versions, note } = newer;
    let newest = versions.last().cloned();
    let (profile, no_profile) = match newest.as_deref().map(profile::of_version) {
        None => (None, None),
        Some(Ok(profile)) => (Some(profile.name), None),
        Some(Err(error)) => (None, Some(error.to_string())),
    };
    let newest_proven = versions.iter().rfind(|version| profile::of_version(version).is_ok()).cloned();
    Newer { versions, newest, newest_proven, profile, no_profile, note }
}

/// Returns whether a patch is for a version; `None` where the recipe does not say.
fn is_for(patch: &Patch, version: Option<&str>) -> Option<bool> {
    let applies = VersionSpecifiers::from_str(patch.applies.as_deref()?).ok()?;
    let version = Version::from_str(version?).ok()?;
    Some(applies.contains(&version))
}
