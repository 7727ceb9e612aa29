//! How does a changed tree get onto the disk, whole or not at all?

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::io::files;
use crate::io::tree;
use crate::io::tree::MARKER_NAME;
use crate::io::tree::Tree;

/// How many files of an edited tree are named.
const SHOWN_FILES: usize = 5;

/// A tree that was not written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Something that hive did not write stands there.
    #[error("`{}` was not written by hive", into.display())]
    #[diagnostic(code("HV0354"), help("name another folder, or remove this one yourself"))]
    NotOurs {
        /// Where the tree was to go.
        into: PathBuf,
    },

    /// Somebody has worked in the tree since hive wrote it.
    #[error("`{}` was changed since hive wrote it: {changed}", into.display())]
    #[diagnostic(
        code("HV0355"),
        help(
            "move what you need out of it and remove the folder, or name another one: hive would overwrite the changes"
        )
    )]
    Edited {
        /// Where the tree was to go.
        into: PathBuf,
        /// Some of the files that differ.
        changed: String,
    },

    /// The tree cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tree(#[from] tree::Error),

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// What became of a tree that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The tree was written.
    Written,
    /// The folder held exactly this tree and was left alone.
    Unchanged,
}

/// A tree on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Materialised {
    /// The tree's hash, as [`tree::hash_of`] makes it.
    pub hash: String,
    /// How many files the tree has.
    pub file_count: usize,
    /// What became of it.
    pub outcome: Outcome,
}

/// Writes the tree `source` with `changes` into the folder `into`.
///
/// A change is the new content of a file, or `None` for a file to leave out. Files are copied, never linked, so that
/// nobody who edits the new tree touches the cache. The tree is made beside `into` and put in its place by renaming:
/// `into` is what it was, or the whole new tree.
///
/// # Errors
///
/// Returns [`Error::NotOurs`] for a folder that hive did not write (an empty one is welcome), [`Error::Edited`] for one
/// in which somebody has worked since; `into` is left alone then, as it is when the disk refuses.
pub fn materialise(
    source: &Tree,
    changes: &BTreeMap<String, Option<Vec<u8>>>,
    into: &Path,
) -> Result<Materialised, Error> {
    materialise_with(source, changes, &BTreeMap::new(), into)
}

/// As [`materialise`], with the paths whose owner may execute them, or may not any more.
///
/// # Errors
///
/// Those of [`materialise`].
pub fn materialise_with(
    source: &Tree,
    changes: &BTreeMap<String, Option<Vec<u8>>>,
    executable: &BTreeMap<String, bool>,
    into: &Path,
) -> Result<Materialised, Error> {
    let changes = checked(changes)?;
    let mut digests = source.digests()?;
    for (path, content) in &changes {
        match content {
            Some(bytes) => digests.insert(path.clone(), files::sha256_hex(bytes)),
            None => digests.remove(path),
        };
    }
    let hash = tree::hash_of(&digests);
    let file_count = digests.len();
    if is_there(into, &digests)? {
        return Ok(Materialised { hash, file_count, outcome: Outcome::Unchanged });
    }
    let parent = files::folder_of(into);
    files::create_folder(parent)?;
    let fresh = files::temporary_folder(parent)?;
    copy(source, &changes, executable, fresh.path())?;
    files::write_atomic(&fresh.path().join(MARKER_NAME), marker(&digests).as_bytes())?;
    replace_folder(fresh.path(), into)?;
    // The folder is no longer where it would be cleaned up.
    let _ = fresh.keep();
    Ok(Materialised { hash, file_count, outcome: Outcome::Written })
}

/// Moves the folder `fresh` to `into`, in place of what is there; both must be on one file system.
///
/// # Errors
///
/// Returns [`files::Error::Write`] when the disk refuses; what was at `into` is there again then.
pub fn replace_folder(fresh: &Path, into: &Path) -> Result<(), files::Error> {
    if fs::symlink_metadata(into).is_err() {
        return fs::rename(fresh, into).map_err(files::Error::writing(into));
    }
    let aside = files::temporary_folder(files::folder_of(into))?;
    let before = aside.path().join("before");
    fs::rename(into, &before).map_err(files::Error::writing(into))?;
    if let Err(refused) = fs::rename(fresh, into) {
        if fs::rename(&before, into).is_err() {
            // Rather a folder with an odd name than none: it holds what stood at `into`.
            let _ = aside.keep();
        }
        return Err(files::Error::writing(into)(refused));
    }
    Ok(())
}

fn checked(changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<BTreeMap<String, Option<&[u8]>>, Error> {
    let mut checked = BTreeMap::new();
    for (path, content) in changes {
        checked.insert(tree::checked(path)?, content.as_deref());
    }
    Ok(checked)
}

/// Tells whether `into` already holds the tree.
fn is_there(into: &Path, digests: &BTreeMap<String, String>) -> Result<bool, Error> {
    let not_ours = || Error::NotOurs { into: into.to_owned() };
    let Ok(metadata) = fs::symlink_metadata(into) else {
        return Ok(false);
    };
    if !metadata.is_dir() {
        return Err(not_ours());
    }
    let mut entries = fs::read_dir(into).map_err(files::Error::reading(into))?;
    if entries.next().is_none() {
        return Ok(false);
    }
    let written = fs::read_to_string(into.join(MARKER_NAME)).map_err(|_| not_ours())?;
    let written = parse_marker(&written).ok_or_else(not_ours)?;
    let found = Tree::open(into)?.digests()?;
    if found == *digests {
        return Ok(true);
    }
    if found == written {
        return Ok(false);
    }
    Err(Error::Edited { into: into.to_owned(), changed: difference(&written, &found) })
}

fn copy(
    source: &Tree,
    changes: &BTreeMap<String, Option<&[u8]>>,
    executable: &BTreeMap<String, bool>,
    into: &Path,
) -> Result<(), Error> {
    let may_execute = |path: &str, otherwise| executable.get(path).copied().unwrap_or(otherwise);
    let mut added = changes.clone();
    for file in source.files()? {
        let content = match added.remove(&file.path) {
            Some(None) => continue,
            Some(Some(content)) => Cow::Borrowed(content),
            None => Cow::Owned(files::read(&source.root().join(&file.path))?),
        };
        write(&into.join(&file.path), &content, may_execute(&file.path, file.is_executable))?;
    }
    for (path, content) in added {
        if let Some(content) = content {
            write(&into.join(&path), content, may_execute(&path, false))?;
        }
    }
    Ok(())
}

fn write(path: &Path, content: &[u8], is_executable: bool) -> Result<(), files::Error> {
    files::create_folder(files::folder_of(path))?;
    files::write_new(path, content, is_executable)
}

/// Returns the text of the marker: the tree's hash, then each file as `sha256sum` would list it.
fn marker(digests: &BTreeMap<String, String>) -> String {
    use std::fmt::Write;
    let mut text = format!("# hive tree {}\n", tree::hash_of(digests));
    for (path, sha256) in digests {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{sha256}  {path}");
    }
    text
}

fn parse_marker(text: &str) -> Option<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let hash = lines.next()?.strip_prefix("# hive tree ")?;
    let digests: BTreeMap<String, String> = lines
        .map(|line| line.split_once("  ").map(|(sha256, path)| (path.to_owned(), sha256.to_owned())))
        .collect::<Option<_>>()?;
    (tree::hash_of(&digests) == hash).then_some(digests)
}

fn difference(written: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> String {
    let mut names: Vec<String> = Vec::new();
    for (path, sha256) in found {
        match written.get(path) {
            None => names.push(format!("`{path}` is new")),
            Some(before) if before != sha256 => names.push(format!("`{path}` differs")),
            Some(_) => {}
        }
    }
    let gone = written.keys().filter(|path| !found.contains_key(*path));
    names.extend(gone.map(|path| format!("`{path}` is gone")));
    let more = names.len().saturating_sub(SHOWN_FILES);
    names.truncate(SHOWN_FILES);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}
