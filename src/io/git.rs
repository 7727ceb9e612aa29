//! A tag of a git repository, as a tree in the cache.

pub mod history;
pub mod mirror;
pub mod revision;

mod links;
mod objects;
mod program;

use std::path::Path;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::io::files;
use crate::io::git::program::Failure;
use crate::io::git::program::without_credentials;
use crate::io::materialise::replace_folder;

/// Why a tag is not there as a tree.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The `git` program is not there.
    #[error("`git` cannot be started")]
    #[diagnostic(code("HV0357"), help("install git, or name the release with `[upstream.pypi]`"))]
    NoGit(#[source] std::io::Error),

    /// The tag has not been fetched, and nothing may be downloaded.
    #[error("tag `{tag}` of `{url}` is not in the cache, and `--offline` downloads nothing")]
    #[diagnostic(code("HV0358"), help("run `hive fetch` once with a network"))]
    Offline {
        /// The repository's address, without credentials.
        url: String,
        /// The tag.
        tag: String,
    },

    /// git could not clone the tag.
    #[error("tag `{tag}` of `{url}` cannot be cloned: {answer}")]
    #[diagnostic(code("HV0359"), help("check the address and the tag; upstream's tags look like `v2.16.0`"))]
    Clone {
        /// The repository's address, without credentials.
        url: String,
        /// The tag.
        tag: String,
        /// The last line that git wrote.
        answer: String,
    },

    /// The user's own repository has no such revision, or the folder is in none.
    #[error("there is no revision `{revision}` here: {answer}")]
    #[diagnostic(code("HV0545"), help("name a commit, a branch or a tag of the repository that the project is in"))]
    NoRevision {
        /// What was asked for.
        revision: String,
        /// The last line that git wrote.
        answer: String,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// A tag as a tree on the disk, which must not be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloned {
    /// The folder of the tree.
    pub tree: PathBuf,
    /// The commit, in hex.
    pub commit: String,
    /// Tells that nothing was downloaded.
    pub from_cache: bool,
}

/// Clones a tag into the folder `cache`, or finds it there.
///
/// # Errors
///
/// Says what git said, and that the tag is missing when `offline` is set.
pub fn tag(url: &str, tag: &str, cache: &Path, offline: bool) -> Result<Cloned, Error> {
    let shown = without_credentials(url);
    let key = files::sha256_hex(format!("{url}\0{tag}").as_bytes());
    let folder = cache.join("git").join(key);
    let (tree, note) = (folder.join("tree"), folder.join("commit"));
    if let Ok(commit) = files::read_to_string(&note) {
        return Ok(Cloned { tree, commit: commit.trim().to_owned(), from_cache: true });
    }
    if offline {
        return Err(Error::Offline { url: shown, tag: tag.to_owned() });
    }
    files::create_folder(&cache.join("git"))?;
    let fresh = files::temporary_folder(&cache.join("git"))?;
    let target = fresh.path().join("tree");
    // `--` keeps an address that begins with a dash from being an option; a template would bring hooks.
    let clone = ["clone", "--quiet", "--template=", "--depth", "1", "--branch", tag, "--", url];
    let failed = |answer: String| Error::Clone { url: shown.clone(), tag: tag.to_owned(), answer };
    if tag.starts_with('-') {
        return Err(failed("a tag does not begin with a dash".to_owned()));
    }
    let mut clone_command = program::reaching();
    clone_command.args(clone).arg(&target);
    program::run(&mut clone_command, b"", url).map_err(|error| error.into_error(&failed))?;
    let mut head = program::reading(&target.join(".git"));
    let commit = program::run(head.args(["rev-parse", "HEAD"]), b"", url).map_err(|error| error.into_error(&failed))?;
    let commit = String::from_utf8_lossy(&commit).into_owned();
    // The tree is hashed and copied; git's own files are not part of it.
    std::fs::remove_dir_all(target.join(".git")).map_err(files::Error::writing(&target))?;
    files::write_atomic(&fresh.path().join("commit"), commit.as_bytes())?;
    replace_folder(fresh.path(), &folder)?;
    let _ = fresh.keep();
    Ok(Cloned { tree, commit: commit.trim().to_owned(), from_cache: false })
}

impl Failure {
    fn into_error(self, refused: &dyn Fn(String) -> Error) -> Error {
        match self {
            Self::NotStarted(error) => Error::NoGit(error),
            Self::Refused(answer) => refused(answer),
        }
    }
}
