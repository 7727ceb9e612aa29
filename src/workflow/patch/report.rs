//! What became of a patch, as people and scripts read it.

use serde::Serialize;

use crate::io::files;
use crate::patch::Patch;
use crate::patch::diff::Note;
use crate::patch::state::FileOutcome;
use crate::patch::state::HunkOutcome;
use crate::patch::state::Outcome;
use crate::workflow::finding;
use crate::workflow::finding::Finding;
use crate::workflow::finding::Written;

/// What became of one patch.
#[derive(Debug, Clone, Serialize)]
pub struct PatchReport {
    /// The patch's name, as it was given.
    pub file: String,
    /// The state, such as `offset`; `unreadable` for a text that is no patch.
    pub state: &'static str,
    /// Whether the patch can be written, or need not be.
    pub is_fine: bool,
    /// The hunks, file by file.
    pub hunks: Vec<HunkReport>,
    /// The files.
    pub files: Vec<FileReport>,
    /// What is odd about the text.
    pub notes: Vec<Note>,
    /// Why the patch cannot be written.
    pub error: Option<Written>,
}

/// What became of one hunk.
#[derive(Debug, Clone, Serialize)]
pub struct HunkReport {
    /// The file.
    pub target: String,
    /// The hunk's number in its file, from one.
    pub hunk: usize,
    /// The `@@` line's number in the patch, from one.
    pub patch_line: usize,
    /// The file's line at which the hunk was found, from one; `null` where no single place was.
    pub line: Option<usize>,
    /// How many lines it was found away from where its header says, what earlier hunks add and remove left out.
    pub offset: isize,
    /// How many lines of context had to be left out at each end.
    pub fuzz: usize,
    /// At how many places it fits.
    pub candidates: usize,
    /// The first of them.
    pub places: Vec<usize>,
    /// The state.
    pub state: &'static str,
    /// The first line that differs at the most similar place.
    pub mismatch: Option<crate::patch::state::Mismatch>,
}

/// What becomes of one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// The path.
    pub path: String,
    /// Where a renamed or copied file comes from.
    pub from: Option<String>,
    /// The state.
    pub state: &'static str,
    /// The SHA-256 before; `null` where there is no such file.
    pub before: Option<String>,
    /// The SHA-256 afterwards; `null` where there is no such file.
    pub after: Option<String>,
    /// What a three-way merge says.
    pub merge: Option<crate::patch::state::Proof>,
}

impl PatchReport {
    /// Reports what became of a patch.
    #[must_use]
    pub fn new(patch: &Patch, outcome: &Outcome) -> Self {
        Self {
            file: patch.name.clone(),
            state: outcome.state.name(),
            is_fine: outcome.is_fine(),
            hunks: hunk_reports(outcome),
            files: outcome.files.iter().map(file_report).collect(),
            notes: patch.notes.clone(),
            error: outcome.error(patch).map(|error| finding::written(&error)),
        }
    }

    /// Reports a text that is no patch.
    #[must_use]
    pub fn unreadable(name: &str, error: &Finding) -> Self {
        Self {
            file: name.to_owned(),
            state: "unreadable",
            is_fine: false,
            hunks: Vec::new(),
            files: Vec::new(),
            notes: Vec::new(),
            error: Some(finding::written(error.as_ref())),
        }
    }
}

/// Reports what became of each hunk.
#[must_use]
pub fn hunk_reports(outcome: &Outcome) -> Vec<HunkReport> {
    outcome.files.iter().flat_map(|file| file.hunks.iter().map(|hunk| hunk_report(file, hunk))).collect()
}

fn hunk_report(file: &FileOutcome, hunk: &HunkOutcome) -> HunkReport {
    HunkReport {
        target: file.path.clone(),
        hunk: hunk.index,
        patch_line: hunk.patch_line,
        line: hunk.line,
        offset: hunk.offset,
        fuzz: hunk.fuzz,
        candidates: hunk.candidate_count(),
        places: hunk.places.clone(),
        state: hunk.state.name(),
        mismatch: hunk.mismatch.clone(),
    }
}

fn file_report(file: &FileOutcome) -> FileReport {
    let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(files::sha256_hex);
    FileReport {
        path: file.path.clone(),
        from: file.from.clone(),
        state: file.state.name(),
        before: hash(&file.before),
        after: hash(&file.after),
        merge: file.proof.clone(),
    }
}
