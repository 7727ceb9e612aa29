//! What does a patch say?

use serde::Serialize;

use super::binary::Binary;
use super::text::Span;

/// One unified diff file, wholly understood: each file header is an operation, each `@@` a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The patch's file name, as messages show it.
    pub name: String,
    /// The text that was read.
    pub text: Vec<u8>,
    /// What the patch does, in the order of the text; never empty.
    pub files: Vec<FilePatch>,
    /// What was odd about the text, though its meaning is plain.
    pub notes: Vec<Note>,
    /// The text behind the last change, such as a mail's signature.
    pub tail: Vec<u8>,
}

/// Something odd about a patch's text that does not hide its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The line, 1-based.
    pub line: usize,
    /// What is odd, lower-case and without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// What a patch does to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePatch {
    /// The file's path before, relative to the tree's root; `None` for a new file.
    pub old_path: Option<String>,
    /// The file's path afterwards, relative to the tree's root; `None` for a deleted file.
    pub new_path: Option<String>,
    /// The kind of change.
    pub operation: Operation,
    /// The file's mode afterwards, as git writes it (`0o100755`); `None` where the patch does not change it.
    pub mode: Option<u32>,
    /// The hunks in the order of the text; empty for a mere rename, copy, mode change, empty or binary file.
    pub hunks: Vec<Hunk>,
    /// The change to a binary file, which has no hunks.
    pub binary: Option<Binary>,
    /// Whether the file's header ends in a carriage return, as it does where the patch as a whole was converted.
    pub has_returns: bool,
    /// The header's names as the patch writes them, before a folder is stripped.
    pub written: (Option<String>, Option<String>),
    /// The text before the first hunk, as written: remarks, the header, a binary change.
    pub lead: Vec<u8>,
    /// The line of the file's header that names it.
    pub span: Span,
}

/// The kinds of change to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The file's text changes, or only its mode.
    Modify,
    /// The file is new.
    Create,
    /// The file goes away.
    Delete,
    /// The file moves, and its text may change.
    Rename,
    /// The file stays and a copy appears, whose text may differ.
    Copy,
}

/// One `@@` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The first line before, 1-based; with a count of zero the line after which the hunk stands.
    pub old_start: usize,
    /// How many lines stand before.
    pub old_count: usize,
    /// The first line afterwards, 1-based; with a count of zero the line after which the hunk stands.
    pub new_start: usize,
    /// How many lines stand afterwards.
    pub new_count: usize,
    /// The block's lines, in order.
    pub lines: Vec<HunkLine>,
    /// The text between the hunk before and this one, as written; mostly none.
    pub lead: Vec<u8>,
    /// The `@@` line, as messages show it.
    pub header: String,
    /// The `@@` line, as written, with its newline.
    pub written: Vec<u8>,
    /// The `@@` line's number in the patch, 1-based.
    pub line: usize,
    /// Where the `@@` line stands.
    pub span: Span,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HunkLine {
    /// What becomes of the line.
    pub kind: LineKind,
    /// The line as the file has it: its newline is there unless the file's end has none.
    pub text: Vec<u8>,
    /// The line's number in the patch, 1-based.
    pub line: usize,
    /// Where the line stands in the patch, its marker included.
    pub span: Span,
    /// The line that says that this one has no newline, as written, with its own newline.
    pub end_marker: Option<Vec<u8>>,
    /// Whether a context line, blank or with a tab at its start, lost the space that should stand before it.
    pub stripped: bool,
}

/// What becomes of a hunk's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// The line stays.
    Context,
    /// The line goes away.
    Remove,
    /// The line is new.
    Add,
}

impl FilePatch {
    /// Returns the path under which the change is reported: the new one, or the old one of a deleted file.
    ///
    /// # Panics
    ///
    /// Never for a patch that was parsed: it has one of the two.
    #[must_use]
    pub fn path(&self) -> &str {
        self.new_path.as_deref().or(self.old_path.as_deref()).expect("a parsed file patch has one path at least")
    }
}

impl Hunk {
    /// Returns the index of the file's line at which the hunk stands, counted from zero.
    #[must_use]
    pub fn index(&self) -> usize {
        if self.old_count == 0 { self.old_start } else { self.old_start.saturating_sub(1) }
    }

    /// Returns the lines that stand in the file before.
    pub fn before(&self) -> impl Iterator<Item = &HunkLine> {
        self.lines.iter().filter(|line| line.kind != LineKind::Add)
    }

    /// Returns the lines that stand in the file afterwards.
    pub fn after(&self) -> impl Iterator<Item = &HunkLine> {
        self.lines.iter().filter(|line| line.kind != LineKind::Remove)
    }

    /// Tells whether the hunk leaves the file as it is.
    #[must_use]
    pub fn is_without_effect(&self) -> bool {
        self.before().map(|line| &line.text).eq(self.after().map(|line| &line.text))
    }

    /// Returns how many context lines stand before the first change, and after the last.
    #[must_use]
    pub fn context(&self) -> (usize, usize) {
        let is_context = |line: &&HunkLine| line.kind == LineKind::Context;
        (self.lines.iter().take_while(is_context).count(), self.lines.iter().rev().take_while(is_context).count())
    }
}
