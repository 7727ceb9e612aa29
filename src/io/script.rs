//! What does it take to run a program of ours inside an environment, and how did it end?
//!
//! The contract that a local environment and a container share: files that stand beside each other in a fresh folder, one of
//! which Python runs; no network; a bound on time and memory. What the program writes to standard output is its answer,
//! what it writes to standard error is talk.

use std::collections::BTreeMap;

use crate::recipe::resolve::Limits;

/// A Python program with the files that it reads.
#[derive(Debug, Clone)]
pub struct Script {
    /// The files by name; a name has no `/` in it.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The name of the file that Python runs, in the folder of the files.
    pub entry: String,
    /// The program's arguments.
    pub arguments: Vec<String>,
    /// What it may take.
    pub limits: Limits,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with an exit status.
    Exit(i32),
    /// It took longer than it may, and was stopped.
    TimedOut,
    /// It took more memory than it may, and was stopped.
    OutOfMemory,
    /// By a signal of somebody else's.
    Signal(i32),
}

/// What a program wrote.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub ended: Ended,
    /// Standard output, whole.
    pub stdout: Vec<u8>,
    /// The end of standard error, lines whole, at most [`TALK_BYTES_MAX`].
    pub talk: String,
}

/// How much of standard error is kept, in bytes.
pub const TALK_BYTES_MAX: usize = 256 * 1024;

/// The largest answer that is taken, in bytes.
pub const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024 * 1024;
