//! Brings the text of patches up to date with the tree that they are for, without changing what they do.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;

use crate::io::edit;
use crate::io::edit::Edit;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::patch;
use crate::patch::Consent;
use crate::patch::Patch;
use crate::patch::State;
use crate::patch::make;
use crate::patch::refresh;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::finding::Finding;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::apply;
use crate::workflow::patch::selection::Found;
use crate::workflow::patch::selection::Selection;
use crate::workflow::patch::selection::position;

/// What became of patches that were to be refreshed.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// The patches, in order; empty where one of them cannot be refreshed.
    pub patches: Vec<RefreshedPatch>,
    /// Why not.
    pub findings: Vec<Finding>,
}

/// What became of one patch.
#[derive(Debug, Serialize)]
pub struct RefreshedPatch {
    /// The patch's name, as it was given.
    pub file: String,
    /// `exact` where nothing was out of date, else `refreshed`.
    pub state: &'static str,
    /// The SHA-256 of the new text.
    pub sha256: String,
    /// What changes in the patch's file, as a unified diff; empty for `exact`.
    pub diff: String,
}

/// Refreshes the selected patches: all of them, or none. Behind a recipe some of its patches may be named.
///
/// # Errors
///
/// Returns an error for what cannot be read or written. A patch that cannot be refreshed is a finding.
pub fn refresh(
    project: &Project,
    selection: &Selection,
    consent: Consent,
    write: bool,
    from: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Refreshed, Error> {
    let (selection, chosen) = match (&selection.root, &selection.named[..]) {
        (None, [recipe, chosen @ ..]) => (&Selection { named: vec![recipe.clone()], ..selection.clone() }, chosen),
        _ => (selection, &[][..]),
    };
    let recipe = selection.named.first().filter(|_| selection.root.is_none());
    let selected = selection.read(project, from, options, progress)?;
    let mut refreshed = Refreshed::default();
    let mut patches = Vec::new();
    for found in &selected.patches {
        match &found.patch {
            Ok(patch) => patches.push(patch.clone()),
            Err(error) => refreshed.findings.push(Box::new((**error).clone())),
        }
    }
    if !refreshed.findings.is_empty() {
        return Ok(refreshed);
    }
    let names: Vec<&str> = patches.iter().map(|patch| patch.name.as_str()).collect();
    let mut places = Vec::new();
    for name in chosen {
        places.push(position(recipe.map_or("", String::as_str), &names, name)?);
    }
    if chosen.is_empty() {
        places.extend(0..patches.len());
    }
    places.sort_unstable();
    places.dedup();

    let (outcomes, changes) = apply::outcomes(&patches, consent, &selected)?;
    let mut fresh = patches.clone();
    // Of a patch that fails nothing is in the tree on which those after it are looked at.
    for index in 0..places.last().map_or(0, |last| last + 1) {
        let (patch, outcome, is_chosen) = (&patches[index], &outcomes[index], places.contains(&index));
        if let Some(error) = outcome.error(patch) {
            refreshed.findings.push(Box::new(error));
        } else if is_chosen && matches!(outcome.state, State::Applied | State::Absorbed) {
            let recipe = recipe.cloned();
            refreshed.findings.push(Box::new(Refusal::Standing { patch: patch.name.clone(), recipe }));
        } else if is_chosen {
            let strip = selected.patches[index].strip;
            let text = refresh::refresh(patch, outcome, strip);
            match text.and_then(|text| patch::parse_stripped(&patch.name, &text, strip).ok()) {
                Some(patch) => fresh[index] = patch,
                None => refreshed.findings.push(Box::new(Refusal::Inexact { patch: patch.name.clone() })),
            }
        }
    }
    if !refreshed.findings.is_empty() {
        return Ok(refreshed);
    }
    // The proof: the refreshed series, exact, makes the same tree.
    let (again, same) = apply::outcomes(&fresh, consent, &selected)?;
    let inexact = places.iter().find(|place| !refresh::is_exact(&again[**place]));
    if let Some(place) = inexact.or(places.first().filter(|_| changes != same)) {
        refreshed.findings.push(Box::new(Refusal::Inexact { patch: patches[*place].name.clone() }));
        return Ok(refreshed);
    }
    if write {
        let stale = places.iter().filter(|place| patches[**place].text != fresh[**place].text);
        rewrite(stale.map(|place| (&selected.patches[*place], &fresh[*place])).collect())?;
    }
    refreshed.patches = places.iter().map(|place| report(&patches[*place], &fresh[*place])).collect();
    Ok(refreshed)
}

fn report(before: &Patch, after: &Patch) -> RefreshedPatch {
    let diff = make::difference(&before.name, &before.text, &after.text);
    RefreshedPatch {
        file: before.name.clone(),
        state: if diff.is_empty() { "exact" } else { "refreshed" },
        sha256: files::sha256_hex(&after.text),
        diff: String::from_utf8_lossy(&diff).into_owned(),
    }
}

/// Replaces the files of patches, wherever they are: all of them or none.
fn rewrite(stale: Vec<(&Found, &Patch)>) -> Result<(), Error> {
    let mut paths: Vec<(PathBuf, &Patch)> = Vec::new();
    for (found, patch) in stale {
        paths.push((found.path.canonicalize().map_err(files::Error::reading(&found.path))?, patch));
    }
    let Some((first, _)) = paths.first() else {
        return Ok(());
    };
    let holds_all = |folder: &&Path| paths.iter().all(|(path, _)| path.starts_with(folder));
    let root = files::folder_of(first).ancestors().find(holds_all).unwrap_or(Path::new("/"));
    let mut edits = BTreeMap::new();
    for (path, patch) in &paths {
        let below = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        edits.insert(below, Edit { after: Some(patch.text.clone()), is_executable: None });
    }
    Ok(edit::edit(&Tree::open(root)?, &edits)?)
}
