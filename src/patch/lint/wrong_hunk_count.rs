//! Do a hunk's header and its lines disagree about how many there are?
//!
//! A hunk that was edited by hand and not recounted loses its first or last lines, or swallows the next hunk.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "wrong-hunk-count", code: "HV0213", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| matches!(what, What::WrongHunkCount { .. }))
}
