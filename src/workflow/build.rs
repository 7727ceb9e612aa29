//! Writes a recipe's environment as a tree.

use std::path::Path;

use serde::Serialize;

use crate::io::materialise;
use crate::io::materialise::Outcome;
use crate::io::progress::Progress;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::environment;
use crate::workflow::environment::Environment;
use crate::workflow::finding::Finding;
use crate::workflow::lock;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;

/// A tree on the disk.
#[derive(Debug, Serialize)]
pub struct Built {
    /// The recipe.
    pub recipe: String,
    /// The release.
    pub upstream: String,
    /// The folder.
    pub into: String,
    /// The tree's hash.
    pub tree_sha256: String,
    /// How many files it has.
    pub file_count: usize,
    /// How many of them are not as upstream published them.
    pub changed_count: usize,
    /// Whether anything was written; `false` when the folder held exactly this tree.
    pub written: bool,
    /// What is doubtful.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// Why a tree was not built: an error, or the findings that stand in its way.
#[derive(Debug)]
pub enum Refusal {
    /// The use case failed.
    Error(Box<Error>),
    /// Patches or registrations are broken.
    Findings(Vec<Finding>),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Error(Box::new(error.into()))
    }
}

/// Writes the patched tree with its controllers into a folder: whole or not at all, and only where it differs.
///
/// # Errors
///
/// Refuses a broken series or registration, and a folder that hive did not write.
pub fn build(
    project: &Project,
    file: &str,
    into: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Built, Refusal> {
    let loaded = project.load(file)?;
    let (release, environment) = sound(project, &loaded, options, progress)?;
    let (changes, executable) = (&environment.changes, &environment.executable);
    let materialised = materialise::materialise_with(&release.tree, changes, executable, into).map_err(Error::from)?;
    Ok(Built {
        recipe: loaded.recipe.name,
        upstream: release.label,
        into: into.display().to_string(),
        tree_sha256: materialised.hash,
        file_count: materialised.file_count,
        changed_count: environment.changes.len(),
        written: materialised.outcome == Outcome::Written,
        findings: environment.findings,
    })
}

/// Puts a recipe's series and controllers together on its release: as locked where that is asked for, and refused where
/// anything is broken.
pub(super) fn sound(
    project: &Project,
    loaded: &Loaded,
    options: Options,
    progress: &dyn Progress,
) -> Result<(Release, Environment), Refusal> {
    let lock = lock::read(project)?;
    let expected = lock::expected_checksum(lock.as_ref(), loaded);
    let release = upstream::obtain(project, &loaded.recipe, expected.as_deref(), options, progress)?;
    let environment = environment::prepare(project, &loaded.recipe, &release)?;
    if environment.broken_count > 0 {
        return Err(Refusal::Findings(environment.findings));
    }
    if options.locked {
        lock::verify(project, loaded, &release, &environment, lock.as_ref())?;
    }
    Ok((release, environment))
}
