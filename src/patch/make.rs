//! Which patch leads from one tree to another?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::apply::apply;
use super::parse::parse;
use super::path;
use super::refresh::CONTEXT_MIN;
use super::refresh::DOUBLINGS_MAX;
use super::refresh::is_exact;
use super::write;

/// A file that is not the same in both trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path, relative to both roots.
    pub path: String,
    /// The file before; `None` for a new one.
    pub before: Option<Side>,
    /// The file afterwards; `None` for one that goes away.
    pub after: Option<Side>,
}

/// A file of one of the trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Whether its owner may execute it.
    pub is_executable: bool,
}

/// A difference that no patch of text can carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncarried {
    /// A file is not text.
    #[error("`{path}` is a binary file")]
    Binary {
        /// The path.
        path: String,
    },
    /// A file's name would be read as another one, or as none.
    #[error("the name of `{path}` cannot stand in a patch")]
    Name {
        /// The path.
        path: String,
    },
    /// The change could be found at several places, however much context is written.
    #[error("the change of `{path}` cannot be told from others: its lines are too much alike")]
    Ambiguous {
        /// The path.
        path: String,
    },
}

/// Returns the text above a patch's first file: why it exists, and when it was changed last, as DEP-3 has it.
#[must_use]
pub fn header(why: &str, date: &str) -> String {
    let mut header = String::new();
    for (index, line) in why.trim().lines().map(str::trim_end).enumerate() {
        let lead = if index == 0 { "Description: " } else { " " };
        let line = if line.is_empty() { "." } else { line };
        // Writing to a text cannot fail.
        let _ = writeln!(header, "{lead}{line}");
    }
    header + "Last-Update: " + date + "\n\n"
}

/// Returns the patch below a header that makes the second of two trees of the first: what it says is read and applied
/// once, exact, before it is returned. Empty files, files that go away and modes have git's lines above them.
///
/// # Errors
///
/// Names the first difference that cannot be carried.
pub fn make(header: &str, differences: &[Difference]) -> Result<Vec<u8>, Uncarried> {
    for difference in differences {
        check(difference)?;
    }
    let is_git = differences.iter().any(needs_git);
    let mut text = header.as_bytes().to_vec();
    for difference in differences {
        text.extend(section(difference, is_git)?);
    }
    Ok(text)
}

/// Returns the difference of two texts for people, under one name; empty where there is none.
#[must_use]
pub fn difference(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    let hunks = write::hunks(&write::between(before, after), CONTEXT_MIN);
    if hunks.is_empty() { hunks } else { [format!("--- a/{path}\n+++ b/{path}\n").as_bytes(), &hunks].concat() }
}

fn check(difference: &Difference) -> Result<(), Uncarried> {
    let path = &difference.path;
    let is_binary = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.bytes.contains(&0));
    if is_binary(&difference.before) || is_binary(&difference.after) {
        return Err(Uncarried::Binary { path: path.clone() });
    }
    if path::checked(path).as_ref() != Ok(path) || path.trim() != path || path == "dev/null" {
        return Err(Uncarried::Name { path: path.clone() });
    }
    Ok(())
}

/// Tells whether only git's lines can say what happens to the file.
fn needs_git(difference: &Difference) -> bool {
    match (&difference.before, &difference.after) {
        (Some(before), Some(after)) => before.is_executable != after.is_executable,
        (None, Some(after)) => after.is_executable || after.bytes.is_empty(),
        (Some(before), None) => before.bytes.is_empty(),
        (None, None) => false,
    }
}

/// Returns the section of one file, with as much context as its own application needs.
fn section(difference: &Difference, is_git: bool) -> Result<Vec<u8>, Uncarried> {
    let sections = (0..=DOUBLINGS_MAX).map(|doublings| written(difference, is_git, CONTEXT_MIN << doublings));
    let mut proven = sections.filter(|text| is_proven(difference, text));
    proven.next().ok_or_else(|| Uncarried::Ambiguous { path: difference.path.clone() })
}

fn written(difference: &Difference, is_git: bool, context: usize) -> Vec<u8> {
    let Difference { path, before, after } = difference;
    let mut text = String::new();
    let mode = |side: &Side| if side.is_executable { "100755" } else { "100644" };
    if is_git {
        let _ = writeln!(text, "diff --git a/{path} b/{path}");
        let _ = match (before, after) {
            (None, Some(after)) => writeln!(text, "new file mode {}", mode(after)),
            (Some(before), None) => writeln!(text, "deleted file mode {}", mode(before)),
            (Some(before), Some(after)) if before.is_executable != after.is_executable => {
                writeln!(text, "old mode {}\nnew mode {}", mode(before), mode(after))
            }
            _ => Ok(()),
        };
    }
    let bytes = |side: &'_ Option<Side>| side.as_ref().map(|side| side.bytes.clone()).unwrap_or_default();
    let (old, new) = (bytes(before), bytes(after));
    let hunks = write::hunks(&write::between(&old, &new), context);
    if !hunks.is_empty() {
        // Behind a name with a space a tab says where it ends.
        let tab = if path.contains(' ') { "\t" } else { "" };
        let name = |side: &Option<Side>, folder: &str| match side {
            Some(_) => format!("{folder}/{path}{tab}"),
            None => "/dev/null".to_owned(),
        };
        let _ = writeln!(text, "--- {}\n+++ {}", name(before, "a"), name(after, "b"));
    }
    [text.as_bytes(), &hunks].concat()
}

/// Tells whether the section makes the file of one tree the other's, and nothing else.
fn is_proven(difference: &Difference, text: &[u8]) -> bool {
    let Ok(patch) = parse(&difference.path, text) else {
        return false;
    };
    let bytes = |side: &Option<Side>| side.as_ref().map(|side| side.bytes.clone());
    let outcome = apply(&patch, &mut |path| if path == difference.path { bytes(&difference.before) } else { None });
    let changes: BTreeMap<_, _> = outcome.changes();
    let after = changes.get(&difference.path).map(|change| &change.after);
    is_exact(&outcome) && changes.len() == 1 && after == Some(&bytes(&difference.after))
}
