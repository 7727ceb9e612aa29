//! How does a patch read, written from what was understood of it?

use super::diff::FilePatch;
use super::diff::Hunk;
use super::diff::LineKind;
use super::diff::Operation;
use super::diff::Patch;
use super::read::figures;

/// Returns a patch's text: remarks and headers as they stood, hunks from their figures and lines.
///
/// For a well-formed patch that was parsed this is the text that was read, byte for byte, but for a newline at its very
/// end where that was missing. Hunks may be taken out or changed before: a `@@` line is written anew where its figures
/// differ, as they do after a wrong count was read.
#[must_use]
pub fn print(patch: &Patch) -> Vec<u8> {
    let mut text = Vec::with_capacity(patch.text.len());
    for file in &patch.files {
        text.extend(&file.lead);
        for hunk in &file.hunks {
            text.extend(&hunk.lead);
            text.extend(header(hunk));
            for line in &hunk.lines {
                let marker: &[u8] = match line.kind {
                    LineKind::Context if line.stripped => b"",
                    LineKind::Context => b" ",
                    LineKind::Remove => b"-",
                    LineKind::Add => b"+",
                };
                text.extend([marker, &line.text].concat());
                if !line.text.ends_with(b"\n") {
                    text.push(b'\n');
                    text.extend(line.end_marker.as_deref().unwrap_or(b"\\ No newline at end of file\n"));
                }
            }
        }
    }
    text.extend(&patch.tail);
    text
}

/// Returns a hunk's `@@` line: as it stood, unless its figures have changed since.
fn header(hunk: &Hunk) -> Vec<u8> {
    let said = (hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count);
    if figures(&hunk.written) == Some(said) {
        return hunk.written.clone();
    }
    let range = |start: usize, count: usize| if count == 1 { start.to_string() } else { format!("{start},{count}") };
    let (old, new) = (range(hunk.old_start, hunk.old_count), range(hunk.new_start, hunk.new_count));
    let behind = hunk.written.windows(3).position(|window| window == b" @@");
    let section = behind.map_or(&b"\n"[..], |at| &hunk.written[at + 3..]);
    [format!("@@ -{old} +{new} @@").as_bytes(), section].concat()
}

/// Returns the header of a file for which no text says one, such as that of an inverse.
pub(super) fn lead(file: &FilePatch) -> Vec<u8> {
    let side = |path: &Option<String>, prefix: &str| match path {
        Some(path) => format!("{prefix}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let moved = match (file.operation, &file.old_path, &file.new_path) {
        (Operation::Rename, Some(from), Some(to)) => {
            format!("diff --git a/{from} b/{to}\nrename from {from}\nrename to {to}\n")
        }
        _ => String::new(),
    };
    if file.hunks.is_empty() {
        return moved.into_bytes();
    }
    format!("{moved}--- {}\n+++ {}\n", side(&file.old_path, "a"), side(&file.new_path, "b")).into_bytes()
}
