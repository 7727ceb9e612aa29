//! In which state is a patch?

use std::collections::BTreeMap;

use serde::Serialize;

use super::diff::Operation;

/// Reads a file of the tree by its path; `None` where there is no such file.
pub type Read<'r> = dyn FnMut(&str) -> Option<Vec<u8>> + 'r;

/// The state of a hunk, a file or a patch against a tree, from best to worst.
///
/// The worst state of the parts is the state of the whole, with one rule on top: a patch of which some parts are
/// `applied` and others still have to be written is `partly-absorbed`. What is half there was put there by somebody, so
/// a person decides which hunks to drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The change already stands in the tree, and the text that it replaces does not.
    Applied,
    /// The change stands in a release as upstream published it: the patch is no longer needed there.
    Absorbed,
    /// The change fits at its expected line, lines that earlier hunks moved included.
    Clean,
    /// The change fits at exactly one place, which is not the expected line.
    Offset,
    /// The change fits only where lines of its context are left out, or where a three-way merge puts it.
    Fuzzy,
    /// An earlier release had absorbed the change, and this one has lost it again.
    NeededAgain,
    /// Parts of the change stand in the tree, others do not.
    PartlyAbsorbed,
    /// The change fits at several places, or cannot be told from applied.
    Ambiguous,
    /// A file to change does not exist under its name, but another one has its text.
    FileMoved,
    /// A file to change does not exist.
    MissingTarget,
    /// The tree has other text than the change expects.
    Conflict,
}

/// What a user agrees to that bytes alone do not prove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Consent {
    /// How many lines of context may be left out at each end of a hunk, as GNU patch counts its fuzz.
    pub fuzz: usize,
    /// Whether the nearest of several places is taken, as GNU patch takes it.
    pub nearest: bool,
}

impl State {
    /// Tells whether the patch can be written without anybody's consent, or need not be.
    #[must_use]
    pub fn is_fine(self) -> bool {
        self <= Self::Offset
    }

    /// Tells whether there is something to write that needs nobody's consent.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Clean | Self::Offset)
    }

    /// Returns the state as scripts read it, such as `missing-target`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Absorbed => "absorbed",
            Self::Clean => "clean",
            Self::Offset => "offset",
            Self::Fuzzy => "fuzzy",
            Self::NeededAgain => "needed-again",
            Self::PartlyAbsorbed => "partly-absorbed",
            Self::Ambiguous => "ambiguous",
            Self::FileMoved => "file-moved",
            Self::MissingTarget => "missing-target",
            Self::Conflict => "conflict",
        }
    }

    /// Returns the state of a whole from the states of its parts, `None` where there are no parts.
    pub(super) fn of(parts: impl Iterator<Item = Self>) -> Option<Self> {
        let (mut worst, mut applied, mut missing) = (None, false, false);
        for part in parts {
            worst = worst.max(Some(part));
            applied |= part == Self::Applied;
            missing |= matches!(part, Self::Clean | Self::Offset | Self::Fuzzy);
        }
        worst.map(|worst| if worst <= Self::Fuzzy && applied && missing { Self::PartlyAbsorbed } else { worst })
    }
}

/// What became of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The patch's state.
    pub state: State,
    /// The patch's files, in its order.
    pub files: Vec<FileOutcome>,
}

/// What became of one file of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileOutcome {
    /// The file's path, relative to the tree's root; the new one of a rename.
    pub path: String,
    /// Where a renamed or copied file comes from; `None` for any other.
    pub from: Option<String>,
    /// The kind of change.
    #[serde(skip)]
    pub operation: Operation,
    /// The file's state.
    pub state: State,
    /// The file's bytes before (of a rename or copy: its source's), `None` where there is no such file.
    #[serde(skip)]
    pub before: Option<Vec<u8>>,
    /// The file's bytes afterwards, `None` where there is no such file; equal to `before` unless the patch is written.
    #[serde(skip)]
    pub after: Option<Vec<u8>>,
    /// The mode to give the file, as git writes it; `None` where the patch does not change it.
    pub mode: Option<u32>,
    /// What stands in the way beside hunks.
    pub obstacle: Option<Obstacle>,
    /// The file's hunks, in order.
    pub hunks: Vec<HunkOutcome>,
    /// What a three-way merge adds; `None` where none was asked or needed.
    pub proof: Option<Proof>,
    /// Whether only the mode changes, which bytes cannot prove; such a file says nothing about being applied.
    #[serde(skip)]
    pub(super) is_neutral: bool,
}

/// What stands in a file's way, beside hunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// There is no such file.
    Missing {
        /// The file that the header names if no folder is stripped from it, where that one exists.
        unstripped: Option<String>,
    },
    /// The file to create, or to rename or copy onto, exists with other text.
    Exists,
    /// The file to delete has more text than the patch takes away.
    Remainder,
    /// The binary file has other bytes than the patch was made for.
    Differs,
    /// The file is larger than [`TARGET_BYTES_MAX`](super::apply::TARGET_BYTES_MAX).
    TooLarge,
}

/// What became of one hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HunkOutcome {
    /// The hunk's number in its file, 1-based.
    pub index: usize,
    /// The `@@` line, as written.
    pub header: String,
    /// The `@@` line's number in the patch, 1-based.
    pub patch_line: usize,
    /// The hunk's state.
    pub state: State,
    /// The line of the file at which the hunk was found, 1-based; `None` where no single place was.
    pub line: Option<usize>,
    /// How many lines lie between the line that the header names and the one where the hunk was found, what earlier
    /// hunks of the patch add and remove left out.
    pub offset: isize,
    /// How many lines of context had to be left out at each end, as GNU patch counts its fuzz.
    pub fuzz: usize,
    /// Whether somebody consented to the place, or a merge proved it, where that is needed.
    pub is_accepted: bool,
    /// At how many places the text before fits, with that fuzz.
    pub forward_count: usize,
    /// At how many places the text afterwards fits.
    pub reverse_count: usize,
    /// The first places that fit, 1-based lines: of the text before if there are any, else of the text afterwards.
    pub places: Vec<usize>,
    /// The first line that differs at the most similar place, for a conflict.
    pub mismatch: Option<Mismatch>,
    /// Whether the hunk leaves the file as it is; such a hunk says nothing about being applied.
    #[serde(skip)]
    pub(super) is_neutral: bool,
}

/// The first line at which a hunk and a file differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The file's line, 1-based.
    pub line: usize,
    /// The patch's line, 1-based; its `@@` line where the end of the file was expected.
    pub patch_line: usize,
    /// The line that the patch expects; `None` where it expects the end of the file.
    pub expected: Option<String>,
    /// The line that the file has; `None` where the file ends.
    pub found: Option<String>,
}

/// What a three-way merge says about one file of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The release's file is as if the change had been made there.
    Absorbed,
    /// Upstream has not changed the file.
    Untouched,
    /// Both changes go together.
    Merges,
    /// The release has no such file.
    Gone,
    /// The changes meet.
    Conflict,
}

/// What a three-way merge adds to the state of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// What the merge says.
    pub verdict: Verdict,
    /// Whether the placement of the hunks gives the same bytes; `None` where they could not be placed.
    pub agrees: Option<bool>,
    /// The merge's text with both sides between markers, where it conflicts.
    pub marked: Option<String>,
}

/// What becomes of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The bytes before, `None` where there was no such file.
    pub before: Option<Vec<u8>>,
    /// The bytes afterwards, `None` where there is no such file any more.
    pub after: Option<Vec<u8>>,
    /// The mode to give the file, as git writes it; `None` for no change.
    pub mode: Option<u32>,
}

impl Outcome {
    /// Tells whether the patch can be written, or need not be.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.state.is_fine() || self.writes()
    }

    /// Tells whether there is something to write.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.state.writes() || (self.state == State::Fuzzy && self.files.iter().all(FileOutcome::is_accepted))
    }

    /// Derives the states of the whole from those of the parts.
    pub(super) fn settle(&mut self) {
        for file in &mut self.files {
            let telling = file.hunks.iter().filter(|hunk| !hunk.is_neutral || hunk.state != State::Applied);
            file.state = State::of(telling.map(|hunk| hunk.state)).unwrap_or(file.state).max(file.state);
        }
        let telling = self.files.iter().filter(|file| !file.is_neutral).map(|file| file.state);
        let neutral = self.files.iter().filter(|file| file.is_neutral).map(|file| file.state);
        let state = State::of(telling).unwrap_or(State::Applied);
        // A file of which only the mode changes cannot tell whether it is applied, but it can be missing.
        self.state = match neutral.max() {
            Some(worst) if !worst.is_fine() => state.max(worst),
            Some(worst) if self.files.iter().all(|file| file.is_neutral) => worst,
            _ => state,
        };
    }

    /// Takes back what a patch that is not written would have written.
    pub(super) fn withhold(&mut self) {
        if !self.writes() {
            for file in &mut self.files {
                file.after.clone_from(&file.before);
            }
        }
    }

    /// Returns what has to be written, by path. Empty unless the patch [writes](Self::writes).
    #[must_use]
    pub fn changes(&self) -> BTreeMap<String, Change> {
        let mut changes = BTreeMap::new();
        for file in self.files.iter().filter(|_| self.writes()) {
            let mut before = file.before.clone();
            match (&file.from, file.operation) {
                (Some(from), Operation::Rename) => {
                    note(&mut changes, from, Change { before: before.take(), after: None, mode: None });
                }
                (Some(_), _) => before = None,
                (None, _) => {}
            }
            note(&mut changes, &file.path, Change { before, after: file.after.clone(), mode: file.mode });
        }
        changes
    }
}

impl FileOutcome {
    /// Tells whether there is something to write.
    pub(super) fn writes(&self) -> bool {
        self.state.writes() || (self.state == State::Fuzzy && self.is_accepted())
    }

    fn is_accepted(&self) -> bool {
        self.hunks.iter().all(|hunk| hunk.is_accepted)
    }
}

impl HunkOutcome {
    /// Tells whether the hunk is to be written.
    pub(super) fn writes(&self) -> bool {
        self.state.writes() || (self.state == State::Fuzzy && self.is_accepted)
    }

    /// Tells whether the hunk's change stands in the file already.
    pub(super) fn stands(&self) -> bool {
        self.state == State::Applied && !self.is_neutral
    }

    /// Tells whether the hunk stands in nobody's way.
    pub(super) fn is_fine(&self) -> bool {
        self.state.is_fine() || self.writes()
    }

    /// Returns at how many places the hunk fits: to be written, or, where it fits nowhere so, as it stands afterwards.
    #[must_use]
    pub fn candidate_count(&self) -> usize {
        if self.state == State::Applied || self.forward_count == 0 { self.reverse_count } else { self.forward_count }
    }
}

/// Adds a change to what is known of its path.
pub fn note(changes: &mut BTreeMap<String, Change>, path: &str, change: Change) {
    if let Some(known) = changes.get_mut(path) {
        known.after = change.after;
        known.mode = change.mode.or(known.mode);
    } else {
        changes.insert(path.to_owned(), change);
    }
}
