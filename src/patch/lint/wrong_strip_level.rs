//! Are the names written for another strip level than `-p1`?
//!
//! `-p1` takes the first folder away, so a patch written for `-p0` looks for `x.py` instead of `hummingbot/x.py`. What the
//! upstream tree has decides, else what the recipe says; where neither is known, a name needs `a/` or `b/` before it, or
//! another folder on each side.

use super::Context;
use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::path;
use crate::patch::path::Flaw;
use crate::patch::read::Section;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "wrong-strip-level", code: "HV0216", severity: Severity::Error, check };

/// First folders that say "before" or "after", as git and people write them.
const PREFIXES: [&str; 10] = ["a", "b", "c", "i", "o", "w", ".", "old", "new", "orig"];

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let sections = subject.reading.sections.iter();
    sections.filter_map(|section| mark(section, subject.context)).collect()
}

fn mark(section: &Section, context: &Context<'_>) -> Option<Mark> {
    let (old, new) = (side(section, true), side(section, false));
    let (name, span) = new.or(old)?;
    let path = match path::stripped(name) {
        Ok(path) => path,
        Err(Flaw::Unsafe(_)) => return None,
        Err(Flaw::NoFolder) => String::new(),
    };
    let creates = old.is_none() || section.git.as_ref().is_some_and(|git| git.is_new);
    let is_known = |path: &str| {
        let in_tree = context.exists.filter(|_| !creates).map(|exists| exists(path));
        let declared = context.touches.map(|touches| touches.iter().any(|touched| touched == path));
        in_tree.or(declared)
    };
    if path.is_empty() || is_known(&path) == Some(false) {
        let deeper = path.split_once('/').map(|(_, rest)| rest);
        let (level, meant) = if path.is_empty() || is_known(name) == Some(true) {
            ("-p0", name)
        } else {
            ("-p2", deeper.filter(|path| is_known(path) == Some(true))?)
        };
        return Some(told(span, name, &path, level, meant));
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

fn told(span: Span, name: &str, path: &str, level: &str, meant: &str) -> Mark {
    let read = if path.is_empty() { "as nothing".to_owned() } else { format!("as `{path}`") };
    Mark {
        span,
        message: format!("`{name}` looks written for `{level}`: with `-p1` it is read {read}"),
        help: format!("write `--- a/{meant}` and `+++ b/{meant}`"),
    }
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
