//! Does the patch build on lines of an earlier one, and the recipe does not say so?
//!
//! A hunk that stands on lines which an earlier patch wrote fails once that patch is dropped. `after` in the recipe says
//! what builds on what, so that the failure can be told as what it is. Patches are followed by the places that they name, or,
//! where the release is known, by those where they were found.

use std::collections::BTreeMap;

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::context::Earlier;
use crate::patch::diff::FilePatch;
use crate::patch::diff::Hunk;
use crate::patch::diff::LineKind;
use crate::patch::diff::Operation;
use crate::patch::state::FileOutcome;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "undeclared-order",
    code: "HV0232",
    severity: Severity::Warning,
    needs: Needs::Series,
    check: Check::Patch(check),
};

/// Lines of a file that a patch wrote, as they stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    /// The patch's index in the series.
    patch: usize,
    /// The first line, counted from zero.
    start: usize,
    /// The line after the last. Where lines were taken away it equals `start`.
    end: usize,
}

/// What was written into files, by path.
type Trace = BTreeMap<String, Vec<Written>>;

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let (Some(series), Some(patch)) = (subject.context.series, &subject.patch) else {
        return Vec::new();
    };
    let paths: Vec<&String> = patch.files.iter().flat_map(|file| [&file.old_path, &file.new_path]).flatten().collect();
    let touches = |earlier: &Earlier| {
        let mut touched = earlier.patch.files.iter().flat_map(|file| [&file.old_path, &file.new_path]).flatten();
        touched.any(|path| paths.contains(&path))
    };
    if !series.earlier.iter().any(touches) {
        return Vec::new();
    }
    let mut trace = Trace::new();
    for (index, earlier) in series.earlier.iter().enumerate() {
        for (at, file) in earlier.patch.files.iter().enumerate() {
            let outcome = earlier.outcome.as_ref().and_then(|outcome| outcome.files.get(at));
            follow(&mut trace, index, file, outcome);
        }
    }
    let declared = declared(series.earlier, series.after);
    let mut marks: Vec<(usize, Mark)> = Vec::new();
    for (at, file) in patch.files.iter().enumerate() {
        let outcome = subject.outcome.as_ref().and_then(|outcome| outcome.files.get(at));
        let Some(written) = file.old_path.as_ref().and_then(|path| trace.get(path)) else {
            continue;
        };
        for (hunk, found) in file.hunks.iter().zip(places(file, outcome)) {
            for base in written.iter().filter(|written| overlaps(written, found, hunk.old_count)) {
                let earlier = &series.earlier[base.patch].patch.name;
                let is_known = declared.contains(earlier) || marks.iter().any(|(index, _)| *index == base.patch);
                if !is_known {
                    let message = format!("the hunk builds on lines of `{earlier}`, and the recipe does not say so");
                    let help = format!("add `after = [\"{earlier}\"]` to the patch in the recipe");
                    marks.push((base.patch, Mark::new(hunk.span, message, help)));
                }
            }
        }
    }
    marks.into_iter().map(|(_, mark)| mark).collect()
}

/// Returns the patches that one is said to build on, and those that these build on.
fn declared(earlier: &[Earlier], after: &[String]) -> Vec<String> {
    let mut all = after.to_vec();
    let mut at = 0;
    while at < all.len() {
        let more = earlier.iter().filter(|earlier| earlier.patch.name == all[at]).flat_map(|earlier| &earlier.after);
        let more: Vec<String> = more.filter(|name| !all.contains(name)).cloned().collect();
        all.extend(more);
        at += 1;
    }
    all
}

/// Tells whether a hunk's lines, context included, meet what a patch wrote.
fn overlaps(written: &Written, start: usize, count: usize) -> bool {
    if written.start == written.end {
        // Lines that were taken away: only a hunk that spans the seam sees it.
        return start < written.start && written.start < start + count;
    }
    start < written.end && written.start < start + count
}

/// Returns at which lines a file's hunks stand, counted from zero, as the file is before the patch.
fn places(file: &FilePatch, outcome: Option<&FileOutcome>) -> Vec<usize> {
    let found = |at: usize, hunk: &Hunk| {
        let hunk = outcome?.hunks.get(at).filter(|found| found.state.writes() && hunk.old_count > 0)?;
        hunk.line.map(|line| line - 1)
    };
    file.hunks.iter().enumerate().map(|(at, hunk)| found(at, hunk).unwrap_or_else(|| hunk.index())).collect()
}

/// Takes a patch of one file into the trace.
fn follow(trace: &mut Trace, index: usize, file: &FilePatch, outcome: Option<&FileOutcome>) {
    let mut written = match (&file.old_path, file.operation) {
        (Some(old), Operation::Rename) => trace.remove(old).unwrap_or_default(),
        (Some(old), _) => trace.get(old).cloned().unwrap_or_default(),
        (None, _) => Vec::new(),
    };
    if matches!(file.operation, Operation::Create | Operation::Rename | Operation::Copy) {
        // The whole file is there because of the patch.
        written.push(Written { patch: index, start: 0, end: usize::MAX });
    } else {
        let mut drift = 0_isize;
        for (hunk, place) in file.hunks.iter().zip(places(file, outcome)) {
            let start = place.saturating_add_signed(drift);
            let growth = hunk.new_count.cast_signed() - hunk.old_count.cast_signed();
            for known in
                written.iter_mut().filter(|known| known.patch != index && known.start >= start + hunk.old_count)
            {
                known.start = known.start.saturating_add_signed(growth);
                known.end = if known.end == usize::MAX { known.end } else { known.end.saturating_add_signed(growth) };
            }
            written.extend(changed(hunk, start).into_iter().map(|(start, end)| Written { patch: index, start, end }));
            drift += growth;
        }
    }
    match &file.new_path {
        Some(path) => drop(trace.insert(path.clone(), written)),
        None => drop(file.old_path.as_ref().and_then(|path| trace.remove(path))),
    }
}

/// Returns the lines that a hunk writes, as they stand afterwards; an empty range where it only takes lines away.
fn changed(hunk: &Hunk, start: usize) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    let mut at = start;
    let mut is_open = false;
    for line in &hunk.lines {
        match line.kind {
            LineKind::Context => {
                is_open = false;
                at += 1;
                continue;
            }
            LineKind::Add => at += 1,
            LineKind::Remove => {}
        }
        let first = if line.kind == LineKind::Add { at - 1 } else { at };
        match ranges.last_mut() {
            Some(last) if is_open => last.1 = at,
            _ => ranges.push((first, at)),
        }
        is_open = true;
    }
    ranges
}
