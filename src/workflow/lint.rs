//! Lints recipes and patches: no network, no Docker, no release needed.

use std::path::Path;

use crate::io::files;
use crate::patch;
use crate::recipe;
use crate::recipe::lint::Conditions;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::finding::Finding;
use crate::workflow::project::Loaded;

/// What a lint found, and in how many files it looked.
#[derive(Debug, Default)]
pub struct Linted {
    /// How many recipes and patches were read.
    pub file_count: usize,
    /// What was found, file by file.
    pub findings: Vec<Finding>,
}

/// Lints files: recipes (`.toml`) with the patches that they name, and patches. Without paths, every recipe of the project
/// and every patch below `patches/`.
///
/// # Errors
///
/// Returns an error for a path that is neither, and for a file that cannot be read. A recipe that does not resolve is a
/// finding.
pub fn lint(
    project: &Project,
    paths: &[String],
    from: &Path,
    today: jiff::civil::Date,
    options: Options,
) -> Result<Linted, Error> {
    let mut linted = Linted::default();
    if paths.is_empty() {
        let recipes = project.select(&[], from)?;
        let mut named = Vec::new();
        for file in recipes {
            named.extend(linted.recipe(project, &file, today, options)?);
        }
        for file in project.patches() {
            if !named.contains(&file) {
                linted.patch(&file, &files::read(&project.path(&file))?, None);
            }
        }
        return Ok(linted);
    }
    for path in paths {
        let is_patch = [".patch", ".diff"].iter().any(|ending| path.ends_with(ending));
        if is_patch {
            linted.patch(path, &files::read(&from.join(path))?, None);
        } else {
            let file = project.one(path, from)?;
            linted.recipe(project, &file, today, options)?;
        }
    }
    Ok(linted)
}

/// Lints a recipe that resolves, and its patches.
///
/// # Errors
///
/// Returns an error for a patch that cannot be read.
pub fn loaded(project: &Project, loaded: &Loaded, today: jiff::civil::Date, options: Options) -> Result<Linted, Error> {
    let mut linted = Linted::default();
    linted.loaded(project, loaded, today, options)?;
    Ok(linted)
}

impl Linted {
    /// Lints a recipe file and returns the patches that it names.
    fn recipe(
        &mut self,
        project: &Project,
        file: &str,
        today: jiff::civil::Date,
        options: Options,
    ) -> Result<Vec<String>, Error> {
        match project.load(file) {
            Ok(loaded) => {
                self.loaded(project, &loaded, today, options)?;
                Ok(loaded.recipe.patches.into_iter().map(|patch| patch.file).collect())
            }
            Err(Error::Recipe(errors)) => {
                self.file_count += 1;
                self.findings.push(errors);
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    fn loaded(
        &mut self,
        project: &Project,
        loaded: &Loaded,
        today: jiff::civil::Date,
        options: Options,
    ) -> Result<(), Error> {
        self.file_count += 1;
        let conditions = Conditions { today, locked: options.locked };
        for finding in recipe::lint::lint(&loaded.recipe, &loaded.text, conditions) {
            self.findings.push(Box::new(finding.in_file(&loaded.recipe.file, &loaded.text)));
        }
        for patch in &loaded.recipe.patches {
            let touches = Some(patch.touches.as_slice()).filter(|touches| !touches.is_empty());
            self.patch(&patch.file, &files::read(&project.path(&patch.file))?, touches);
        }
        Ok(())
    }

    fn patch(&mut self, name: &str, text: &[u8], touches: Option<&[String]>) {
        self.file_count += 1;
        let context = patch::lint::Context { touches, exists: None };
        for finding in patch::lint(name, text, &context) {
            self.findings.push(Box::new(finding.draw(text)));
        }
    }
}
