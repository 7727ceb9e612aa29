//! Which file of a release does the package index offer?

pub mod configured;

pub mod page;

pub mod distribution;

pub mod wheel;

pub mod machine;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use pep440_rs::Version;
use pep440_rs::VersionSpecifiers;
use url::Url;

use crate::io::address;
use crate::io::download;
use crate::io::download::Client;
use crate::io::index::distribution::Distribution;
use crate::io::index::page::Link;
use crate::io::index::wheel::Misfit;
use crate::io::index::wheel::Platform;
use crate::io::index::wheel::Rank;
use crate::recipe::resolve::Artifact;

/// How many releases around a missing one are named.
const NEAREST_COUNT: usize = 5;

/// A release that the index does not offer as asked. Addresses are shown without credentials.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Neither the environment nor pip names an index.
    #[error("no package index is configured")]
    #[diagnostic(
        code("HV0323"),
        help("set `PIP_INDEX_URL`, or install pip so that hive can ask it which index it uses")
    )]
    NoIndex,

    /// The configured index is no address.
    #[error("`{address}` is not the address of a package index")]
    #[diagnostic(code("HV0324"), help("expected an `http`, `https` or `file` address, or a folder's absolute path"))]
    Address {
        /// What is configured.
        address: String,
    },

    /// The index answers in something that is no list of files.
    #[error("`{url}` answers with {found}, expected a package index's JSON or HTML")]
    #[diagnostic(code("HV0325"), help("check that the address is that of the index's `simple` pages"))]
    Answer {
        /// The page.
        url: String,
        /// The content type.
        found: String,
    },

    /// The index answers in JSON of another shape.
    #[error("`{url}` answers with JSON that lists no files")]
    #[diagnostic(code("HV0325"), help("check that the address is that of the index's `simple` pages"))]
    Json {
        /// The page.
        url: String,
        /// Where the JSON differs.
        source: serde_json::Error,
    },

    /// No index knows the project.
    #[error("there is no package `{package}` on {indexes}")]
    #[diagnostic(code("HV0326"), help("check the recipe's `package`, and which index pip is configured with"))]
    NoPackage {
        /// The project.
        package: String,
        /// The indexes that were asked.
        indexes: String,
    },

    /// The project has no such release.
    #[error("`{package}` has no release {version}")]
    #[diagnostic(code("HV0327"))]
    NoVersion {
        /// The project.
        package: String,
        /// The release that was asked for.
        version: String,
        /// The nearest releases.
        #[help]
        nearest: String,
    },

    /// The release has no file of that kind.
    #[error("`{package}` {version} has no {wanted}")]
    #[diagnostic(code("HV0328"))]
    NoArtifact {
        /// The project.
        package: String,
        /// The release.
        version: String,
        /// The kind of file.
        wanted: &'static str,
        /// What there is instead.
        #[help]
        advice: String,
    },

    /// The release has wheels, but none for this machine.
    #[error("no wheel of `{package}` {version} fits {platform}")]
    #[diagnostic(code("HV0329"), help("`artifact = \"sdist\"` takes the sources, which fit every machine"))]
    NoWheel {
        /// The project.
        package: String,
        /// The release.
        version: String,
        /// The machine and the interpreter.
        platform: String,
        /// Each wheel, and why it does not fit.
        source: Misfits,
    },

    /// Nothing proves that the file is the right one.
    #[error("the index publishes no sha256 for `{file_name}`")]
    #[diagnostic(code("HV0330"), help("name the hash in the recipe: `sha256 = \"…\"`"))]
    NoHash {
        /// The file.
        file_name: String,
    },

    /// The release's file is another one than expected.
    #[error("the index offers `{file_name}` with sha256 {found}, expected {expected}")]
    #[diagnostic(
        code("HV0336"),
        help("if the release was really replaced, correct the recipe's `sha256` and run `hive lock`")
    )]
    Mismatch {
        /// The file.
        file_name: String,
        /// The hash that the recipe or the lock names.
        expected: String,
        /// The published hash.
        found: String,
    },

    /// What was asked for cannot be a project's name.
    #[error("`{package}` is not a package's name")]
    #[diagnostic(code("HV0331"), help("a name holds letters, digits, `-`, `_` and `.`"))]
    Name {
        /// What was asked for.
        package: String,
    },

    /// What was asked for cannot be a release.
    #[error("`{version}` is not a version")]
    #[diagnostic(code("HV0331"), help("expected one like `20250609` or `1.2.0`"))]
    Version {
        /// What was asked for.
        version: String,
        /// Where the text differs from a version.
        source: pep440_rs::VersionParseError,
    },

    /// The page could not be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Download(#[from] download::Error),
}

/// The wheels of a release, and why each does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfits(pub Vec<(String, Misfit)>);

impl fmt::Display for Misfits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (file_name, misfit)) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "\n" };
            write!(formatter, "{separator}`{file_name}` {misfit}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Misfits {}

/// What is looked for on the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The project's name, in the index's form.
    pub package: String,
    /// The release.
    pub version: Version,
    /// Which file of the release.
    pub artifact: Artifact,
    /// The machine that a wheel has to fit; `None` for sources.
    pub platform: Option<Platform>,
    /// Takes a wheel of another machine where none fits, to be read and not run.
    pub any_platform: bool,
    /// The SHA-256 that the file has to have; `None` trusts the published one.
    pub sha256: Option<String>,
}

impl Wanted {
    /// Checks a project's name and a release's version.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Name`] and [`Error::Version`] for what can be neither.
    pub fn release(package: &str, version: &str) -> Result<(String, Version), Error> {
        let is_name = package.starts_with(|letter: char| letter.is_ascii_alphanumeric())
            && package.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter));
        if !is_name {
            return Err(Error::Name { package: package.to_owned() });
        }
        let parsed =
            Version::from_str(version).map_err(|source| Error::Version { version: version.to_owned(), source })?;
        Ok((distribution::normalized(package), parsed))
    }
}

/// Asks the indexes, in order, which files the project has. A file that several list is taken from the first.
///
/// # Errors
///
/// Returns [`Error::NoPackage`] when none knows the project, and what went wrong on the way to any of them.
pub fn list(client: &Client, indexes: &[Url], package: &str) -> Result<Vec<Link>, Error> {
    let mut links: Vec<Link> = Vec::new();
    let mut is_known = false;
    for index in indexes {
        let page = match client.page(&project_page(index, package), page::ACCEPT) {
            Ok(page) => page,
            Err(download::Error::Missing { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        is_known = true;
        for mut link in page::parse(&page)? {
            if links.iter().all(|known| known.file_name != link.file_name) {
                keep_credentials(index, &mut link.url);
                links.push(link);
            }
        }
    }
    if is_known {
        return Ok(links);
    }
    let asked: Vec<String> = indexes.iter().map(|index| format!("`{}`", address::shown(index))).collect();
    Err(Error::NoPackage { package: package.to_owned(), indexes: asked.join(", ") })
}

/// Chooses the file that is wanted.
///
/// A withdrawn (yanked) file is taken too, as pip does for an exact version.
///
/// # Errors
///
/// Returns why no file will do: [`Error::NoVersion`], [`Error::NoArtifact`], [`Error::NoWheel`], [`Error::Mismatch`],
/// [`Error::NoHash`].
pub fn choose<'a>(links: &'a [Link], wanted: &Wanted) -> Result<&'a Link, Error> {
    let files: Vec<(Distribution, &Link)> =
        links.iter().filter_map(|link| Some((distribution::parse(&link.file_name, &wanted.package)?, link))).collect();
    let release: Vec<&(Distribution, &Link)> =
        files.iter().filter(|(file, _)| *file.version() == wanted.version).collect();
    if release.is_empty() {
        return Err(Error::NoVersion {
            package: wanted.package.clone(),
            version: wanted.version.to_string(),
            nearest: names(&nearest(files.iter().map(|(file, _)| file.version()), &wanted.version)),
        });
    }
    let candidates = match wanted.artifact {
        Artifact::Sdist => sdists(&release),
        Artifact::Wheel => wheels(&release, wanted)?,
    };
    let Some(best) = candidates.first() else {
        return Err(no_artifact(&release, wanted));
    };
    let Some(expected) = &wanted.sha256 else {
        let hash = best.sha256.as_ref();
        return hash.map(|_| *best).ok_or_else(|| Error::NoHash { file_name: best.file_name.clone() });
    };
    let has = |link: &&&Link| link.sha256.as_ref().is_some_and(|found| found.eq_ignore_ascii_case(expected));
    let is_silent = |link: &&&Link| link.sha256.is_none();
    candidates.iter().find(has).or_else(|| candidates.iter().find(is_silent)).copied().ok_or_else(|| Error::Mismatch {
        file_name: best.file_name.clone(),
        expected: expected.clone(),
        found: best.sha256.clone().unwrap_or_default(),
    })
}

fn sdists<'a>(release: &[&(Distribution, &'a Link)]) -> Vec<&'a Link> {
    let mut links: Vec<&Link> =
        release.iter().filter(|(file, _)| matches!(file, Distribution::Sdist { .. })).map(|(_, link)| *link).collect();
    // The format of today before the one of old, whichever the page lists first.
    links.sort_by_key(|link| !link.file_name.ends_with(".tar.gz"));
    links
}

/// Returns the wheels that fit, the best first, and behind them the others where any machine's will do; none when the
/// release has no wheel at all.
fn wheels<'a>(release: &[&(Distribution, &'a Link)], wanted: &Wanted) -> Result<Vec<&'a Link>, Error> {
    let mut fitting: Vec<(Rank, Reverse<u64>, &Link)> = Vec::new();
    let mut others: Vec<(Misfit, &Link)> = Vec::new();
    let Some(platform) = &wanted.platform else {
        return Ok(Vec::new());
    };
    for (file, link) in release {
        let Distribution::Wheel { build, tags, .. } = file else {
            continue;
        };
        let refused = refused_python(platform.python, link.requires_python.as_deref());
        match wheel::fit(platform, tags).and_then(|rank| refused.map_or(Ok(rank), Err)) {
            Ok(rank) => fitting.push((rank, Reverse(*build), link)),
            Err(misfit) => others.push((misfit, link)),
        }
    }
    fitting.sort_by_key(|(rank, build, link)| (*rank, *build, &link.file_name));
    others.sort_by_key(|(_, link)| &link.file_name);
    if fitting.is_empty() && !others.is_empty() && !wanted.any_platform {
        let misfits = others.into_iter().map(|(misfit, link)| (link.file_name.clone(), misfit)).collect();
        return Err(Error::NoWheel {
            package: wanted.package.clone(),
            version: wanted.version.to_string(),
            platform: platform.to_string(),
            source: Misfits(misfits),
        });
    }
    let others = others.into_iter().map(|(_, link)| link).filter(|_| wanted.any_platform);
    Ok(fitting.into_iter().map(|(_, _, link)| link).chain(others).collect())
}

/// Returns the misfit when the release says that it is not for this Python; what cannot be read refuses nothing.
fn refused_python((major, minor): (u32, u32), required: Option<&str>) -> Option<Misfit> {
    let required = required?;
    let specifiers = VersionSpecifiers::from_str(required).ok()?;
    // The patch release is not known: the lowest satisfies `<3.12.5`, one higher than all satisfies `>=3.12.5`.
    let mut patches = [0, 999].into_iter();
    let is_allowed =
        patches.any(|patch| specifiers.contains(&Version::new([u64::from(major), u64::from(minor), patch])));
    (!is_allowed).then(|| Misfit::RequiresPython { required: required.to_owned() })
}

fn no_artifact(release: &[&(Distribution, &Link)], wanted: &Wanted) -> Error {
    let names: Vec<String> = release.iter().map(|(_, link)| format!("`{}`", link.file_name)).collect();
    let (wanted_kind, other) = match wanted.artifact {
        Artifact::Sdist => ("sdist", "wheel"),
        Artifact::Wheel => ("wheel", "sdist"),
    };
    Error::NoArtifact {
        package: wanted.package.clone(),
        version: wanted.version.to_string(),
        wanted: wanted_kind,
        advice: format!("the release has {}; `artifact = \"{other}\"` takes one", names.join(", ")),
    }
}

/// Returns the releases around a missing one, as many before it as after it where there are, in order.
#[must_use]
pub fn nearest<'a>(versions: impl Iterator<Item = &'a Version>, missing: &Version) -> Vec<&'a Version> {
    let known: BTreeSet<&Version> = versions.collect();
    let (mut before, mut after): (Vec<&Version>, Vec<&Version>) =
        known.into_iter().partition(|version| *version < missing);
    after.reverse();
    let mut near = Vec::new();
    while near.len() < NEAREST_COUNT {
        let found = near.len();
        near.extend(before.pop());
        near.extend(after.pop());
        if near.len() == found {
            break;
        }
    }
    near.truncate(NEAREST_COUNT);
    near.sort();
    near
}

fn names(near: &[&Version]) -> String {
    if near.is_empty() {
        return "the index lists no release of it that hive can take".to_owned();
    }
    let names: Vec<String> = near.iter().map(ToString::to_string).collect();
    format!("the nearest releases are {}", names.join(", "))
}

fn project_page(index: &Url, package: &str) -> Url {
    let mut url = index.clone();
    if let Ok(mut parts) = url.path_segments_mut() {
        parts.pop_if_empty().push(package).push("");
    }
    url
}

/// Lets the index's credentials go with links to the same host, and to no other.
fn keep_credentials(index: &Url, link: &mut Url) {
    if link.origin() == index.origin() && link.username().is_empty() && link.password().is_none() {
        // Only addresses without a host refuse credentials, and those never share an origin.
        let _ = link.set_username(index.username());
        let _ = link.set_password(index.password());
    }
}
