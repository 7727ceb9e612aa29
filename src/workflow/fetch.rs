//! Downloads the releases that recipes build on.

use serde::Serialize;

use crate::io::progress::Progress;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::lock;
use crate::workflow::upstream;

/// A release that is there now.
#[derive(Debug, Serialize)]
pub struct Fetched {
    /// The recipe.
    pub recipe: String,
    /// The release.
    pub upstream: String,
    /// What identifies its bytes; `null` for a local tree.
    pub checksum: Option<String>,
    /// The archive's size in bytes; `null` where there is none.
    pub byte_count: Option<u64>,
    /// Whether it was there before.
    pub from_cache: bool,
    /// What is odd about it.
    pub oddity: Option<String>,
    /// The folder of the tree.
    pub tree: String,
}

/// Downloads the releases of the selected recipes, where they are not in the cache.
///
/// # Errors
///
/// Stops at the first release that is not to be had.
pub fn fetch(
    project: &Project,
    files: &[String],
    options: Options,
    progress: &dyn Progress,
) -> Result<Vec<Fetched>, Error> {
    let lock = lock::read(project)?;
    let mut all = Vec::new();
    for file in files {
        let loaded = project.load(file)?;
        let expected = lock::expected_checksum(lock.as_ref(), &loaded);
        let release = upstream::obtain(project, &loaded.recipe, expected.as_deref(), options, progress)?;
        all.push(Fetched {
            recipe: loaded.recipe.name,
            upstream: release.label,
            checksum: release.checksum,
            byte_count: release.byte_count,
            from_cache: release.from_cache,
            oddity: release.oddity,
            tree: release.tree.root().display().to_string(),
        });
    }
    Ok(all)
}
