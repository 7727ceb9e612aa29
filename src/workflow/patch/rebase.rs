//! Makes a series anew for another release.

use std::collections::BTreeMap;
use std::path::Path;

use crate::io::progress::Progress;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::walk;
use crate::workflow::patch::walk::Walk;

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
pub fn walk(project: &Project, file: &str, to: &str, options: Options, progress: &dyn Progress) -> Result<Walk, Error> {
    let loaded = project.load(file)?;
    Ok(walk::walk(project, &loaded, to, &BTreeMap::new(), options, progress)?.walk)
}
