//! Which patches of a series need which, and why?

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::ops::Range;

use serde::Serialize;

use super::apply::fitted;
use super::diff::FilePatch;
use super::diff::LineKind;
use super::diff::Operation;
use super::diff::Patch;
use super::place::trim;
use super::state::FileOutcome;
use super::state::Outcome;
use super::state::State;
use super::text::split;
use super::write;

/// How many lines around a change count as its context where its hunks say nothing about that.
const CONTEXT: usize = 3;

/// What a patch needs of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The earlier patch, as its index in the series.
    pub patch: usize,
    /// The file in which the two meet.
    pub target: String,
    /// The first line of it that shows so, 1-based, as the later patch finds the file; 0 where the file as such is meant.
    pub line: usize,
    /// What the earlier patch did there.
    pub because: Because,
}

/// What an earlier patch did that a later one needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// It created the file.
    Created,
    /// It moved or copied the file there.
    Moved,
    /// It took the file away that stood there.
    Cleared,
    /// It wrote the line.
    Wrote,
    /// It deleted lines right above the line, or at the file's end.
    Deleted,
}

/// What each patch of a series needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// For each patch the earlier ones that it needs itself, in the series' order; one entry for each file.
    pub needs: Vec<Vec<Need>>,
}

impl Graph {
    /// Returns the patches that need one themselves, in order, each with what it needs of it.
    #[must_use]
    pub fn needed_by(&self, patch: usize) -> Vec<(usize, &Need)> {
        let all = self.needs.iter().enumerate();
        all.flat_map(|(later, needs)| needs.iter().map(move |need| (later, need)))
            .filter(|(_, need)| need.patch == patch)
            .collect()
    }

    /// Returns why a patch fails where some are missing: the shortest chain of needs from it to one of them, nearest first;
    /// `None` where it needs none of them. The last need's patch is the one that is missing.
    #[must_use]
    pub fn why(&self, failing: usize, missing: &BTreeSet<usize>) -> Option<Vec<&Need>> {
        let mut open = VecDeque::from([(failing, Vec::new())]);
        let mut seen = BTreeSet::from([failing]);
        while let Some((patch, chain)) = open.pop_front() {
            for need in self.needs.get(patch)? {
                let mut chain: Vec<&Need> = chain.clone();
                chain.push(need);
                if missing.contains(&need.patch) {
                    return Some(chain);
                }
                if seen.insert(need.patch) {
                    open.push_back((need.patch, chain));
                }
            }
        }
        None
    }
}

/// Follows each line's owner through a series that was applied: `outcomes` are those of `patches`, in order.
///
/// A patch needs an earlier one that wrote a line which it takes away or shows as context, or that deleted lines from
/// between two such lines: without the earlier patch its hunks do not stand there. Of a patch that was not written nothing
/// is known but its text: it is said to need an earlier one that was not written either, where lines which it expects are
/// among those that the earlier one would add.
#[must_use]
pub fn graph(patches: &[Patch], outcomes: &[Outcome]) -> Graph {
    let mut tree = Tree::default();
    let mut graph = Graph::default();
    for (index, (patch, outcome)) in patches.iter().zip(outcomes).enumerate() {
        let mut needs = Needs { patch: index, found: BTreeMap::new() };
        if outcome.writes() {
            for (file, found) in patch.files.iter().zip(&outcome.files) {
                tree.file(file, found, &mut needs);
            }
        } else if !outcome.is_fine() {
            presumed(patches, outcomes, &mut needs);
        }
        graph.needs.push(needs.found.into_values().collect());
    }
    graph
}

/// What one patch needs, by patch and file.
struct Needs {
    patch: usize,
    found: BTreeMap<(usize, String), Need>,
}

impl Needs {
    /// Notes a need; of several in one file the one is kept that says most.
    fn note(&mut self, patch: usize, target: &str, line: usize, because: Because) {
        if patch == self.patch {
            return;
        }
        let need = Need { patch, target: target.to_owned(), line, because };
        let known = self.found.entry((patch, target.to_owned())).or_insert_with(|| need.clone());
        let is_file = |need: &Need| need.line == 0;
        if (!is_file(&need), need.line, need.because) < (!is_file(known), known.line, known.because) {
            *known = need;
        }
    }
}

/// Who made the files that the series has changed so far.
#[derive(Default)]
struct Tree {
    files: BTreeMap<String, Owned>,
    gone: BTreeMap<String, usize>,
}

/// Who made a file, its lines, and the gaps between them.
#[derive(Clone)]
struct Owned {
    file: Option<(usize, Because)>,
    /// Who changed the text.
    touched: BTreeSet<usize>,
    lines: Vec<Option<usize>>,
    /// Who deleted lines above each line, and at last below the last one.
    gaps: Vec<Option<usize>>,
}

impl Owned {
    fn new(line_count: usize, owner: Option<usize>) -> Self {
        Self {
            file: None,
            touched: owner.into_iter().collect(),
            lines: vec![owner; line_count],
            gaps: vec![None; line_count + 1],
        }
    }
}

impl Tree {
    fn file(&mut self, file: &FilePatch, found: &FileOutcome, needs: &mut Needs) {
        let source = found.from.as_ref().unwrap_or(&found.path);
        let text = found.before.as_deref().unwrap_or_default();
        let new_count = found.after.as_deref().map_or(0, |text| split(text).len());
        let known = self.files.get(source).cloned().unwrap_or_else(|| Owned::new(split(text).len(), None));
        if let Some((owner, because)) = known.file {
            needs.note(owner, source, 0, because);
        }
        if let Some(owner) = self.gone.get(&found.path).filter(|_| found.before.is_none() || found.from.is_some()) {
            needs.note(*owner, &found.path, 0, Because::Cleared);
        }
        let mut fresh = if found.before.is_none() || file.binary.is_some() {
            let owned = file.binary.is_some().then_some(Asserted {
                range: 0..known.lines.len(),
                is_top: false,
                is_alone: true,
            });
            known.need(owned, source, needs);
            Owned::new(new_count, Some(needs.patch))
        } else {
            let (kinds, asserted) = change(file, found);
            known.need(asserted, source, needs);
            known.changed(&kinds, needs.patch)
        };
        fresh.file = match file.operation {
            _ if found.before.is_none() => Some((needs.patch, Because::Created)),
            Operation::Rename | Operation::Copy if found.from.is_some() => Some((needs.patch, Because::Moved)),
            _ => known.file,
        };
        if found.from.is_some() && file.operation == Operation::Rename {
            self.files.remove(source);
            self.gone.insert(source.clone(), needs.patch);
        }
        if found.after.is_some() {
            self.gone.remove(&found.path);
            self.files.insert(found.path.clone(), fresh);
        } else {
            self.files.remove(&found.path);
            self.gone.insert(found.path.clone(), needs.patch);
        }
    }
}

impl Owned {
    /// Notes whose lines and gaps lie in ranges of lines that have to stand as they are.
    fn need(&self, asserted: impl IntoIterator<Item = Asserted>, target: &str, needs: &mut Needs) {
        for Asserted { range, is_top, is_alone } in asserted {
            for owner in self.touched.iter().filter(|_| is_alone) {
                needs.note(*owner, target, 1, Because::Deleted);
            }
            for at in range.clone() {
                if let Some(owner) = self.lines.get(at).copied().flatten() {
                    needs.note(owner, target, at + 1, Because::Wrote);
                }
                let is_inside = at > range.start || is_top;
                if let Some(owner) = self.gaps.get(at).copied().flatten().filter(|_| is_inside) {
                    needs.note(owner, target, at + 1, Because::Deleted);
                }
            }
        }
    }

    /// Returns who made what after a change by `patch`.
    fn changed(&self, kinds: &[LineKind], patch: usize) -> Self {
        let touched = self.touched.iter().copied().chain([patch]).collect();
        let mut fresh = Self { file: None, touched, lines: Vec::new(), gaps: Vec::new() };
        let (mut at, mut gap) = (0, self.gaps.first().copied().flatten());
        for kind in kinds {
            if *kind == LineKind::Remove {
                gap = Some(patch);
            } else {
                let is_kept = *kind == LineKind::Context;
                fresh.gaps.push(gap);
                fresh.lines.push(if is_kept { self.lines.get(at).copied().flatten() } else { Some(patch) });
                gap = if is_kept { self.gaps.get(at + 1).copied().flatten() } else { None };
            }
            at += usize::from(*kind != LineKind::Add);
        }
        fresh.gaps.push(gap);
        fresh
    }
}

/// Lines that have to stand as they are, one below the other.
struct Asserted {
    /// The lines' indices; one more where the file's end has to follow.
    range: Range<usize>,
    /// Whether the first of them has to be the file's first.
    is_top: bool,
    /// Whether nothing else may stand in the file.
    is_alone: bool,
}

/// Returns what becomes of each line of a file, and which ranges of its lines the change counts on.
fn change(file: &FilePatch, found: &FileOutcome) -> (Vec<LineKind>, Vec<Asserted>) {
    let (before, after) = (found.before.as_deref().unwrap_or_default(), found.after.as_deref().unwrap_or_default());
    let (hunks, line_count) = (fitted(file, before), split(before).len());
    if let Some(steps) = write::placed(before, after, &hunks, &found.hunks) {
        let ranges = hunks.iter().zip(&found.hunks).filter_map(|(hunk, found)| {
            let (leading, trailing) = trim(hunk, found.fuzz);
            let (context, start) = (hunk.context(), found.line? - 1);
            let end = start + hunk.old_count - trailing;
            if hunk.old_count + hunk.old_start == 0 {
                // The file is empty, and earlier patches may have seen to that.
                return Some(Asserted { range: 0..0, is_top: true, is_alone: true });
            }
            let empties = hunk.new_count + hunk.new_start == 0;
            // With less context on one side the hunk belongs at that end of the file, where nothing may have stood. Some
            // context below is enough at the expected line.
            let is_anchored = context.1 < context.0 && (context.1 == 0 || found.state != State::Clean);
            let is_bottom = (is_anchored || empties) && end == line_count;
            let is_top = ((context.0 < context.1 && hunk.old_start <= 1) || empties) && start + leading == 0;
            Some(Asserted { range: start + leading..end + usize::from(is_bottom), is_top, is_alone: false })
        });
        let ranges = ranges.collect();
        return (steps.iter().map(|step| step.kind).collect(), ranges);
    }
    let steps = write::between(before, after);
    let (mut ranges, mut at) = (Vec::new(), 0_usize);
    for step in &steps {
        if step.kind != LineKind::Context {
            ranges.push(Asserted { range: at.saturating_sub(CONTEXT)..at + CONTEXT, is_top: false, is_alone: false });
        }
        at += usize::from(step.kind != LineKind::Add);
    }
    (steps.iter().map(|step| step.kind).collect(), ranges)
}

/// Notes which earlier patches that were not written would have added lines that this one expects.
fn presumed(patches: &[Patch], outcomes: &[Outcome], needs: &mut Needs) {
    let later = needs.patch;
    for (file, found) in patches[later].files.iter().zip(&outcomes[later].files) {
        let here: BTreeSet<&[u8]> = split(found.before.as_deref().unwrap_or_default()).into_iter().collect();
        let hunks = file.hunks.iter().zip(&found.hunks).filter(|(_, found)| !found.is_fine());
        let expected: BTreeSet<&[u8]> = hunks
            .flat_map(|(hunk, _)| hunk.before())
            .map(|line| &line.text[..])
            .filter(|line| !here.contains(line))
            .collect();
        for (earlier, patch) in patches[..later].iter().enumerate().filter(|(at, _)| !outcomes[*at].is_fine()) {
            for other in patch.files.iter().filter(|other| other.path() == file.path()) {
                let created = other.operation == Operation::Create && found.before.is_none();
                let lines = other.hunks.iter().flat_map(|hunk| &hunk.lines);
                let added = lines.filter(|line| line.kind == LineKind::Add);
                let line = found.hunks.iter().find_map(|hunk| Some(hunk.mismatch.as_ref()?.line)).unwrap_or(1);
                if created {
                    needs.note(earlier, other.path(), 0, Because::Created);
                } else if added.into_iter().any(|line| expected.contains(&line.text[..])) {
                    needs.note(earlier, other.path(), line, Because::Wrote);
                }
            }
        }
    }
}
