//! Does the patch not apply where it says?
//!
//! A patch that does not apply to the release cannot be built. One that applies some lines further, or whose lines stand in
//! the file more than once, applies today; at the next release its lines may land in the twin. Fuzz does not exist here: a
//! hunk whose context differs does not apply.

use miette::Diagnostic as _;

use super::Check;
use super::Mark;
use super::Needs;
use super::Placed;
use super::Rule;
use super::Severity;
use super::Subject;
use super::carriage_return;
use super::end_of_file_newline;
use crate::patch::diff::Operation;
use crate::patch::state::State;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "drifted",
    code: "HV0231",
    severity: Severity::Error,
    needs: Needs::Target,
    check: Check::Patch(check),
};

const REFRESH: &str = "make the patch anew against this release: `hive patch refresh`";

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let (Some(patch), Some(outcome)) = (&subject.patch, &subject.outcome) else {
        return Vec::new();
    };
    let Some(error) = outcome.error(patch) else {
        return subject.placed().filter_map(|placed| moved(&placed)).collect();
    };
    // Another rule says why a file's hunks do not fit, and how to mend that.
    let is_told = |placed: &Placed<'_>| {
        placed.outcome.state == State::MissingTarget
            || carriage_return::unlike(placed).is_some()
            || end_of_file_newline::mend(subject, placed).is_some()
    };
    let mut unfit = subject.placed().filter(|placed| !placed.outcome.state.is_fine()).peekable();
    if unfit.peek().is_some() && unfit.all(|placed| is_told(&placed)) {
        return Vec::new();
    }
    let label = error.labels().and_then(|mut labels| labels.next());
    let span = label.map_or(subject.start(), |label| Span { start: label.offset(), end: label.offset() + label.len() });
    let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
    let message = format!("{error}{cause}");
    let message = message.replacen(&format!("patch `{}` ", patch.name), "the patch ", 1);
    vec![Mark::new(span, message, REFRESH)]
}

/// Returns the mark of a file whose hunks apply elsewhere than they say, or could apply elsewhere.
fn moved(placed: &Placed<'_>) -> Option<Mark> {
    if placed.file.operation == Operation::Create {
        return None;
    }
    let hunks = || placed.section.hunks.iter().zip(&placed.outcome.hunks);
    let path = &placed.outcome.path;
    let mark = |span, message| Mark::new(span, message, REFRESH).severity(Severity::Warning);
    let mut away = hunks().filter(|(_, outcome)| outcome.state == State::Offset);
    if let Some((hunk, outcome)) = away.next() {
        let line = outcome.line.unwrap_or_default();
        let message = format!("the hunk is found at line {line} of `{path}`, {:+} from where it says", outcome.offset);
        return Some(mark(hunk.span, message));
    }
    let mut twins = hunks().filter(|(_, outcome)| outcome.state == State::Clean && outcome.forward_count > 1);
    let (hunk, outcome) = twins.next()?;
    let message =
        format!("the hunk fits at {} places of `{path}`, and only its line number tells which", outcome.forward_count);
    Some(mark(hunk.span, message))
}
