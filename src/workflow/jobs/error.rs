//! Why can jobs not be kept?

use std::io;

use crate::io::sqlite;

/// The database of jobs is not to be had, or does not take what it is given.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] sqlite::Error),

    /// The system gives no thread.
    #[error("no thread can be started for jobs")]
    #[diagnostic(code("HV0846"), help("look for how many threads the system allows, `ulimit -u`"))]
    NoThread(#[source] io::Error),
}
