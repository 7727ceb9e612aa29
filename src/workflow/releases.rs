//! The releases between a recipe's own and a later one, in order, and single files of each.

mod order;

mod index;
mod repository;

use std::fmt;

use miette::Diagnostic;
use thiserror::Error;

use crate::io::progress::Progress;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::releases::index::Index;
use crate::workflow::releases::repository::Repository;
use crate::workflow::upstream;

/// Why there is no way from the recipe's release to another one.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The release that was asked for does not exist.
    #[error("{upstream} has no release `{version}`")]
    #[diagnostic(code("HV0362"))]
    Unknown {
        /// Where the release was looked for.
        upstream: String,
        /// What was asked for.
        version: String,
        /// The nearest releases.
        #[help]
        nearest: String,
    },

    /// A file of a release was asked for that is not on the way.
    #[error("release `{version}` is not among those that are read from `{first}` to `{last}`")]
    #[diagnostic(
        code("HV0362"),
        help(
            "the way holds no pre-releases, withdrawn releases, and releases without the recipe's artifact, but at its ends"
        )
    )]
    NotBetween {
        /// What was asked for.
        version: String,
        /// The recipe's release.
        first: String,
        /// The release that is walked to.
        last: String,
    },

    /// The release that was asked for is older than the recipe's.
    #[error("`{version}` is older than `{base}`, the recipe's release")]
    #[diagnostic(
        code("HV0363"),
        help("name a later release; to go back, restore the older recipe and its patches from version control")
    )]
    Older {
        /// What was asked for.
        version: String,
        /// The recipe's release.
        base: String,
    },

    /// A local tree is one release only.
    #[error("the local tree `{path}` has no releases after it")]
    #[diagnostic(
        code("HV0364"),
        help("name the release that the tree was made from: `[upstream.pypi]` or `[upstream.git]`")
    )]
    LocalTree {
        /// The tree, as the recipe names it.
        path: String,
    },

    /// What was asked for, or the recipe's tag, holds no version.
    #[error("`{text}` holds no version, so there are no releases in order between it and another one")]
    #[diagnostic(code("HV0365"), help("{expected}"))]
    NoVersion {
        /// What was asked for, or the recipe's tag.
        text: String,
        /// What would do.
        expected: &'static str,
    },

    /// The release has not been fetched, and nothing may be downloaded.
    #[error("release `{version}` of {upstream} is not in the cache, and `--offline` downloads nothing")]
    #[diagnostic(code("HV0366"), help("run the command once without `--offline`; {nearest}"))]
    NotCached {
        /// Where the release was looked for.
        upstream: String,
        /// What was asked for, or the recipe's release.
        version: String,
        /// The nearest releases that are in the cache.
        nearest: String,
    },
}

/// Which releases are asked for, and on what terms.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The recipe; its release is the first.
    pub recipe: &'a Recipe,
    /// The checksum that the lock has for the recipe's release.
    pub locked: Option<&'a str>,
    /// The last release.
    pub target: &'a str,
    /// The package index to ask instead of the one that pip is configured with.
    pub index: Option<&'a str>,
    /// What every use case may be told.
    pub options: Options,
}

/// The releases between two of a recipe's upstream, both included.
///
/// Pre-releases are left out unless one of the ends is one; withdrawn (yanked) releases, and those without the recipe's
/// artifact, unless they are an end. What is read of a release is fetched then, not before.
pub struct Releases<'p> {
    versions: Vec<String>,
    note: Option<String>,
    source: Source<'p>,
}

enum Source<'p> {
    Index(Index<'p>),
    Repository(Repository<'p>),
}

impl fmt::Debug for Releases<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Releases").field("versions", &self.versions).finish_non_exhaustive()
    }
}

/// Releases that are newer than a recipe's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newer {
    /// The versions or tags, in order.
    pub versions: Vec<String>,
    /// What there is to know about the list; `None` for a list that is whole.
    pub note: Option<String>,
}

/// Returns the releases that are newer than a recipe's own, without pre-releases, unless that is one, and without withdrawn
/// ones. Nothing of them is fetched.
///
/// # Errors
///
/// Returns [`Error::LocalTree`] for a recipe that builds on a tree, and why upstream cannot be asked.
pub fn newer(
    project: &Project,
    recipe: &Recipe,
    index: Option<&str>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Newer, workflow::Error> {
    let (versions, kept) = match &recipe.upstream {
        Upstream::Pypi { .. } => {
            (Index::newer(&own(recipe, None, index, options.offline), &project.cache())?, "releases")
        }
        Upstream::Git { url, tag } => {
            let cache = project.path(".hive/cache");
            (Repository::newer(url, tag, &cache, options.offline, progress)?, "tags")
        }
        Upstream::Path { path } => return Err(Error::LocalTree { path: path.clone() }.into()),
    };
    Ok(Newer { versions, note: options.offline.then(|| note(kept)) })
}

/// Returns the request for a recipe's own release, to be read.
fn own(
    recipe: &Recipe,
    expected_sha256: Option<String>,
    index: Option<&str>,
    offline: bool,
) -> crate::io::fetch::Request {
    let Upstream::Pypi { package, version, artifact, .. } = &recipe.upstream else {
        unreachable!("only releases of an index are asked for here");
    };
    crate::io::fetch::Request {
        package: package.clone(),
        version: version.clone(),
        artifact: *artifact,
        python: upstream::python(recipe),
        // The releases are read, not run.
        any_platform: true,
        expected_sha256,
        offline,
        index: index.map(str::to_owned),
    }
}

fn note(kept: &str) -> String {
    format!("offline: only {kept} that are in the cache are known")
}

impl<'p> Releases<'p> {
    /// Finds the releases from the recipe's own to the target.
    ///
    /// # Errors
    ///
    /// Returns [`Error`] when there is no way, and why upstream cannot be asked.
    pub fn between(
        project: &Project,
        request: &Request<'_>,
        progress: &'p dyn Progress,
    ) -> Result<Self, workflow::Error> {
        let is_offline = request.options.offline;
        let (versions, source, kept) = match &request.recipe.upstream {
            Upstream::Pypi { sha256, .. } => {
                let locked = request.locked.and_then(|locked| locked.strip_prefix("sha256:"));
                let expected_sha256 = sha256.clone().or(locked.map(str::to_owned));
                let base = own(request.recipe, expected_sha256, request.index, is_offline);
                let (versions, index) = Index::open(&base, request.target, project.cache(), progress)?;
                (versions, Source::Index(index), "releases")
            }
            Upstream::Git { url, tag } => {
                let cache = project.path(".hive/cache");
                let (versions, repository) = Repository::open(url, tag, request.target, &cache, is_offline, progress)?;
                (versions, Source::Repository(repository), "tags")
            }
            Upstream::Path { path } => return Err(Error::LocalTree { path: path.clone() }.into()),
        };
        let note = is_offline.then(|| note(kept));
        Ok(Self { versions, note, source })
    }

    /// Returns the releases, in order: versions of the package, or tags. The first is the recipe's own.
    #[must_use]
    pub fn versions(&self) -> &[String] {
        &self.versions
    }

    /// Returns what there is to know about the list; `None` for a list that is whole.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Returns the bytes of a file of a release; `None` when the release has no such file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotBetween`] for other releases, and why a release is not to be had.
    pub fn read(&mut self, version: &str, path: &str) -> Result<Option<Vec<u8>>, workflow::Error> {
        let place = self.place(version)?;
        match &mut self.source {
            Source::Index(index) => index.read(place, path),
            Source::Repository(repository) => repository.read(place, path),
        }
    }

    /// Returns the paths of a release's files, sorted by their bytes.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotBetween`] for other releases, and why a release is not to be had.
    pub fn paths(&mut self, version: &str) -> Result<Vec<String>, workflow::Error> {
        let place = self.place(version)?;
        match &mut self.source {
            Source::Index(index) => index.paths(place),
            Source::Repository(repository) => repository.paths(place),
        }
    }

    fn place(&self, version: &str) -> Result<usize, Error> {
        self.versions.iter().position(|known| known == version).ok_or_else(|| Error::NotBetween {
            version: version.to_owned(),
            first: self.versions.first().cloned().unwrap_or_default(),
            last: self.versions.last().cloned().unwrap_or_default(),
        })
    }
}
