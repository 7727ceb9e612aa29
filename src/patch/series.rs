//! What becomes of a tree when the patches of a recipe are applied in order?

use std::collections::BTreeMap;

use super::diff::Patch;
use super::state::Change;
use super::state::Consent;
use super::state::Outcome;
use super::state::Read;
use super::state::State;
use super::state::note;

/// What became of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesOutcome {
    /// What became of each patch, in order.
    pub outcomes: Vec<Outcome>,
    /// What has to be written, by path; nothing of a patch that failed.
    pub changes: BTreeMap<String, Change>,
}

impl SeriesOutcome {
    /// Tells whether each patch can be written or already is.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.outcomes.iter().all(Outcome::is_fine)
    }
}

/// Applies patches in order, each to the result of those before it. A patch that fails changes nothing, and those after
/// it go on without it.
///
/// A later patch may change what an earlier one wrote, so that the earlier one's result is no longer to be seen in a
/// tree that has both. Whether the series already stands is therefore asked from its end: the last patch is `applied`
/// and can be undone, the one before it is `applied` then, and so on. Of a series that stands in part, from its first
/// patch on, the rest is applied.
pub fn apply(patches: &[Patch], read: &mut Read<'_>) -> SeriesOutcome {
    apply_with(patches, Consent::default(), read)
}

/// As [`apply()`], with a user's consent to write what bytes alone do not prove.
pub fn apply_with(patches: &[Patch], consent: Consent, read: &mut Read<'_>) -> SeriesOutcome {
    if let Some(outcomes) = standing(patches, consent, read) {
        return SeriesOutcome { outcomes, changes: BTreeMap::new() };
    }
    let all = forward(patches, consent, read);
    if all.is_fine() {
        return all;
    }
    for count in (1..patches.len()).rev() {
        if let Some(mut outcomes) = standing(&patches[..count], consent, read) {
            let rest = forward(&patches[count..], consent, read);
            if failures(&rest.outcomes) < failures(&all.outcomes) {
                outcomes.extend(rest.outcomes);
                return SeriesOutcome { outcomes, changes: rest.changes };
            }
        }
    }
    all
}

fn failures(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| !outcome.is_fine()).count()
}

fn forward(patches: &[Patch], consent: Consent, read: &mut Read<'_>) -> SeriesOutcome {
    let mut series = SeriesOutcome { outcomes: Vec::new(), changes: BTreeMap::new() };
    for patch in patches {
        let outcome = super::apply::apply_with(patch, consent, &mut |path| match series.changes.get(path) {
            Some(change) => change.after.clone(),
            None => read(path),
        });
        for (path, change) in outcome.changes() {
            note(&mut series.changes, &path, change);
        }
        series.outcomes.push(outcome);
    }
    series.changes.retain(|_, change| change.before != change.after || change.mode.is_some());
    series
}

/// Returns the outcomes of patches that all stand in the tree, one upon the other; `None` where one does not.
fn standing(patches: &[Patch], consent: Consent, read: &mut Read<'_>) -> Option<Vec<Outcome>> {
    let mut tree = BTreeMap::new();
    let mut outcomes = Vec::new();
    for patch in patches.iter().rev() {
        let outcome = super::apply::apply_with(patch, consent, &mut |path| match tree.get(path) {
            Some(known) => Option::clone(known),
            None => read(path),
        });
        if outcome.state != State::Applied || !super::apply::undo(patch, consent, &mut tree, read) {
            return None;
        }
        outcomes.push(outcome);
    }
    outcomes.reverse();
    Some(outcomes)
}
