//! Does the patch's last line lack its newline?
//!
//! Git calls such a patch corrupt. hive reads the line as if the newline stood there: only
//! `\ No newline at end of file` says that the patched file has none.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "missing-final-newline",
    code: "HV0223",
    severity: Severity::Warning,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let open = subject.reading.lines.last().filter(|line| !line.newline);
    let mark = open.map(|line| {
        Mark::new(line.span, "the patch's last line has no newline", "end the patch with a newline")
            .edits(vec![Edit::insert(line.span.end, "\n")])
    });
    mark.into_iter().collect()
}
