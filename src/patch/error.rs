//! Why can a patch not be read, or not be applied?

use miette::Diagnostic;
use miette::NamedSource;
use miette::SourceSpan;
use thiserror::Error as ThisError;

/// What goes wrong with a patch. Each variant draws the line of the patch that it is about.
#[derive(Debug, Clone, ThisError, Diagnostic)]
pub enum Error {
    /// The text is not a unified diff of which every part can be understood.
    #[error("patch `{patch}` cannot be read at line {line}")]
    #[diagnostic(code("HV0201"))]
    Malformed {
        /// The patch's name.
        patch: String,
        /// The line, 1-based.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: Cause,
        /// How to mend it.
        #[help]
        help: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The line.
        #[label("here")]
        span: SourceSpan,
    },

    /// The text holds no change at all.
    #[error("patch `{patch}` has zero hunks")]
    #[diagnostic(
        code("HV0202"),
        help("a patch has `--- a/PATH`, `+++ b/PATH` and at least one hunk that begins with `@@`")
    )]
    NoHunks {
        /// The patch's name.
        patch: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The text's first line.
        #[label("nothing from here on is a change")]
        span: SourceSpan,
    },

    /// The file has other text than a hunk expects.
    #[error("patch `{patch}` does not apply to `{file}`")]
    #[diagnostic(code("HV0203"))]
    Conflict {
        /// The patch's name.
        patch: String,
        /// The target's file name.
        file: String,
        /// Which hunk differs, and where.
        #[source]
        cause: Cause,
        /// What to look at.
        #[help]
        help: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The patch's line that differs.
        #[label("{label}")]
        span: SourceSpan,
        /// What is expected and what is found.
        label: String,
    },

    /// A hunk fits at several places, or cannot be told from applied.
    #[error("patch `{patch}` fits `{file}` in more than one way")]
    #[diagnostic(
        code("HV0204"),
        help("make the patch anew against this release with more lines of context: `diff -U10` or `git diff -U10`")
    )]
    Ambiguous {
        /// The patch's name.
        patch: String,
        /// The target's file name.
        file: String,
        /// Which hunk, and where it fits.
        #[source]
        cause: Cause,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The hunk's `@@` line.
        #[label("this hunk")]
        span: SourceSpan,
    },

    /// A file to change does not exist.
    #[error("patch `{patch}` changes `{path}`, which does not exist")]
    #[diagnostic(code("HV0205"))]
    MissingTarget {
        /// The patch's name.
        patch: String,
        /// The target's path.
        path: String,
        /// What may be the matter.
        #[help]
        help: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The file's header.
        #[label("names it")]
        span: SourceSpan,
    },

    /// A part of the change stands in the tree, another does not.
    #[error("patch `{patch}` is half applied")]
    #[diagnostic(
        code("HV0206"),
        help("drop the hunks that already stand in this release from the patch, or begin with a fresh tree")
    )]
    HalfApplied {
        /// The patch's name.
        patch: String,
        /// Which hunks stand, and which do not.
        #[source]
        cause: Cause,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The first part that stands in the tree.
        #[label("already there")]
        applied: SourceSpan,
        /// The first part that does not.
        #[label("still to be written")]
        missing: SourceSpan,
    },

    /// A file that the patch creates, or moves another onto, is there with other text.
    #[error("patch `{patch}` creates `{path}`, which exists with other text")]
    #[diagnostic(code("HV0207"), help("drop the file from the patch, or change what is there instead of creating it"))]
    TargetExists {
        /// The patch's name.
        patch: String,
        /// The target's path.
        path: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The file's header.
        #[label("creates it")]
        span: SourceSpan,
    },

    /// A file that the patch deletes has more text than the patch takes away.
    #[error("patch `{patch}` deletes `{path}`, which has more text than the patch knows")]
    #[diagnostic(code("HV0208"), help("make the patch anew against this release"))]
    Remainder {
        /// The patch's name.
        patch: String,
        /// The target's path.
        path: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The file's header.
        #[label("deletes it")]
        span: SourceSpan,
    },

    /// A header's name means no file within the tree.
    #[error("patch `{patch}` names an unsafe path `{path}`")]
    #[diagnostic(code("HV0209"), help("write paths relative to the tree's root, behind `a/` and `b/`"))]
    UnsafePath {
        /// The patch's name.
        patch: String,
        /// The name, as written.
        path: String,
        /// What is unsafe about it.
        #[source]
        cause: Cause,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The header's line.
        #[label("this name")]
        span: SourceSpan,
    },

    /// Two paths are one where case does not count.
    #[error("patch `{patch}` writes both `{path}` and `{other}`")]
    #[diagnostic(code("HV0241"), help("give the files names that differ in more than case"))]
    SameButForCase {
        /// The patch's name.
        patch: String,
        /// The path.
        path: String,
        /// The path of an earlier file.
        other: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The header's line.
        #[label("the same file on systems where case does not count")]
        span: SourceSpan,
    },

    /// The patch is larger than anybody writes.
    #[error("patch `{patch}` has {count} {unit}, and {count_max} are the most that hive reads")]
    #[diagnostic(code("HV0242"), help("split the patch"))]
    TooLarge {
        /// The patch's name.
        patch: String,
        /// How many there are.
        count: usize,
        /// Of what.
        unit: &'static str,
        /// How many are allowed.
        count_max: usize,
    },

    /// A file to change is larger than any source.
    #[error("patch `{patch}` changes `{path}`, which is larger than hive patches")]
    #[diagnostic(code("HV0243"), help("take the file out of the patch: a file of more than 256 MiB is no source"))]
    TargetTooLarge {
        /// The patch's name.
        patch: String,
        /// The target's path.
        path: String,
        /// The patch.
        #[source_code]
        source_code: NamedSource<String>,
        /// The file's header.
        #[label("names it")]
        span: SourceSpan,
    },
}

/// The reason behind an [`Error`], as one line.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{0}")]
pub struct Cause(pub(super) String);
