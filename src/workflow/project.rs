//! A user's project on the disk: where its recipes are, and how one is loaded.

use std::fs;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use walkdir::WalkDir;

use crate::io::cache::Cache;
use crate::io::files;
use crate::io::transaction;
use crate::io::transaction::Change;
use crate::io::transaction::Deed;
use crate::io::transaction::Record;
use crate::io::transaction::Recovered;
use crate::recipe::resolve;
use crate::recipe::resolve::Recipe;
use crate::recipe::schema;
use crate::workflow::error::Error;

/// A project: a folder with `recipes/` in it.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder.
    pub root: PathBuf,
    /// The folder that `.hive` is in.
    home: PathBuf,
}

/// A recipe with the text that it was resolved from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The recipe's text.
    pub text: String,
    /// What it says.
    pub recipe: Recipe,
}

impl Project {
    /// Finds the project that the folder `from` is in: the nearest folder upward with `recipes/` in it, else `from`.
    #[must_use]
    pub fn discover(from: &Path) -> Self {
        let holds_recipes = |folder: &&Path| folder.join("recipes").is_dir();
        Self::at(from.ancestors().find(holds_recipes).unwrap_or(from))
    }

    /// Returns the project in a folder.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), home: root.to_owned() }
    }

    /// Returns what stands in another folder as a project that shares this one's cache and environments.
    #[must_use]
    pub fn shadow(&self, root: &Path) -> Self {
        Self { root: root.to_owned(), home: self.home.clone() }
    }

    /// Finds the project of some recipes: that of the first which is given as the path of a file, else that of `from`.
    #[must_use]
    pub fn of(selectors: &[String], from: &Path) -> Self {
        let file = selectors.iter().map(|selector| from.join(selector)).find(|path| is_recipe_file(path));
        Self::discover(file.as_deref().and_then(Path::parent).unwrap_or(from))
    }

    /// Ends what an interrupted hive has begun to change in the project, and says what was done. Every verb begins with it.
    ///
    /// # Errors
    ///
    /// Tells why a change can neither be finished nor forgotten.
    pub fn recover(&self) -> Result<Vec<String>, Error> {
        Ok(transaction::recover(&self.root)?.iter().map(Recovered::told).collect())
    }

    /// Changes files of the project as one, so that a crash leaves what was or what shall be, and `verb` can be undone.
    ///
    /// # Errors
    ///
    /// Tells why nothing has changed.
    pub fn change(&self, verb: &str, what: &str, changes: &[Change]) -> Result<Option<Record>, Error> {
        let deed = Deed { verb, what, at: now() };
        Ok(transaction::commit(&self.root, &deed, changes)?)
    }

    /// Takes back the last change that `verb` made; that of any verb where none is named.
    ///
    /// # Errors
    ///
    /// Refuses where a file has changed since.
    pub fn undo(&self, verb: Option<&str>) -> Result<Record, Error> {
        let is_meant = |record: &Record| verb.is_none_or(|verb| record.verb == verb);
        Ok(transaction::undo(&self.root, now(), &is_meant)?)
    }

    /// Returns the recipe files that are selected by name or by path, relative to the root; all of them when nothing is
    /// selected, sorted.
    ///
    /// # Errors
    ///
    /// Refuses a selector that is no recipe, and a project without recipes.
    pub fn select(&self, selectors: &[String], from: &Path) -> Result<Vec<String>, Error> {
        if selectors.is_empty() {
            return self.all();
        }
        selectors.iter().map(|selector| self.one(selector, from)).collect()
    }

    /// Returns the recipe file that is selected by name or by path.
    ///
    /// # Errors
    ///
    /// Names the recipe that is spelled most like the selector.
    pub fn one(&self, selector: &str, from: &Path) -> Result<String, Error> {
        let named = format!("recipes/{selector}.toml");
        if self.root.join(&named).is_file() {
            return Ok(named);
        }
        let path = from.join(selector);
        if is_recipe_file(&path)
            && let Some(relative) = self.relative(&path)
        {
            return Ok(relative);
        }
        let known: Vec<String> = self.all()?.iter().map(|file| stem(file).to_owned()).collect();
        let nearest = schema::nearest(selector, known.iter().map(String::as_str)).map(str::to_owned);
        Err(Error::UnknownRecipe { selector: selector.to_owned(), nearest, known })
    }

    /// Returns every recipe file below `recipes/`, sorted, relative to the root.
    ///
    /// # Errors
    ///
    /// Refuses a project without recipes.
    pub fn all(&self) -> Result<Vec<String>, Error> {
        let folder = self.root.join("recipes");
        let entries = fs::read_dir(&folder).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
        let mut files: Vec<String> = entries
            .iter()
            .filter(|entry| is_recipe_file(&entry.path()))
            .filter_map(|entry| entry.file_name().to_str().map(|name| format!("recipes/{name}")))
            .collect();
        files.sort();
        if files.is_empty() { Err(Error::NoRecipes { folder }) } else { Ok(files) }
    }

    /// Returns every patch below `patches/`, sorted, relative to the root.
    #[must_use]
    pub fn patches(&self) -> Vec<String> {
        let is_patch = |file: &String| [".patch", ".diff"].iter().any(|ending| file.ends_with(ending));
        let entries = WalkDir::new(self.root.join("patches")).sort_by_file_name().into_iter().flatten();
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.filter_map(|entry| self.relative(entry.path())).filter(is_patch).collect()
    }

    /// Returns every quilt `series` file below `patches/`, sorted, relative to the root.
    #[must_use]
    pub fn series(&self) -> Vec<String> {
        let entries = WalkDir::new(self.root.join("patches")).sort_by_file_name().into_iter().flatten();
        let files = entries.filter(|entry| entry.file_type().is_file() && entry.file_name() == "series");
        files.filter_map(|entry| self.relative(entry.path())).collect()
    }

    /// Returns a path below the root with `/` between its parts; `None` for one outside.
    #[must_use]
    pub fn relative(&self, path: &Path) -> Option<String> {
        let (root, path) = (self.root.canonicalize().ok()?, path.canonicalize().ok()?);
        let parts = path.strip_prefix(root).ok()?.components().map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// Reads and resolves a recipe file.
    ///
    /// # Errors
    ///
    /// Tells everything that is wrong with it.
    pub fn load(&self, file: &str) -> Result<Loaded, Error> {
        let text = files::read_to_string(&self.root.join(file))?;
        let recipe = resolve::resolve(file, &text, self)?;
        Ok(Loaded { text, recipe })
    }

    /// Returns where a path of a recipe is on the disk.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        let is_kept = file.strip_prefix(".hive").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if is_kept { self.home.join(file) } else { self.root.join(file) }
    }

    /// Returns the cache.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache::new(self.path(".hive/cache"))
    }

    /// Returns where the golden of a scenario is, relative to the root.
    #[must_use]
    pub fn golden_file(recipe: &str, scenario: &str) -> String {
        format!("snapshots/{recipe}/{scenario}.golden.toml")
    }
}

impl resolve::Project for Project {
    fn exists(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }
}

/// Returns a recipe file's name without folder and ending.
#[must_use]
pub fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

/// Returns the moment, to the second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn is_recipe_file(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml") && path.is_file()
}
