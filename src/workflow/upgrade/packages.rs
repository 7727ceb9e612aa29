//! How do the Python packages change that the environment stands on?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::recipe::closure::Pin;
use crate::recipe::closure::Source;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::closure;
use crate::workflow::closure::Closure;
use crate::workflow::lock;
use crate::workflow::patch::probe;
use crate::workflow::project::Loaded;
use crate::workflow::upgrade::Stage;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::why;

/// How a closure changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageChanges {
    /// How many packages there were.
    pub before_count: usize,
    /// How many there are.
    pub after_count: usize,
    /// Packages with another version.
    pub changed: Vec<PackageChange>,
    /// Packages that are new.
    pub added: Vec<Package>,
    /// Packages that go.
    pub removed: Vec<Package>,
    /// Whether Hummingbot comes from a published wheel before and afterwards.
    pub has_wheel: (bool, bool),
}

/// A package with another version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageChange {
    /// The package.
    pub package: String,
    /// The version before.
    pub before: String,
    /// The version afterwards.
    pub after: String,
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Package {
    /// The package.
    pub package: String,
    /// The version.
    pub version: String,
}

/// The closures of both sides.
pub(super) struct Packages {
    /// How they differ.
    pub(super) report: Check<PackageChanges>,
    /// The new one, where it is to be had.
    pub(super) after: Option<Closure>,
}

impl Packages {
    /// Obtains both closures, and compares them.
    pub(super) fn compared(stage: &Stage<'_>) -> Result<Self, Error> {
        if stage.loaded.recipe.python.is_none() {
            let reason = Check::NotChecked("the recipe has no `[python]`".to_owned());
            return Ok(Self { report: reason, after: None });
        }
        if !stage.request.makes_environments {
            return Ok(Self { report: Check::NotChecked("`--no-environment`".to_owned()), after: None });
        }
        let after = match obtain(stage, stage.shadow, stage.after)? {
            Ok(after) => after,
            Err(reason) => {
                let hint = other_environment(stage);
                return Ok(Self { report: Check::NotChecked(format!("{reason}{hint}")), after: None });
            }
        };
        let report = match obtain(stage, stage.project, stage.loaded)? {
            Ok(before) => Check::Checked(compared(&before, &after)),
            Err(reason) => Check::NotChecked(format!("that of {}: {reason}", stage.loaded.recipe.name)),
        };
        Ok(Self { report, after: Some(after) })
    }
}

fn obtain(stage: &Stage<'_>, project: &Project, loaded: &Loaded) -> Result<Result<Closure, String>, Error> {
    let lock = lock::read(stage.project)?;
    match closure::obtain(project, loaded, lock.as_ref(), stage.request.options, stage.progress) {
        Ok(closure) => Ok(Ok(closure)),
        Err(error) if error.exit() == Exit::Interrupted => Err(error),
        Err(error) => Ok(Err(why(&error))),
    }
}

/// Names the recipe whose `[python]` is made for the new release, where there is one.
fn other_environment(stage: &Stage<'_>) -> String {
    let version = stage.after.recipe.upstream.version().unwrap_or_default();
    match probe::of_release(stage.project, stage.loaded, version) {
        Ok(Some(other)) => {
            format!("; recipe `{}` builds on {version}, with a `[python]` of its own", other.recipe.name)
        }
        _ => String::new(),
    }
}

fn compared(before: &Closure, after: &Closure) -> PackageChanges {
    let versions =
        |pins: &[Pin]| pins.iter().map(|pin| (pin.name.clone(), pin.version.clone())).collect::<BTreeMap<_, _>>();
    let (old, new) = (versions(&before.pins.run), versions(&after.pins.run));
    let package = |(name, version): (&String, &String)| Package { package: name.clone(), version: version.clone() };
    let only = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        one.iter().filter(|(name, _)| !other.contains_key(*name)).map(package).collect::<Vec<_>>()
    };
    let changed = old.iter().filter_map(|(name, before)| {
        let after = new.get(name).filter(|after| *after != before)?;
        Some(PackageChange { package: name.clone(), before: before.clone(), after: after.clone() })
    });
    PackageChanges {
        before_count: old.len(),
        after_count: new.len(),
        changed: changed.collect(),
        added: only(&new, &old),
        removed: only(&old, &new),
        has_wheel: (is_wheel(before), is_wheel(after)),
    }
}

fn is_wheel(closure: &Closure) -> bool {
    matches!(closure.pins.source, Source::Wheel(_))
}
