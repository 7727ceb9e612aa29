//! What can be wrong with a patch's text?

use crate::patch::text::Span;

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::patch) struct Problem {
    /// What is wrong.
    pub(in crate::patch) what: What,
    /// The line, 1-based.
    pub(in crate::patch) line: usize,
    /// Where the line stands.
    pub(in crate::patch) span: Span,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::patch) enum What {
    /// Lines between a file's header, or a hunk, and the next hunk of the same file.
    #[error("text stands before a hunk: {line_count} line(s) between it and what it belongs to")]
    TextBeforeHunk {
        /// How many lines.
        line_count: usize,
    },
    /// A hunk without a file.
    #[error("a hunk belongs to no file: no `---` and `+++` lines stand before it")]
    OrphanHunk,
    /// A `---` without `+++` or the other way round.
    #[error("a file's header is incomplete: `---` and `+++` belong together")]
    HalfHeader,
    /// A `@@` line that gives no places.
    #[error("a hunk's header does not read `@@ -line,count +line,count @@`")]
    MalformedHeader,
    /// A line in a hunk that begins with none of the markers.
    #[error("a line of hunk {hunk} begins with neither a space, `+` nor `-`")]
    MalformedLine {
        /// The hunk's number in its file.
        hunk: usize,
    },
    /// `\ No newline at end of file` where the file goes on.
    #[error("`\\ No newline at end of file` stands where the file does not end")]
    MisplacedEnd,
    /// Counts that disagree with the lines.
    #[error(
        "a hunk's header counts {} line(s) before and {} after, the hunk has {} and {}",
        declared.0, declared.1, counted.0, counted.1
    )]
    WrongHunkCount {
        /// What the header says.
        declared: (usize, usize),
        /// What the hunk has.
        counted: (usize, usize),
        /// The header that would be right.
        corrected: String,
    },
    /// Hunks out of order, or over one another.
    #[error("a hunk begins before line {}, where the hunk before it ends", end + 1)]
    HunkOverlap {
        /// The index of the line after the hunk before.
        end: usize,
    },
    /// A hunk that leaves everything as it is.
    #[error("a hunk changes nothing: the text before and afterwards is the same")]
    WithoutEffect,
    /// A file's header that announces nothing.
    #[error("a file's header has no hunk behind it and changes nothing")]
    NoHunks,
    /// A name that is not UTF-8, or broken in its quotation marks.
    #[error("a file's name cannot be read")]
    UnreadableName,
    /// A binary change.
    #[error("a binary file changes, which hive's text patches cannot carry")]
    Binary,
    /// The mark of a binary change, without the change.
    #[error("a binary file differs, and the patch does not hold how: it stays as it is")]
    BinaryMarker,
    /// A symbolic link or a submodule.
    #[error("a symbolic link or a submodule changes, which hive's text patches cannot carry")]
    SpecialFile,
    /// A merge's diff against several parents.
    #[error("this is a combined diff, which compares a merge with several parents")]
    CombinedDiff,
    /// The older format with stars.
    #[error("this is a context diff, not a unified one")]
    ContextDiff,
}

impl What {
    /// Tells whether what the text means is plain nevertheless. It is reported then, and the rest is carried out, as GNU
    /// patch does; a mark of a change that nothing carries (`Binary files … differ`) must not be all that there is.
    pub(in crate::patch) fn is_tolerable(&self) -> bool {
        match self {
            Self::TextBeforeHunk { .. } | Self::NoHunks | Self::BinaryMarker => true,
            // Only context is left over, or the counts leave nothing out: no change hangs on them.
            Self::WrongHunkCount { declared, counted, .. } => {
                counted.0 > declared.0 && counted.0 - declared.0 == counted.1.wrapping_sub(declared.1)
            }
            _ => false,
        }
    }

    /// Returns how to mend it.
    pub(in crate::patch) fn help(&self) -> String {
        match self {
            Self::TextBeforeHunk { .. } => "delete the lines; remarks belong above the first `---`".to_owned(),
            Self::OrphanHunk | Self::HalfHeader => {
                "write `--- a/PATH` and `+++ b/PATH` right above the hunk".to_owned()
            }
            Self::MalformedHeader => "write it as `@@ -line,count +line,count @@`, or make the patch anew".to_owned(),
            Self::MalformedLine { .. } => {
                "put the space back that an editor or a whitespace hook took from the line's start".to_owned()
            }
            Self::MisplacedEnd => "keep the marker only behind the last line of a file".to_owned(),
            Self::WrongHunkCount { corrected, .. } => {
                format!("write `{corrected}` if no line is missing")
            }
            Self::HunkOverlap { .. } => "sort the hunks by line, and merge those that overlap".to_owned(),
            Self::WithoutEffect => {
                "delete the hunk; a whitespace hook may have made a removed and an added line alike".to_owned()
            }
            Self::NoHunks => "delete the header, or make the patch anew".to_owned(),
            Self::UnreadableName => "write the file's name in UTF-8".to_owned(),
            Self::BinaryMarker => "delete the line, or make the patch anew with `git diff --binary`".to_owned(),
            Self::Binary | Self::SpecialFile => "leave the file out of the patch".to_owned(),
            Self::CombinedDiff => "compare the merge with one parent: `git diff PARENT MERGE`".to_owned(),
            Self::ContextDiff => "make the patch anew with `diff -u`".to_owned(),
        }
    }
}
