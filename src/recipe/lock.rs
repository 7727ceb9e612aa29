//! What a recipe resolved to: `hive.lock`, one fact a line, and how two locks differ.
//!
//! The file is TOML that a person can read in a diff and that git can merge line by line: a table for each recipe, in
//! the order of the alphabet, and in it a line for each fact, in the order in which facts were established.
//!
//! ```toml
//! lock-version = 1
//!
//! [recipe.quick]
//! "engine" = "hive 0.1.0"
//! "file patches/01_guard.patch" = "sha256:…"
//! "patch patches/01_guard.patch hummingbot/guard.py" = "sha256:… -> sha256:…"
//! ```

pub mod fact;

mod parse;
mod render;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use miette::Diagnostic;
use miette::NamedSource;
use miette::SourceSpan;
use thiserror::Error;

use self::fact::Key;

/// The version of the format that is written, and the only one that is read.
pub const VERSION: i64 = 1;

/// The facts of one recipe, in the order in which they were established.
pub type Facts = IndexMap<Key, String>;

/// Everything that a project's recipes resolved to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// Facts by the recipe's name.
    pub recipes: BTreeMap<String, Facts>,
}

impl Lock {
    /// Reads a lock. `file` is the name to show in errors.
    ///
    /// # Errors
    ///
    /// When the text is left over from a merge, is not TOML, is of another version, or holds something else than
    /// facts.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        parse::parse(file, text)
    }

    /// Writes the lock: the same facts give the same bytes.
    #[must_use]
    pub fn render(&self) -> String {
        render::render(self)
    }

    /// Returns how the facts that hold `now` differ from the locked ones, for one recipe.
    ///
    /// What changed or is gone comes first, in the lock's order, then what is new. That the same facts stand in
    /// another order is no difference.
    #[must_use]
    pub fn compare(&self, now: &Lock, recipe: &str) -> Vec<Change> {
        let none = Facts::new();
        let locked = self.recipes.get(recipe).unwrap_or(&none);
        let now = now.recipes.get(recipe).unwrap_or(&none);
        let changed = locked.iter().filter(|(key, value)| now.get(*key) != Some(*value)).map(|(key, value)| Change {
            key: key.clone(),
            locked: Some(value.clone()),
            now: now.get(key).cloned(),
        });
        let new = now.iter().filter(|(key, _)| !locked.contains_key(*key)).map(|(key, value)| Change {
            key: key.clone(),
            locked: None,
            now: Some(value.clone()),
        });
        changed.chain(new).collect()
    }

    /// Checks that the locked facts of a recipe are those that hold `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] when the recipe was never locked, [`Error::Stale`] with every fact that differs.
    pub fn verify(&self, now: &Lock, recipe: &str) -> Result<(), Error> {
        if !self.recipes.contains_key(recipe) {
            return Err(Error::Missing { recipe: recipe.to_owned() });
        }
        let changes = self.compare(now, recipe);
        if changes.is_empty() {
            return Ok(());
        }
        Err(Error::Stale { recipe: recipe.to_owned(), changes })
    }
}

/// A fact that is not what the lock says.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub struct Change {
    /// The fact.
    pub key: Key,
    /// What the lock says; `None` when it says nothing.
    pub locked: Option<String>,
    /// What holds now; `None` when nothing does.
    pub now: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match (&self.locked, &self.now) {
            (Some(locked), Some(now)) => {
                write!(formatter, "`{key}` is locked as `{locked}` and is `{now}`")
            }
            (Some(locked), None) => {
                write!(formatter, "`{key}` is locked as `{locked}` and is gone")
            }
            (None, Some(now)) => write!(formatter, "`{key}` is not locked and is `{now}`"),
            (None, None) => write!(formatter, "`{key}` is neither locked nor there"),
        }
    }
}

/// What can be wrong with a lock.
#[derive(Debug, Clone, Error, Diagnostic)]
pub enum Error {
    /// Facts are not what the lock says.
    #[error("`hive.lock` is stale for recipe `{recipe}`: {} of its facts changed", changes.len())]
    #[diagnostic(code("HV0300"), help("run `hive lock` to lock what is there now, and look at the difference"))]
    Stale {
        /// The recipe.
        recipe: String,
        /// The facts.
        #[related]
        changes: Vec<Change>,
    },
    /// The lock does not know the recipe.
    #[error("`hive.lock` has no facts for recipe `{recipe}`")]
    #[diagnostic(code("HV0301"), help("run `hive lock {recipe}`"))]
    Missing {
        /// The recipe.
        recipe: String,
    },
    /// A merge was left unfinished.
    #[error("`{file}` has the markers of an unfinished merge")]
    #[diagnostic(code("HV0302"), help("take either side, then run `hive lock`: it writes the facts of what is there"))]
    MergeConflict {
        /// The lock's file.
        file: String,
        /// The lock's text.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// The first marker.
        #[label("here")]
        at: SourceSpan,
    },
    /// The text breaks TOML's own grammar.
    #[error("`{file}` is not TOML: {reason}")]
    #[diagnostic(code("HV0303"), help("run `hive lock` for all recipes: it writes the file anew"))]
    NotToml {
        /// The lock's file.
        file: String,
        /// What the parser met.
        reason: String,
        /// The lock's text.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A lock of another version of the format.
    #[error("`{file}` is of another version: found {version}, expected {VERSION}")]
    #[diagnostic(
        code("HV0304"),
        help("it was written by another hive: use that one, or run `hive lock` for all recipes")
    )]
    UnknownVersion {
        /// The lock's file.
        file: String,
        /// The version, or what stands in its place.
        version: String,
        /// The lock's text.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// Where.
        #[label("this hive reads lock-version {VERSION}")]
        at: SourceSpan,
    },
    /// Something in a lock that is no fact.
    #[error("`{key}` in `{file}` is not a fact")]
    #[diagnostic(code("HV0305"), help("run `hive lock` for all recipes: it writes the file anew"))]
    NotAFact {
        /// The lock's file.
        file: String,
        /// The key.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// The lock's text.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// Where.
        #[label("expected {expected}")]
        at: SourceSpan,
    },
}
