//! Does text stand between a header and its hunk, or between two hunks of a file?
//!
//! Engines disagree about it: GNU patch applies the hunk, git refuses the patch, and several libraries drop the hunk and
//! report success. A blank line behind `+++` is the usual case.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "text-before-hunk", code: "HV0212", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| matches!(what, What::TextBeforeHunk { .. }))
}
