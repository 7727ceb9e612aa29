//! Takes a patch out of a recipe's series, and keeps why.

use serde::Serialize;

use crate::io::files;
use crate::io::progress::Progress;
use crate::io::transaction::Change;
use crate::patch;
use crate::patch::depend;
use crate::patch::series;
use crate::recipe::edit as recipe_edit;
use crate::recipe::edit::NewDropped;
use crate::recipe::resolve;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::selection::position;
use crate::workflow::patch::series::NeedReport;
use crate::workflow::upstream;

/// A patch that was dropped.
#[derive(Debug, Serialize)]
pub struct Dropped {
    /// The recipe.
    pub recipe: String,
    /// The patch's file, relative to the project's root.
    pub file: String,
    /// The upstream version at which it was dropped; `null` for a local tree that says none.
    pub upstream: Option<String>,
    /// The SHA-256 of its text.
    pub sha256: String,
    /// Whether the file was deleted; `false` where another recipe names it.
    pub deleted: bool,
}

/// Drops a patch: its `[[patch]]` table becomes a `[[dropped]]` one with the reason, and its file goes unless another recipe
/// names it. Both or neither is done.
///
/// # Errors
///
/// Refuses a patch that later ones need, unless `force` is set; the release is not looked at then.
pub fn drop(
    project: &Project,
    recipe_file: &str,
    selector: &str,
    (reason, force): (&str, bool),
    options: Options,
    progress: &dyn Progress,
) -> Result<Dropped, Error> {
    let loaded = project.load(recipe_file)?;
    let recipe = &loaded.recipe;
    let names: Vec<&str> = recipe.patches.iter().map(|patch| patch.file.as_str()).collect();
    let index = position(&recipe.name, &names, selector)?;
    let gone = &recipe.patches[index];
    if !force && index + 1 < names.len() {
        check_unneeded(project, recipe, index, options, progress)?;
    }
    let sha256 = files::sha256_hex(&files::read(&project.path(&gone.file))?);
    let upstream = upstream::version(project, recipe).ok();
    let dropped = NewDropped {
        file: &gone.file,
        why: &gone.why,
        reason: reason.trim(),
        upstream: upstream.as_deref(),
        sha256: &sha256,
    };
    let text = recipe_edit::drop_patch(&loaded.text, index, &dropped)
        .map_err(|source| Refusal::Unwritable { recipe: recipe_file.to_owned(), source })?;
    resolve::resolve(recipe_file, &text, project)?;
    let deleted = !is_named_elsewhere(project, recipe_file, &gone.file)?;
    let mut changes = vec![Change { path: recipe_file.to_owned(), content: Some(text.into_bytes()) }];
    if deleted {
        changes.push(Change { path: gone.file.clone(), content: None });
    }
    project.change("patch drop", &format!("drop `{}` from `{}`", gone.file, recipe.name), &changes)?;
    Ok(Dropped { recipe: recipe.name.clone(), file: gone.file.clone(), upstream, sha256, deleted })
}

/// Refuses a patch that later ones stand on. Of patches that cannot be read nothing is known.
fn check_unneeded(
    project: &Project,
    recipe: &Recipe,
    index: usize,
    options: Options,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let mut patches = Vec::new();
    let mut place = None;
    for (at, patch) in recipe.patches.iter().enumerate() {
        if let Ok(parsed) = patch::parse(&patch.file, &files::read(&project.path(&patch.file))?) {
            place = place.or((at == index).then_some(patches.len()));
            patches.push(parsed);
        }
    }
    let Some(place) = place else {
        return Ok(());
    };
    let release = upstream::obtain(project, recipe, None, options, progress)?;
    let mut unreadable = None;
    let applied = series::apply(&patches, &mut |path| {
        release.tree.read(path).unwrap_or_else(|error| {
            unreadable.get_or_insert(error);
            None
        })
    });
    if let Some(error) = unreadable {
        return Err(error.into());
    }
    let graph = depend::graph(&patches, &applied.outcomes);
    let needing = graph.needed_by(place);
    if needing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = patches.iter().map(|patch| patch.name.clone()).collect();
    let mut needed_by: Vec<String> = needing.iter().map(|(later, _)| names[*later].clone()).collect();
    needed_by.dedup();
    let reasons = needing.iter().map(|(later, need)| {
        let need = NeedReport::new(need, &names);
        format!("`{}`: {} {}", names[*later], need.place(), need.reason())
    });
    let reasons = reasons.collect::<Vec<_>>().join("\n");
    Err(Refusal::Needed { patch: names[place].clone(), needed_by, reasons }.into())
}

/// Tells whether another recipe names a patch, as far as can be told: one that cannot be read may do so in its text.
pub(super) fn is_named_elsewhere(project: &Project, recipe_file: &str, patch: &str) -> Result<bool, Error> {
    for file in project.all()?.iter().filter(|file| *file != recipe_file) {
        let is_named = match project.load(file) {
            Ok(loaded) => loaded.recipe.patches.iter().any(|other| other.file == patch),
            Err(_) => files::read(&project.path(file)).is_ok_and(|text| String::from_utf8_lossy(&text).contains(patch)),
        };
        if is_named {
            return Ok(true);
        }
    }
    Ok(false)
}
