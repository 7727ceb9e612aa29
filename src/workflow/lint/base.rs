//! The release, as the patches that were looked at so far leave it; files are read when they are asked for, and once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::io::progress::NoProgress;
use crate::io::tree::Tree;
use crate::patch::state::Change;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::upstream;

/// A tree, and what patches wrote into it; the disk stays as it is.
pub(super) struct Base {
    tree: Tree,
    /// What was read or written, by path; `None` where there is no such file.
    known: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
}

impl Base {
    /// Takes the tree in a folder.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        Ok(Self::of(Tree::open(root)?))
    }

    fn of(tree: Tree) -> Self {
        Self { tree, known: RefCell::new(BTreeMap::new()) }
    }

    /// Reads a file; `None` where there is none, or none that the tree hands out.
    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let bytes = self.tree.read(path).ok().flatten();
        self.known.borrow_mut().insert(path.to_owned(), bytes.clone());
        bytes
    }

    /// Takes in what a patch writes.
    pub(super) fn write(&mut self, changes: BTreeMap<String, Change>) {
        self.known.get_mut().extend(changes.into_iter().map(|(path, change)| (path, change.after)));
    }
}

/// Returns the release of a recipe where it is in the cache; nothing is ever downloaded.
pub(super) fn of_release(project: &Project, recipe: &Recipe, locked: Option<&str>, options: Options) -> Option<Base> {
    let offline = Options { offline: true, ..options };
    let release = upstream::obtain(project, recipe, locked, offline, &NoProgress).ok()?;
    Some(Base::of(release.tree))
}
