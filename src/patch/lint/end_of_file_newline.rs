//! Is `\ No newline at end of file` missing, or where it does not belong?
//!
//! The marker says that the line above it ends the file without a newline. Where the file goes on behind it, it is wrong in
//! any case. Where the release's file ends otherwise than the patch says, the patch does not apply, and the last byte of the
//! file would be wrong.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Placed;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;
use crate::patch::diff::Hunk;
use crate::patch::diff::HunkLine;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "end-of-file-newline",
    code: "HV0228",
    severity: Severity::Error,
    needs: Needs::Hints,
    check: Check::Patch(check),
};

const MARKER: &str = "\\ No newline at end of file\n";

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = subject.problems(|what| matches!(what, What::MisplacedEnd));
    marks.extend(subject.placed().filter_map(|placed| mend(subject, &placed)));
    marks
}

/// Returns the mark of a file that a patch does not fit for its last newline alone.
pub(super) fn mend(subject: &Subject<'_>, placed: &Placed<'_>) -> Option<Mark> {
    let target = placed.outcome.before.as_ref().filter(|_| !placed.outcome.state.is_fine())?;
    let hunk = placed.section.hunks.last()?;
    let before: Vec<&[u8]> = hunk.before().map(|line| line.text.as_slice()).collect();
    let last = hunk.before().last()?;
    let has_newline = last.text.ends_with(b"\n");
    if has_newline == target.ends_with(b"\n") || !is_end(&before, target) {
        return None;
    }
    let path = &placed.outcome.path;
    let message = if has_newline {
        format!("`{path}` ends without a newline, and the patch does not say so")
    } else {
        format!("the patch says that `{path}` ends without a newline, which it does not")
    };
    let help = if has_newline {
        "put `\\ No newline at end of file` below the last line"
    } else {
        "delete the line `\\ No newline at end of file`"
    };
    Some(Mark::new(last.span, message, help).edits(edits(subject, hunk, last, has_newline)))
}

/// Tells whether a file ends with some lines, its last newline aside.
fn is_end(lines: &[&[u8]], target: &[u8]) -> bool {
    let lines = lines.concat();
    let closed = |text: &[u8]| text.strip_suffix(b"\n").unwrap_or(text).to_owned();
    let (lines, target) = (closed(&lines), closed(target));
    let start = target.len().checked_sub(lines.len());
    start.is_some_and(|start| target[start..] == lines && (start == 0 || target[start - 1] == b'\n'))
}

/// Returns the edits that make a hunk end as the file does; its new text then ends so, too, unless it already differs.
fn edits(subject: &Subject<'_>, hunk: &Hunk, last: &HunkLine, has_newline: bool) -> Vec<Edit> {
    let Some(last_after) = hunk.after().last() else {
        return Vec::new();
    };
    let mut ends = vec![last];
    if last_after.line != last.line && last_after.text.ends_with(b"\n") == has_newline {
        ends.push(last_after);
    }
    let lines = &subject.reading.lines;
    let edit = |end: &&HunkLine| {
        if has_newline {
            let line = &lines[end.line - 1];
            line.newline.then(|| Edit::insert(line.span.end + 1, MARKER))
        } else {
            let marker = lines.get(end.line).filter(|line| line.bytes.starts_with(b"\\"))?;
            Some(Edit::delete(marker.span.start, marker.span.end + usize::from(marker.newline)))
        }
    };
    // A context line that stays in the middle of the new text cannot lose its newline.
    let is_middle = has_newline && ends.len() == 2 && hunk.after().any(|line| line.line == last.line);
    if is_middle { Vec::new() } else { ends.iter().filter_map(edit).collect() }
}
