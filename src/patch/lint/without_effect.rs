//! Does a hunk change nothing?
//!
//! It is dead weight at best. At worst a whitespace hook made the removed and the added line alike, and the change that
//! was meant is gone.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "without-effect", code: "HV0221", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| matches!(what, What::WithoutEffect))
}
