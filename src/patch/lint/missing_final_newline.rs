//! Does the patch's last line lack its newline?
//!
//! Git calls such a patch corrupt. hive reads the line as if the newline stood there: only
//! `\ No newline at end of file` says that the patched file has none.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;

/// The rule.
pub(super) const RULE: Rule =
    Rule { name: "missing-final-newline", code: "HV0223", severity: Severity::Warning, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let open = subject.reading.lines.last().filter(|line| !line.newline);
    open.map(|line| Mark {
        span: line.span,
        message: "the patch's last line has no newline".to_owned(),
        help: "end the patch with a newline".to_owned(),
    })
    .into_iter()
    .collect()
}
