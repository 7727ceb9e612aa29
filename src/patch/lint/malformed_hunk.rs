//! Is there a line in a hunk that is none, or a hunk's header that gives no places?
//!
//! A context line that lost its leading space, mostly to an editor or a whitespace hook, is what GNU patch calls
//! "malformed patch at line N".

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "malformed-hunk",
    code: "HV0214",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| matches!(what, What::MalformedHeader | What::MalformedLine { .. }))
}
