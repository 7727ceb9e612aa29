//! Are hunks of a file out of order, or do they overlap?
//!
//! They are placed one behind the other, so the later one would find its lines taken.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "hunk-overlap", code: "HV0218", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| matches!(what, What::HunkOverlap { .. }))
}
