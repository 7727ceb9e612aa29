//! The project as it would be: its files with some of them changed, in a folder that nobody else sees.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::io::files;
use crate::io::transaction::Change;
use crate::workflow::Error;
use crate::workflow::Project;

/// A project beside the real one; gone when dropped.
#[derive(Debug)]
pub(super) struct Shadow {
    /// The project; its cache and its environments are the real one's.
    pub(super) project: Project,
    _folder: TempDir,
}

impl Shadow {
    /// Lays the project out with some files changed. What is not changed is linked to, where links are to be had.
    pub(super) fn new(project: &Project, changes: &[Change]) -> Result<Self, Error> {
        let place = project.path(".hive/upgrade");
        files::create_folder(&place)?;
        let folder = files::temporary_folder(&place)?;
        let changes: BTreeMap<&str, &Change> = changes.iter().map(|change| (change.path.as_str(), change)).collect();
        lay_out(&project.root, folder.path(), "", &changes)?;
        Ok(Self { project: project.shadow(folder.path()), _folder: folder })
    }
}

/// Lays out a folder of the project, and the new files in it.
fn lay_out(root: &Path, shadow: &Path, folder: &str, changes: &BTreeMap<&str, &Change>) -> Result<(), files::Error> {
    let real = root.join(folder);
    let entries = fs::read_dir(&real).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    for entry in entries {
        let name = entry.file_name();
        let path = match name.to_str() {
            Some(name) if folder.is_empty() => name.to_owned(),
            Some(name) => format!("{folder}/{name}"),
            // No recipe can name it.
            None => continue,
        };
        if path == ".hive" || path == ".git" || changes.contains_key(path.as_str()) {
            continue;
        }
        let below = format!("{path}/");
        let target = shadow.join(&path);
        if changes.keys().any(|changed| changed.starts_with(&below)) {
            files::create_folder(&target)?;
            lay_out(root, shadow, &path, changes)?;
        } else {
            link(&entry.path(), &target).map_err(files::Error::writing(&target))?;
        }
    }
    // New files may stand in folders that are not there yet.
    let is_here = |path: &&&str| path.rsplit_once('/').map_or("", |(folder, _)| folder) == folder;
    let is_new = |path: &&&str| folder.is_empty() && !root.join(files::folder_of(Path::new(path))).is_dir();
    for path in changes.keys().filter(|path| is_here(path) || is_new(path)) {
        if let Some(content) = &changes[path].content {
            files::write_atomic(&shadow.join(path), content)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    let from = from.canonicalize().unwrap_or_else(|_| from.to_owned());
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            link(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::copy(from, to).map(|_| ())
}
