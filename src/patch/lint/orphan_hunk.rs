//! Is there a hunk without a file?
//!
//! A hunk behind no header, or behind half of one, belongs to no file; some engines lose it and report success. GNU patch
//! asks for the file's name, which hangs a build.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "orphan-hunk",
    code: "HV0226",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| matches!(what, What::OrphanHunk | What::HalfHeader))
}
