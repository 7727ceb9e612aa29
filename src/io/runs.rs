//! What came of runs that were made before?
//!
//! A run is found by the hash of all that it is a function of, so what is kept never goes stale. There is a bound on how
//! many are kept: the oldest go first.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::io::files;

/// How many runs are kept.
const RUNS_MAX: usize = 8_192;

/// How many are kept after there were too many, so that not every new run has to make room.
const RUNS_KEPT: usize = 6_144;

/// The runs in a folder, which need not exist yet. Any number of processes may use it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    folder: PathBuf,
}

impl Runs {
    /// Returns the runs in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Returns what came of the run with this hash; `None` where it was not made, or is no longer kept.
    #[must_use]
    pub fn read(&self, sha256: &str) -> Option<Vec<u8>> {
        fs::read(self.path(sha256)).ok()
    }

    /// Keeps what came of a run.
    ///
    /// # Errors
    ///
    /// Returns [`files::Error::Write`] when the disk refuses.
    pub fn keep(&self, sha256: &str, bytes: &[u8]) -> Result<(), files::Error> {
        files::write_atomic(&self.path(sha256), bytes)
    }

    /// Makes room where there are more runs than are kept.
    pub fn make_room(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let dated = entries.map(|entry| {
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            (written.unwrap_or(SystemTime::UNIX_EPOCH), entry.path())
        });
        let mut runs: Vec<(SystemTime, PathBuf)> = dated.collect();
        if runs.len() > RUNS_MAX {
            runs.sort();
            for (_, path) in &runs[..runs.len() - RUNS_KEPT] {
                // Another process may have been faster.
                let _ = fs::remove_file(path);
            }
        }
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}.json"))
    }
}
