//! What does one of git's binary patches say?

use diffy::patch_set::ParseOptions;
use diffy::patch_set::PatchSet;

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
    pub(super) fn there(&self, before: &[u8]) -> Option<Vec<u8>> {
        let after = self.step(before, self.is_reversed)?;
        (self.step(&after, !self.is_reversed).as_deref() == Some(before)).then_some(after)
    }

    /// Returns the bytes before the change, `None` where `after` is not what it leads to.
    pub(super) fn back(&self, after: &[u8]) -> Option<Vec<u8>> {
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
