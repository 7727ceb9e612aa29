//! What is an engine asked to make, and to keep standing?

use std::path::PathBuf;
use std::time::Duration;

/// A command to run in a builder container, without a network.
#[derive(Debug, Clone)]
pub struct Compile<'c> {
    /// The image with the compiler.
    pub image: &'c str,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// `NAME=VALUE`, on top of the image's environment.
    pub environment: Vec<String>,
    /// The folder that it starts in, absolute.
    pub folder: &'c str,
    /// The folder that its results are taken from, absolute.
    pub results: &'c str,
    /// How long it may run.
    pub timeout: Duration,
    /// How much memory it may take, in bytes; `None` for what the engine has.
    pub memory_bytes: Option<i64>,
}

/// A container to stand under a name.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The image.
    pub image: String,
    /// The container's name; a container of that name that hive made for the same purpose is replaced.
    pub name: String,
    /// What it runs; empty for what the image runs.
    pub command: Vec<String>,
    /// `NAME=VALUE`, on top of the image's environment.
    pub environment: Vec<String>,
    /// The folders and files of this machine that it sees.
    pub binds: Vec<Bind>,
    /// Its network: `none`, `host`, `bridge`, or the name of one.
    pub network: String,
}

/// A folder or a file of this machine that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Where it is on the engine's machine, absolute and without a colon.
    pub host: PathBuf,
    /// Where the container sees it, absolute.
    pub container: String,
    /// Whether the container may not change it.
    pub is_read_only: bool,
}
