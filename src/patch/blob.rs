//! What becomes of a file when one of git's binary patches is applied to it?

use super::binary::Binary;
use super::diff::FilePatch;
use super::diff::Operation;
use super::state::FileOutcome;
use super::state::Obstacle;
use super::state::Read;
use super::state::State;

/// Applies a file's binary change and notes what became of it.
pub(super) fn run(binary: &Binary, file: &FilePatch, outcome: &mut FileOutcome, read: &mut Read<'_>) {
    outcome.before = read(&outcome.path);
    let (state, after, obstacle) = match (file.operation, outcome.before.as_deref()) {
        (Operation::Create, None) => match binary.there(b"") {
            Some(after) => (State::Clean, Some(after), None),
            None => (State::Conflict, None, Some(Obstacle::Differs)),
        },
        (Operation::Delete, None) => (State::Applied, None, None),
        (_, None) => (State::MissingTarget, None, Some(Obstacle::Missing { unstripped: None })),
        (Operation::Create, Some(before)) if binary.back(before).is_none_or(|empty| !empty.is_empty()) => {
            (State::Conflict, None, Some(Obstacle::Exists))
        }
        (Operation::Create, Some(before)) => (State::Applied, Some(before.to_owned()), None),
        (Operation::Delete, Some(before)) if binary.there(before).is_some_and(|empty| empty.is_empty()) => {
            (State::Clean, None, None)
        }
        (_, Some(before)) => match (binary.there(before), binary.back(before)) {
            (Some(after), None) => (State::Clean, Some(after), None),
            (None, Some(_)) => (State::Applied, Some(before.to_owned()), None),
            (Some(_), Some(_)) => (State::Ambiguous, None, None),
            (None, None) => (State::Conflict, None, Some(Obstacle::Differs)),
        },
    };
    (outcome.state, outcome.after, outcome.obstacle) = (state, after, obstacle);
}
