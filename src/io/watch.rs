//! Which files have changed since somebody last asked?

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use std::time::Instant;

use notify::Event;
use notify::RecommendedWatcher;
use notify::RecursiveMode;
use notify::Watcher as _;

use crate::io::files;

/// How long nothing has to happen until a change counts as done: an editor writes, renames and touches in one go.
const SETTLE: Duration = Duration::from_millis(40);

/// Files cannot be watched.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("`{}` cannot be watched", path.display())]
#[diagnostic(
    code("HV0390"),
    help("Linux bounds how many folders are watched: raise `fs.inotify.max_user_watches`, or close what else watches")
)]
pub struct Error {
    /// The folder.
    path: PathBuf,
    /// What the system says.
    #[source]
    source: notify::Error,
}

/// Watches some files. A file that is replaced, removed or only now made counts as changed.
pub struct Watch {
    changes: Receiver<notify::Result<Event>>,
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
}

impl Watch {
    /// Starts to watch nothing.
    ///
    /// # Errors
    ///
    /// Returns an error when the system has no watches left.
    pub fn new() -> Result<Self, Error> {
        let (sender, changes) = mpsc::channel();
        let watcher = notify::recommended_watcher(sender);
        let watcher = watcher.map_err(|source| Error { path: PathBuf::from("."), source })?;
        Ok(Self { changes, watcher, folders: BTreeSet::new(), files: BTreeSet::new() })
    }

    /// Watches these files from now on, and no others. Each one's folder has to be there.
    ///
    /// Folders are watched, not files: an editor that saves by renaming puts another file in the place.
    ///
    /// # Errors
    ///
    /// Returns an error when a folder cannot be watched.
    pub fn follow(&mut self, files: impl IntoIterator<Item = PathBuf>) -> Result<(), Error> {
        let real = |path: PathBuf| match (files::folder_of(&path).canonicalize(), path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path,
        };
        self.files = files.into_iter().map(real).collect();
        let folders: BTreeSet<PathBuf> = self.files.iter().map(|file| files::folder_of(file).to_owned()).collect();
        for gone in self.folders.difference(&folders) {
            // A folder that is gone is not watched any more anyway.
            let _ = self.watcher.unwatch(gone);
        }
        for new in folders.difference(&self.folders) {
            let watched = self.watcher.watch(new, RecursiveMode::NonRecursive);
            watched.map_err(|source| Error { path: new.clone(), source })?;
        }
        self.folders = folders;
        Ok(())
    }

    /// Waits for a change, at most `patience`, and returns the files that changed; nothing when none did.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        let mut until = Instant::now() + patience;
        loop {
            match self.changes.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Ok(event)) if event.need_rescan() => changed.extend(self.files.iter().cloned()),
                Ok(Ok(event)) if !event.kind.is_access() => {
                    changed.extend(event.paths.into_iter().filter(|path| self.is_followed(path)));
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return changed,
            }
            if !changed.is_empty() {
                until = Instant::now() + SETTLE;
            }
        }
    }

    fn is_followed(&self, path: &Path) -> bool {
        self.files.contains(path)
    }
}
