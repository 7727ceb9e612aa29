//! How does a patch read that is exact on the tree on which it was found, and does the same?

use std::collections::BTreeMap;

use super::apply::apply;
use super::apply::fitted;
use super::diff::FilePatch;
use super::diff::Hunk;
use super::diff::Operation;
use super::diff::Patch;
use super::parse::parse_stripped;
use super::state::FileOutcome;
use super::state::Outcome;
use super::state::State;
use super::write;
use super::write::Step;

/// How many lines of context a hunk gets at least.
pub(super) const CONTEXT_MIN: usize = 3;

/// How often the context is doubled where less of it leaves more than one place.
pub(super) const DOUBLINGS_MAX: u32 = 6;

/// Tells whether nothing about a patch's places is out of date: each hunk stands at the line that it names.
#[must_use]
pub fn is_exact(outcome: &Outcome) -> bool {
    outcome.state == State::Clean && outcome.files.iter().all(is_exact_file)
}

pub(super) fn is_exact_file(file: &FileOutcome) -> bool {
    let hunks = file.hunks.iter();
    file.state == State::Clean
        && hunks.fold(true, |exact, hunk| exact && hunk.state == State::Clean && hunk.offset == 0 && hunk.fuzz == 0)
}

/// Returns the text of a patch with its hunks where `outcome` found them, such that [`is_exact`] holds on the same files
/// without anybody's consent, and the result is the same to the byte; `None` where no amount of context makes it so.
///
/// A patch that is exact already stays as it is. Of any other one the hunks of those files are written anew that have
/// drifted, with at least as much context as they had; all else of the text stays. `level` is how many folders are
/// stripped of the patch's names.
#[must_use]
pub fn refresh(patch: &Patch, outcome: &Outcome, level: usize) -> Option<Vec<u8>> {
    let origin = origin(outcome);
    let plain = apply(patch, &mut |path| origin.get(path).cloned().flatten());
    if is_exact(&plain) && plain.changes() == outcome.changes() {
        return Some(patch.text.clone());
    }
    (0..=DOUBLINGS_MAX).find_map(|doublings| {
        let text = written(patch, outcome, &plain, 1 << doublings);
        let fresh = parse_stripped(&patch.name, &text, level).ok()?;
        let again = apply(&fresh, &mut |path| origin.get(path).cloned().flatten());
        (is_exact(&again) && again.changes() == outcome.changes()).then_some(text)
    })
}

/// Returns the files as the patch found them.
fn origin(outcome: &Outcome) -> BTreeMap<&str, Option<Vec<u8>>> {
    let mut origin = BTreeMap::new();
    for file in &outcome.files {
        match &file.from {
            Some(from) => {
                origin.entry(from.as_str()).or_insert_with(|| file.before.clone());
                origin.entry(file.path.as_str()).or_insert(None);
            }
            None => {
                origin.entry(file.path.as_str()).or_insert_with(|| file.before.clone());
            }
        }
    }
    origin
}

/// Returns the patch's text, with the hunks of files that have drifted written anew.
fn written(patch: &Patch, outcome: &Outcome, plain: &Outcome, factor: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(patch.text.len());
    let mut copied = 0;
    for ((file, found), plain) in patch.files.iter().zip(&outcome.files).zip(&plain.files) {
        let (Some(first), Some(last)) = (file.hunks.first(), file.hunks.last()) else {
            continue;
        };
        if is_exact_file(plain) || file.operation == Operation::Create {
            continue;
        }
        text.extend(&patch.text[copied..first.span.start]);
        text.extend(file_hunks(file, found, factor));
        copied = last.lines.last().map_or(last.span.end, |line| line.span.end);
        copied = behind_line(&patch.text, copied);
        if patch.text[copied..].starts_with(b"\\") {
            copied = behind_line(&patch.text, copied);
        }
    }
    text.extend(&patch.text[copied..]);
    text
}

fn behind_line(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |newline| at + newline + 1)
}

fn file_hunks(file: &FilePatch, found: &FileOutcome, factor: usize) -> Vec<u8> {
    let (before, after) = (found.before.as_deref().unwrap_or_default(), found.after.as_deref().unwrap_or_default());
    let contexts = file.hunks.iter().map(Hunk::context).map(|(leading, trailing)| leading.max(trailing));
    let context = contexts.max().unwrap_or(0).max(CONTEXT_MIN) * factor;
    let hunks = fitted(file, before);
    let steps = write::placed(before, after, &hunks, &found.hunks).unwrap_or_else(|| write::between(before, after));
    let has_returns = |steps: &[Step<'_>]| steps.iter().any(|step| step.text.ends_with(b"\r\n"));
    let text = write::hunks(&steps, context);
    // A patch that was converted as a whole stays so.
    if file.has_returns && !has_returns(&steps) { with_returns(&text) } else { text }
}

fn with_returns(text: &[u8]) -> Vec<u8> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.flat_map(|line| [line.strip_suffix(b"\n").unwrap_or(line), b"\r\n"].concat()).collect()
}
