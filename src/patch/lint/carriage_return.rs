//! Do lines end in a carriage return?
//!
//! Git refuses such a patch, GNU patch strips it, and hive compares byte for byte, so that it fits no file with plain
//! newlines. A patch for a file that has `\r\n` itself is left alone: its headers end in plain newlines and each line of
//! its hunks in a carriage return. Where the release is known, the file decides, and a patch with plain newlines for a file
//! with `\r\n` is found as well.

use std::collections::BTreeSet;

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Placed;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::diff::Hunk;
use crate::patch::text::Line;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "carriage-return",
    code: "HV0211",
    severity: Severity::Error,
    needs: Needs::Hints,
    check: Check::Patch(check),
};

const HELP: &str = "save the patch with plain newlines, and keep editors and git from converting it: `*.patch -text`";

/// How a file's line ends keep a patch from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unlike {
    /// The patch has carriage returns, the file has none.
    PlainTarget,
    /// The file has carriage returns, the patch has none.
    PlainPatch,
}

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    // Lines of hunks of which the file decides.
    let mut decided = BTreeSet::new();
    for placed in subject.placed() {
        let numbers = || placed.section.hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.line);
        let is_fine = placed.outcome.state.is_fine();
        // A patch that was converted as a whole fits a plain file, to hive and to GNU patch; git refuses it.
        let unlike = unlike(&placed).filter(|unlike| !is_fine || *unlike == Unlike::PlainTarget);
        if let Some(unlike) = unlike {
            decided.extend(numbers());
            marks.push(mark(subject, &placed, unlike));
        } else if is_fine {
            decided.extend(numbers());
        }
    }
    let hunk_lines = || subject.reading.sections.iter().flat_map(|section| &section.hunks).flat_map(|hunk| &hunk.lines);
    let in_hunks: BTreeSet<usize> = hunk_lines().map(|line| line.line).collect();
    let lines = subject.reading.lines.iter().zip(1..);
    let ends_so: Vec<(&Line<'_>, usize)> =
        lines.filter(|(line, number)| line.bytes.ends_with(b"\r") && !decided.contains(number)).collect();
    let Some((first, _)) = ends_so.first() else {
        return marks;
    };
    let is_return = |text: &[u8]| text.trim_ascii_end().len() < text.len() && text.contains(&b'\r');
    let is_the_files = ends_so.len() == in_hunks.len() && hunk_lines().all(|line| is_return(&line.text));
    if !is_the_files {
        // Where only some lines have it, nobody but the file can tell which are right. The last line may lack its end.
        let last = subject.reading.lines.len();
        let mut others = subject.reading.lines.iter().zip(1..last).filter(|(_, number)| !decided.contains(number));
        let is_whole = others.all(|(line, _)| line.bytes.ends_with(b"\r"));
        let is_header = |number: &usize| !in_hunks.contains(number) && !decided.is_empty();
        let mendable = ends_so.iter().filter(|(_, number)| is_whole || is_header(number));
        let edits = mendable.map(|(line, _)| strip(line)).collect();
        let message = format!("{} line(s) end in a carriage return", ends_so.len());
        marks.push(Mark::new(first.span, message, HELP).edits(edits));
    }
    marks
}

/// Returns how a file's line ends keep a patch from it, if they do.
pub(super) fn unlike(placed: &Placed<'_>) -> Option<Unlike> {
    let target = placed.outcome.before.as_deref()?;
    let has_returns = |text: &[u8]| text.ends_with(b"\r\n");
    let mut before = placed.file.hunks.iter().flat_map(Hunk::before).peekable();
    before.peek()?;
    let patch_has = before.any(|line| has_returns(&line.text));
    let closed = || target.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    if patch_has {
        (!closed().any(has_returns)).then_some(Unlike::PlainTarget)
    } else {
        // In a file of both kinds the plain lines may be those that are meant.
        (closed().next().is_some() && closed().all(has_returns)).then_some(Unlike::PlainPatch)
    }
}

fn mark(subject: &Subject<'_>, placed: &Placed<'_>, unlike: Unlike) -> Mark {
    let path = &placed.outcome.path;
    let (span, lines) = (placed.section.span, &subject.reading.lines);
    match unlike {
        Unlike::PlainTarget => {
            let numbers = placed.section.hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.line);
            let edits = numbers.map(|number| &lines[number - 1]).filter(|line| line.bytes.ends_with(b"\r")).map(strip);
            Mark::new(span, format!("lines end in a carriage return, and those of `{path}` do not"), HELP)
                .edits(edits.collect())
        }
        Unlike::PlainPatch => {
            let message = format!("lines end in a plain newline, and those of `{path}` in a carriage return");
            Mark::new(span, message, "make the patch anew against the file as it is, without converting its line ends")
        }
    }
}

fn strip(line: &Line<'_>) -> Edit {
    Edit::delete(line.span.end - 1, line.span.end)
}
