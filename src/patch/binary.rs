//! What becomes of a file when one of git's binary patches is applied to it?

use diffy::patch_set::ParseOptions;
use diffy::patch_set::PatchSet;

use super::apply::Read;
use super::diff::FilePatch;
use super::diff::Operation;
use super::state::FileOutcome;
use super::state::Obstacle;
use super::state::State;

/// A binary change, in both directions as git writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// The section of the patch, from `diff --git` on.
    section: Vec<u8>,
    is_reversed: bool,
}

impl Binary {
    /// Reads a section that ends in `GIT binary patch` and its two blocks; `None` where they cannot be read.
    pub(super) fn new(section: Vec<u8>) -> Option<Self> {
        let binary = Self { section, is_reversed: false };
        let is_readable = binary.with(|patch| patch.as_binary().is_some()) == Some(true);
        is_readable.then_some(binary)
    }

    /// Returns the change that undoes this one.
    pub(super) fn reversed(&self) -> Self {
        Self { section: self.section.clone(), is_reversed: !self.is_reversed }
    }

    /// Returns the bytes after the change, `None` where `before` is not what the change was made for: git's blocks do not
    /// say so themselves, but the way back must lead to where the way there began.
    fn there(&self, before: &[u8]) -> Option<Vec<u8>> {
        let after = self.step(before, self.is_reversed)?;
        (self.step(&after, !self.is_reversed).as_deref() == Some(before)).then_some(after)
    }

    /// Returns the bytes before the change, `None` where `after` is not what it leads to.
    fn back(&self, after: &[u8]) -> Option<Vec<u8>> {
        self.reversed().there(after)
    }

    fn step(&self, bytes: &[u8], is_back: bool) -> Option<Vec<u8>> {
        self.with(|patch| {
            let binary = patch.as_binary()?;
            let result = if is_back { binary.apply_reverse(bytes) } else { binary.apply(bytes) };
            result.ok()
        })?
    }

    fn with<T>(&self, ask: impl FnOnce(&diffy::patch_set::PatchKind<'_, [u8]>) -> T) -> Option<T> {
        let mut set = PatchSet::parse_bytes(&self.section, ParseOptions::gitdiff());
        let file = set.next()?.ok()?;
        Some(ask(file.patch()))
    }
}

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
