//! Did a blank context line lose the space that stands for it?
//!
//! Editors and whitespace hooks strip it. GNU patch, git and hive still read the line as context, but other tools do not,
//! and the same hook will one day strip a line where it matters.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "stripped-context",
    code: "HV0219",
    severity: Severity::Warning,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let hunks = subject.reading.sections.iter().flat_map(|section| &section.hunks);
    let stripped = hunks.flat_map(|hunk| &hunk.lines).filter(|line| line.stripped);
    stripped
        .map(|line| {
            let help = "put one space on the line, and exclude `*.patch` from hooks that trim whitespace";
            Mark::new(line.span, "a blank context line lost its leading space", help)
                .edits(vec![Edit::insert(line.span.start, " ")])
        })
        .collect()
}
