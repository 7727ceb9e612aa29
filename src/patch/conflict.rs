//! Why does a patch not apply, in words that point at its lines?

use miette::SourceSpan;

use super::diff::FilePatch;
use super::diff::Operation;
use super::diff::Patch;
use super::error::Cause;
use super::error::Error;
use super::state::FileOutcome;
use super::state::HunkOutcome;
use super::state::Mismatch;
use super::state::Obstacle;
use super::state::Outcome;
use super::state::State;
use super::text::source;

impl Outcome {
    /// Returns the first reason why the patch cannot be applied, drawn on its text; `None` where it can or has been.
    #[must_use]
    pub fn error(&self, patch: &Patch) -> Option<Error> {
        error(self, patch)
    }
}

/// Returns the first failure of a patch, the worst kind first; `None` for a patch that is fine.
fn error(outcome: &Outcome, patch: &Patch) -> Option<Error> {
    if outcome.is_fine() {
        return None;
    }
    let files = || outcome.files.iter().zip(&patch.files);
    let parts = || files().flat_map(|(file, said)| file.hunks.iter().map(move |hunk| (file, said, hunk)));
    if let Some((file, said)) = files().find(|(file, _)| file.obstacle.is_some()) {
        return obstacle(patch, file, said);
    }
    let failing = parts().filter(|(.., hunk)| !hunk.is_fine());
    if let Some((file, said, hunk)) = failing.min_by_key(|(.., hunk)| std::cmp::Reverse(hunk.state)) {
        return Some(match &hunk.mismatch {
            Some(mismatch) => conflict(patch, file, hunk, mismatch),
            None if hunk.state == State::Conflict => disproved(patch, file, said, hunk),
            None => ambiguous(patch, file, hunk, said.hunks[hunk.index - 1].span.into()),
        });
    }
    if outcome.state == State::Ambiguous {
        let (file, said) = files().find(|(file, _)| file.state == State::Ambiguous)?;
        return Some(whole_file(patch, file, said));
    }
    Some(half_applied(outcome, patch))
}

fn obstacle(patch: &Patch, file: &FileOutcome, said: &FilePatch) -> Option<Error> {
    let (name, target) = (patch.name.clone(), file.path.clone());
    let (source_code, span) = (source(&patch.name, &patch.text), said.span.into());
    Some(match file.obstacle.as_ref()? {
        Obstacle::Exists => Error::TargetExists { patch: name, path: target, source_code, span },
        Obstacle::Differs => Error::Conflict {
            patch: name,
            file: file_name(&target).to_owned(),
            cause: Cause("the binary file has other bytes than those before and those after the change".to_owned()),
            help: "make the patch anew against this release, with `git diff --binary`".to_owned(),
            source_code,
            span,
            label: "changes it".to_owned(),
        },
        Obstacle::TooLarge => Error::TargetTooLarge { patch: name, path: target, source_code, span },
        Obstacle::Remainder => Error::Remainder { patch: name, path: target, source_code, span },
        Obstacle::Missing { unstripped } => {
            let help = match unstripped {
                Some(unstripped) => {
                    format!("`{unstripped}` does exist: write it as `a/{unstripped}`, for `-p1`")
                }
                None => "check the path, and whether this release moved or dropped the file".to_owned(),
            };
            let moves = matches!(said.operation, Operation::Rename | Operation::Copy);
            let source_path = said.old_path.clone().filter(|_| moves);
            Error::MissingTarget { patch: name, path: source_path.unwrap_or(target), help, source_code, span }
        }
    })
}

fn conflict(patch: &Patch, file: &FileOutcome, hunk: &HunkOutcome, mismatch: &Mismatch) -> Error {
    let Mismatch { line, expected, found, .. } = mismatch;
    let shown =
        |text: &Option<String>| text.as_ref().map_or("the end of the file".to_owned(), |text| format!("`{text}`"));
    let text = |text: &Option<String>| text.as_deref().map(|text| text.trim_end_matches("\\r").to_owned());
    let help = if expected.is_some() && expected != found && text(expected) == text(found) {
        "the lines differ in their ends alone (`\\r`): give the patch and the file the same line ends".to_owned()
    } else if let (State::Fuzzy, Some(at)) = (hunk.state, hunk.line) {
        let fuzz = hunk.fuzz;
        format!(
            "it would fit at line {at} with fuzz {fuzz}: look at the place, then allow it with `hive patch … --fuzz {fuzz}`"
        )
    } else {
        "compare the two lines: upstream has moved on, or the patch was made for another release".to_owned()
    };
    Error::Conflict {
        patch: patch.name.clone(),
        file: file_name(&file.path).to_owned(),
        cause: Cause(format!("hunk {} of {} expects other text at line {line}", hunk.index, file.hunks.len())),
        help,
        source_code: source(&patch.name, &patch.text),
        span: line_span(&patch.text, mismatch.patch_line),
        label: format!("expected {}, but line {line} of `{}` is {}", shown(expected), file.path, shown(found)),
    }
}

fn ambiguous(patch: &Patch, file: &FileOutcome, hunk: &HunkOutcome, span: SourceSpan) -> Error {
    let (index, of) = (hunk.index, file.hunks.len());
    let lines = || hunk.places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let more = if hunk.places.len() < hunk.forward_count.max(hunk.reverse_count) { ", …" } else { "" };
    let cause = match (hunk.forward_count, hunk.reverse_count, hunk.line) {
        (.., Some(line)) => {
            format!("hunk {index} of {of} fits at line {line}, but could not be told from applied afterwards")
        }
        (2.., 0, _) => format!("hunk {index} of {of} fits at {} places: lines {}{more}", hunk.forward_count, lines()),
        (0, 1, _) => {
            format!("hunk {index} of {of} only deletes, and line {} alone does not prove that it did", lines())
        }
        (0, 0, _) => format!("the result of hunk {index} of {of} may stand already, in other surroundings"),
        (0, ..) => format!(
            "the result of hunk {index} of {of} stands at {} places: lines {}{more}",
            hunk.reverse_count,
            lines()
        ),
        _ => format!("both the text before and the result of hunk {index} of {of} fit, near line {}", lines()),
    };
    Error::Ambiguous {
        patch: patch.name.clone(),
        file: file_name(&file.path).to_owned(),
        cause: Cause(cause),
        source_code: source(&patch.name, &patch.text),
        span,
    }
}

/// Returns the error of a hunk that fits where a three-way merge with the base does not put its change.
fn disproved(patch: &Patch, file: &FileOutcome, said: &FilePatch, hunk: &HunkOutcome) -> Error {
    let (index, of) = (hunk.index, file.hunks.len());
    let place = match hunk.line {
        Some(line) => format!("fits at line {line}"),
        None => format!("fits at {} places", hunk.candidate_count()),
    };
    let marked = file.proof.as_ref().and_then(|proof| proof.marked.as_deref());
    let cause = match marked {
        Some(_) => format!("hunk {index} of {of} {place}, but upstream changed the same lines of the base"),
        None => format!("hunk {index} of {of} {place}, but a three-way merge with the base puts it elsewhere"),
    };
    // Both sides, as the merge shows them, from the first marker to the last of its block.
    let block = marked.and_then(|text| {
        let start = text.find("<<<<<<< ")?;
        let end = start + text[start..].find(">>>>>>> ")?;
        Some(text[start..end].trim_end().to_owned())
    });
    Error::Conflict {
        patch: patch.name.clone(),
        file: file_name(&file.path).to_owned(),
        cause: Cause(cause),
        help: match block {
            Some(block) => format!("make the patch anew against this release; both changes meet here:\n{block}"),
            None => "look at both places, and make the patch anew against this release".to_owned(),
        },
        source_code: source(&patch.name, &patch.text),
        span: said.hunks[hunk.index - 1].span.into(),
        label: "this hunk".to_owned(),
    }
}

/// Returns the error of a file that has no hunks to blame, such as a rename that could not be undone.
fn whole_file(patch: &Patch, file: &FileOutcome, said: &FilePatch) -> Error {
    Error::Ambiguous {
        patch: patch.name.clone(),
        file: file_name(&file.path).to_owned(),
        cause: Cause("the result could not be told from the file as it is".to_owned()),
        source_code: source(&patch.name, &patch.text),
        span: said.span.into(),
    }
}

fn half_applied(outcome: &Outcome, patch: &Patch) -> Error {
    let mut parts: Vec<(State, String, SourceSpan)> = Vec::new();
    for (file, said) in outcome.files.iter().zip(&patch.files).filter(|(file, _)| !file.is_neutral) {
        let name = file_name(&file.path);
        for (hunk, said) in file.hunks.iter().zip(&said.hunks) {
            parts.push((hunk.state, format!("hunk {} of `{name}`", hunk.index), said.span.into()));
        }
        if file.hunks.is_empty() {
            parts.push((file.state, format!("`{name}`"), said.span.into()));
        }
    }
    let (applied, missing): (Vec<_>, Vec<_>) = parts.iter().partition(|(state, ..)| *state == State::Applied);
    let names = |parts: &[&(State, String, SourceSpan)]| {
        parts.iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let first = |parts: &[&(State, String, SourceSpan)]| parts.first().map_or((0, 0).into(), |(.., span)| *span);
    Error::HalfApplied {
        patch: patch.name.clone(),
        cause: Cause(format!("already there: {}; still to be written: {}", names(&applied), names(&missing))),
        source_code: source(&patch.name, &patch.text),
        applied: first(&applied),
        missing: first(&missing),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Returns where a line of the patch stands, 1-based.
fn line_span(text: &[u8], line: usize) -> SourceSpan {
    super::text::lines(text).get(line.saturating_sub(1)).map_or((0, 0).into(), |line| line.span.into())
}
