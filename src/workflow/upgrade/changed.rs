//! What did upstream do to the files that patches touch?

use std::collections::BTreeSet;

use serde::Serialize;

use crate::workflow::Error;
use crate::workflow::patch::walk::Way;

/// A file that patches touch, from the recipe's release to the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UpstreamFile {
    /// The path.
    pub path: String,
    /// How many lines upstream added.
    pub added: usize,
    /// How many lines upstream removed.
    pub removed: usize,
    /// The releases in which it changed.
    pub changed_in: Vec<String>,
    /// Whether the new release has it.
    pub is_there: bool,
}

/// Returns what became of every file that patches touch, sorted.
///
/// # Errors
///
/// Says why a release is not to be had.
pub fn files(way: &mut Way<'_>) -> Result<Vec<UpstreamFile>, Error> {
    let versions = way.releases.versions().to_vec();
    let mut paths = BTreeSet::new();
    for patch in &way.patches {
        for file in &patch.files {
            paths.extend([&file.old_path, &file.new_path].into_iter().flatten().cloned());
        }
    }
    let mut files = Vec::new();
    for path in paths {
        let mut changed_in = Vec::new();
        let mut texts = Vec::new();
        for version in &versions {
            let text = way.releases.read(version, &path)?;
            if texts.last().is_some_and(|before| *before != text) {
                changed_in.push(version.clone());
            }
            texts.push(text);
        }
        let (first, last) = (texts.first().cloned().flatten(), texts.last().cloned().flatten());
        if first.is_none() && last.is_none() {
            continue;
        }
        let (added, removed) = line_counts(&first.unwrap_or_default(), last.as_deref().unwrap_or_default());
        files.push(UpstreamFile { path, added, removed, changed_in, is_there: last.is_some() });
    }
    Ok(files)
}

/// Returns how many lines come and go from one text to another.
fn line_counts(before: &[u8], after: &[u8]) -> (usize, usize) {
    let patch = diffy::DiffOptions::new().set_context_len(0).create_patch_bytes(before, after);
    let (mut added, mut removed) = (0, 0);
    for line in patch.hunks().iter().flat_map(diffy::Hunk::lines) {
        match line {
            diffy::Line::Insert(_) => added += 1,
            diffy::Line::Delete(_) => removed += 1,
            diffy::Line::Context(_) => {}
        }
    }
    (added, removed)
}
