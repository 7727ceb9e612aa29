//! Which one file of each resolved package fits a machine?

use miette::Diagnostic;
use serde::Deserialize;
use thiserror::Error;

use crate::io::index::distribution;
use crate::io::index::distribution::Distribution;
use crate::io::index::wheel;
use crate::io::index::wheel::Platform;
use crate::recipe::closure::Pin;

/// Why a resolution cannot be pinned.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The text is not what uv writes.
    #[error("uv's `pylock.toml` cannot be read")]
    #[diagnostic(code("HV0379"), help("take another version of uv, or remove the one on `PATH`: hive fetches its own"))]
    Text {
        /// Where it differs.
        #[source]
        source: toml::de::Error,
    },

    /// Nothing of the package fits.
    #[error("`{name}` {version} has no file for {platform}{}", if *unhashed { " whose sha256 the index publishes" } else { "" })]
    #[diagnostic(code("HV0369"), help("pin another version with `override`, or leave the package out with `exclude`"))]
    NoFile {
        /// The package.
        name: String,
        /// The version.
        version: String,
        /// The machine.
        platform: String,
        /// Whether there are files, and the index does not say what they hold.
        unhashed: bool,
    },
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
    /// A tree on this machine: what was asked about, which is no package of the closure.
    directory: Option<toml::Table>,
    sdist: Option<File>,
    #[serde(default)]
    wheels: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
    hashes: Hashes,
}

#[derive(Deserialize)]
struct Hashes {
    sha256: Option<String>,
}

impl File {
    fn name(&self) -> Option<&str> {
        let last = |place: &'_ String| place.rfind('/').map_or(0, |at| at + 1);
        let place = self.url.as_ref().or(self.path.as_ref());
        self.name.as_deref().or_else(|| place.map(|place| &place[last(place)..]))
    }
}

/// Returns one pin a package, in the order of their names: the wheel that fits best, else the sdist.
///
/// # Errors
///
/// Names the package that has no file for the machine.
pub fn pins(text: &str, platform: &Platform) -> Result<Vec<Pin>, Error> {
    let lock: Lock = toml::from_str(text).map_err(|source| Error::Text { source })?;
    let mut pins = Vec::new();
    for package in lock.packages.iter().filter(|package| package.directory.is_none()) {
        pins.push(pin(package, platform)?);
    }
    pins.sort();
    Ok(pins)
}

fn pin(package: &Package, platform: &Platform) -> Result<Pin, Error> {
    let name = distribution::normalized(&package.name);
    let rank = |file: &&File| match distribution::parse(&file.name()?.replace("%2B", "+"), &name)? {
        Distribution::Wheel { build, tags, .. } => {
            Some((wheel::fit(platform, &tags).ok()?, std::cmp::Reverse(build), file.name()?.to_owned()))
        }
        Distribution::Sdist { .. } => None,
    };
    let mut fitting: Vec<_> = package.wheels.iter().filter_map(|file| Some((rank(&file)?, file))).collect();
    fitting.sort_by(|one, other| one.0.cmp(&other.0));
    let version = package.version.clone().unwrap_or_default();
    let file = fitting.first().map(|(_, file)| *file).or(package.sdist.as_ref());
    match file.and_then(|file| file.hashes.sha256.clone()) {
        Some(sha256) => Ok(Pin { name, version, sha256 }),
        None => Err(Error::NoFile { name, version, platform: platform.to_string(), unhashed: file.is_some() }),
    }
}
