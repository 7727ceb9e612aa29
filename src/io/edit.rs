//! How are the files of a folder changed, all of them or none?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use tempfile::NamedTempFile;

use crate::io::files;
use crate::io::tree;
use crate::io::tree::Tree;

/// Why a folder's files were not changed. Nothing has been written then.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// A path leads through a link, or is one.
    #[error("`{path}` is reached through a link, and nothing is written through links")]
    #[diagnostic(code("HV0348"), help("replace the link by what it leads to, or take the file out of the patch"))]
    Link {
        /// The path.
        path: String,
    },

    /// A path is a folder, or a file where a folder is needed.
    #[error("`{path}` cannot be written: {reason}")]
    #[diagnostic(code("HV0349"), help("look at what stands there"))]
    Occupied {
        /// The path.
        path: String,
        /// What stands there.
        reason: &'static str,
    },

    /// A path would leave the folder.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tree(#[from] tree::Error),

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes afterwards; `None` for a file that goes.
    pub after: Option<Vec<u8>>,
    /// Whether the owner may execute it; `None` leaves that as it is.
    pub is_executable: Option<bool>,
}

/// Changes the files of a tree, by path. All new texts are on the disk before the first file is replaced, and what has been
/// replaced is put back where a later one cannot be; only a crash between two renames leaves a part.
///
/// A folder that loses its last file goes, too.
///
/// # Errors
///
/// Returns [`Error::Link`] for what is not a plain file in plain folders of the tree.
pub fn edit(tree: &Tree, edits: &BTreeMap<String, Edit>) -> Result<(), Error> {
    let mut staged = Vec::new();
    let mut made = Made::default();
    for (path, edit) in edits {
        staged.push(stage(tree, path, edit, &mut made)?);
    }
    let mut done = Vec::new();
    for step in staged {
        match step.take() {
            Ok(undo) => done.push(undo),
            Err(error) => {
                for undo in done.into_iter().rev() {
                    undo.take_back();
                }
                return Err(error.into());
            }
        }
    }
    made.keep();
    for undo in done {
        undo.forget(tree.root());
    }
    Ok(())
}

/// The folders that were made for new files, the outer ones first; they go again unless kept.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
}

impl Made {
    fn keep(mut self) {
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in self.folders.iter().rev() {
            // A folder that is not empty is somebody else's by now.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A file about to be replaced.
struct Step {
    path: PathBuf,
    fresh: Option<NamedTempFile>,
}

/// A file that was replaced, with what it was.
struct Undo {
    path: PathBuf,
    aside: Option<tempfile::TempPath>,
}

fn stage(tree: &Tree, path: &str, edit: &Edit, made: &mut Made) -> Result<Step, Error> {
    let path = tree::checked(path)?;
    let full = tree.root().join(&path);
    check(tree.root(), &path)?;
    let folder = files::folder_of(&full);
    let mut missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    while let Some(next) = missing.pop().filter(|_| edit.after.is_some()) {
        fs::create_dir(next).map_err(files::Error::writing(next))?;
        made.folders.push(next.to_owned());
    }
    let fresh = match &edit.after {
        Some(bytes) => {
            let mut fresh = files::temporary_file(folder)?;
            std::io::Write::write_all(&mut fresh, bytes).map_err(files::Error::writing(&full))?;
            permit(&fresh, &full, edit.is_executable)?;
            Some(fresh)
        }
        None => None,
    };
    Ok(Step { path: full, fresh })
}

/// Refuses a path on which something else than plain folders and a plain file stands.
pub(crate) fn check(root: &Path, path: &str) -> Result<(), Error> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    for end in ends {
        let part = &path[..end];
        let Ok(metadata) = fs::symlink_metadata(root.join(part)) else {
            return Ok(());
        };
        let is_last = end == path.len();
        if metadata.is_symlink() {
            return Err(Error::Link { path: part.to_owned() });
        }
        if is_last && !metadata.is_file() {
            return Err(Error::Occupied { path: part.to_owned(), reason: "it is no file" });
        }
        if !is_last && !metadata.is_dir() {
            return Err(Error::Occupied {
                path: part.to_owned(),
                reason: "it is a file, and a folder is needed there",
            });
        }
    }
    Ok(())
}

/// Gives a new file the permissions of the one that it replaces, and the bit that is asked for.
fn permit(fresh: &NamedTempFile, path: &Path, is_executable: Option<bool>) -> Result<(), files::Error> {
    if let Ok(before) = fs::metadata(path) {
        fs::set_permissions(fresh.path(), before.permissions()).map_err(files::Error::writing(path))?;
    }
    #[cfg(unix)]
    if let Some(is_executable) = is_executable {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(fresh.path()).map_err(files::Error::writing(path))?;
        let mode = metadata.permissions().mode();
        // Whoever may read the file may execute it, as git has it.
        let mode = if is_executable { mode | (mode & 0o444) >> 2 } else { mode & !0o111 };
        fs::set_permissions(fresh.path(), fs::Permissions::from_mode(mode)).map_err(files::Error::writing(path))?;
    }
    #[cfg(not(unix))]
    let _ = is_executable;
    Ok(())
}

impl Step {
    fn take(self) -> Result<Undo, files::Error> {
        let Self { path, fresh } = self;
        let aside = if fs::symlink_metadata(&path).is_ok() {
            let aside = files::temporary_file(files::folder_of(&path))?.into_temp_path();
            fs::rename(&path, &aside).map_err(files::Error::writing(&path))?;
            Some(aside)
        } else {
            None
        };
        let undo = Undo { path, aside };
        if let Some(fresh) = fresh
            && let Err(refused) = fresh.persist_noclobber(&undo.path)
        {
            let error = files::Error::Write { path: undo.path.clone(), source: refused.error };
            undo.take_back();
            return Err(error);
        }
        Ok(undo)
    }
}

impl Undo {
    fn take_back(self) {
        match self.aside {
            Some(aside) => {
                if fs::rename(&aside, &self.path).is_err() {
                    // Rather a file with an odd name than none.
                    let _ = aside.keep();
                }
            }
            None => drop(fs::remove_file(&self.path)),
        }
    }

    /// Removes what was there before, and the folders that have nothing left.
    fn forget(self, root: &Path) {
        drop(self.aside);
        if !self.path.exists() {
            let below = |folder: &&Path| *folder != root && folder.starts_with(root);
            for folder in self.path.ancestors().skip(1).take_while(below) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
    }
}
