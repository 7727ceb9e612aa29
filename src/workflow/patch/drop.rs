//! Takes a patch out of a recipe, and keeps the reason.

use std::collections::BTreeMap;

use crate::io::edit;
use crate::io::edit::Edit;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::patch::Patch;
use crate::patch::series;
use crate::recipe::edit::Dropped as Kept;
use crate::recipe::schema;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::walk;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;

/// What is to be dropped.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The patch, by its path in the recipe or its file's name.
    pub patch: &'a str,
    /// Why it is no longer needed.
    pub reason: &'a str,
    /// Whether it goes even where later patches need it.
    pub force: bool,
}

/// What was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The patch.
    pub patch: String,
    /// Whether its file is gone, too; it stays where another recipe names it.
    pub is_removed: bool,
    /// The patches of the series that no longer apply as they did.
    pub dependents: Vec<String>,
}

/// Takes a patch out of a recipe. The recipe keeps its layout and gets a `[[dropped]]` table; both files change, or neither.
///
/// # Errors
///
/// Refuses a patch that the recipe does not name, and, unless forced, one that later patches need.
pub fn drop(
    project: &Project,
    file: &str,
    request: &Request<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Dropped, Error> {
    let loaded = project.load(file)?;
    let index = index(&loaded, request.patch)?;
    let patch = loaded.recipe.patches[index].file.clone();
    let dependents = dependents(project, &loaded, index, options, progress)?;
    if !dependents.is_empty() && !request.force {
        return Err(Refusal::Needed { patch, dependents }.into());
    }
    let kept = Kept {
        file: patch.clone(),
        reason: request.reason.to_owned(),
        upstream: upstream::version(project, &loaded.recipe)?,
        sha256: files::sha256_hex(&files::read(&project.path(&patch))?),
    };
    let text = crate::recipe::edit::dropped(&loaded.text, &kept).expect("the recipe was read as TOML");
    let mut edits = BTreeMap::new();
    edits.insert(file.to_owned(), Edit { after: Some(text.into_bytes()), is_executable: None });
    let is_removed = !is_named_elsewhere(project, file, &patch)?;
    if is_removed {
        edits.insert(patch.clone(), Edit { after: None, is_executable: None });
    }
    edit::edit(&Tree::open(&project.root)?, &edits)?;
    Ok(Dropped { patch, is_removed, dependents })
}

/// Finds the patch that is meant.
fn index(loaded: &Loaded, name: &str) -> Result<usize, Error> {
    let patches = &loaded.recipe.patches;
    let is_it = |file: &str| file == name || file.rsplit('/').next() == Some(name);
    patches.iter().position(|patch| is_it(&patch.file)).ok_or_else(|| {
        let known: Vec<String> = patches.iter().map(|patch| patch.file.clone()).collect();
        let file_name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let names: Vec<String> = known.iter().map(|path| file_name(path)).collect();
        let nearest = schema::nearest(&file_name(name), names.iter().map(String::as_str)).map(str::to_owned);
        Refusal::UnknownPatch { recipe: loaded.recipe.name.clone(), patch: name.to_owned(), nearest, known }.into()
    })
}

/// Returns the patches that apply with the one at `index` and do not without it.
fn dependents(
    project: &Project,
    loaded: &Loaded,
    index: usize,
    options: Options,
    progress: &dyn Progress,
) -> Result<Vec<String>, Error> {
    let patches = walk::series(project, loaded)?;
    if index + 1 == patches.len() {
        return Ok(Vec::new());
    }
    let release = upstream::obtain(project, &loaded.recipe, None, options, progress)?;
    let mut refused = None;
    let mut fine = |patches: &[Patch]| -> Vec<bool> {
        let series = series::apply(patches, &mut |path| {
            release.tree.read(path).unwrap_or_else(|error| {
                refused.get_or_insert(error);
                None
            })
        });
        series.outcomes.iter().map(|outcome| outcome.is_fine()).collect()
    };
    let with = fine(&patches);
    let mut rest = patches.clone();
    rest.remove(index);
    let without = fine(&rest);
    if let Some(error) = refused {
        return Err(error.into());
    }
    let later = (index + 1..patches.len()).filter(|at| with[*at] && !without[*at - 1]);
    Ok(later.map(|at| patches[at].name.clone()).collect())
}

fn is_named_elsewhere(project: &Project, file: &str, patch: &str) -> Result<bool, Error> {
    for other in project.all()?.into_iter().filter(|other| other != file) {
        // A recipe that does not resolve may still name the patch, and nothing is lost by keeping the file.
        let text = files::read_to_string(&project.path(&other))?;
        let names = project.load(&other).map(|other| other.recipe.patches.iter().any(|named| named.file == patch));
        if names.unwrap_or_else(|_| text.contains(patch)) {
            return Ok(true);
        }
    }
    Ok(false)
}
