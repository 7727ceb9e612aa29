//! Do a hunk's header and its lines disagree about how many there are?
//!
//! A hunk that was edited by hand and not recounted loses its first or last lines, or swallows the next hunk.

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
    name: "wrong-hunk-count",
    code: "HV0213",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let problems = subject.reading.problems.iter();
    let miscounted = problems.filter_map(|problem| match &problem.what {
        What::WrongHunkCount { corrected, .. } => Some((problem, corrected)),
        _ => None,
    });
    miscounted
        .map(|(problem, corrected)| {
            let line = subject.reading.lines[problem.line - 1].bytes;
            // What follows the second `@@` names the function, and stays.
            let figures = line.windows(3).skip(2).position(|window| window == b" @@").map_or(0, |at| at + 5);
            let (start, end) = (problem.span.start, problem.span.start + figures);
            Mark::new(problem.span, problem.what.to_string(), problem.what.help()).edits(vec![Edit::replace(
                start,
                end,
                corrected.as_str(),
            )])
        })
        .collect()
}
