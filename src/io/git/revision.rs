//! What was a file of the user's own repository at a revision?

use std::path::Path;
use std::process::Command;

use crate::io::git::Error;
use crate::io::git::program;
use crate::io::git::program::Failure;

/// How many changes of a file are looked at.
const REVISIONS_MAX: usize = 1_000;

/// Fails unless there is such a revision of the repository that a folder is in.
///
/// # Errors
///
/// Returns [`Error::NoRevision`] with git's words, and that git is not there.
pub fn check(folder: &Path, revision: &str) -> Result<(), Error> {
    let commit = format!("{revision}^{{commit}}");
    match program::run(inside(folder).args(["rev-parse", "--verify", "--end-of-options", &commit]), b"", "") {
        Ok(_) => Ok(()),
        Err(Failure::NotStarted(error)) => Err(Error::NoGit(error)),
        Err(Failure::Refused(answer)) => Err(Error::NoRevision { revision: revision.to_owned(), answer }),
    }
}

/// Returns the bytes of a file at a revision that is there; `None` where the file was not.
///
/// # Errors
///
/// Says that git is not there.
pub fn read(folder: &Path, revision: &str, path: &str) -> Result<Option<Vec<u8>>, Error> {
    match program::run(inside(folder).args(["show", "--end-of-options", &format!("{revision}:./{path}")]), b"", "") {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Failure::NotStarted(error)) => Err(Error::NoGit(error)),
        Err(Failure::Refused(_)) => Ok(None),
    }
}

/// Returns git in a folder of the user's, which answers with bytes as they are and reaches no network.
fn inside(folder: &Path) -> Command {
    let mut command = program::quiet();
    command.arg("-C").arg(folder).env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    command
}

/// Returns the first content of a file, going back through all branches from the newest change, that is the one looked for.
///
/// Without git, or outside a repository, nothing is found.
pub fn earlier(folder: &Path, path: &str, is_it: &dyn Fn(&Vec<u8>) -> bool) -> Option<Vec<u8>> {
    let most = format!("--max-count={REVISIONS_MAX}");
    let mut log = inside(folder);
    log.args(["log", "--all", "--format=%H", &most, "--", path]);
    let commits = program::run(&mut log, b"", "").ok()?;
    let commits = String::from_utf8(commits).ok()?;
    commits.lines().find_map(|commit| read(folder, commit, path).ok().flatten().filter(is_it))
}
