//! How is one file of a transaction kept aside, and put in its place?

use std::fs;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use super::Changed;
use super::Error;
use super::FOLDER;
use super::Found;
use super::Record;
use super::step::step;
use crate::io::edit;
use crate::io::files;

/// Which of the two texts of each file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

impl Side {
    /// Returns the name of the folder in which these texts are kept.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    fn of(self, file: &Changed) -> Option<&str> {
        match self {
            Self::Before => file.before.as_deref(),
            Self::After => file.after.as_deref(),
        }
    }
}

/// Keeps one text of the file at an index.
pub(super) fn keep(
    folder: &Path,
    side: Side,
    index: usize,
    bytes: &[u8],
    permissions: Option<fs::Permissions>,
) -> Result<(), Error> {
    write_through(&path_of(folder, side, index), bytes, permissions)?;
    step();
    Ok(())
}

/// Returns one text of the file at an index, with its permissions.
pub(super) fn kept(
    folder: &Path,
    side: Side,
    index: usize,
    sha256: &str,
) -> Result<(Vec<u8>, Option<fs::Permissions>), Error> {
    let path = path_of(folder, side, index);
    let broken = |problem: String| Error::Broken { path: folder.to_owned(), problem };
    let name = format!("{}/{index}", side.name());
    let bytes = fs::read(&path).map_err(|error| broken(format!("`{name}`: {error}")))?;
    if files::sha256_hex(&bytes) != sha256 {
        return Err(broken(format!("`{name}` is not what was written")));
    }
    Ok((bytes, fs::metadata(&path).ok().map(|found| found.permissions())))
}

/// Puts one side of all files in place. A file that is neither of the two sides was changed by somebody since; its text is
/// kept beside, and returned with its path.
pub(super) fn put_all(root: &Path, folder: &Path, record: &Record, side: Side) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for (index, file) in record.files.iter().enumerate() {
        edit::check(root, &file.path)?;
        let target = root.join(&file.path);
        let temporary = files::folder_of(&target).join(format!(".hive-transaction-{}-{index}", record.number));
        let standing = hash(root, &file.path)?;
        if standing.as_deref() == side.of(file) {
            let _ = fs::remove_file(&temporary);
            continue;
        }
        if standing.is_some() && standing != file.before && standing != file.after {
            let kept = format!("{FOLDER}/found/{}-{index}", record.number);
            files::create_folder(files::folder_of(&root.join(&kept)))?;
            write_through(&root.join(&kept), &files::read(&target)?, None)?;
            found.push(Found { path: file.path.clone(), kept });
        }
        // What a crash left may have permissions that keep it from being written.
        let _ = fs::remove_file(&temporary);
        if let Some(sha256) = side.of(file) {
            let (bytes, permissions) = kept(folder, side, index, sha256)?;
            make_folder(root, files::folder_of(&target))?;
            write_through(&temporary, &bytes, permissions)?;
            step();
            fs::rename(&temporary, &target).map_err(files::Error::writing(&target))?;
            sync_folder(files::folder_of(&target))?;
        } else {
            fs::remove_file(&target).map_err(files::Error::writing(&target))?;
            prune(root, files::folder_of(&target))?;
        }
        step();
    }
    Ok(found)
}

/// Returns the SHA-256 of a file; `None` where none is.
pub(super) fn hash(root: &Path, path: &str) -> Result<Option<String>, Error> {
    let path = root.join(path);
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(files::sha256_of_file(&path)?)),
        Ok(_) => Err(edit::Error::Occupied { path: path.display().to_string(), reason: "it is no file" }.into()),
        Err(_) => Ok(None),
    }
}

/// Writes a file and forces it to the disk.
pub(super) fn write_through(
    path: &Path,
    bytes: &[u8],
    permissions: Option<fs::Permissions>,
) -> Result<(), files::Error> {
    let mut file = File::create(path).map_err(files::Error::writing(path))?;
    file.write_all(bytes).map_err(files::Error::writing(path))?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions).map_err(files::Error::writing(path))?;
    }
    file.sync_all().map_err(files::Error::writing(path))
}

/// Forces to the disk which names a folder holds.
pub(super) fn sync_folder(folder: &Path) -> Result<(), files::Error> {
    // Elsewhere a folder cannot be opened, and its names need no force.
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(files::Error::writing(folder))?;
    }
    Ok(())
}

fn path_of(folder: &Path, side: Side, index: usize) -> PathBuf {
    folder.join(side.name()).join(index.to_string())
}

fn make_folder(root: &Path, folder: &Path) -> Result<(), files::Error> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    files::create_folder(folder)?;
    for made in missing.into_iter().rev().filter(|made| *made != root) {
        sync_folder(files::folder_of(made))?;
    }
    Ok(())
}

/// Removes the folders that have nothing left, and forces to the disk what is gone.
fn prune(root: &Path, folder: &Path) -> Result<(), files::Error> {
    let below = |folder: &&Path| *folder != root && folder.starts_with(root);
    let mut last = folder;
    for folder in folder.ancestors().take_while(below) {
        last = folder;
        if fs::remove_dir(folder).is_err() {
            break;
        }
        last = files::folder_of(folder);
    }
    sync_folder(last)
}
