//! Does the patch hold a change that hive cannot carry out?
//!
//! Binary changes, links, submodules and other formats are refused in so many words: some engines skip them and succeed.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "uncarried-change",
    code: "HV0222",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| {
        matches!(
            what,
            What::Binary
                | What::BinaryMarker
                | What::SpecialFile
                | What::CombinedDiff
                | What::ContextDiff
                | What::UnreadableName
        )
    })
}
