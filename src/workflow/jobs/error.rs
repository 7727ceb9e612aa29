//! Why can jobs not be kept?

/// The database of jobs is not to be had, or does not take what it is given.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The system gives no thread.
    #[error("no thread can be started for jobs")]
    #[diagnostic(code("HV0847"))]
    NoThread(#[source] std::io::Error),
}
