//! How does a patch read that makes its change on another release?

use std::collections::BTreeMap;

use super::apply::apply;
use super::diff::FilePatch;
use super::diff::Hunk;
use super::diff::Operation;
use super::diff::Patch;
use super::parse::parse_stripped;
use super::refresh::CONTEXT_MIN;
use super::refresh::DOUBLINGS_MAX;
use super::refresh::is_exact_file;
use super::state::Change;
use super::state::Outcome;
use super::text::lines;
use super::walk::Standing;
use super::write;

/// Returns the text of a patch that makes the changes of `standing` where they were found, to the byte and without
/// anybody's consent; `None` where no amount of context makes it so.
///
/// What stands above the first file stays, as do headers and the sections that still fit at their lines. Sections of files
/// that the release has already are left out; those of files that moved name the new path. `level` is how many folders are
/// stripped of the patch's names.
#[must_use]
pub fn rebased(patch: &Patch, standing: &Standing, level: usize) -> Option<Vec<u8>> {
    let before = |path: &str| match standing.changes.get(path) {
        Some(change) => change.before.clone(),
        None => untouched(standing, path),
    };
    let plain = apply(patch, &mut |path| before(path));
    (0..=DOUBLINGS_MAX).find_map(|doublings| {
        let text = written(patch, standing, &plain, CONTEXT_MIN << doublings);
        let fresh = parse_stripped(&patch.name, &text, level).ok()?;
        let again = apply(&fresh, &mut |path| before(path));
        (again.writes() && same(&again.changes(), &standing.changes)).then_some(text)
    })
}

/// Returns a file of the release that the patch names and does not change there.
fn untouched(standing: &Standing, path: &str) -> Option<Vec<u8>> {
    let files = standing.carried.iter().flat_map(|carried| &carried.files);
    files.filter(|file| file.path == path).find_map(|file| file.change.before.clone())
}

fn same(a: &BTreeMap<String, Change>, b: &BTreeMap<String, Change>) -> bool {
    let texts = |changes: &BTreeMap<String, Change>| {
        let changed = changes.iter().filter(|(_, change)| change.before != change.after);
        changed.map(|(path, change)| (path.clone(), change.after.clone())).collect::<Vec<_>>()
    };
    texts(a) == texts(b)
}

/// Where the parts of one file's change stand in the patch's text.
struct Section {
    /// The first byte of the header.
    start: usize,
    /// The byte behind the header.
    body: usize,
    /// The byte behind the last hunk.
    end: usize,
}

fn sections(patch: &Patch) -> Vec<Section> {
    let lines = lines(&patch.text);
    let mut sections: Vec<Section> = Vec::new();
    for file in &patch.files {
        let from = sections.last().map_or(0, |section| section.end);
        let is_header = |bytes: &[u8]| [&b"diff "[..], b"Index: ", b"--- "].iter().any(|word| bytes.starts_with(word));
        let above = lines.iter().filter(|line| line.span.start >= from && line.span.start <= file.span.start);
        let start = above.filter(|line| is_header(line.bytes)).map(|line| line.span.start).next();
        let start = start.unwrap_or(file.span.start);
        let behind =
            |at: usize| lines.iter().find(|line| line.span.start > at).map_or(patch.text.len(), |line| line.span.start);
        let body = file.hunks.first().map_or_else(|| behind(file.span.start), |hunk| hunk.span.start);
        let last = file.hunks.iter().flat_map(|hunk| &hunk.lines).last();
        let mut end = last.map_or(body, |line| behind(line.span.start));
        if patch.text[end..].starts_with(b"\\") {
            end = behind(end);
        }
        sections.push(Section { start, body, end });
    }
    // A section without hunks goes on to the next one: a binary change, or git's words for a new name.
    for at in 0..sections.len() {
        if patch.files[at].hunks.is_empty() {
            let end = sections.get(at + 1).map_or(patch.text.len(), |next| next.start);
            (sections[at].body, sections[at].end) = (end, end);
        }
    }
    sections
}

fn written(patch: &Patch, standing: &Standing, plain: &Outcome, context: usize) -> Vec<u8> {
    let sections = sections(patch);
    let mut rest = standing.changes.clone();
    let mut text = patch.text[..sections[0].start].to_vec();
    for ((file, section), found) in patch.files.iter().zip(&sections).zip(&plain.files) {
        let moved = standing.moved.get(file.path()).map(|moved| moved.path.as_str());
        let target = moved.unwrap_or(file.path());
        let Some((before, after)) = sides(file, target, &mut rest) else {
            continue;
        };
        if moved.is_none() && is_exact_file(found) && found.after.as_deref() == after.as_deref() {
            text.extend(&patch.text[section.start..section.end]);
            continue;
        }
        text.extend(header(&patch.text[section.start..section.body], file.path(), target));
        if file.hunks.is_empty() {
            continue;
        }
        let longest = file.hunks.iter().map(Hunk::context).map(|(leading, trailing)| leading.max(trailing)).max();
        let context = context.max(longest.unwrap_or_default());
        let steps = write::between(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
        text.extend(write::hunks(&steps, context));
    }
    for (path, change) in rest.iter().filter(|(_, change)| change.before != change.after) {
        text.extend(fresh(path, change, context));
    }
    text.extend(&patch.text[sections.last().map_or(0, |section| section.end)..]);
    text
}

/// A file's text before and after; `None` for a file that is not there.
type Sides = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Takes what a section changes out of all changes; `None` where the section is no longer what the change is.
fn sides(file: &FilePatch, path: &str, rest: &mut BTreeMap<String, Change>) -> Option<Sides> {
    let change = rest.get(path)?.clone();
    let fits = match file.operation {
        Operation::Modify => change.before.is_some() && change.after.is_some(),
        Operation::Create | Operation::Copy => change.before.is_none() && change.after.is_some(),
        Operation::Delete => change.before.is_some() && change.after.is_none(),
        Operation::Rename => file.old_path.as_ref().is_some_and(|from| rest.contains_key(from)),
    };
    if !fits {
        return None;
    }
    rest.remove(path);
    let source = file.old_path.as_ref().filter(|_| file.operation == Operation::Rename);
    let before = match source.and_then(|from| rest.remove(from)) {
        Some(source) => source.before,
        None => change.before,
    };
    Some((before, change.after))
}

/// Returns a section's header with the new path, and without git's hashes of the old texts.
fn header(text: &[u8], old: &str, new: &str) -> Vec<u8> {
    let kept = text.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"index "));
    if old == new {
        return kept.flatten().copied().collect();
    }
    let renamed = kept.map(|line| String::from_utf8_lossy(line).replace(old, new));
    renamed.collect::<String>().into_bytes()
}

/// Returns a section of its own.
fn fresh(path: &str, change: &Change, context: usize) -> Vec<u8> {
    let name = |side: &str, text: &Option<Vec<u8>>| match text {
        Some(_) if path.contains(' ') => format!("{side}/{path}\t"),
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let mut text = format!("--- {}\n+++ {}\n", name("a", &change.before), name("b", &change.after)).into_bytes();
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    text.extend(write::hunks(&write::between(before, after), context));
    text
}
