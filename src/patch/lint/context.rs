//! What is known around a patch?

use std::fmt;

use crate::patch::Patch;
use crate::patch::apply;
use crate::patch::state::Outcome;

/// What is known around a patch. The default knows nothing, and rules that need more stay silent.
#[derive(Debug, Default, Clone, Copy)]
pub struct Context<'a> {
    /// The paths that the recipe says the patch touches; `None` where no recipe says.
    pub touches: Option<&'a [String]>,
    /// Why the recipe carries the patch; `None` where no recipe says.
    pub why: Option<&'a str>,
    /// The release, as the patches before this one leave it; `None` where it is not at hand.
    pub target: Option<Target<'a>>,
    /// The patches before this one; `None` where the patch is looked at alone.
    pub series: Option<Series<'a>>,
    /// What the lock has for the patch; `None` where it has nothing.
    pub checksum: Option<Checksum<'a>>,
    /// The rules that the recipe allows the patch to break, by name or code.
    pub allows: &'a [String],
}

/// A tree to patch.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// Reads a file by its path; `None` where there is no such file.
    pub read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// Returns the first line, 1-based, at which a text is not Python; `None` for a sound one.
    pub syntax: &'a dyn Fn(&[u8]) -> Option<usize>,
}

/// The patches before one.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// They, in order.
    pub earlier: &'a [Earlier],
    /// Those of them that the recipe says this one builds on.
    pub after: &'a [String],
}

/// A patch of a series, and what became of it.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The patch.
    pub patch: Patch,
    /// What became of it on the release; `None` where that is not at hand.
    pub outcome: Option<Outcome>,
    /// The patches that the recipe says it builds on.
    pub after: Vec<String>,
}

/// The hash that a patch has in the lock, and the one that it has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum<'a> {
    /// The locked one.
    pub locked: &'a str,
    /// The one of the patch as it is.
    pub now: &'a str,
    /// Whether everything has to be as it is locked.
    pub is_binding: bool,
}

impl Target<'_> {
    /// Applies a patch to the tree, in memory.
    #[must_use]
    pub fn apply(&self, patch: &Patch) -> Outcome {
        apply(patch, &mut |path| (self.read)(path))
    }

    /// Tells whether the tree has a file.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        (self.read)(path).is_some()
    }
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Target")
    }
}
