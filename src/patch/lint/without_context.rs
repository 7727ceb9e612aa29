//! Does a hunk add or delete lines without any context?
//!
//! Its lines could go anywhere, and afterwards nothing shows whether they are there because of it. Git refuses such hunks
//! by default; hive calls them ambiguous.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::diff::Hunk;
use crate::patch::read::Section;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "without-context", code: "HV0225", severity: Severity::Warning, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    // New and deleted files are whole, and start or end at line 0.
    let sections = subject.reading.sections.iter().filter(|section| !is_whole(section));
    let bare = sections.flat_map(|section| &section.hunks).filter(|hunk| is_bare(hunk));
    bare.map(|hunk| Mark {
        span: hunk.span,
        message: "the hunk has no context, so nothing shows where its lines belong".to_owned(),
        help: "make the patch anew with three lines of context: `diff -u` or `git diff`".to_owned(),
    })
    .collect()
}

fn is_whole(section: &Section) -> bool {
    let is_whole =
        |hunk: &Hunk| (hunk.old_start, hunk.old_count) == (0, 0) || (hunk.new_start, hunk.new_count) == (0, 0);
    section.hunks.len() == 1 && section.hunks.iter().all(is_whole)
}

fn is_bare(hunk: &Hunk) -> bool {
    hunk.old_count == 0 || hunk.new_count == 0
}
