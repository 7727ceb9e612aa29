//! Does the patch, or a hunk of it, change nothing that matters?
//!
//! A hunk whose text before and afterwards is the same is dead weight at best. At worst a whitespace hook made the removed
//! and the added line alike, and the change that was meant is gone. A patch that the release already has, and a file of
//! which only white space changes, are told as well; in Python indentation matters, so there it is no mere white space.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;
use crate::patch::diff::Hunk;
use crate::patch::diff::HunkLine;
use crate::patch::read::Section;
use crate::patch::read::git::GitHeader;
use crate::patch::state::State;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "without-effect",
    code: "HV0221",
    severity: Severity::Error,
    needs: Needs::Hints,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = subject.problems(|what| matches!(what, What::WithoutEffect));
    if subject.outcome.as_ref().is_some_and(|outcome| outcome.state == State::Applied) {
        let help = "drop the patch from the recipe: the release has it";
        marks.push(
            Mark::new(subject.start(), "the patch already stands in the release", help).severity(Severity::Warning),
        );
    }
    let idle = subject.reading.sections.iter().filter(|section| is_white(section));
    marks.extend(idle.map(|section| {
        Mark::new(section.span, "only white space changes in this file", "drop the file from the patch")
            .severity(Severity::Warning)
    }));
    marks
}

/// Tells whether a file is changed, and only in its white space.
fn is_white(section: &Section) -> bool {
    let (Some(old), Some(new)) = (&section.old, &section.new) else {
        return false;
    };
    let (Some(_), Some(name)) = (old.name.file(), new.name.file()) else {
        return false;
    };
    let changes_more = section.git.as_ref().is_some_and(GitHeader::changes_more_than_text);
    let is_python = [".py", ".pyx", ".pxd", ".pyi"].iter().any(|ending| name.ends_with(ending));
    let is_white =
        |hunk: &Hunk| !hunk.is_without_effect() && words(hunk.before(), is_python) == words(hunk.after(), is_python);
    !changes_more && !section.hunks.is_empty() && section.hunks.iter().all(is_white)
}

/// Returns what is left of lines without their white space, blank lines left out; in Python lines keep their indentation.
fn words<'a>(lines: impl Iterator<Item = &'a HunkLine>, is_python: bool) -> Vec<Vec<u8>> {
    let words = lines.map(|line| {
        let text = line.text.trim_ascii_end();
        if is_python {
            text.to_owned()
        } else {
            text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
        }
    });
    words.filter(|line: &Vec<u8>| !line.is_empty()).collect()
}
