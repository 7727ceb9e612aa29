//! How does an environment see edited files without being written to?
//!
//! An overlay is a virtual environment of its own that holds nothing but one package tree and the way to everything else:
//! its `hummingbot/` is made of links to the files of the environment below, but for the files that differ, and a `.pth` file
//! leads to the other packages there. Making one takes milliseconds, and the environment below stays what it is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use walkdir::WalkDir;

use crate::io::files;
use crate::io::tree;

/// The package that is laid out file by file.
const PACKAGE: &str = "hummingbot";

/// A virtual environment over another one.
#[derive(Debug)]
pub struct Overlay {
    /// The overlay's own folder.
    pub root: PathBuf,
    /// Its interpreter.
    pub python: PathBuf,
    /// Its packages.
    pub site_packages: PathBuf,
    /// The packages of the environment below.
    below: PathBuf,
    /// The files that are not as below: their bytes, `None` for those that are hidden.
    changes: BTreeMap<String, Option<Vec<u8>>>,
}

impl Overlay {
    /// Makes an overlay over a virtual environment, in a folder that is not there yet.
    ///
    /// `site_packages` is the environment's own, below `environment`.
    ///
    /// # Errors
    ///
    /// Returns an error when the disk refuses.
    pub fn make(environment: &Path, site_packages: &Path, root: &Path) -> Result<Self, files::Error> {
        let inner = site_packages.strip_prefix(environment).unwrap_or(site_packages);
        let overlay = Self {
            root: root.to_owned(),
            python: root.join("bin/python"),
            site_packages: root.join(inner),
            below: absolute(site_packages)?,
            changes: BTreeMap::new(),
        };
        files::create_folder(&root.join("bin"))?;
        files::create_folder(&overlay.site_packages)?;
        files::write_new(&root.join("pyvenv.cfg"), &files::read(&environment.join("pyvenv.cfg"))?, false)?;
        let interpreter = environment.join("bin/python");
        let interpreter = interpreter.canonicalize().map_err(files::Error::reading(&interpreter))?;
        link(&interpreter, &overlay.python)?;
        let way = format!("{}\n", overlay.below.display());
        files::write_new(&overlay.site_packages.join("below.pth"), way.as_bytes(), false)?;
        for entry in WalkDir::new(overlay.below.join(PACKAGE)).into_iter().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_bytecode = path.components().any(|part| part.as_os_str() == "__pycache__");
            if entry.file_type().is_dir() || is_bytecode || name.to_string_lossy().ends_with(".pyc") {
                continue;
            }
            if let Ok(relative) = path.strip_prefix(&overlay.below) {
                let own = overlay.site_packages.join(relative);
                files::create_folder(files::folder_of(&own))?;
                link(path, &own)?;
            }
        }
        Ok(overlay)
    }

    /// Shows exactly these changes to the environment below, and returns the paths that are otherwise than before, sorted.
    ///
    /// Each file is replaced as a whole, and what Python had compiled of it goes.
    ///
    /// # Errors
    ///
    /// Refuses a path that leaves the tree; returns an error when the disk refuses.
    pub fn show(&mut self, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<Vec<String>, tree::Error> {
        let paths: BTreeSet<&String> = self.changes.keys().chain(changes.keys()).collect();
        let different: Vec<String> =
            paths.into_iter().filter(|path| self.changes.get(*path) != changes.get(*path)).cloned().collect();
        for path in &different {
            let path = tree::checked(path)?;
            let own = self.site_packages.join(&path);
            files::create_folder(files::folder_of(&own))?;
            forget_bytecode(&own)?;
            match changes.get(&path) {
                Some(Some(bytes)) => {
                    // A link would be written through, into the environment below.
                    remove(&own)?;
                    files::write_atomic(&own, bytes)?;
                }
                Some(None) => remove(&own)?,
                None => {
                    remove(&own)?;
                    let below = self.below.join(&path);
                    if below.is_file() {
                        link(&below, &own)?;
                    }
                }
            }
        }
        self.changes.clone_from(changes);
        Ok(different)
    }
}

/// Removes what Python has compiled of a module.
fn forget_bytecode(module: &Path) -> Result<(), files::Error> {
    let Some(stem) = module.file_stem().and_then(|stem| stem.to_str()) else {
        return Ok(());
    };
    let folder = files::folder_of(module).join("__pycache__");
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), files::Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(files::Error::writing(path)(error)),
        _ => Ok(()),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, files::Error> {
    path.canonicalize().map_err(files::Error::reading(path))
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> Result<(), files::Error> {
    std::os::unix::fs::symlink(target, link).map_err(files::Error::writing(link))
}

#[cfg(not(unix))]
fn link(target: &Path, link: &Path) -> Result<(), files::Error> {
    fs::copy(target, link).map(|_| ()).map_err(files::Error::writing(link))
}
