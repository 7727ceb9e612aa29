//! What becomes of a series from one release to the next?

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::apply::apply_with;
use super::carry::Carried;
use super::carry::carry;
use super::diff::Patch;
use super::merge::Names;
use super::moved;
use super::moved::Moved;
use super::state::Change;
use super::state::Consent;
use super::state::Outcome;
use super::state::Read;
use super::state::State;
use super::state::Verdict;
use super::state::note;

/// A patch of a series on one release.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// What the text alone says: where the hunks fit in the release, or stand in it.
    pub text: Outcome,
    /// What the merge with the base says; `None` where the patch does not apply to its own base.
    pub carried: Option<Carried>,
    /// Where files went that are gone, by their old paths.
    pub moved: BTreeMap<String, Moved>,
    /// What the patch changes on the release; empty where it is absorbed or cannot be carried.
    pub changes: BTreeMap<String, Change>,
}

impl Standing {
    /// Tells whether the patch goes along, or need not.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        matches!(
            self.state,
            State::Absorbed
                | State::Applied
                | State::Clean
                | State::Offset
                | State::Fuzzy
                | State::PartlyAbsorbed
                | State::NeededAgain
        ) || (self.state == State::FileMoved && !self.changes.is_empty())
    }
}

/// What a walk says about one patch, from its states on the releases in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// The state at the end of the walk.
    pub state: State,
    /// The index of the first release that had absorbed the patch.
    pub absorbed_in: Option<usize>,
    /// The index of the first release from which on the patch no longer goes along, or is needed again.
    pub turned_in: Option<usize>,
}

/// Tells a patch's fate from its states, release by release.
///
/// What one release was proven to have absorbed stays absorbed when upstream rewrites it later: only where the text before
/// the change stands in a release again, and its hunks fit, the patch is `needed-again`.
///
/// # Panics
///
/// Where there is no release.
#[must_use]
pub fn fate(states: &[State], is_fine: &[bool]) -> Fate {
    let last = *states.last().expect("a walk has a release at its end");
    let absorbed_in = states.iter().position(|state| *state == State::Absorbed);
    let fits = |state: &State| matches!(state, State::Clean | State::Offset);
    match absorbed_in {
        Some(first) if fits(&last) => {
            let again = (first..states.len()).rev().take_while(|at| fits(&states[*at])).last();
            Fate { state: State::NeededAgain, absorbed_in, turned_in: again }
        }
        Some(_) => Fate { state: State::Absorbed, absorbed_in, turned_in: None },
        None => {
            let broken = (0..states.len()).rev().take_while(|at| !is_fine[*at]).last();
            Fate { state: last, absorbed_in, turned_in: broken }
        }
    }
}

/// The trees of a step: the release that the series was made for, and another one.
pub struct Trees<'r> {
    /// Reads the release that the series was made for.
    pub base: &'r mut Read<'r>,
    /// Reads the other one.
    pub target: &'r mut Read<'r>,
    /// The files that the other one has and the base has not; empty where nobody looks for files that moved.
    pub added: &'r [String],
}

/// The texts of files after a patch that a person has merged, by path; `None` for a file that goes.
pub type Resolved = BTreeMap<String, Option<Vec<u8>>>;

/// What was decided about patches, by their indexes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decided {
    /// What persons have merged.
    pub merged: BTreeMap<usize, Resolved>,
    /// The patches that the release is to go without, although their text may fit.
    pub left_out: BTreeSet<usize>,
}

/// Carries a series from its base to another release, each patch upon those before it. One that meets upstream's changes
/// is left out, and those after it go on without it.
#[must_use]
pub fn step(patches: &[Patch], names: Names<'_>, decided: &Decided, trees: Trees<'_>) -> Vec<Standing> {
    let Trees { base, target, added } = trees;
    let (mut made, mut carried) = (Overlay::default(), Overlay::default());
    let mut standings = Vec::new();
    for (index, patch) in patches.iter().enumerate() {
        let mut standing =
            one(patch, names, added, &mut |path| made.read(path, base), &mut |path| carried.read(path, target));
        if let Some(resolved) = decided.merged.get(&index) {
            resolve(&mut standing, resolved, &mut |path| carried.read(path, target));
        }
        let on_base = apply_with(patch, Consent::default(), &mut |path| made.read(path, base));
        made.add(on_base.changes());
        if decided.left_out.contains(&index) {
            standing.changes.clear();
        }
        carried.add(standing.changes.clone());
        standings.push(standing);
    }
    standings
}

/// A tree that a series has changed.
#[derive(Default)]
struct Overlay {
    changes: BTreeMap<String, Change>,
}

impl Overlay {
    fn read(&self, path: &str, below: &mut Read<'_>) -> Option<Vec<u8>> {
        match self.changes.get(path) {
            Some(change) => change.after.clone(),
            None => below(path),
        }
    }

    fn add(&mut self, changes: BTreeMap<String, Change>) {
        for (path, change) in changes {
            note(&mut self.changes, &path, change);
        }
    }
}

fn one(patch: &Patch, names: Names<'_>, added: &[String], base: &mut Read<'_>, target: &mut Read<'_>) -> Standing {
    let text = apply_with(patch, Consent::default(), target);
    let carried = carry(patch, Consent::default(), names, base, target).ok();
    let state = state(&text, carried.as_ref());
    let mut standing = Standing { state, text, carried, moved: BTreeMap::new(), changes: BTreeMap::new() };
    match state {
        State::Absorbed => {}
        State::MissingTarget => follow(&mut standing, names, added, base, target),
        _ if standing.is_fine() => standing.changes = changes(&standing),
        _ => {}
    }
    standing
}

/// Returns the state: the merge decides, but for a patch whose hunks all stand at their lines.
fn state(text: &Outcome, carried: Option<&Carried>) -> State {
    let some_stand = text.files.iter().flat_map(|file| &file.hunks).any(|hunk| hunk.state == State::Applied);
    let Some(carried) = carried else {
        return if text.state == State::Applied { State::Absorbed } else { text.state };
    };
    let agrees = || {
        let placed = text.changes();
        carried.files.iter().all(|file| match placed.get(&file.path) {
            Some(change) => change.after == file.change.after,
            None => file.change.before == file.change.after,
        })
    };
    match carried.verdict() {
        _ if text.state == State::Applied => State::Absorbed,
        None | Some(Verdict::Absorbed) => State::Absorbed,
        Some(Verdict::Gone) => State::MissingTarget,
        Some(Verdict::Conflict) if text.state == State::Clean => State::Clean,
        Some(Verdict::Conflict) => State::Conflict,
        Some(Verdict::Untouched | Verdict::Merges) if carried.is_partly_absorbed() || some_stand => {
            State::PartlyAbsorbed
        }
        Some(Verdict::Untouched | Verdict::Merges) => match text.writes() {
            true if agrees() => text.state,
            true => State::Conflict,
            // The lines around the change are others now, and the merge knows where it belongs nevertheless.
            false => State::Fuzzy,
        },
    }
}

/// Returns what a patch that goes along changes.
fn changes(standing: &Standing) -> BTreeMap<String, Change> {
    let Some(carried) = standing.carried.as_ref().filter(|carried| carried.is_whole()) else {
        return standing.text.changes();
    };
    let files =
        carried.files.iter().filter(|file| file.change.before != file.change.after || file.change.mode.is_some());
    files.map(|file| (file.path.clone(), file.change.clone())).collect()
}

/// Looks for the files that are gone, and carries the patch to where they went.
fn follow(standing: &mut Standing, names: Names<'_>, added: &[String], base: &mut Read<'_>, target: &mut Read<'_>) {
    let Some(carried) = &mut standing.carried else {
        return;
    };
    let made = carried.base.changes();
    for file in carried.files.iter_mut().filter(|file| file.verdict == Verdict::Gone) {
        let (old_path, Some(text), Some(change)) = (file.path.clone(), base(&file.path), made.get(&file.path)) else {
            continue;
        };
        if let Some(moved) = moved::find(&old_path, &text, added, target) {
            let there = target(&moved.path);
            *file = super::carry::one(moved.path.clone(), change, there, names);
            standing.moved.insert(old_path, moved);
        }
    }
    if standing.moved.is_empty() {
        return;
    }
    standing.state = match carried.verdict() {
        Some(Verdict::Absorbed) => State::Absorbed,
        Some(Verdict::Gone) | None => State::MissingTarget,
        Some(_) => State::FileMoved,
    };
    if standing.state == State::FileMoved && carried.is_whole() {
        standing.changes = changes(standing);
    }
}

/// Takes a person's merge over.
fn resolve(standing: &mut Standing, resolved: &Resolved, target: &mut Read<'_>) {
    let mut changes = BTreeMap::new();
    if let Some(carried) = &standing.carried {
        let whole = carried.files.iter().filter(|file| file.verdict < Verdict::Gone);
        changes.extend(whole.map(|file| (file.path.clone(), file.change.clone())));
    }
    for (path, after) in resolved {
        let mode = changes.get(path).and_then(|change| change.mode);
        changes.insert(path.clone(), Change { before: target(path), after: after.clone(), mode });
    }
    changes.retain(|_, change| change.before != change.after);
    standing.state = if changes.is_empty() { State::Applied } else { State::Fuzzy };
    standing.changes = changes;
}
