//! Is there a hunk without a file, or a line in a hunk that is none?
//!
//! A context line that lost its leading space, mostly to an editor or a whitespace hook, is what GNU patch calls
//! "malformed patch at line N". A hunk behind no header belongs to no file, and would be lost.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "malformed-hunk", code: "HV0214", severity: Severity::Error, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    subject.problems(|what| {
        matches!(
            what,
            What::OrphanHunk
                | What::HalfHeader
                | What::MalformedHeader
                | What::MalformedLine { .. }
                | What::MisplacedEnd
        )
    })
}
