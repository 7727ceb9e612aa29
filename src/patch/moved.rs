//! Where did a file go?

use std::collections::BTreeMap;

use serde::Serialize;

use super::state::Read;
use super::text::split;

/// How much of two files must be alike for one to be the other under a new name, as git has it: half.
const SIMILARITY_MIN: f64 = 0.5;

/// How many files are looked at.
const CANDIDATE_COUNT_MAX: usize = 5_000;

/// A file under its new name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The new path.
    pub path: String,
    /// How much of the lines of the longer text the two have in common, from 0 to 1.
    pub similarity: f64,
}

/// Looks for a file that is gone from `path` among those that are new in a release; `text` is what it was before.
///
/// A file of the same name wins over a more similar one of another name, as long as half of the lines are the same.
pub fn find(path: &str, text: &[u8], added: &[String], read: &mut Read<'_>) -> Option<Moved> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let ending = |path: &str| name(path).rsplit_once('.').map(|(_, ending)| ending.to_owned());
    let alike = added.iter().filter(|other| ending(other) == ending(path));
    let found = alike.take(CANDIDATE_COUNT_MAX).filter_map(|other| {
        let similarity = similarity(text, &read(other)?);
        (similarity >= SIMILARITY_MIN).then(|| Moved { path: other.clone(), similarity })
    });
    let rank = |moved: &Moved| (name(&moved.path) == name(path), moved.similarity);
    found.fold(None, |best: Option<Moved>, moved| match best {
        Some(best) if rank(&best) >= rank(&moved) => Some(best),
        _ => Some(moved),
    })
}

/// Returns the share of lines that two texts have in common, by the longer one; 0 for two empty texts.
fn similarity(a: &[u8], b: &[u8]) -> f64 {
    let (a, b) = (split(a), split(b));
    let longer = a.len().max(b.len());
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for line in &a {
        *counts.entry(line).or_default() += 1;
    }
    let mut common = 0_usize;
    for line in &b {
        if let Some(count) = counts.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if longer == 0 { 0.0 } else { common as f64 / longer as f64 }
}
