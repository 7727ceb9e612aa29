//! A tag of a git repository, as a tree in the cache.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use miette::Diagnostic;
use thiserror::Error;

use crate::io::files;
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
    // `--` keeps an address that begins with a dash from being an option.
    let clone = ["clone", "--quiet", "--depth", "1", "--branch", tag, "--", url];
    let failed = |answer: String| Error::Clone { url: shown.clone(), tag: tag.to_owned(), answer };
    if tag.starts_with('-') {
        return Err(failed("a tag does not begin with a dash".to_owned()));
    }
    run(Command::new("git").args(clone).arg(&target)).map_err(|error| error.into_error(&failed))?;
    let commit = run(Command::new("git").arg("-C").arg(&target).args(["rev-parse", "HEAD"]))
        .map_err(|error| error.into_error(&failed))?;
    // The tree is hashed and copied; git's own files are not part of it.
    std::fs::remove_dir_all(target.join(".git")).map_err(files::Error::writing(&target))?;
    files::write_atomic(&fresh.path().join("commit"), commit.as_bytes())?;
    replace_folder(fresh.path(), &folder)?;
    let _ = fresh.keep();
    Ok(Cloned { tree, commit: commit.trim().to_owned(), from_cache: false })
}

enum Failure {
    NotStarted(std::io::Error),
    Refused(String),
}

impl Failure {
    fn into_error(self, refused: &dyn Fn(String) -> Error) -> Error {
        match self {
            Self::NotStarted(error) => Error::NoGit(error),
            Self::Refused(answer) => refused(answer),
        }
    }
}

/// Runs git without prompts and returns what it wrote.
fn run(command: &mut Command) -> Result<String, Failure> {
    let command = command.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null());
    let output = command.output().map_err(Failure::NotStarted)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let answer = String::from_utf8_lossy(&output.stderr);
    Err(Failure::Refused(answer.lines().last().unwrap_or("it said nothing").to_owned()))
}

/// Returns an address without the name and the password before its host.
fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.split('/').next().unwrap_or_default();
            let from = host.rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[from..])
        }
        None => url.to_owned(),
    }
}
