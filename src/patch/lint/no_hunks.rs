//! Does the patch, or a file's header in it, announce no change?
//!
//! An engine that finds nothing to do succeeds, and nobody notices that the patch is not in the build.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "no-hunks",
    code: "HV0217",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = subject.problems(|what| matches!(what, What::NoHunks));
    if subject.reading.sections.is_empty() && subject.reading.problems.is_empty() {
        let help = "a patch has `--- a/PATH`, `+++ b/PATH` and at least one hunk that begins with `@@`";
        marks.push(Mark::new(subject.start(), "the patch has zero hunks", help));
    }
    marks
}
