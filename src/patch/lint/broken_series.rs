//! Does a quilt `series` file not list the patches beside it?
//!
//! A patch that is beside the file and not in it is silently left out, a name without a file fails, a name twice is applied
//! twice. Options other than `-p1` are not hive's: it strips one folder and never reverses a patch. Without its last newline
//! the next name that a script appends joins the last one.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use crate::patch::text::Line;
use crate::patch::text::Span;
use crate::patch::text::lines;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "broken-series",
    code: "HV0234",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Series(check),
};

/// A `series` file, and what stands beside it.
pub(super) struct Folder<'a> {
    lines: Vec<Line<'a>>,
    entries: Vec<Entry>,
    beside: &'a [String],
}

/// A line of a `series` file that names a patch.
struct Entry {
    name: String,
    options: Vec<String>,
    span: Span,
}

impl<'a> Folder<'a> {
    pub(super) fn new(text: &'a [u8], beside: &'a [String]) -> Self {
        let lines = lines(text);
        let entries = lines.iter().filter_map(entry).collect();
        Self { lines, entries, beside }
    }

    /// Returns the names that the file lists, in order.
    pub(super) fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.name.as_str()).collect()
    }
}

/// Reads `NAME [-pN] [# remark]`; `None` for a blank line and for a remark.
fn entry(line: &Line<'_>) -> Option<Entry> {
    let text = String::from_utf8_lossy(line.trimmed());
    let mut words = text.split_whitespace().take_while(|word| !word.starts_with('#')).map(str::to_owned);
    Some(Entry { name: words.next()?, options: words.collect(), span: line.span })
}

fn check(folder: &Folder<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (at, entry) in folder.entries.iter().enumerate() {
        let name = &entry.name;
        if !folder.beside.contains(name) {
            let help = "correct the name, or delete the line";
            marks.push(Mark::new(entry.span, format!("there is no patch `{name}` beside the series"), help));
        }
        if folder.entries[..at].iter().any(|earlier| earlier.name == *name) {
            marks.push(Mark::new(entry.span, format!("`{name}` is listed twice"), "delete one of the lines"));
        }
        if let Some(option) = entry.options.iter().find(|option| *option != "-p1") {
            let help = "write the patch for `-p1`, and list it without options";
            marks.push(Mark::new(
                entry.span,
                format!("`{name}` has the option `{option}`, which hive does not follow"),
                help,
            ));
        }
    }
    let start = folder.lines.first().map_or(Span { start: 0, end: 0 }, |line| line.span);
    let is_patch = |name: &&String| [".patch", ".diff"].iter().any(|ending| name.ends_with(ending));
    let names = folder.names();
    for orphan in folder.beside.iter().filter(is_patch).filter(|name| !names.contains(&name.as_str())) {
        let message = format!("`{orphan}` is beside the series and not in it, so that it is left out");
        marks.push(Mark::new(start, message, "list the patch, or move it elsewhere"));
    }
    if let Some(last) = folder.lines.last().filter(|line| !line.newline) {
        marks.push(
            Mark::new(last.span, "the last line has no newline", "end the file with a newline")
                .severity(Severity::Warning)
                .edits(vec![Edit::insert(last.span.end, "\n")]),
        );
    }
    marks
}
