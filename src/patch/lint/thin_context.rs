//! Does a hunk show too few lines around its change?
//!
//! Three lines on each side are what tools write; with fewer the hunk fits at places where it was not meant, and without
//! any its lines could go anywhere, and afterwards nothing shows whether they are there because of it. At the ends of a file
//! there are no more lines to show. Where the release is not known, one short side may be such an end.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::diff::Hunk;
use crate::patch::read::Section;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "thin-context",
    code: "HV0225",
    severity: Severity::Warning,
    needs: Needs::Hints,
    check: Check::Patch(check),
};

/// How many lines tools show on each side.
const LINES: usize = 3;

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (at, section) in subject.reading.sections.iter().enumerate() {
        // New and deleted files are whole, and start or end at line 0.
        if is_whole(section) {
            continue;
        }
        let outcome = subject.outcome.as_ref().and_then(|outcome| outcome.files.get(at));
        let length =
            outcome.and_then(|file| Some(file.before.as_ref()?.split_inclusive(|byte| *byte == b'\n').count()));
        for (index, hunk) in section.hunks.iter().enumerate() {
            let place = outcome.and_then(|file| file.hunks.get(index)?.line);
            if let Some(message) = thin(hunk, length.zip(place)) {
                marks.push(Mark::new(
                    hunk.span,
                    message,
                    "make the patch anew with three lines of context: `hive patch refresh`, or `diff -u`",
                ));
            }
        }
    }
    marks
}

/// Says how thin a hunk's context is; `place` is the length of the file and the line at which the hunk was found.
fn thin(hunk: &Hunk, place: Option<(usize, usize)>) -> Option<String> {
    if hunk.old_count == 0 || hunk.new_count == 0 {
        return Some("the hunk has no context, so nothing shows where its lines belong".to_owned());
    }
    let (leading, trailing) = hunk.context();
    let is_thin = |count: usize| count < LINES;
    let at_start = hunk.index() == 0 || place.is_some_and(|(_, line)| line == 1);
    let ends_open = hunk.before().last().is_some_and(|line| !line.text.ends_with(b"\n"));
    let leading_thin = is_thin(leading) && !at_start;
    let trailing_thin = is_thin(trailing) && !ends_open;
    let is_found = match place {
        // An applied hunk stands with its new lines.
        Some((length, line)) => {
            let ends = [hunk.old_count, hunk.new_count].iter().any(|count| line - 1 + count == length);
            leading_thin || (trailing_thin && !ends)
        }
        None => leading_thin && trailing_thin,
    };
    is_found.then(|| format!("the hunk shows {leading} line(s) before its change and {trailing} behind it"))
}

fn is_whole(section: &Section) -> bool {
    let is_whole =
        |hunk: &Hunk| (hunk.old_start, hunk.old_count) == (0, 0) || (hunk.new_start, hunk.new_count) == (0, 0);
    section.hunks.len() == 1 && section.hunks.iter().all(is_whole)
}
