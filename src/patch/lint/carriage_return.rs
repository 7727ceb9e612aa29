//! Do lines end in a carriage return?
//!
//! Git refuses such a patch, GNU patch strips it, and hive compares byte for byte, so that it fits no file with plain
//! newlines. A patch for a file that has `\r\n` itself is left alone: its headers end in plain newlines and each line of
//! its hunks in a carriage return.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "carriage-return", code: "HV0211", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let ends_so: Vec<_> = subject.reading.lines.iter().filter(|line| line.bytes.ends_with(b"\r")).collect();
    let Some(first) = ends_so.first() else {
        return Vec::new();
    };
    let hunks = || subject.reading.sections.iter().flat_map(|section| &section.hunks);
    let hunk_lines = || hunks().flat_map(|hunk| &hunk.lines);
    let is_return = |text: &[u8]| text.trim_ascii_end().len() < text.len() && text.contains(&b'\r');
    let is_the_files = ends_so.len() == hunk_lines().count() && hunk_lines().all(|line| is_return(&line.text));
    if is_the_files {
        return Vec::new();
    }
    vec![Mark {
        span: first.span,
        message: format!("{} line(s) end in a carriage return", ends_so.len()),
        help: "save the patch with plain newlines, and keep editors and git from converting it: `*.patch -text`"
            .to_owned(),
    }]
}
