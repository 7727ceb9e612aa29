//! Does a name lead out of the tree, or where no patch may write?
//!
//! Absolute names, `..`, backslashes, drives, control characters and `.git` are refused, before any folder is stripped
//! and after.

use super::Mark;
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
pub(super) const RULE: Rule = Rule { name: "unsafe-path", code: "HV0215", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let names = subject.reading.sections.iter().flat_map(names);
    let mut marks: Vec<Mark> = names
        .filter_map(|(name, span, is_stripped)| {
            let path = if is_stripped { path::stripped(name) } else { path::checked(name) };
            let Err(Flaw::Unsafe(reason)) = path else {
                return None;
            };
            Some(Mark {
                span,
                message: format!("unsafe path `{name}`: {reason}"),
                help: "write paths relative to the tree's root, behind `a/` and `b/`".to_owned(),
            })
        })
        .collect();
    let nowhere = subject.reading.sections.iter().filter(|section| {
        let is_null = |header: &Option<Header>| header.as_ref().is_some_and(|header| header.name == Name::Null);
        is_null(&section.old) && is_null(&section.new)
    });
    marks.extend(nowhere.map(|section| Mark {
        span: section.span,
        message: "both sides of a header are `/dev/null`".to_owned(),
        help: "name the file on one side".to_owned(),
    }));
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
