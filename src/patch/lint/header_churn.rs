//! Do headers carry what changes whenever the patch is made anew?
//!
//! Time stamps, `Index:` lines and names with `.orig` say nothing that a tool needs, and bury the real change when a patch
//! is refreshed. The epoch is left alone: it is how `diff -N` writes that a file is new or goes away.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::read::Header;
use crate::patch::read::name::Name;
use crate::patch::text::Line;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "header-churn",
    code: "HV0227",
    severity: Severity::Warning,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let headers = || subject.reading.sections.iter().flat_map(|section| [&section.old, &section.new]).flatten();
    let stamps: Vec<(Span, Edit)> = headers().filter_map(|header| stamp(subject, header)).collect();
    let mut marks = Vec::new();
    marks.extend(told(stamps, "time stamp(s) stand behind names", "strip them; `diff --label` and git write none"));
    marks.extend(told(indexes(subject), "`Index:` line(s) repeat the names", "delete them"));
    let olds = subject.reading.sections.iter().filter_map(|section| section.old.as_ref());
    marks.extend(olds.filter_map(|header| {
        let name = header.name.file().filter(|name| name.rsplit('.').next() == Some("orig"))?;
        Some(Mark::new(header.span, format!("`{name}` is a backup's name"), "name the file itself behind `---`"))
    }));
    marks
}

fn told(found: Vec<(Span, Edit)>, what: &str, help: &str) -> Option<Mark> {
    let (first, count) = (found.first()?.0, found.len());
    Some(Mark::new(first, format!("{count} {what}"), help).edits(found.into_iter().map(|(_, edit)| edit).collect()))
}

/// Returns where a header's time stamp stands, and the edit that strips it.
fn stamp(subject: &Subject<'_>, header: &Header) -> Option<(Span, Edit)> {
    let line = &subject.reading.lines[header.line - 1];
    let rest = line.trimmed().get(4..)?;
    let (name_end, has_space) = match &header.name {
        Name::Null => ("/dev/null".len(), false),
        Name::File { is_epoch: true, .. } | Name::Unreadable => return None,
        Name::File { name, .. } if rest.starts_with(name.as_bytes()) => (name.len(), name.contains(' ')),
        Name::File { .. } => (rest.iter().position(|byte| *byte == b'\t')?, false),
    };
    if rest[name_end..].trim_ascii().is_empty() {
        return None;
    }
    let (start, end) = (line.span.start + 4 + name_end, line.span.start + line.trimmed().len());
    // A name with spaces keeps the tab that ends it.
    Some((Span { start, end }, Edit::replace(start, end, if has_space { "\t" } else { "" })))
}

/// Returns the `Index:` lines before headers, each with the rule of `=` below it, and the edits that delete them.
fn indexes(subject: &Subject<'_>) -> Vec<(Span, Edit)> {
    let lines = &subject.reading.lines;
    let starts = |at: usize, prefix: &[u8]| lines.get(at).is_some_and(|line: &Line<'_>| line.bytes.starts_with(prefix));
    (0..lines.len())
        .filter(|at| starts(*at, b"Index: "))
        .filter_map(|at| {
            let behind = if starts(at + 1, b"=====") { at + 2 } else { at + 1 };
            let is_header = starts(behind, b"--- ") || starts(behind, b"diff -");
            let end = lines.get(behind)?.span.start;
            is_header.then(|| (lines[at].span, Edit::delete(lines[at].span.start, end)))
        })
        .collect()
}
