//! What does a file's name say about the release it belongs to?

use std::str::FromStr;

use pep440_rs::Version;

use crate::io::index::wheel::Tags;
use crate::recipe::resolve::Artifact;

/// A file of a release, as its name describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distribution {
    /// A source distribution, `NAME-VERSION.tar.gz` or `.zip`.
    Sdist {
        /// The release.
        version: Version,
    },
    /// A wheel, `NAME-VERSION(-BUILD)-PYTHON-ABI-PLATFORM.whl`.
    Wheel {
        /// The release.
        version: Version,
        /// The number that the build tag starts with, 0 without one; a higher one replaces a lower one.
        build: u64,
        /// What the wheel runs on.
        tags: Tags,
    },
}

impl Distribution {
    /// Returns the release that the file belongs to.
    #[must_use]
    pub fn version(&self) -> &Version {
        match self {
            Self::Sdist { version } | Self::Wheel { version, .. } => version,
        }
    }

    /// Returns which file of a release it is.
    #[must_use]
    pub fn artifact(&self) -> Artifact {
        match self {
            Self::Sdist { .. } => Artifact::Sdist,
            Self::Wheel { .. } => Artifact::Wheel,
        }
    }
}

/// Returns what the name of a file of `package` says, or `None` for files of other packages and other kinds (eggs,
/// installers, archives in formats that are no longer published).
#[must_use]
pub fn parse(file_name: &str, package: &str) -> Option<Distribution> {
    if let Some(stem) = file_name.strip_suffix(".whl") {
        return wheel(stem, package);
    }
    let stem = file_name.strip_suffix(".tar.gz").or_else(|| file_name.strip_suffix(".zip"))?;
    let version = name_and_version(stem, package)?;
    Some(Distribution::Sdist { version })
}

/// Returns the version of `NAME-VERSION`, or `None` when the name is not the package's.
///
/// Old names hold hyphens, so the hyphen that separates the version is found by what stands on both sides of it.
#[must_use]
pub fn name_and_version(stem: &str, package: &str) -> Option<Version> {
    let package = normalized(package);
    stem.match_indices('-')
        .filter(|(place, _)| normalized(&stem[..*place]) == package)
        .find_map(|(place, _)| Version::from_str(&stem[place + 1..]).ok())
}

/// Returns the name in the one form under which an index knows it: lower case, runs of `-`, `_` and `.` as one `-`.
#[must_use]
pub fn normalized(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if text.ends_with('-') => {}
            '-' | '_' | '.' => text.push('-'),
            letter => text.push(letter.to_ascii_lowercase()),
        }
    }
    text
}

fn wheel(stem: &str, package: &str) -> Option<Distribution> {
    let parts: Vec<&str> = stem.split('-').collect();
    let (name, version, build, tags) = match parts[..] {
        [name, version, python, abi, platform] => (name, version, "0", [python, abi, platform]),
        [name, version, build, python, abi, platform] => (name, version, build, [python, abi, platform]),
        _ => return None,
    };
    if normalized(name) != normalized(package) {
        return None;
    }
    let digits = build.split(|letter: char| !letter.is_ascii_digit()).next()?;
    Some(Distribution::Wheel {
        version: Version::from_str(&version.replace('_', "-")).ok()?,
        build: digits.parse().ok()?,
        tags: Tags::new(tags),
    })
}
