//! Applies patches to a tree, or says what would become of them: all of them or none.

use std::collections::BTreeMap;
use std::path::Path;

use crate::io::edit;
use crate::io::edit::Edit;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::patch::Consent;
use crate::patch::Patch;
use crate::patch::carry;
use crate::patch::diff::Operation;
use crate::patch::merge::Names;
use crate::patch::series;
use crate::patch::state::Change;
use crate::patch::state::Outcome;
use crate::patch::state::note;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::finding::Finding;
use crate::workflow::patch::refusal::Refusal;
use crate::workflow::patch::report::PatchReport;
use crate::workflow::patch::selection::Selected;
use crate::workflow::patch::selection::Selection;

/// How patches are applied.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// What the user agrees to.
    pub consent: Consent,
    /// Undoes the patches, the last one first.
    pub reverse: bool,
    /// Writes the result.
    pub write: bool,
}

/// What became of patches.
#[derive(Debug, Default)]
pub struct Applied {
    /// The patches, in order.
    pub reports: Vec<PatchReport>,
    /// Why patches cannot be read or written.
    pub findings: Vec<Finding>,
    /// The paths that were written, or would be.
    pub written: Vec<String>,
}

impl Applied {
    /// Tells whether every patch is written or need not be.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.reports.iter().all(|report| report.is_fine)
    }
}

/// Applies the selected patches in order, each to the result of those before it. Where one fails, nothing is written.
///
/// # Errors
///
/// Returns an error for what cannot be read or written. A patch that does not apply is a finding.
pub fn apply(
    project: &Project,
    selection: &Selection,
    manner: Manner,
    from: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Applied, Error> {
    let selected = selection.read(project, from, options, progress)?;
    let (applied, changes) = outcome(&selected, manner)?;
    if manner.write && applied.is_fine() && !changes.is_empty() {
        let edits = changes.into_iter().map(|(path, change)| {
            let is_executable = change.mode.map(|mode| mode & 0o100 != 0);
            (path, Edit { after: change.after, is_executable })
        });
        edit::edit(&selected.tree, &edits.collect())?;
    }
    Ok(applied)
}

/// Says what becomes of the patches, and which paths change.
fn outcome(selected: &Selected, manner: Manner) -> Result<(Applied, BTreeMap<String, Change>), Error> {
    let mut patches: Vec<Patch> = Vec::new();
    let mut applied = Applied::default();
    for found in &selected.patches {
        match &found.patch {
            Ok(patch) => patches.push(patch.clone()),
            Err(error) => {
                let error: Finding = Box::new((**error).clone());
                applied.reports.push(PatchReport::unreadable(&found.name, &error));
                applied.findings.push(error);
            }
        }
    }
    if manner.reverse {
        refuse_copies(&patches)?;
        patches = patches.iter().rev().map(Patch::reversed).collect();
    }
    let (outcomes, changes) = outcomes(&patches, manner.consent, selected)?;
    for (patch, outcome) in patches.iter().zip(&outcomes) {
        applied.reports.push(PatchReport::new(patch, outcome));
        if let Some(error) = outcome.error(patch) {
            applied.findings.push(Box::new(error));
        }
    }
    applied.written = changes.keys().cloned().collect();
    Ok((applied, changes))
}

/// Refuses to undo a copy: nothing in the patch tells the copy from a file that somebody has made there since.
fn refuse_copies(patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        if let Some(copy) = patch.files.iter().find(|file| file.operation == Operation::Copy) {
            return Err(Refusal::CopyStays { patch: patch.name.clone(), path: copy.path().to_owned() }.into());
        }
    }
    Ok(())
}

/// Says what becomes of each patch on the selected tree, and which paths change.
pub(super) fn outcomes(
    patches: &[Patch],
    consent: Consent,
    selected: &Selected,
) -> Result<(Vec<Outcome>, BTreeMap<String, Change>), Error> {
    let mut reading = Reading::default();
    let (outcomes, changes) = if let Some(base) = &selected.base {
        onto(patches, consent, base, &selected.tree, &mut reading)
    } else {
        let series = series::apply_with(patches, consent, &mut |path| reading.read(&selected.tree, path));
        (series.outcomes, series.changes)
    };
    match reading.error {
        Some(error) => Err(error.into()),
        None => Ok((outcomes, changes)),
    }
}

/// Applies patches in order with the tree at hand that they were made for.
fn onto(
    patches: &[Patch],
    consent: Consent,
    base: &Tree,
    tree: &Tree,
    reading: &mut Reading,
) -> (Vec<Outcome>, BTreeMap<String, Change>) {
    let mut outcomes = Vec::new();
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    let mut made: BTreeMap<String, Change> = BTreeMap::new();
    let names = Names { ours: "patched base", base: "base", theirs: "tree" };
    for patch in patches {
        let mut error = None;
        let known =
            |changes: &BTreeMap<String, Change>, path: &str| changes.get(path).map(|change| change.after.clone());
        let mut base_read = |path: &str| {
            known(&made, path).unwrap_or_else(|| {
                base.read(path).unwrap_or_else(|refused| {
                    error.get_or_insert(refused);
                    None
                })
            })
        };
        let mut read = |path: &str| known(&changes, path).unwrap_or_else(|| reading.read(tree, path));
        let outcome = match carry::apply_onto(patch, consent, names, &mut base_read, &mut read) {
            Ok(outcome) => outcome,
            // The base is not the one that the patch was made for, and proves nothing.
            Err(_) => crate::patch::apply_with(patch, consent, &mut read),
        };
        let on_base = crate::patch::apply_with(patch, consent, &mut base_read);
        reading.error = reading.error.take().or(error);
        for (path, change) in on_base.changes() {
            note(&mut made, &path, change);
        }
        for (path, change) in outcome.changes() {
            note(&mut changes, &path, change);
        }
        outcomes.push(outcome);
    }
    (outcomes, changes)
}

/// Reads files and remembers the first that could not be.
#[derive(Default)]
struct Reading {
    error: Option<crate::io::tree::Error>,
}

impl Reading {
    fn read(&mut self, tree: &Tree, path: &str) -> Option<Vec<u8>> {
        tree.read(path).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            None
        })
    }
}
