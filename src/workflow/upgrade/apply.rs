//! Writes upgrades that were looked at, all of them or none, and takes the last one back.

use crate::io::files;
use crate::io::transaction::Change;
use crate::io::transaction::Record;
use crate::recipe::lock::Lock;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::lock;
use crate::workflow::patch::Refusal;
use crate::workflow::upgrade::Planned;

/// The verb's name in the record of what was changed.
const VERB: &str = "upgrade";

/// Writes recipes, patches, the lock and pending goldens, as one change. A project without a lock gets none.
///
/// # Errors
///
/// Returns [`Refusal::NotApplied`] where something stands in the way of one of them, and [`Refusal::ChangedMeanwhile`] for a
/// recipe or patch that is no longer what was looked at.
pub fn apply(project: &Project, planned: &mut [Planned]) -> Result<(), Error> {
    let mut changes: Vec<Change> = Vec::new();
    let mut lock = lock::read(project)?;
    let mut what = Vec::new();
    for upgrade in planned.iter() {
        let report = &upgrade.report;
        if !report.blocks.is_empty() {
            let (recipe, to) = (report.recipe.clone(), report.to.clone());
            return Err(Refusal::NotApplied { recipe, to, blocks: report.blocks.clone() }.into());
        }
        unchanged(project, upgrade)?;
        if let (Some(lock), Some(facts)) = (&mut lock, &upgrade.facts) {
            lock.recipes.insert(report.recipe.clone(), facts.clone());
        }
        for change in &upgrade.changes {
            if !changes.contains(change) {
                changes.push(change.clone());
            }
        }
        what.push(format!("`{}` to {}", report.recipe, report.to));
    }
    let text = lock.as_ref().map(Lock::render);
    changes.extend(text.map(|text| Change { path: lock::FILE.to_owned(), content: Some(text.into_bytes()) }));
    let what = format!("upgrade {}", what.join(", "));
    let record = project.change(VERB, &what, &changes)?;
    let written: Vec<String> = record.into_iter().flat_map(|record| record.files).map(|file| file.path).collect();
    for upgrade in planned {
        let own = |path: &&String| **path == lock::FILE || upgrade.changes.iter().any(|change| change.path == **path);
        upgrade.report.written = written.iter().filter(own).cloned().collect();
    }
    Ok(())
}

/// Takes the last upgrade back.
///
/// # Errors
///
/// Refuses where a file has changed since.
pub fn undo(project: &Project) -> Result<Record, Error> {
    project.undo(Some(VERB))
}

/// Refuses an upgrade whose recipe is no longer what was looked at: looking may take minutes.
fn unchanged(project: &Project, upgrade: &Planned) -> Result<(), Error> {
    let file = &upgrade.before.recipe.file;
    if files::read_to_string(&project.path(file))? != upgrade.before.text {
        return Err(Refusal::ChangedMeanwhile { file: file.clone() }.into());
    }
    for (patch, sha256) in &upgrade.patches {
        if files::sha256_of_file(&project.path(patch))? != *sha256 {
            return Err(Refusal::ChangedMeanwhile { file: patch.clone() }.into());
        }
    }
    Ok(())
}
