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

    /// Later patches of the series need the one that is to go.
    #[error("patch `{patch}` cannot be dropped: later patches build on it: {}", super::quoted(dependents))]
    #[diagnostic(code("HV0280"), help("drop them first, or leave them broken on purpose with `--force`"))]
    Needed {
        /// The patch.
        patch: String,
        /// The patches that need it.
        dependents: Vec<String>,
    },

    /// A rebase waits for a merge by hand.
    #[error("a rebase of `{recipe}` to {to} waits for files to be merged")]
    #[diagnostic(
        code("HV0281"),
        help("merge them and run `hive patch rebase {recipe} --continue`, or forget it with `--abort`")
    )]
    RebaseWaits {
        /// The recipe.
        recipe: String,
        /// The version.
        to: String,
    },

    /// No rebase waits.
    #[error("no rebase of `{recipe}` waits for files to be merged")]
    #[diagnostic(code("HV0282"), help("begin one with `hive patch rebase {recipe} --to VERSION`"))]
    NoRebase {
        /// The recipe.
        recipe: String,
    },

    /// A file still has conflict markers.
    #[error("`{path}` still has a conflict marker at line {line}")]
    #[diagnostic(code("HV0283"), help("keep what is right of both sides, and take the markers out"))]
    MarkersLeft {
        /// The file.
        path: String,
        /// The line, from one.
        line: usize,
    },

    /// A patch cannot be carried to the release, and there is no text to merge.
    #[error("patch `{patch}` is {state} on the release, and there is nothing to merge by hand")]
    #[diagnostic(code("HV0284"), help("drop it with `hive patch drop`, or make it anew for the release"))]
    NothingToMerge {
        /// The patch.
        patch: String,
        /// Its state.
        state: &'static str,
    },

    /// What a rebase left on the disk cannot be read.
    #[error("`{path}` is not what a rebase leaves: {problem}")]
    #[diagnostic(code("HV0285"), help("remove its folder to forget the rebase; merged files are beside it"))]
    RebaseState {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
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
            Self::Standing { .. }
            | Self::Inexact { .. }
            | Self::Needed { .. }
            | Self::MarkersLeft { .. }
            | Self::NothingToMerge { .. } => Exit::Findings,
            Self::UnknownPatch { .. } | Self::RebaseWaits { .. } | Self::NoRebase { .. } | Self::RebaseState { .. } => {
                Exit::Usage
            }
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
