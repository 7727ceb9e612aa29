//! Does a name lead out of the tree, or where no patch may write?
//!
//! Absolute names, `..`, backslashes, drives, control characters and `.git` are refused, before any folder is stripped
//! and after. Names that Windows keeps for itself are found, because a tree with them cannot be checked out there, and so
//! are scripts for `ed`, which GNU patch would run.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::path;
use crate::patch::path::Flaw;
use crate::patch::read::Header;
use crate::patch::read::Section;
use crate::patch::read::name::Name;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "unsafe-path",
    code: "HV0215",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

const HELP: &str = "write paths relative to the tree's root, behind `a/` and `b/`";

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let names = || subject.reading.sections.iter().flat_map(names);
    let mut marks: Vec<Mark> = names()
        .filter_map(|(name, span, is_stripped)| {
            let path = if is_stripped { path::stripped(name) } else { path::checked(name) };
            match path {
                Err(Flaw::Unsafe(reason)) => Some(Mark::new(span, format!("unsafe path `{name}`: {reason}"), HELP)),
                Err(Flaw::NoFolder) => None,
                Ok(path) => reserved(&path).map(|part| {
                    let message = format!("`{name}` cannot be written on Windows, which keeps `{part}` for itself");
                    Mark::new(span, message, "give the file another name").severity(Severity::Warning)
                }),
            }
        })
        .collect();
    marks.dedup_by(|second, first| first.message == second.message);
    let nowhere = subject.reading.sections.iter().filter(|section| {
        let is_null = |header: &Option<Header>| header.as_ref().is_some_and(|header| header.name == Name::Null);
        is_null(&section.old) && is_null(&section.new)
    });
    marks.extend(
        nowhere.map(|section| {
            Mark::new(section.span, "both sides of a header are `/dev/null`", "name the file on one side")
        }),
    );
    if subject.reading.sections.is_empty()
        && let Some(line) = subject.reading.lines.iter().find(|line| is_ed(line.trimmed()))
    {
        let message = "this is a script for `ed`, whose commands GNU patch would run";
        marks.push(Mark::new(line.span, message, "make the patch anew with `diff -u`"));
    }
    marks
}

/// Returns the names of a section as written, where they stand, and whether a folder is stripped from them.
fn names(section: &Section) -> Vec<(&str, Span, bool)> {
    let headers = [&section.old, &section.new].into_iter().flatten();
    let mut names: Vec<_> =
        headers.filter_map(|header| header.name.file().map(|name| (name, header.span, true))).collect();
    if let Some(git) = &section.git {
        let of_line = git.names.iter().flat_map(|(old, new)| [old, new]);
        let of_line = of_line.filter(|name| !names.iter().any(|known| known.0 == name.as_str())).collect::<Vec<_>>();
        names.extend(of_line.into_iter().map(|name| (name.as_str(), section.span, true)));
        let moved = [&git.rename.0, &git.rename.1, &git.copy.0, &git.copy.1].into_iter().flatten();
        names.extend(moved.map(|name| (name.as_str(), section.span, false)));
    }
    names
}

/// Returns the part of a path that Windows does not let a file have.
fn reserved(path: &str) -> Option<&str> {
    path.split('/').find(|part| {
        let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
        let is_port = |prefix: &str| {
            stem.strip_prefix(prefix)
                .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let is_device = ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || is_port("com") || is_port("lpt");
        is_device || part.ends_with(['.', ' ']) || part.contains(['<', '>', ':', '"', '|', '?', '*'])
    })
}

/// Tells whether a line is a command of `ed` as `diff -e` writes them: `10d`, `5,7c`, `3a`.
fn is_ed(line: &[u8]) -> bool {
    let Some((b'a' | b'c' | b'd', places)) = line.split_last() else {
        return false;
    };
    let is_number = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let parts: Vec<&[u8]> = places.split(|byte| *byte == b',').collect();
    parts.len() <= 2 && parts.iter().all(|part| is_number(part))
}
