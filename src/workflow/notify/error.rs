//! Why can nobody be told?

use miette::Diagnostic;
use thiserror::Error;

use crate::io::files;

/// Why the webhooks, or their outbox, are of no use. No error holds an address or a secret.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// `hive.toml` is not what it should be.
    #[error("`hive.toml` is wrong{}: {message}", line.map(|line| format!(" at line {line}")).unwrap_or_default())]
    #[diagnostic(code("HV0901"), help("{help}"))]
    Settings {
        /// The line, from one. The line itself is not shown: somebody may have written a secret there.
        line: Option<usize>,
        /// What is wrong.
        message: String,
        /// What to write instead.
        help: String,
    },

    /// The outbox is not what hive wrote.
    #[error("`{file}` is not what hive keeps there")]
    #[diagnostic(
        code("HV0905"),
        help("remove it; after `state.json` is gone, everything that is red is told once more")
    )]
    Damaged {
        /// The file, below the project's root.
        file: String,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}
