//! What becomes of a patch on another release than the one that it was made for?
//!
//! With the base at hand nothing is guessed: what the patch makes of the base and what upstream made of it are merged,
//! and where the two meet a person decides.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::apply::Merged;
use super::apply::apply_with;
use super::apply::guided;
use super::diff::Operation;
use super::diff::Patch;
use super::merge::Merge;
use super::merge::Names;
use super::merge::merge;
use super::state::Change;
use super::state::Consent;
use super::state::FileOutcome;
use super::state::Outcome;
use super::state::Proof;
use super::state::Read;
use super::state::State;
use super::state::Verdict;

/// One file of a patch, carried to another release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedFile {
    /// The path.
    pub path: String,
    /// What the merge says.
    pub verdict: Verdict,
    /// What becomes of the path on the release; of a conflict the text afterwards has markers.
    pub change: Change,
}

/// A patch, carried to another release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The files, by path.
    pub files: Vec<CarriedFile>,
    /// What the patch does to its base.
    pub base: Outcome,
}

impl Carried {
    /// Returns what the merge says about the patch as a whole: the worst of its files, where some are absorbed and others
    /// are not `merges`; `None` for a patch that changes no text.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let worst = self.files.iter().map(|file| file.verdict).max()?;
        let absorbed = self.files.iter().any(|file| file.verdict == Verdict::Absorbed);
        Some(if worst == Verdict::Untouched && absorbed { Verdict::Merges } else { worst })
    }

    /// Tells whether each file went along without a conflict.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.verdict < Verdict::Gone)
    }

    /// Tells whether some files are absorbed and others are not.
    #[must_use]
    pub fn is_partly_absorbed(&self) -> bool {
        let absorbed = self.files.iter().filter(|file| file.verdict == Verdict::Absorbed).count();
        0 < absorbed && absorbed < self.files.len()
    }
}

/// Carries a patch from the tree that it was made for, read by `base`, to another, read by `target`.
///
/// # Errors
///
/// Returns what became of the patch on its base where it cannot be written there.
pub fn carry(
    patch: &Patch,
    consent: Consent,
    names: Names<'_>,
    base: &mut Read<'_>,
    target: &mut Read<'_>,
) -> Result<Carried, Box<Outcome>> {
    let outcome = apply_with(patch, consent, base);
    if !outcome.writes() {
        return Err(Box::new(outcome));
    }
    let renames = outcome.files.iter().filter(|file| file.operation == Operation::Rename);
    let origins: BTreeMap<String, String> =
        renames.filter_map(|file| Some((file.path.clone(), file.from.clone()?))).collect();
    let left: BTreeSet<&String> = origins.values().collect();
    let mut changes = outcome.changes();
    let mut files = Vec::new();
    for (path, from) in &origins {
        let (Some(source), Some(made)) = (changes.remove(from), changes.remove(path)) else {
            continue;
        };
        files.extend(moved((path, from), &source, &made, names, target));
    }
    for (path, change) in changes.into_iter().filter(|(path, _)| !left.contains(path)) {
        let there = target(&path);
        files.push(one(path, &change, there, names));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Carried { files, base: outcome })
}

pub(super) fn one(path: String, made: &Change, there: Option<Vec<u8>>, names: Names<'_>) -> CarriedFile {
    let (verdict, after) = match (&made.before, &made.after, &there) {
        (None, after, None) => (Verdict::Untouched, after.clone()),
        (_, None, None) => (Verdict::Absorbed, None),
        (Some(_), Some(_), None) => (Verdict::Gone, None),
        (before, None, Some(_)) if *before == there => (Verdict::Untouched, None),
        (_, None, Some(_)) => (Verdict::Conflict, there.clone()),
        (before, Some(after), Some(text)) => {
            let (verdict, text) = texts(before.as_deref().unwrap_or_default(), after, text, names);
            (verdict, Some(text))
        }
    };
    CarriedFile { path, verdict, change: Change { before: there, after, mode: made.mode } }
}

fn texts(before: &[u8], after: &[u8], there: &[u8], names: Names<'_>) -> (Verdict, Vec<u8>) {
    if there == after {
        return (Verdict::Absorbed, there.to_owned());
    }
    if there == before {
        return (Verdict::Untouched, after.to_owned());
    }
    match merge(before, after, there, names) {
        Merge::Clean(text) if text == there => (Verdict::Absorbed, text),
        Merge::Clean(text) => (Verdict::Merges, text),
        Merge::Conflict { marked, .. } => (Verdict::Conflict, marked),
    }
}

/// Carries a renamed file: the change of its text goes to where the release has it.
fn moved(
    (path, from): (&str, &str),
    source: &Change,
    made: &Change,
    names: Names<'_>,
    target: &mut Read<'_>,
) -> Vec<CarriedFile> {
    let before = source.before.as_deref().unwrap_or_default();
    let after = made.after.as_deref().unwrap_or_default();
    let file = |path: &str, verdict, before, after| CarriedFile {
        path: path.to_owned(),
        verdict,
        change: Change { before, after, mode: made.mode },
    };
    match (target(from), target(path)) {
        (Some(old), None) => {
            let (verdict, text) = texts(before, after, &old, names);
            // The text may be as it should be; the name is not yet.
            let verdict = if verdict == Verdict::Absorbed { Verdict::Merges } else { verdict };
            vec![file(from, verdict, Some(old), None), file(path, verdict, None, Some(text))]
        }
        (None, Some(new)) => {
            let (verdict, text) = texts(before, after, &new, names);
            vec![file(path, verdict, Some(new), Some(text))]
        }
        (Some(_), Some(new)) => vec![file(path, Verdict::Conflict, Some(new.clone()), Some(new))],
        (None, None) => vec![file(path, Verdict::Gone, None, None)],
    }
}

/// As [`apply_with`], with the tree at hand that the patch was made for. A hunk that is not at its line is written only
/// where a three-way merge puts it there, too: a file whose merge gives other bytes, or conflicts, is a `conflict`, and one
/// whose hunks fit nowhere is `fuzzy`, and written, where the merge has no conflict.
///
/// # Errors
///
/// Returns what became of the patch on its base where it cannot be written there.
pub fn apply_onto(
    patch: &Patch,
    consent: Consent,
    names: Names<'_>,
    base: &mut Read<'_>,
    read: &mut Read<'_>,
) -> Result<Outcome, Box<Outcome>> {
    let plain = apply_with(patch, consent, read);
    let is_exact = |file: &FileOutcome| matches!(file.state, State::Applied | State::Clean);
    if plain.files.iter().all(is_exact) && plain.is_fine() {
        return Ok(plain);
    }
    let carried = carry(patch, consent, names, base, read)?;
    let merged: Merged = carried
        .files
        .iter()
        .filter(|file| file.verdict < Verdict::Gone)
        .filter_map(|file| Some((file.path.clone(), file.change.after.clone()?)))
        .collect();
    let mut outcome = guided(patch, consent, &merged, read);
    for file in outcome.files.iter_mut().filter(|file| !is_exact(file)) {
        if let Some(found) = carried.files.iter().find(|found| found.path == file.path) {
            judge(file, found);
        }
    }
    outcome.settle();
    outcome.withhold();
    Ok(outcome)
}

/// Lets the merge decide about a file whose hunks are not at their lines.
fn judge(file: &mut FileOutcome, found: &CarriedFile) {
    let is_placed = file.hunks.iter().all(|hunk| hunk.writes() || hunk.state == State::Applied);
    let agrees = is_placed.then(|| file.after == found.change.after);
    let marked = (found.verdict == Verdict::Conflict)
        .then(|| String::from_utf8_lossy(found.change.after.as_deref().unwrap_or_default()).into_owned());
    file.proof = Some(Proof { verdict: found.verdict, agrees, marked });
    let state = match (found.verdict, agrees) {
        (Verdict::Gone, _) | (Verdict::Untouched | Verdict::Merges, Some(true)) => return,
        (Verdict::Absorbed, _) => State::Applied,
        (Verdict::Untouched | Verdict::Merges, None) => State::Fuzzy,
        (Verdict::Untouched | Verdict::Merges, Some(false)) | (Verdict::Conflict, _) => State::Conflict,
    };
    (file.state, file.obstacle) = (state, None);
    for hunk in file.hunks.iter_mut().filter(|hunk| !matches!(hunk.state, State::Applied | State::Clean)) {
        (hunk.state, hunk.is_accepted) = (state, true);
        hunk.mismatch = hunk.mismatch.take().filter(|_| state == State::Conflict);
    }
    if state != State::Conflict {
        file.after.clone_from(&found.change.after);
    }
}
