//! Why is a verb refused that writes patches or recipes?

use miette::Diagnostic;
use thiserror::Error;

use crate::patch::make::Uncarried;
use crate::recipe;
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

    /// The recipe builds on that version already.
    #[error("recipe `{recipe}` builds on {version} already")]
    #[diagnostic(code("HV0287"), help("name a later version; `hive outdated {recipe}` lists them"))]
    AlreadyThere {
        /// The recipe.
        recipe: String,
        /// The version.
        version: String,
    },

    /// An upgrade is not written, for something stands in its way.
    #[error("recipe `{recipe}` is not upgraded to {to}, and nothing was written")]
    #[diagnostic(code("HV0288"), help("{}", blocks.join("\n")))]
    NotApplied {
        /// The recipe.
        recipe: String,
        /// The version.
        to: String,
        /// What stands in its way, and what to do about it.
        blocks: Vec<String>,
    },

    /// A file was changed while an upgrade was looked at.
    #[error("`{file}` was changed while the upgrade was looked at, and nothing was written")]
    #[diagnostic(code("HV0289"), help("run the command again"))]
    ChangedMeanwhile {
        /// The file.
        file: String,
    },

    /// Several versions cannot be written at once.
    #[error("a recipe can be moved to one version only, and {} are named", versions.len())]
    #[diagnostic(code("HV0291"), help("look at them with `--dry-run`, then apply one"))]
    SeveralVersions {
        /// The versions.
        versions: Vec<String>,
    },

    /// No rebase waits.
    #[error("no rebase of `{recipe}` waits for files to be merged")]
    #[diagnostic(code("HV0282"), help("begin one with `hive patch rebase {recipe} --to VERSION`"))]
    NoRebase {
        /// The recipe.
        recipe: String,
    },

    /// Another version is asked for, and the upstream has none.
    #[error("recipe `{recipe}` builds on no package of an index, so there is no other version to ask")]
    #[diagnostic(code("HV0290"), help("leave `--version` out, or build on `[upstream.pypi]`"))]
    NoReleases {
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

    /// A patch that makes a copy is to be undone.
    #[error("patch `{patch}` copies a file to `{path}`, and a copy cannot be undone")]
    #[diagnostic(code("HV0286"), help("remove `{path}` by hand, and undo the other patches without this one"))]
    CopyStays {
        /// The patch.
        patch: String,
        /// The copy.
        path: String,
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
    /// There is nothing to make a patch of.
    #[error("nothing differs in `{from}`")]
    #[diagnostic(
        code("HV0252"),
        help("build the tree with `hive build RECIPE --into DIR`, edit it there, and name it with `--from DIR`")
    )]
    NoDifference {
        /// The edited tree.
        from: String,
    },

    /// A new patch has no reason, or does not say what it touches.
    #[error("a new patch needs {}", needed(*lacks_why, *lacks_touches))]
    #[diagnostic(code("HV0253"), help("add {}", said(*lacks_why, *lacks_touches, differing)))]
    Unsaid {
        /// Whether the reason is missing.
        lacks_why: bool,
        /// Whether the paths are missing.
        lacks_touches: bool,
        /// The paths that differ.
        differing: Vec<String>,
    },

    /// What differs is not what was said to be touched.
    #[error("the tree differs elsewhere than `--touches` says")]
    #[diagnostic(code("HV0254"), help("{}", elsewhere(undeclared, untouched)))]
    Touches {
        /// Paths that differ and are not declared.
        undeclared: Vec<String>,
        /// Paths that are declared and do not differ.
        untouched: Vec<String>,
    },

    /// A difference is none that a patch of text can carry.
    #[error("no patch can carry what was edited")]
    #[diagnostic(code("HV0255"), help("leave the file as the release has it"))]
    Uncarried(#[source] Uncarried),

    /// A file is the recipe's own, and no patch's.
    #[error("`{path}` is no file of the release: the recipe registers it")]
    #[diagnostic(code("HV0255"), help("edit `{source_file}` instead, and leave the file in the tree as it was built"))]
    Registered {
        /// The path in the tree.
        path: String,
        /// The controller's file.
        source_file: String,
    },

    /// Later patches of the series stand on the one to drop.
    #[error("patch `{patch}` is needed by {}", super::quoted(needed_by))]
    #[diagnostic(code("HV0256"), help("{reasons}\nrefresh or drop those first, or let them fail with `--force`"))]
    Needed {
        /// The patch.
        patch: String,
        /// The later patches.
        needed_by: Vec<String>,
        /// What each needs of it, a line each.
        reasons: String,
    },

    /// A recipe is not written such that it can be changed.
    #[error("recipe `{recipe}` cannot be changed by hive")]
    #[diagnostic(code("HV0258"), help("write each patch of the series as a table of its own: `[[patch]]`"))]
    Unwritable {
        /// The recipe.
        recipe: String,
        /// Why.
        #[source]
        source: recipe::edit::Error,
    },

    /// A name that a patch's file cannot have.
    #[error("`{name}` cannot be the name of a patch")]
    #[diagnostic(
        code("HV0259"),
        help(
            "a name has letters, digits, `-`, `_` and `.`, and does not begin with a dot: its file is named after it"
        )
    )]
    Name {
        /// The name.
        name: String,
    },

    /// A file stands where a new patch would be written.
    #[error("`{file}` is there already")]
    #[diagnostic(code("HV0259"), help("name another file, or remove this one"))]
    Occupied {
        /// The file.
        file: String,
    },

    /// The command line names neither a recipe with a patch nor a tree with a file.
    #[error("a new patch is named by a recipe and a name, or by a tree and a file")]
    #[diagnostic(
        code("HV0165"),
        help("write `hive patch new RECIPE NAME --from DIR`, or `hive patch new --root DIR --from DIR FILE.patch`")
    )]
    Unnamed,

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
            | Self::CopyStays { .. }
            | Self::MarkersLeft { .. }
            | Self::NotApplied { .. }
            | Self::NothingToMerge { .. } => Exit::Findings,
            _ => Exit::Usage,
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

fn needed(lacks_why: bool, lacks_touches: bool) -> &'static str {
    match (lacks_why, lacks_touches) {
        (true, true) => "a reason, and the paths that it touches",
        (true, false) => "a reason",
        (false, _) => "the paths that it touches",
    }
}

/// Returns the options that are missing, ready to paste.
fn said(lacks_why: bool, lacks_touches: bool, differing: &[String]) -> String {
    let why = lacks_why.then(|| "`--why \"…\"`".to_owned());
    let touches = lacks_touches.then(|| format!("`{}`", touches(differing)));
    let options: Vec<String> = why.into_iter().chain(touches).collect();
    options.join(" and, if all that differs belongs to it, ")
}

/// Returns the option that declares paths, as a shell reads it.
fn touches(paths: &[String]) -> String {
    let is_plain = |path: &str| path.chars().all(|letter| letter.is_alphanumeric() || "/._-+".contains(letter));
    let quoted =
        |path: &String| if is_plain(path) { path.clone() } else { format!("'{}'", path.replace('\'', "'\\''")) };
    let words: Vec<String> = paths.iter().map(quoted).collect();
    format!("--touches {}", words.join(" "))
}

fn elsewhere(undeclared: &[String], untouched: &[String]) -> String {
    let mut lines = Vec::new();
    if !undeclared.is_empty() {
        lines.push(format!("undo what is not meant, or add {}", super::quoted(undeclared)));
    }
    if !untouched.is_empty() {
        lines.push(format!("nothing differs in {}: leave it out", super::quoted(untouched)));
    }
    lines.join("\n")
}
