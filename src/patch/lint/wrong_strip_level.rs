//! Are the names written for another strip level than `-p1`?
//!
//! `-p1` takes the first folder away, so a patch written for `-p0` looks for `x.py` instead of `hummingbot/x.py`. What the
//! upstream tree has decides, else what the recipe says; where neither is known, a name needs `a/` or `b/` before it, or
//! another folder on each side.

use super::Check;
use super::Context;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::path;
use crate::patch::path::Flaw;
use crate::patch::read::Section;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "wrong-strip-level",
    code: "HV0216",
    severity: Severity::Error,
    needs: Needs::Hints,
    check: Check::Patch(check),
};

/// First folders that say "before" or "after", as git and people write them.
const PREFIXES: [&str; 10] = ["a", "b", "c", "i", "o", "w", ".", "old", "new", "orig"];

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let sections = subject.reading.sections.iter();
    sections.filter_map(|section| mark(subject, section)).collect()
}

/// Returns the mark of a section whose names are written for another strip level.
pub(super) fn mark(subject: &Subject<'_>, section: &Section) -> Option<Mark> {
    let context = subject.context;
    let (old, new) = (side(section, true), side(section, false));
    let (name, span) = new.or(old)?;
    let path = match path::stripped(name) {
        Ok(path) => path,
        Err(Flaw::Unsafe(_)) => return None,
        Err(Flaw::NoFolder) => String::new(),
    };
    let creates = old.is_none() || section.git.as_ref().is_some_and(|git| git.is_new);
    let is_known = |path: &str| is_known(context, path, creates);
    if path.is_empty() || is_known(&path) == Some(false) {
        let deeper = path.split_once('/').map(|(_, rest)| rest);
        let (level, meant) = if path.is_empty() || is_known(name) == Some(true) {
            ("-p0", name)
        } else {
            ("-p2", deeper.filter(|path| is_known(path) == Some(true))?)
        };
        // Only a release that has the file shows what is meant beyond doubt.
        let is_proven = context.target.is_some_and(|target| target.has(meant));
        let edits = if is_proven { rewritten(subject, section, meant) } else { Vec::new() };
        return Some(told(span, name, &path, level, meant).edits(edits));
    }
    let first =
        |side: Option<(&str, Span)>| side.and_then(|(name, _)| name.split_once('/').map(|(first, _)| first.to_owned()));
    let is_prefixed = first(Some((name, span))).is_some_and(|first| PREFIXES.contains(&first.as_str()));
    let differ = old.is_some() && new.is_some() && first(old) != first(new);
    if is_known(&path).is_some() || is_prefixed || differ {
        return None;
    }
    Some(told(span, name, &path, "-p0", name))
}

/// Tells whether the release, or else the recipe, knows a path; `None` where neither says.
fn is_known(context: &Context<'_>, path: &str, creates: bool) -> Option<bool> {
    let in_tree = context.target.filter(|_| !creates).map(|target| target.has(path));
    let declared = context.touches.map(|touches| touches.iter().any(|touched| touched == path));
    in_tree.or(declared)
}

fn told(span: Span, name: &str, path: &str, level: &str, meant: &str) -> Mark {
    let read = if path.is_empty() { "as nothing".to_owned() } else { format!("as `{path}`") };
    let message = format!("`{name}` looks written for `{level}`: with `-p1` it is read {read}");
    Mark::new(span, message, format!("write `--- a/{meant}` and `+++ b/{meant}`"))
}

/// Returns the edits that write a path behind `a/` and `b/` wherever the section's header names it.
fn rewritten(subject: &Subject<'_>, section: &Section, path: &str) -> Vec<Edit> {
    let moves = section.git.as_ref().is_some_and(|git| git.rename.1.is_some() || git.copy.1.is_some());
    let (Some(old), Some(new)) = (&section.old, &section.new) else {
        return Vec::new();
    };
    if moves || path.contains(['"', '\\']) {
        return Vec::new();
    }
    let mut edits = Vec::new();
    for (header, folder) in [(old, "a"), (new, "b")] {
        let line = &subject.reading.lines[header.line - 1];
        if let Some(name) = header.name.file() {
            let start = line.span.start + 4;
            if !line.bytes[4..].starts_with(name.as_bytes()) {
                // A quoted name.
                return Vec::new();
            }
            edits.push(Edit::replace(start, start + name.len(), format!("{folder}/{path}")));
        }
    }
    if section.git.is_some() {
        let above = subject.reading.lines[..old.line - 1].iter();
        if let Some(line) = above.rev().find(|line| line.bytes.starts_with(b"diff --git ")) {
            let end = line.span.start + line.trimmed().len();
            edits.push(Edit::replace(line.span.start, end, format!("diff --git a/{path} b/{path}")));
        }
    }
    edits
}

/// Returns the name of a section's old or new side from which a folder is stripped, and where it stands.
fn side(section: &Section, is_old: bool) -> Option<(&str, Span)> {
    let header = if is_old { &section.old } else { &section.new };
    if let Some(header) = header {
        return header.name.file().map(|name| (name, header.span));
    }
    let (old, new) = section.git.as_ref()?.names.as_ref()?;
    Some((if is_old { old } else { new }, section.span))
}
