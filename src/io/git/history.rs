//! Which commits of a repository changed a file, and what did it say in each?

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use miette::Diagnostic;
use thiserror::Error;

use crate::io::git::objects::Objects;
use crate::io::git::program;
use crate::io::git::program::Failure;

/// Why the history of a file cannot be told.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The `git` program is not there.
    #[error("`git` cannot be started")]
    #[diagnostic(code("HV0357"), help("install git"))]
    NoGit(#[source] std::io::Error),

    /// The folder is in no repository.
    #[error("`{}` is in no git repository, so there is no history", folder.display())]
    #[diagnostic(code("HV0520"), help("commit the project: `git init && git add . && git commit`"))]
    NoRepository {
        /// The folder.
        folder: PathBuf,
    },

    /// git did not answer.
    #[error("the history of `{path}` cannot be read: {answer}")]
    #[diagnostic(code("HV0521"), help("see what `git log -- {path}` says"))]
    Unread {
        /// The file.
        path: String,
        /// What git says.
        answer: String,
    },
}

/// A commit that changed a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its whole name, in hex.
    pub id: String,
    /// Its short name, as long as it takes to be the only one.
    pub short: String,
    /// When its author made it: RFC 3339, with the author's offset.
    pub date: String,
    /// The first line of its message.
    pub subject: String,
    /// The commits that changed the file before it, newest first; two for a merge of both their changes.
    pub parents: Vec<String>,
}

/// A repository, and a folder of its work tree.
#[derive(Debug)]
pub struct History {
    git: PathBuf,
    /// The path of the folder in the repository, with a slash at its end; empty for the root.
    prefix: String,
    objects: Option<Objects>,
}

/// What stands between two fields of git's answer; no subject has it.
const BETWEEN: char = '\u{1f}';

impl History {
    /// Opens the repository that a folder is in.
    ///
    /// # Errors
    ///
    /// Says that it is in none.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let none = || Error::NoRepository { folder: folder.to_owned() };
        let folder = folder.canonicalize().map_err(|_| none())?;
        let root = folder.ancestors().find(|folder| folder.join(".git").exists()).ok_or_else(none)?;
        let inside = folder.strip_prefix(root).map_err(|_| none())?;
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        let prefix = parts.ok_or_else(none)?.iter().flat_map(|part| [part, "/"]).collect();
        Ok(Self { git: root.join(".git"), prefix, objects: None })
    }

    /// Returns the commits up to `until` that changed a file of the folder, each before those that it builds on; those that
    /// `since` builds on are left out, and itself. None where it was never committed.
    ///
    /// # Errors
    ///
    /// Says what git said.
    pub fn commits(&self, path: &str, since: Option<&str>, until: &str) -> Result<Vec<Commit>, Error> {
        if !self.has(until, path)? {
            return Ok(Vec::new());
        }
        let format = ["%H", "%h", "%P", "%aI", "%s"].join(&BETWEEN.to_string());
        let literal = format!(":(top,literal){}{path}", self.prefix);
        let mut command = program::reading(&self.git);
        command.args(["log", "--topo-order", "--parents", "--no-show-signature"]);
        command.arg(format!("--format=tformat:{format}")).arg(until);
        command.args(since.map(|since| format!("^{since}"))).args(["--", &literal]);
        let listed = Self::run(&mut command, path)?;
        let listed = String::from_utf8_lossy(&listed);
        let commit = |line: &str| {
            let fields: Vec<&str> = line.splitn(5, BETWEEN).collect();
            let [id, short, parents, date, subject] = fields[..] else { return None };
            Some(Commit {
                id: id.to_owned(),
                short: short.to_owned(),
                date: date.to_owned(),
                subject: subject.to_owned(),
                parents: parents.split_ascii_whitespace().map(str::to_owned).collect(),
            })
        };
        Ok(listed.lines().filter_map(commit).collect())
    }

    /// Returns a file of the folder as a commit has it; `None` where it has none.
    ///
    /// # Errors
    ///
    /// Says what git said.
    pub fn read(&mut self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut objects = match self.objects.take() {
            Some(objects) => objects,
            None => Objects::open(&self.git).map_err(Error::NoGit)?,
        };
        let read = objects.find(&format!("{commit}:{}{path}", self.prefix));
        let bytes = read.map_err(|answer| Error::Unread { path: path.to_owned(), answer })?;
        // Only a process that has answered in full can be asked again.
        self.objects = Some(objects);
        Ok(bytes)
    }

    /// Returns whether there is such a commit; a repository without one has no history yet.
    fn has(&self, commit: &str, path: &str) -> Result<bool, Error> {
        // What is no repository at all is told.
        Self::run(program::reading(&self.git).args(["for-each-ref", "--count=1"]), path)?;
        let mut command = program::reading(&self.git);
        match Self::run(command.args(["rev-parse", "--verify", "--quiet", commit]), path) {
            Ok(_) => Ok(true),
            Err(Error::Unread { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn run(command: &mut Command, path: &str) -> Result<Vec<u8>, Error> {
        program::run(command, b"", "").map_err(|failure| match failure {
            Failure::NotStarted(error) => Error::NoGit(error),
            Failure::Refused(answer) => Error::Unread { path: path.to_owned(), answer },
        })
    }
}
