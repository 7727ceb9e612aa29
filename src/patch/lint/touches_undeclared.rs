//! Do the patch and the recipe disagree about which files it touches?
//!
//! The recipe's `touches` is what a reviewer reads. A patch that changes another file, or no longer changes one that is
//! named, is not the one that was reviewed.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::path;
use crate::patch::read::Section;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "touches-undeclared",
    code: "HV0220",
    severity: Severity::Error,
    needs: Needs::Touches,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let Some(declared) = subject.context.touches else {
        return Vec::new();
    };
    let sections = subject.reading.sections.iter();
    let found: Vec<(String, Span)> = sections.flat_map(|section| paths(section, declared)).collect();
    let undeclared = found.iter().filter(|(path, _)| !declared.contains(path)).map(|(path, span)| {
        let message = format!("the patch touches `{path}`, which the recipe does not declare");
        Mark::new(*span, message, format!("add `\"{path}\"` to the patch's `touches`, or take the change out"))
    });
    let untouched = declared.iter().filter(|path| !found.iter().any(|(known, _)| known == *path)).map(|path| {
        let message = format!("the recipe declares `{path}`, which the patch does not touch");
        Mark::new(subject.start(), message, format!("take `\"{path}\"` out of the patch's `touches`"))
    });
    undeclared.chain(untouched).collect()
}

/// Returns the paths that a section changes, and where they are named. A name that is declared as written was meant for
/// another strip level, which is another rule's finding.
fn paths(section: &Section, declared: &[String]) -> Vec<(String, Span)> {
    let mut paths: Vec<(String, Span)> = Vec::new();
    let mut add = |path: Option<String>, span: Span| {
        if let Some(path) = path.filter(|path| !paths.iter().any(|(known, _)| known == path)) {
            paths.push((path, span));
        }
    };
    let git = section.git.as_ref();
    let moved = git.and_then(|git| git.rename.1.as_ref().map(|to| (git.rename.0.as_ref(), to)));
    let copied = git.and_then(|git| git.copy.1.as_ref());
    match (moved, copied, section.new.as_ref().or(section.old.as_ref())) {
        (Some((from, to)), ..) => {
            add(from.and_then(|from| path::checked(from).ok()), section.span);
            add(path::checked(to).ok(), section.span);
        }
        (_, Some(to), _) => add(path::checked(to).ok(), section.span),
        (.., Some(_)) => {
            // The name behind `+++` is the one that counts, but for a deleted file.
            let header = [&section.new, &section.old].into_iter().flatten().find(|header| header.name.file().is_some());
            if let Some((name, header)) = header.and_then(|header| Some((header.name.file()?, header))) {
                let is_declared = declared.iter().any(|path| path == name);
                let path = if is_declared { path::checked(name) } else { path::stripped(name) };
                add(path.ok(), header.span);
            }
        }
        _ => {
            let name = git.and_then(|git| git.names.as_ref()).map(|(_, new)| new);
            add(name.and_then(|name| path::stripped(name).ok()), section.span);
        }
    }
    paths
}
