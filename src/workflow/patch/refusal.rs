//! Why is a verb refused that writes patches or recipes?

use miette::Diagnostic;
use thiserror::Error;

use crate::workflow::exit::Exit;

/// Why nothing was written. What patches themselves have wrong is told by their own errors.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum Refusal {
    /// A patch to refresh has nothing to do on the tree.
    #[error("patch `{patch}` already stands in the tree")]
    #[diagnostic(code("HV0250"), help("{}", standing_mend(recipe.as_deref(), patch)))]
    Standing {
        /// The patch.
        patch: String,
        /// The recipe, where one was named.
        recipe: Option<String>,
    },

    /// No text of a patch was found that is exact and does the same.
    #[error("patch `{patch}` cannot be brought up to date without changing what it does")]
    #[diagnostic(
        code("HV0251"),
        help("its lines stand at several places, however much context is written; change lines that are there once")
    )]
    Inexact {
        /// The patch.
        patch: String,
    },

    /// A recipe has no such patch.
    #[error("recipe `{recipe}` has no patch `{patch}`")]
    #[diagnostic(code("HV0257"), help("{}", nearest_patch(nearest.as_deref(), known)))]
    UnknownPatch {
        /// The recipe.
        recipe: String,
        /// What was asked for.
        patch: String,
        /// The patch that is spelled most like it.
        nearest: Option<String>,
        /// The patches that are there.
        known: Vec<String>,
    },
}

impl Refusal {
    /// Returns the exit code that goes with the refusal.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Standing { .. } | Self::Inexact { .. } => Exit::Findings,
            Self::UnknownPatch { .. } => Exit::Usage,
        }
    }
}

fn standing_mend(recipe: Option<&str>, patch: &str) -> String {
    match recipe {
        Some(recipe) => format!("drop it: `hive patch drop {recipe} {patch} --reason …`"),
        None => "drop it, or name a tree in which no patch of the series stands yet".to_owned(),
    }
}

fn nearest_patch(nearest: Option<&str>, known: &[String]) -> String {
    match (nearest, known) {
        (Some(nearest), _) => format!("did you mean `{nearest}`?"),
        (None, []) => "it has none".to_owned(),
        (None, known) => format!("its patches: {}", super::quoted(known)),
    }
}
