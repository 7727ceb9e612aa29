//! What does a repository hold at each of its tags?

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::io::files;
use crate::io::git::links;
use crate::io::git::objects::Objects;
use crate::io::git::program;
use crate::io::git::program::Failure;
use crate::io::git::program::without_credentials;
use crate::io::materialise::replace_folder;
use crate::io::progress::Progress;

/// A repository that cannot be looked into.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The `git` program is not there.
    #[error("`git` cannot be started")]
    #[diagnostic(code("HV0357"), help("install git, or name the release with `[upstream.pypi]`"))]
    NoGit(#[source] std::io::Error),

    /// The address would be taken for an option.
    #[error("`{url}` is not the address of a repository: it begins with a dash")]
    #[diagnostic(code("HV0360"), help("for a folder of that name, write its path: `./-name`"))]
    Address {
        /// What the recipe says.
        url: String,
    },

    /// git could not fetch.
    #[error("`{url}` cannot be fetched: {answer}")]
    #[diagnostic(
        code("HV0360"),
        help("check the address and the network; hive asks no questions, so git has to know the credentials already")
    )]
    Fetch {
        /// The repository's address, without credentials.
        url: String,
        /// What git says.
        answer: String,
    },

    /// The mirror is broken, or git answers in a way that hive does not know.
    #[error("the mirror of `{url}` in `{}` cannot be read: {answer}", folder.display())]
    #[diagnostic(code("HV0361"), help("remove that folder: the next run with a network fetches it again"))]
    Read {
        /// The repository's address, without credentials.
        url: String,
        /// The mirror.
        folder: PathBuf,
        /// What git says.
        answer: String,
    },

    /// The repository has not been fetched, and nothing may be downloaded.
    #[error("`{url}` is not in the cache, and `--offline` downloads nothing")]
    #[diagnostic(code("HV0366"), help("run the command once without `--offline`"))]
    Offline {
        /// The repository's address, without credentials.
        url: String,
    },

    /// Files have not been fetched, and nothing may be downloaded.
    #[error("{} of `{url}` not in the cache, and `--offline` downloads nothing", files_are(*count))]
    #[diagnostic(code("HV0366"), help("run the command once without `--offline`"))]
    OfflineFiles {
        /// The repository's address, without credentials.
        url: String,
        /// How many are missing.
        count: usize,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// A bare copy of a repository's tags in the cache, `git/HEX.git`, after the hash of the address without credentials.
///
/// Where the remote allows it, the copy has all commits and folders but only those files that were asked for.
pub struct Mirror<'p> {
    url: String,
    folder: PathBuf,
    is_offline: bool,
    progress: &'p dyn Progress,
    /// The process that reads files, from the first one on.
    objects: Option<Objects>,
}

impl fmt::Debug for Mirror<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mirror")
            .field("url", &self.shown())
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl<'p> Mirror<'p> {
    /// Opens the mirror of a repository in the folder `cache`, and fetches it when it is not there.
    ///
    /// # Errors
    ///
    /// Says what git said, and that the mirror is missing when `is_offline` is set.
    pub fn open(url: &str, cache: &Path, is_offline: bool, progress: &'p dyn Progress) -> Result<Self, Error> {
        if url.starts_with('-') {
            return Err(Error::Address { url: url.to_owned() });
        }
        let parent = cache.join("git");
        // Whose password it is does not matter to what the repository holds.
        let folder = parent.join(format!("{}.git", files::sha256_hex(without_credentials(url).as_bytes())));
        let mirror = Self { url: url.to_owned(), folder, is_offline, progress, objects: None };
        if mirror.is_there() {
            return Ok(mirror);
        }
        if is_offline {
            return Err(Error::Offline { url: mirror.shown() });
        }
        files::create_folder(&parent)?;
        let fresh = files::temporary_folder(&parent)?;
        let init = ["init", "--quiet", "--bare", "--template="];
        mirror.look(program::reading(fresh.path()).args(init), b"")?;
        mirror.fetch_tags(fresh.path())?;
        // Another process may have been faster: its mirror is as good.
        if fs::rename(fresh.path(), &mirror.folder).is_err() && !mirror.is_there() {
            // What stands there is not whole: somebody has deleted parts of it by hand.
            replace_folder(fresh.path(), &mirror.folder)?;
        }
        if !fresh.path().exists() {
            // The folder is no longer where it would be cleaned up.
            let _ = fresh.keep();
        }
        Ok(mirror)
    }

    /// Fetches the tags that the mirror does not have yet.
    ///
    /// # Errors
    ///
    /// Says what git said.
    pub fn refresh(&mut self) -> Result<(), Error> {
        // What is fetched stands in files that a running process may not know.
        self.objects = None;
        self.fetch_tags(&self.folder)
    }

    /// Returns the tags that name commits, sorted by their bytes.
    ///
    /// # Errors
    ///
    /// Says what git said.
    pub fn tags(&self) -> Result<Vec<String>, Error> {
        let format = "--format=%(objecttype) %(*objecttype) %(refname:strip=2)";
        let listed = self.look(program::reading(&self.folder).args(["for-each-ref", format, "refs/tags"]), b"")?;
        let listed = String::from_utf8_lossy(&listed);
        let mut tags: Vec<String> = listed.lines().filter_map(tag_of_commit).map(str::to_owned).collect();
        tags.sort();
        Ok(tags)
    }

    /// Returns the files at a tag: which object holds each, by path.
    ///
    /// A link to a file of the same tree counts as that file; any other link is left out, as are submodules, and names
    /// that are not UTF-8, which no patch could name.
    ///
    /// # Errors
    ///
    /// Says what git said.
    pub fn files(&mut self, tag: &str) -> Result<BTreeMap<String, String>, Error> {
        // The whole name of a reference is never an option, and never a branch.
        let tag = format!("refs/tags/{tag}");
        let listed =
            self.look(program::reading(&self.folder).args(["ls-tree", "-r", "-z", "--full-tree", &tag]), b"")?;
        let (mut files, mut link_ids) = (BTreeMap::new(), BTreeMap::new());
        for entry in listed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let Ok(entry) = std::str::from_utf8(entry) else { continue };
            let Some((kind, path)) = entry.split_once('\t') else {
                return Err(self.unread(format!("`ls-tree` answers `{entry}`")));
            };
            match kind.split(' ').collect::<Vec<_>>()[..] {
                ["120000", "blob", id] => drop(link_ids.insert(path.to_owned(), id.to_owned())),
                [_, "blob", id] => drop(files.insert(path.to_owned(), id.to_owned())),
                _ => {}
            }
        }
        self.obtain(&link_ids.values().cloned().collect())?;
        let mut targets = BTreeMap::new();
        for (path, id) in link_ids {
            if let Ok(target) = String::from_utf8(self.read(&id)?) {
                targets.insert(path, target);
            }
        }
        let ends: Vec<(String, String)> = targets
            .keys()
            .filter_map(|link| Some((link.clone(), files.get(&links::end(link, &targets)?)?.clone())))
            .collect();
        files.extend(ends);
        Ok(files)
    }

    /// Fetches those of some objects that the mirror does not have, all at once.
    ///
    /// # Errors
    ///
    /// Says what git said, and how many are missing when nothing may be downloaded.
    pub fn obtain(&mut self, ids: &BTreeSet<String>) -> Result<(), Error> {
        let missing = self.missing(ids)?;
        if missing.is_empty() {
            return Ok(());
        }
        if self.is_offline {
            return Err(Error::OfflineFiles { url: self.shown(), count: missing.len() });
        }
        self.objects = None;
        let options = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"];
        let mut fetch = program::fetching(&self.folder, &self.url);
        fetch.args(["-c", "fetch.negotiationAlgorithm=noop"]).args(options);
        fetch.args(["--filter=blob:none", "--stdin", "origin"]);
        self.reach("files", &mut fetch, lines(&missing).as_bytes())
    }

    /// Returns an object's bytes. It must have been obtained.
    ///
    /// # Errors
    ///
    /// Says what git said.
    pub fn read(&mut self, id: &str) -> Result<Vec<u8>, Error> {
        let mut objects = match self.objects.take() {
            Some(objects) => objects,
            None => Objects::open(&self.folder).map_err(Error::NoGit)?,
        };
        let bytes = objects.read(id).map_err(|answer| self.unread(answer))?;
        // A process that has failed is not asked again.
        self.objects = Some(objects);
        Ok(bytes)
    }

    /// Returns the repository's address without credentials.
    #[must_use]
    pub fn shown(&self) -> String {
        without_credentials(&self.url)
    }

    fn is_there(&self) -> bool {
        self.folder.join("HEAD").is_file()
    }

    fn missing(&self, ids: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut check = program::reading(&self.folder);
        let check = check.args(["cat-file", "--batch-check=%(objectname)"]);
        match program::run(check, lines(ids).as_bytes(), &self.url) {
            Ok(answer) => {
                let answer = String::from_utf8_lossy(&answer).into_owned();
                Ok(answer.lines().filter_map(|line| line.strip_suffix(" missing")).map(str::to_owned).collect())
            }
            Err(Failure::NotStarted(error)) => Err(Error::NoGit(error)),
            // Before 2.45, git cannot be kept from fetching the first missing object by itself, and fails.
            Err(Failure::Refused(_)) => Ok(ids.clone()),
        }
    }

    fn fetch_tags(&self, folder: &Path) -> Result<(), Error> {
        let options =
            ["--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none"];
        let mut fetch = program::fetching(folder, &self.url);
        // A remote that sends no parts sends everything, and says so where nobody listens.
        fetch.arg("fetch").args(options).args(["origin", "+refs/tags/*:refs/tags/*"]);
        self.reach("the tags", &mut fetch, b"")
    }

    fn reach(&self, what: &str, command: &mut Command, input: &[u8]) -> Result<(), Error> {
        self.progress.begin(&format!("fetch {what} of {}", self.shown()), None);
        match program::run(command, input, &self.url) {
            Ok(_) => {
                self.progress.end();
                Ok(())
            }
            Err(Failure::NotStarted(error)) => Err(Error::NoGit(error)),
            Err(Failure::Refused(answer)) => Err(Error::Fetch { url: self.shown(), answer }),
        }
    }

    fn look(&self, command: &mut Command, input: &[u8]) -> Result<Vec<u8>, Error> {
        program::run(command, input, &self.url).map_err(|failure| match failure {
            Failure::NotStarted(error) => Error::NoGit(error),
            Failure::Refused(answer) => self.unread(answer),
        })
    }

    fn unread(&self, answer: String) -> Error {
        Error::Read { url: self.shown(), folder: self.folder.clone(), answer }
    }
}

/// Returns a tag's name from `TYPE TYPE-OF-WHAT-IT-ANNOTATES NAME`; `None` for one that names no commit.
fn tag_of_commit(line: &str) -> Option<&str> {
    match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
        ["commit", _, name] | ["tag", "commit", name] => Some(name),
        _ => None,
    }
}

fn files_are(count: usize) -> String {
    if count == 1 { "one file is".to_owned() } else { format!("{count} files are") }
}

fn lines(ids: &BTreeSet<String>) -> String {
    ids.iter().flat_map(|id| [id.as_str(), "\n"]).collect()
}
