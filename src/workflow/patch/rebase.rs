//! Makes a series anew for another release.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use crate::io::files;
use crate::io::progress::Progress;
use crate::io::transaction::Change;
use crate::patch::State;
use crate::patch::rebase::rebased;
use crate::patch::state::Verdict;
use crate::patch::walk::Decided;
use crate::patch::walk::Standing;
use crate::recipe::edit as recipe_edit;
use crate::recipe::edit::NewDropped;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::drop::is_named_elsewhere;
use crate::workflow::patch::walk;
use crate::workflow::patch::walk::Walk;
use crate::workflow::patch::walk::Walked;
use crate::workflow::project::Loaded;

/// How a rebase went.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// Nothing was to be written.
    Planned {
        /// What became of each patch.
        #[serde(flatten)]
        walk: Walk,
    },
    /// A person has to merge files first.
    Stopped {
        /// What became of each patch.
        #[serde(flatten)]
        walk: Walk,
        /// The patch that waits.
        patch: String,
        /// The files to merge, relative to the project's root.
        files: Vec<String>,
    },
    /// The series is made for the new release.
    Done {
        /// What became of each patch.
        #[serde(flatten)]
        walk: Walk,
        /// The files that were written or removed, relative to the project's root.
        written: Vec<String>,
    },
}

/// A rebase that waits for a merge by hand, as it stands on the disk.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Waiting {
    /// The version to carry the series to.
    to: String,
    /// The files that a person merges or has merged, by the patch's file.
    merged: BTreeMap<String, Vec<String>>,
    /// The patch that waits; what else is in `merged` is done.
    patch: String,
}

/// Returns the recipe's file that is meant: the one that is named, or the only one with patches.
///
/// # Errors
///
/// Returns an error where several recipes have patches, or none.
pub fn recipe(project: &Project, name: Option<&str>, from: &Path) -> Result<String, Error> {
    if let Some(name) = name {
        return project.one(name, from);
    }
    let mut patched = Vec::new();
    for file in project.all()? {
        if !project.load(&file)?.recipe.patches.is_empty() {
            patched.push(file);
        }
    }
    match patched.len() {
        1 => Ok(patched.remove(0)),
        _ => Err(Error::WhichRecipe { known: patched }),
    }
}

/// Says what would become of a recipe's series on the way to the version `to`.
///
/// # Errors
///
/// Returns an error for releases that are not to be had, and for a patch that cannot be read.
pub fn plan(
    project: &Project,
    file: &str,
    to: &str,
    options: Options,
    progress: &dyn Progress,
) -> Result<Outcome, Error> {
    let loaded = project.load(file)?;
    let walk = walk::walk(project, &loaded, to, &Decided::default(), options, progress)?.walk;
    Ok(Outcome::Planned { walk })
}

/// Carries a recipe's series to the version `to`: patches are written anew, those that a release has absorbed are dropped
/// with that reason, and the recipe names the version. Where both sides changed the same lines, the files are laid out with
/// markers below `.hive/rebase`, and nothing else is written.
///
/// # Errors
///
/// Returns [`Refusal::RebaseWaits`] where another one waits, and what [`plan`] does.
pub fn start(
    project: &Project,
    file: &str,
    to: &str,
    options: Options,
    progress: &dyn Progress,
) -> Result<Outcome, Error> {
    let loaded = project.load(file)?;
    if let Some(waiting) = read(project, &loaded)? {
        return Err(Refusal::RebaseWaits { recipe: loaded.recipe.name, to: waiting.to }.into());
    }
    go_on(project, &loaded, Waiting { to: to.to_owned(), ..Waiting::default() }, options, progress)
}

/// Goes on after the files that waited were merged by hand.
///
/// # Errors
///
/// Returns [`Refusal::NoRebase`] where none waits, and [`Refusal::MarkersLeft`] for a file that is not merged yet.
pub fn resume(project: &Project, file: &str, options: Options, progress: &dyn Progress) -> Result<Outcome, Error> {
    let loaded = project.load(file)?;
    let Some(mut waiting) = read(project, &loaded)? else {
        return Err(Refusal::NoRebase { recipe: loaded.recipe.name }.into());
    };
    for path in waiting.merged.get(&waiting.patch).into_iter().flatten() {
        let shown = merge_file(&loaded, &waiting.patch, path);
        let Ok(text) = files::read(&project.path(&shown)) else {
            continue;
        };
        let markers = [&b"<<<<<<< "[..], b"||||||| ", b">>>>>>> "];
        let is_marker = |line: &[u8]| markers.iter().any(|marker| line.starts_with(marker));
        if let Some(index) = text.split(|byte| *byte == b'\n').position(is_marker) {
            return Err(Refusal::MarkersLeft { path: shown, line: index + 1 }.into());
        }
    }
    waiting.patch.clear();
    go_on(project, &loaded, waiting, options, progress)
}

/// Forgets a rebase that waits, and the merges made for it.
///
/// # Errors
///
/// Returns [`Refusal::NoRebase`] where none waits.
pub fn abort(project: &Project, file: &str) -> Result<(), Error> {
    let loaded = project.load(file)?;
    if read(project, &loaded)?.is_none() {
        return Err(Refusal::NoRebase { recipe: loaded.recipe.name }.into());
    }
    files::remove_folder(&project.path(&folder(&loaded)))?;
    Ok(())
}

fn go_on(
    project: &Project,
    loaded: &Loaded,
    mut waiting: Waiting,
    options: Options,
    progress: &dyn Progress,
) -> Result<Outcome, Error> {
    let mut decided = Decided::default();
    for (index, patch) in loaded.recipe.patches.iter().enumerate() {
        for path in waiting.merged.get(&patch.file).into_iter().flatten() {
            let text = files::read(&project.path(&merge_file(loaded, &patch.file, path))).ok();
            decided.merged.entry(index).or_default().insert(path.clone(), text);
        }
    }
    let walked = walk::walk(project, loaded, &waiting.to, &decided, options, progress)?;
    let stopped = walked.standings.iter().enumerate().find(|(index, _)| !walked.walk.patches[*index].is_fine);
    if let Some((index, standing)) = stopped {
        let patch = walked.patches[index].name.clone();
        let paths = lay_out(project, loaded, &patch, standing)?;
        waiting.merged.insert(patch.clone(), paths.clone());
        waiting.patch.clone_from(&patch);
        let text = serde_json::to_string_pretty(&waiting).expect("texts only");
        files::write_atomic(&project.path(&state_file(loaded)), text.as_bytes())?;
        let files = paths.iter().map(|path| merge_file(loaded, &patch, path)).collect();
        return Ok(Outcome::Stopped { walk: walked.walk, patch, files });
    }
    let written = write(project, loaded, &waiting.to, &walked)?;
    if project.path(&folder(loaded)).exists() {
        files::remove_folder(&project.path(&folder(loaded)))?;
    }
    Ok(Outcome::Done { walk: walked.walk, written })
}

/// Writes the files of a conflict with their markers, and returns their paths in the release.
fn lay_out(project: &Project, loaded: &Loaded, patch: &str, standing: &Standing) -> Result<Vec<String>, Error> {
    let files = standing.carried.iter().flat_map(|carried| &carried.files);
    let conflicting: Vec<_> = files.filter(|file| file.verdict == Verdict::Conflict).collect();
    if conflicting.is_empty() {
        return Err(Refusal::NothingToMerge { patch: patch.to_owned(), state: standing.state.name() }.into());
    }
    let mut paths = Vec::new();
    for file in conflicting {
        let text = file.change.after.as_deref().unwrap_or_default();
        files::write_atomic(&project.path(&merge_file(loaded, patch, &file.path)), text)?;
        paths.push(file.path.clone());
    }
    Ok(paths)
}

/// Writes the patches and the recipe, all of them or none.
fn write(project: &Project, loaded: &Loaded, to: &str, walked: &Walked) -> Result<Vec<String>, Error> {
    let changes = remade(project, loaded, to, walked, &BTreeMap::new())?;
    let what = format!("rebase `{}` to {to}", loaded.recipe.name);
    let record = project.change("patch rebase", &what, &changes)?;
    Ok(record.into_iter().flat_map(|record| record.files).map(|file| file.path).collect())
}

/// Returns what a series made for another release changes: its patches, and last the recipe. `reasons` has the patches that
/// leave the series, whatever their text does there, and why.
///
/// # Errors
///
/// Returns [`Refusal::Inexact`] for a patch that cannot be written so that it has one place.
pub fn remade(
    project: &Project,
    loaded: &Loaded,
    to: &str,
    walked: &Walked,
    reasons: &BTreeMap<usize, String>,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let unwritable = |source| Refusal::Unwritable { recipe: loaded.recipe.file.clone(), source };
    let (mut recipe, mut touches) = (loaded.text.clone(), BTreeMap::new());
    let mut index = 0;
    let parts = walked.patches.iter().zip(&walked.standings).zip(&walked.walk.patches);
    for (position, ((patch, standing), report)) in parts.enumerate() {
        let reason = reasons.get(&position).cloned();
        if reason.is_some() || report.state == State::Absorbed.name() || standing.changes.is_empty() {
            let reason = reason.unwrap_or_else(|| match &report.absorbed_in {
                Some(version) => format!("absorbed in {version}"),
                None => format!("nothing of it is left on {to}"),
            });
            let dropped = NewDropped {
                file: &patch.name,
                why: &loaded.recipe.patches[position].why,
                reason: &reason,
                upstream: Some(to),
                sha256: &files::sha256_hex(&patch.text),
            };
            recipe = recipe_edit::drop_patch(&recipe, index, &dropped).map_err(unwritable)?;
            if !is_named_elsewhere(project, &loaded.recipe.file, &patch.name)? {
                changes.push(Change { path: patch.name.clone(), content: None });
            }
            continue;
        }
        let text = rebased(patch, standing, 1).ok_or_else(|| Refusal::Inexact { patch: patch.name.clone() })?;
        touches.insert(patch.name.clone(), standing.changes.keys().cloned().collect());
        index += 1;
        if text != patch.text {
            changes.push(Change { path: patch.name.clone(), content: Some(text) });
        }
    }
    let recipe = recipe_edit::rebase(&recipe, to, &touches).map_err(unwritable)?;
    changes.push(Change { path: loaded.recipe.file.clone(), content: Some(recipe.into_bytes()) });
    Ok(changes)
}

/// Returns the version to which a rebase of a recipe waits for files to be merged; `None` where none does.
///
/// # Errors
///
/// Refuses what a rebase has left and nobody can read.
pub fn waiting(project: &Project, loaded: &Loaded) -> Result<Option<String>, Error> {
    Ok(read(project, loaded)?.map(|waiting| waiting.to))
}

fn read(project: &Project, loaded: &Loaded) -> Result<Option<Waiting>, Error> {
    let path = state_file(loaded);
    if !project.path(&path).is_file() {
        return Ok(None);
    }
    let text = files::read_to_string(&project.path(&path))?;
    // A state that cannot be read is no reason to lose the merges beside it.
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| Refusal::RebaseState { path, problem: error.to_string() }.into())
}

fn folder(loaded: &Loaded) -> String {
    format!(".hive/rebase/{}", loaded.recipe.name)
}

fn state_file(loaded: &Loaded) -> String {
    format!("{}/state.json", folder(loaded))
}

fn merge_file(loaded: &Loaded, patch: &str, target: &str) -> String {
    let name = patch.rsplit('/').next().unwrap_or(patch);
    format!("{}/{name}/{target}", folder(loaded))
}
