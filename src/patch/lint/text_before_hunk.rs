//! Does text stand between a header and its hunk, or between two hunks of a file?
//!
//! Engines disagree about it: GNU patch applies the hunk, git refuses the patch, and several libraries drop the hunk and
//! report success. A blank line behind `+++` is the usual case.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "text-before-hunk",
    code: "HV0212",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let marks = subject.problems(|what| matches!(what, What::TextBeforeHunk { .. }));
    marks.into_iter().map(|mark| Mark { edits: blank(subject, &mark), ..mark }).collect()
}

/// Returns the edits that delete the lines, where all of them are blank: other text may be worth keeping elsewhere.
fn blank(subject: &Subject<'_>, mark: &Mark) -> Vec<Edit> {
    let behind = subject.reading.lines.iter().skip_while(|line| line.span != mark.span);
    let end = behind.skip_while(|line| line.is_blank()).map(|line| (line.span.start, line.bytes)).next();
    match end {
        Some((end, bytes)) if bytes.starts_with(b"@@") && end > mark.span.start => {
            vec![Edit::delete(mark.span.start, end)]
        }
        _ => Vec::new(),
    }
}
