//! Which of many releases lie between two, and in what order?

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::Error;
use crate::io::index::nearest;

/// The releases that upstream has: what each is called, by its version.
pub(super) type Known = BTreeMap<Version, String>;

/// What upstream's releases are looked up in.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// What it is called in messages.
    pub(super) name: String,
    /// Tells that only what is in the cache is known.
    pub(super) is_offline: bool,
}

impl Place {
    /// Fails unless the release `version`, written as `text`, is known.
    pub(super) fn check(&self, known: &Known, version: &Version, text: &str) -> Result<(), Error> {
        if known.contains_key(version) {
            return Ok(());
        }
        let near = nearest(known.keys(), version).into_iter().map(|version| format!("`{}`", known[version]));
        let nearest = match near.collect::<Vec<_>>().as_slice() {
            [] => format!("{} holds none", if self.is_offline { "the cache" } else { "it" }),
            [only] => format!("the nearest is {only}"),
            near => format!("the nearest are {}", near.join(", ")),
        };
        let (upstream, version) = (self.name.clone(), text.to_owned());
        Err(if self.is_offline {
            Error::NotCached { upstream, version, nearest }
        } else {
            Error::Unknown { upstream, version, nearest }
        })
    }
}

/// Returns the releases from `base` to `target`, both of which are known.
pub(super) fn between(known: &Known, base: &Version, target: &Version) -> Result<Vec<Version>, Error> {
    if target < base {
        return Err(Error::Older { version: known[target].clone(), base: known[base].clone() });
    }
    let takes_all = base.any_prerelease() || target.any_prerelease();
    let is_end = |version: &&Version| *version == base || *version == target;
    let range = known.range(base.clone()..=target.clone()).map(|(version, _)| version);
    Ok(range.filter(|version| takes_all || is_end(version) || !version.any_prerelease()).cloned().collect())
}
