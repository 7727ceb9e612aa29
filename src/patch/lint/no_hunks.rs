//! Does the patch, or a file's header in it, announce no change?
//!
//! An engine that finds nothing to do succeeds, and nobody notices that the patch is not in the build.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "no-hunks", code: "HV0217", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = subject.problems(|what| matches!(what, What::NoHunks));
    if subject.reading.sections.is_empty() && subject.reading.problems.is_empty() {
        let end = subject.reading.lines.first().map_or(0, |line| line.span.end);
        marks.push(Mark {
            span: Span { start: 0, end },
            message: "the patch has zero hunks".to_owned(),
            help: "a patch has `--- a/PATH`, `+++ b/PATH` and at least one hunk that begins with `@@`".to_owned(),
        });
    }
    marks
}
