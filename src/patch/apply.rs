//! What becomes of files when a patch is applied to them?

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::blob;
use super::diff::FilePatch;
use super::diff::Hunk;
use super::diff::Operation;
use super::diff::Patch;
use super::place::Choice;
use super::place::Fit;
use super::place::Search;
use super::place::most_similar;
use super::place::place;
use super::place::trim;
use super::state::Consent;
use super::state::FileOutcome;
use super::state::HunkOutcome;
use super::state::Mismatch;
use super::state::Obstacle;
use super::state::Outcome;
use super::state::Read;
use super::state::State;
use super::text::quoted;
use super::text::split;

/// How many bytes a file may have that a patch changes; more is no source.
pub const TARGET_BYTES_MAX: usize = 256 << 20;

/// How much fuzz is looked for, so that a hunk which would need it can be shown to whom it would need consent from.
const FUZZ_SHOWN_MAX: usize = 2;

/// How many places are kept for messages; all are counted.
const PLACES_SHOWN_MAX: usize = 8;

/// Applies a patch to the files that `read` knows, and returns what has to be written and why.
///
/// Context counts byte for byte. A hunk that fits at its expected line is `clean` however many other places fit; one
/// that fits elsewhere is `offset` at a single place and `ambiguous` at several; one whose result stands in the file
/// while its text before does not is `applied`; one that fits only where lines of context are left out is `fuzzy`, and
/// is not written.
///
/// Nothing is called `clean` or `offset` that would not be found `applied` the next time, or that its own inverse would
/// not undo to the byte: such a patch is `ambiguous`. So applying twice equals applying once by construction.
pub fn apply(patch: &Patch, read: &mut Read<'_>) -> Outcome {
    apply_with(patch, Consent::default(), read)
}

/// As [`apply()`], with a user's consent to write what bytes alone do not prove: hunks that need so much fuzz, and the
/// nearest of several places. Where the nearest place is asked for, nothing promises that the change is found `applied`
/// the next time.
pub fn apply_with(patch: &Patch, consent: Consent, read: &mut Read<'_>) -> Outcome {
    let mut outcome = run(patch, consent, read);
    if outcome.writes() && !consent.nearest {
        let unproven = unproven(patch, consent, &outcome, read);
        if !unproven.is_empty() {
            for (file, hunk) in unproven {
                let file = &mut outcome.files[file];
                match file.hunks.get_mut(hunk) {
                    Some(hunk) => hunk.state = State::Ambiguous,
                    None => file.state = State::Ambiguous,
                }
            }
            outcome.settle();
            outcome.withhold();
        }
    }
    outcome
}

/// As [`apply_with`], with the texts of files after the change, as a merge found them: of several places the one is taken
/// at which the result reads so.
pub(super) fn guided(patch: &Patch, consent: Consent, merged: &Merged, read: &mut Read<'_>) -> Outcome {
    let mut outcome = run_files(patch, consent, Some(merged), read);
    outcome.settle();
    outcome
}

/// Undoes a patch that was found `applied`, into `tree`. Tells whether it could be undone.
pub(super) fn undo(
    patch: &Patch,
    consent: Consent,
    tree: &mut BTreeMap<String, Option<Vec<u8>>>,
    read: &mut Read<'_>,
) -> bool {
    let outcome = run(&patch.reversed(), consent, &mut |path| match tree.get(path) {
        Some(known) => known.clone(),
        None => read(path),
    });
    if !outcome.files.is_empty() && !outcome.writes() {
        return false;
    }
    tree.extend(outcome.changes().into_iter().map(|(path, change)| (path, change.after)));
    let copies = patch.files.iter().filter(|file| file.operation == Operation::Copy);
    tree.extend(copies.map(|file| (file.path().to_owned(), None)));
    true
}

/// Returns which hunks (file, hunk; both indices) of a patch that was just written would not be found `applied`, and
/// those that could not be undone.
fn unproven(patch: &Patch, consent: Consent, outcome: &Outcome, read: &mut Read<'_>) -> Vec<(usize, usize)> {
    let changes = outcome.changes();
    let mut tree: BTreeMap<_, _> = changes.iter().map(|(path, change)| (path.clone(), change.after.clone())).collect();
    let again = run(patch, consent, &mut |path| match tree.get(path) {
        Some(known) => known.clone(),
        None => read(path),
    });
    let mut unproven = Vec::new();
    for (file_index, file) in again.files.iter().enumerate().filter(|(_, file)| !file.is_neutral) {
        let hunks = file.hunks.iter().enumerate();
        let doubtful: Vec<_> = hunks.filter(|(_, hunk)| hunk.state != State::Applied).collect();
        if doubtful.is_empty() && file.state != State::Applied {
            unproven.push((file_index, usize::MAX));
        }
        unproven.extend(doubtful.into_iter().map(|(hunk_index, _)| (file_index, hunk_index)));
    }
    if unproven.is_empty() {
        let is_undone = undo(patch, consent, &mut tree, read)
            && changes.iter().all(|(path, change)| {
                // Without git's words a new file and an empty one look alike.
                tree.get(path).cloned().flatten().unwrap_or_default() == change.before.clone().unwrap_or_default()
            });
        if !is_undone {
            let all = outcome.files.iter().enumerate().filter(|(_, file)| file.writes() && !file.is_neutral);
            unproven.extend(all.flat_map(|(at, file)| (0..file.hunks.len().max(1)).map(move |hunk| (at, hunk))));
        }
    }
    unproven
}

/// The texts of files after the change, as a merge found them, by path.
pub(super) type Merged = BTreeMap<String, Vec<u8>>;

/// Applies a patch without asking whether the result can be told from the input.
fn run(patch: &Patch, consent: Consent, read: &mut Read<'_>) -> Outcome {
    let mut outcome = run_files(patch, consent, None, read);
    outcome.settle();
    outcome.withhold();
    outcome
}

fn run_files(patch: &Patch, consent: Consent, merged: Option<&Merged>, read: &mut Read<'_>) -> Outcome {
    let mut tree: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let mut outcome = Outcome { state: State::Clean, files: Vec::new() };
    for file in &patch.files {
        let guide = merged.and_then(|merged| merged.get(file.path())).map(|text| split(text));
        let placing = Placing { consent, guide };
        let result = run_file(file, &placing, &mut |path| match tree.get(path) {
            Some(known) => known.clone(),
            None => read(path),
        });
        if result.writes() {
            if let Some(from) = result.from.as_ref().filter(|_| file.operation == Operation::Rename) {
                tree.insert(from.clone(), None);
            }
            tree.insert(result.path.clone(), result.after.clone());
        }
        outcome.files.push(result);
    }
    outcome
}

/// How the hunks of a file are placed.
struct Placing<'a> {
    consent: Consent,
    /// The lines of the result, where a merge found it.
    guide: Option<Vec<&'a [u8]>>,
}

impl Placing<'_> {
    /// Returns how to search where the result has `growth` lines more than what is left of the file.
    fn search(&self, growth: isize) -> Search<'_> {
        let choice = match &self.guide {
            Some(merged) => Choice::Guided(merged, growth),
            None if self.consent.nearest => Choice::Nearest,
            None => Choice::Strict,
        };
        Search { fuzz_max: self.consent.fuzz.max(FUZZ_SHOWN_MAX), fuzz_consented: self.consent.fuzz, choice }
    }
}

fn run_file(file: &FilePatch, placing: &Placing<'_>, read: &mut Read<'_>) -> FileOutcome {
    let is_textless =
        file.operation == Operation::Modify && file.hunks.iter().all(Hunk::is_without_effect) && file.binary.is_none();
    let mut outcome = FileOutcome {
        path: file.path().to_owned(),
        from: None,
        operation: file.operation,
        state: State::Applied,
        before: None,
        after: None,
        mode: file.mode,
        obstacle: None,
        hunks: Vec::new(),
        proof: None,
        is_neutral: is_textless,
    };
    let mut is_too_large = false;
    let read = &mut |path: &str| {
        let text = read(path)?;
        is_too_large |= text.len() > TARGET_BYTES_MAX;
        (text.len() <= TARGET_BYTES_MAX).then_some(text)
    };
    match (&file.binary, file.operation) {
        (Some(binary), _) => blob::run(binary, file, &mut outcome, read),
        (None, Operation::Modify) => modify(file, placing, &mut outcome, read),
        (None, Operation::Create) => create(file, &mut outcome, read),
        (None, Operation::Delete) => delete(file, placing, &mut outcome, read),
        (None, Operation::Rename) => rename(file, placing, &mut outcome, read),
        (None, Operation::Copy) => copy(file, placing, &mut outcome, read),
    }
    if is_too_large {
        (outcome.state, outcome.obstacle) = (State::Conflict, Some(Obstacle::TooLarge));
        outcome.hunks = whole(file, State::Conflict);
    }
    outcome
}

fn modify(file: &FilePatch, placing: &Placing<'_>, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    outcome.before = read(&outcome.path);
    if let Some(old_path) = file.old_path.as_ref().filter(|old_path| **old_path != outcome.path)
        && (outcome.before.is_none() || plainness(old_path) <= plainness(&outcome.path))
        && let Some(before) = read(old_path)
    {
        // `--- a/x.py` with `+++ b/x.py.new`: the one that exists is meant, and of two the plainer one.
        (outcome.path, outcome.before) = (old_path.clone(), Some(before));
    }
    let creates = file.hunks.first().is_some_and(|hunk| hunk.old_start == 0 && hunk.old_count == 0);
    match outcome.before.clone().or_else(|| creates.then(Vec::new)) {
        Some(text) => outcome.after = Some(change(&fitted(file, &text), &text, placing, outcome)),
        None => miss(file, outcome, read),
    }
    if outcome.is_neutral && outcome.obstacle.is_none() {
        (outcome.state, outcome.after) = (State::Clean, outcome.before.clone());
    }
}

/// Returns by what GNU patch chooses between two files that exist, the least first: folders, then the length of the
/// name without them, then of all.
fn plainness(path: &str) -> (usize, usize, usize) {
    let name = path.rsplit('/').next().unwrap_or(path);
    (path.matches('/').count(), name.len(), path.len())
}

/// Returns a file's hunks with the line ends of the text. Where the patch as a whole was converted to carriage returns,
/// headers included, and the file has none, they are no part of the change; GNU patch drops them then, too.
pub(super) fn fitted<'a>(file: &'a FilePatch, text: &[u8]) -> Cow<'a, [Hunk]> {
    let is_converted = file.has_returns && !text.windows(2).any(|pair| pair == b"\r\n");
    if !is_converted {
        return Cow::Borrowed(&file.hunks);
    }
    let mut hunks = file.hunks.clone();
    for line in hunks.iter_mut().flat_map(|hunk| &mut hunk.lines) {
        let is_whole = line.text.ends_with(b"\n");
        let end = line.text.len() - usize::from(is_whole);
        if line.text[..end].ends_with(b"\r") {
            line.text.remove(end - 1);
        }
    }
    Cow::Owned(hunks)
}

fn create(file: &FilePatch, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    let text: Vec<u8> = file.hunks.iter().flat_map(Hunk::after).flat_map(|line| line.text.clone()).collect();
    outcome.before = read(&outcome.path);
    let is_new = file.hunks.len() <= 1 && file.hunks.iter().all(|hunk| hunk.old_count == 0);
    let (state, obstacle) = match &outcome.before {
        None if is_new => (State::Clean, None),
        None => (State::MissingTarget, Some(Obstacle::Missing { unstripped: None })),
        Some(before) if *before == text => (State::Applied, None),
        Some(_) => (State::Conflict, Some(Obstacle::Exists)),
    };
    (outcome.state, outcome.obstacle, outcome.after) = (state, obstacle, Some(text));
    outcome.hunks = whole(file, state);
}

fn delete(file: &FilePatch, placing: &Placing<'_>, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    outcome.before = read(&outcome.path);
    let Some(text) = outcome.before.clone() else {
        outcome.hunks = whole(file, State::Applied);
        return;
    };
    let rest = change(&file.hunks, &text, placing, outcome);
    if file.hunks.is_empty() {
        outcome.state = State::Clean;
    }
    let fits = outcome.hunks.iter().all(|hunk| hunk.writes() || hunk.is_neutral);
    if fits && !rest.is_empty() || outcome.hunks.iter().any(HunkOutcome::stands) {
        (outcome.state, outcome.obstacle) = (State::Conflict, Some(Obstacle::Remainder));
    }
}

fn rename(file: &FilePatch, placing: &Placing<'_>, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    let from = file.old_path.clone().unwrap_or_default();
    let (source, target) = (read(&from), read(&outcome.path));
    outcome.from = Some(from);
    match (source, target) {
        (Some(_), Some(target)) => {
            outcome.before = Some(target);
            (outcome.state, outcome.obstacle) = (State::Conflict, Some(Obstacle::Exists));
        }
        (Some(source), None) => {
            outcome.after = Some(change(&file.hunks, &source, placing, outcome));
            outcome.before = Some(source);
            let is_half = outcome.hunks.iter().any(HunkOutcome::stands);
            outcome.state = if is_half { State::Conflict } else { State::Clean };
        }
        (None, Some(target)) => {
            let after = change(&file.hunks, &target, placing, outcome);
            if outcome.hunks.iter().any(HunkOutcome::writes) {
                outcome.state = State::Conflict;
            }
            (outcome.before, outcome.after) = (Some(target), Some(after));
            outcome.from = outcome.from.take().filter(|_| outcome.state != State::Applied);
        }
        (None, None) => miss(file, outcome, read),
    }
}

fn copy(file: &FilePatch, placing: &Placing<'_>, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    let from = file.old_path.clone().unwrap_or_default();
    let Some(source) = read(&from) else {
        return miss(file, outcome, read);
    };
    let target = read(&outcome.path);
    outcome.after = Some(change(&file.hunks, &source, placing, outcome));
    let fits = outcome.hunks.iter().all(HunkOutcome::writes);
    match target {
        None => outcome.state = State::Clean,
        Some(target) if fits && outcome.after.as_ref() == Some(&target) => {
            outcome.hunks = whole(file, State::Applied);
        }
        Some(_) => (outcome.state, outcome.obstacle) = (State::Conflict, Some(Obstacle::Exists)),
    }
    (outcome.from, outcome.before) = (Some(from), Some(source));
}

/// Notes that a target is missing, and whether another strip level would find it.
fn miss(file: &FilePatch, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    let written = file.written.1.as_ref().or(file.written.0.as_ref());
    let unstripped = written.filter(|name| name.as_str() != outcome.path && read(name).is_some()).cloned();
    (outcome.state, outcome.obstacle) = (State::MissingTarget, Some(Obstacle::Missing { unstripped }));
    outcome.hunks = whole(file, State::MissingTarget);
}

/// Returns the outcomes of hunks that stand and fall with their whole file.
fn whole(file: &FilePatch, state: State) -> Vec<HunkOutcome> {
    file.hunks.iter().enumerate().map(|(at, hunk)| blank(hunk, at, state)).collect()
}

fn blank(hunk: &Hunk, at: usize, state: State) -> HunkOutcome {
    HunkOutcome {
        index: at + 1,
        header: hunk.header.clone(),
        patch_line: hunk.line,
        state,
        line: None,
        offset: 0,
        fuzz: 0,
        is_accepted: true,
        forward_count: 0,
        reverse_count: 0,
        places: Vec::new(),
        mismatch: None,
        is_neutral: hunk.is_without_effect(),
    }
}

/// Places a file's hunks one after another, notes what became of each, and returns the text with those that fit.
fn change(hunks: &[Hunk], text: &[u8], placing: &Placing<'_>, outcome: &mut FileOutcome) -> Vec<u8> {
    let lines = split(text);
    let mut after = Vec::with_capacity(text.len());
    // `copied` lines of the file are in `after`, which has `growth` lines more; the next hunk lies `drift` lines from
    // where its header says, of which `made` lines come from hunks that already stood in the file.
    let (mut copied, mut growth, mut floor, mut drift, mut made) = (0, 0_isize, 0, 0_isize, 0_isize);
    for (at, hunk) in hunks.iter().enumerate() {
        let expected = hunk.index().saturating_add_signed(drift);
        let placement = place(hunk, &lines, floor, expected, placing.search(growth));
        let (first, nearest) = match placement.fit {
            Fit::Forward(found) => (found, found),
            _ => (floor, expected),
        };
        let mut result = blank(hunk, at, State::Conflict);
        let places = if placement.forward.all.is_empty() { &placement.reverse } else { &placement.forward };
        result.places = places.all.iter().take(PLACES_SHOWN_MAX).map(|place| place + 1).collect();
        (result.forward_count, result.reverse_count) = (placement.forward.all.len(), placement.reverse.all.len());
        result.fuzz = placement.fuzz;
        let longer = hunk.new_count.cast_signed() - hunk.old_count.cast_signed();
        match placement.fit {
            Fit::Forward(found) => {
                result.state = if placement.fuzz > 0 {
                    State::Fuzzy
                } else if found == expected {
                    State::Clean
                } else {
                    State::Offset
                };
                result.is_accepted = placement.fuzz <= placing.consent.fuzz || placing.guide.is_some();
                // The next hunk may reach into the context behind this one's last change, as GNU patch lets it.
                let (leading, trailing) = (trim(hunk, placement.fuzz).0, hunk.context().1);
                after.extend(lines[copied..found + leading].concat());
                let core = hunk.after().skip(leading).take((hunk.new_count - trailing).saturating_sub(leading));
                after.extend(core.flat_map(|line| line.text.iter().copied()));
                copied = (found + hunk.old_count - trailing).max(found + leading);
                (floor, drift) = (copied, found.cast_signed() - hunk.index().cast_signed());
                growth += longer;
                (result.line, result.offset) = (Some(found + 1), drift - made);
            }
            Fit::Reverse(found) => {
                result.state = State::Applied;
                drift = found.cast_signed() - hunk.index().cast_signed();
                (result.line, result.offset) = (Some(found + 1), drift - made);
                (drift, made) = (drift + longer, made + longer);
                floor = found + hunk.new_count - hunk.context().1;
            }
            Fit::Several => result.state = State::Ambiguous,
            Fit::Nowhere => {}
        }
        if !result.is_accepted || placement.fit == Fit::Nowhere {
            result.mismatch = Some(mismatch(hunk, &lines, first, nearest));
        }
        outcome.hunks.push(result);
    }
    after.extend(lines[copied..].concat());
    after
}

/// Returns the first line that differs at the place most similar to the hunk.
fn mismatch(hunk: &Hunk, lines: &[&[u8]], floor: usize, expected: usize) -> Mismatch {
    let nearest = expected.clamp(floor.min(lines.len()), lines.len());
    let similar = most_similar(hunk, lines, floor, expected).unwrap_or(nearest);
    let difference = |start: usize| {
        hunk.before().enumerate().find(|(at, line)| lines.get(start + at).copied() != Some(&line.text[..]))
    };
    // Where all lines agree, the place was refused for its context: the hunk belongs at an end of the file.
    let end = similar + hunk.old_count;
    let (start, found) = match difference(similar) {
        None if end < lines.len() => (end, None),
        None => (0, difference(0)),
        some => (similar, some),
    };
    let line = found.map_or(start, |(at, _)| start + at);
    Mismatch {
        line: line + 1,
        patch_line: found.map_or(hunk.line, |(_, expected)| expected.line),
        expected: found.map(|(_, expected)| quoted(&expected.text)),
        found: lines.get(line).map(|found| quoted(found)),
    }
}
