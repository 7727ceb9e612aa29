//! What does a source tree hold?

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use walkdir::DirEntry;
use walkdir::WalkDir;

use crate::io::files;
use crate::io::inside;

/// Something of a tree that cannot be taken as it is.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The tree's root is missing or a file.
    #[error("`{}` is not a folder", path.display())]
    #[diagnostic(
        code("HV0350"),
        help("expected the folder of a source tree; `[upstream.path]` starts at the project's root")
    )]
    NotAFolder {
        /// The root.
        path: PathBuf,
    },

    /// A path would leave the tree.
    #[error("`{path}` does not name a file of the tree: {fault}")]
    #[diagnostic(code("HV0351"), help("expected a path relative to the tree's root, with `/` between its parts"))]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: inside::Fault,
    },

    /// A link leads to something that the tree does not hold as a file.
    #[error("`{path}` is a link to `{}`, {reason}", target.display())]
    #[diagnostic(code("HV0352"), help("replace the link by what it leads to: a tree has to be whole by itself"))]
    Link {
        /// The link, relative to the root.
        path: String,
        /// Where it leads, as it says.
        target: PathBuf,
        /// What is wrong with that.
        reason: &'static str,
    },

    /// A name is not UTF-8, so that no patch could name it.
    #[error("`{}` has a name that is not UTF-8", path.display())]
    #[diagnostic(code("HV0353"))]
    Name {
        /// The file.
        path: PathBuf,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// The name of the file in which hive notes what a tree that it wrote held; it is no part of the tree.
pub const MARKER_NAME: &str = ".hive-tree";

/// A source tree: a folder whose files are named by relative paths with `/` between their parts.
///
/// Not part of a tree are what Python leaves behind when it runs (`__pycache__` folders, `.pyc` files), and at its
/// root the repository `.git` and hive's own `.hive-tree`: none of them is source, and all of them change by looking.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    /// The root without links, which a link's target has to stay in.
    real_root: PathBuf,
}

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// The path, relative to the root.
    pub path: String,
    /// Tells whether its owner may execute the file.
    pub is_executable: bool,
}

impl Tree {
    /// Opens the tree in a folder.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotAFolder`] when there is none.
    pub fn open(root: &Path) -> Result<Self, Error> {
        if !root.is_dir() {
            return Err(Error::NotAFolder { path: root.to_owned() });
        }
        let real_root = root.canonicalize().map_err(files::Error::reading(root))?;
        Ok(Self { root: root.to_owned(), real_root })
    }

    /// Returns the folder that the tree stands in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the tree's files, sorted by the bytes of their paths. A link to a file of the tree counts as a file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Link`] for links out of the tree, to folders and to nothing, and [`Error::Name`].
    pub fn files(&self) -> Result<Vec<File>, Error> {
        let mut found = Vec::new();
        let entries = WalkDir::new(&self.root).min_depth(1).into_iter().filter_entry(is_source);
        for entry in entries {
            let entry = entry.map_err(|error| self.unread(error))?;
            if entry.file_type().is_dir() {
                continue;
            }
            let path = self.relative(entry.path())?;
            let metadata = if entry.path_is_symlink() {
                self.check_link(&path, entry.path())?;
                fs::metadata(entry.path())
            } else {
                entry.metadata().map_err(io::Error::from)
            };
            let metadata = metadata.map_err(files::Error::reading(entry.path()))?;
            if metadata.is_file() {
                found.push(File { path, is_executable: is_executable(&metadata) });
            }
        }
        found.sort();
        Ok(found)
    }

    /// Returns a file's bytes; `None` when the tree has no such file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Path`] for a path that would leave the tree, [`Error::Link`] for a link that does.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = checked(path)?;
        let full = self.root.join(&path);
        let real = match full.canonicalize() {
            Ok(real) => real,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(files::Error::reading(&full)(error).into()),
        };
        if !real.starts_with(&self.real_root) {
            return Err(self.link(&path, "which is outside the tree"));
        }
        if !real.is_file() {
            return Ok(None);
        }
        Ok(Some(files::read(&real)?))
    }

    /// Returns the SHA-256 of each file, in lower-case hex, by path.
    ///
    /// # Errors
    ///
    /// Those of [`Tree::files`], and what the disk refuses.
    pub fn digests(&self) -> Result<BTreeMap<String, String>, Error> {
        let digest = |file: File| {
            let sha256 = files::sha256_hex(&files::read(&self.root.join(&file.path))?);
            Ok((file.path, sha256))
        };
        self.files()?.into_iter().map(digest).collect()
    }

    /// Returns the tree's hash, as [`hash_of`] makes it of [`Tree::digests`].
    ///
    /// # Errors
    ///
    /// Those of [`Tree::digests`].
    pub fn hash(&self) -> Result<String, Error> {
        Ok(hash_of(&self.digests()?))
    }

    fn relative(&self, path: &Path) -> Result<String, Error> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let mut parts = Vec::new();
        for part in below {
            parts.push(part.to_str().ok_or_else(|| Error::Name { path: path.to_owned() })?);
        }
        Ok(parts.join("/"))
    }

    fn check_link(&self, path: &str, full: &Path) -> Result<(), Error> {
        let real = full.canonicalize().map_err(|_| self.link(path, "which leads nowhere"))?;
        if !real.starts_with(&self.real_root) {
            return Err(self.link(path, "which is outside the tree"));
        }
        if real.is_dir() {
            return Err(self.link(path, "which is a folder"));
        }
        Ok(())
    }

    /// Names the first link on the way to a path.
    fn link(&self, path: &str, reason: &'static str) -> Error {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            if let Ok(target) = fs::read_link(self.root.join(&path[..end])) {
                return Error::Link { path: path[..end].to_owned(), target, reason };
            }
        }
        Error::Link { path: path.to_owned(), target: self.root.clone(), reason }
    }

    fn unread(&self, error: walkdir::Error) -> Error {
        let path = error.path().unwrap_or(&self.root).to_owned();
        files::Error::Read { path, source: error.into() }.into()
    }
}

/// Returns the hash of a tree: the SHA-256, in lower-case hex, of one line `PATH NUL SHA-256-HEX LF` for each file, in
/// the order of the paths' bytes. Permissions and empty folders do not count.
#[must_use]
pub fn hash_of(digests: &BTreeMap<String, String>) -> String {
    let mut lines = Vec::new();
    for (path, sha256) in digests {
        lines.extend_from_slice(path.as_bytes());
        lines.push(0);
        lines.extend_from_slice(sha256.as_bytes());
        lines.push(b'\n');
    }
    files::sha256_hex(&lines)
}

/// Returns the path in the form in which a tree lists it.
pub(crate) fn checked(path: &str) -> Result<String, Error> {
    inside::check(path.as_bytes()).map_err(|fault| Error::Path { path: path.to_owned(), fault })
}

/// Tells whether an entry belongs to the tree, and is entered if it is a folder.
fn is_source(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    if name == "__pycache__" || Path::new(name).extension().is_some_and(|extension| extension == "pyc") {
        return false;
    }
    entry.depth() > 1 || (name != ".git" && name != MARKER_NAME)
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}
