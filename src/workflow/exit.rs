//! How a use case ended, for the shell that asked for it.

/// The exit codes of every verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// A lint or a check found something.
    Findings = 1,
    /// The command line or a recipe is wrong.
    Usage = 2,
    /// A result is not what its golden says.
    Drift = 3,
    /// Nothing was selected.
    NothingSelected = 4,
    /// A rebuild gave other bytes.
    NotReproducible = 5,
    /// The lock is stale, and `--locked` was given.
    StaleLock = 6,
    /// No Docker engine answers.
    NoDockerEngine = 7,
    /// A download failed, or its hash is wrong.
    Fetch = 8,
    /// A mistake of hive's own.
    Bug = 70,
    /// The user stopped it.
    Interrupted = 130,
}

impl Exit {
    /// Returns the code.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}
