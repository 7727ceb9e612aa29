//! Does the patch carry what a failed merge or patch left behind?
//!
//! Files named `.rej` and `.orig` are what GNU patch leaves, and conflict markers are what a merge leaves. Neither is ever
//! meant to be in a release.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::diff::HunkLine;
use crate::patch::diff::LineKind;
use crate::patch::read::Section;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "leftover",
    code: "HV0235",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let sections = || subject.reading.sections.iter();
    sections().filter_map(file).chain(sections().filter_map(marker)).collect()
}

/// Returns the mark of a section that writes a file which a tool left behind.
fn file(section: &Section) -> Option<Mark> {
    let git = section.git.as_ref().and_then(|git| git.names.as_ref()).map(|(_, new)| new.as_str());
    let (name, span) = match &section.new {
        Some(header) => (header.name.file()?, header.span),
        None => (git?, section.span),
    };
    let is_left = [".rej", ".orig"].iter().any(|ending| name.ends_with(ending));
    is_left.then(|| {
        Mark::new(span, format!("`{name}` is what a failed patch leaves behind"), "leave the file out of the patch")
    })
}

/// Returns the mark of a section that adds conflict markers. A row of `=` alone may be a heading's rule.
fn marker(section: &Section) -> Option<Mark> {
    let is_added = |line: &&HunkLine| line.kind == LineKind::Add;
    let mut added = section.hunks.iter().flat_map(|hunk| &hunk.lines).filter(is_added);
    let is_marker = |line: &&HunkLine| {
        [&b"<<<<<<<"[..], b">>>>>>>", b"|||||||"].iter().any(|marker| {
            line.text
                .strip_prefix(*marker)
                .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\n' | b'\r')))
        })
    };
    let found = added.find(is_marker)?;
    Some(Mark::new(found.span, "a conflict marker is added", "finish the merge, and make the patch anew"))
}
