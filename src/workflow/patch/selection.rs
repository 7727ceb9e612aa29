//! Which patches are meant, and which tree?

use std::path::Path;
use std::path::PathBuf;

use crate::io::files;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::patch;
use crate::patch::Patch;
use crate::recipe::schema;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::patch::Refusal;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;

/// What the command line names.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The tree to look at or to change; `None` for the release that the recipe builds on.
    pub root: Option<PathBuf>,
    /// The tree that the patches were made for.
    pub base: Option<PathBuf>,
    /// How many folders are stripped of the names in patch files.
    pub strip: usize,
    /// Patch files, quilt's `series` files and recipes, in order; one recipe without a root.
    pub named: Vec<String>,
}

/// A patch as it was found: read, or the reason why it cannot be.
#[derive(Debug)]
pub struct Found {
    /// The patch's name.
    pub name: String,
    /// Where its file is on the disk.
    pub path: PathBuf,
    /// How many folders are stripped of the names in it.
    pub strip: usize,
    /// The patch.
    pub patch: Result<Patch, Box<patch::Error>>,
}

/// The patches that are meant, and the trees.
#[derive(Debug)]
pub struct Selected {
    /// The patches, in order.
    pub patches: Vec<Found>,
    /// The tree.
    pub tree: Tree,
    /// The tree that the patches were made for, where it is known.
    pub base: Option<Tree>,
}

impl Selection {
    /// Reads what is meant.
    ///
    /// # Errors
    ///
    /// Returns an error for a name that is neither a file nor a recipe, and for a tree that is not there. A patch that
    /// cannot be read is told in its place.
    pub fn read(
        &self,
        project: &Project,
        from: &Path,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Selected, Error> {
        let mut patches = Vec::new();
        let base = self.base.as_ref().map(|base| Tree::open(&from.join(base))).transpose()?;
        let Some(root) = &self.root else {
            let [name] = &self.named[..] else {
                return Err(Error::NoRoot { named: self.named.clone() });
            };
            if is_patch_file(name) {
                return Err(Error::NoRoot { named: self.named.clone() });
            }
            let loaded = project.load(&project.one(name, from)?)?;
            of_recipe(project, &loaded, &mut patches)?;
            let release = upstream::obtain(project, &loaded.recipe, None, options, progress)?;
            return Ok(Selected { patches, tree: release.tree, base });
        };
        let tree = Tree::open(&from.join(root))?;
        for name in &self.named {
            let path = from.join(name);
            if path.file_name().is_some_and(|name| name == "series") {
                self.of_quilt(&path, &mut patches)?;
            } else if is_patch_file(name) || (path.is_file() && path.extension().is_none_or(|ending| ending != "toml"))
            {
                patches.push(found(name, path, self.strip)?);
            } else {
                let loaded = project.load(&project.one(name, from)?)?;
                of_recipe(project, &loaded, &mut patches)?;
            }
        }
        Ok(Selected { patches, tree, base })
    }

    /// Reads the patches that quilt's `series` file names: a line a patch, `-pN` behind it, remarks behind `#`.
    fn of_quilt(&self, path: &Path, patches: &mut Vec<Found>) -> Result<(), Error> {
        let text = files::read_to_string(path)?;
        let folder = files::folder_of(path);
        for (index, line) in text.lines().enumerate() {
            let said = line.split_once(" #").map_or(line, |(said, _)| said).trim();
            let mut words = said.split_whitespace().filter(|_| !said.starts_with('#'));
            let Some(name) = words.next() else {
                continue;
            };
            let mut strip = self.strip;
            for option in words {
                let level = option.strip_prefix("-p").map(|level| if level == "ab" { Ok(1) } else { level.parse() });
                let Some(Ok(level)) = level else {
                    let (path, option) = (path.to_owned(), option.to_owned());
                    return Err(Error::SeriesOption { path, line: index + 1, option });
                };
                strip = level;
            }
            let shown = folder.join(name);
            patches.push(found(&shown.to_string_lossy(), shown.clone(), strip)?);
        }
        Ok(())
    }
}

/// Returns which patch of a recipe is meant: by its file as the recipe has it, by the file's name, or by that without its
/// ending.
///
/// # Errors
///
/// Names the patch that is spelled most like the selector.
pub(super) fn position(recipe: &str, files: &[&str], selector: &str) -> Result<usize, Refusal> {
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let stem = |file: &str| name(file).rsplit_once('.').map_or_else(|| name(file), |(stem, _)| stem.to_owned());
    let found = files.iter().position(|file| *file == selector);
    let found = found.or_else(|| files.iter().position(|file| name(file) == selector || stem(file) == selector));
    found.ok_or_else(|| {
        let known: Vec<String> = files.iter().map(|file| name(file)).collect();
        let nearest = schema::nearest(&name(selector), known.iter().map(String::as_str)).map(str::to_owned);
        Refusal::UnknownPatch { recipe: recipe.to_owned(), patch: selector.to_owned(), nearest, known }
    })
}

fn of_recipe(project: &Project, loaded: &Loaded, patches: &mut Vec<Found>) -> Result<(), Error> {
    for patch in &loaded.recipe.patches {
        patches.push(found(&patch.file, project.path(&patch.file), 1)?);
    }
    Ok(())
}

fn found(name: &str, path: PathBuf, strip: usize) -> Result<Found, Error> {
    let text = files::read(&path)?;
    let read = patch::parse_stripped(name, &text, strip).map_err(Box::new);
    Ok(Found { name: name.to_owned(), path, strip, patch: read })
}

fn is_patch_file(name: &str) -> bool {
    [".patch", ".diff"].iter().any(|ending| name.ends_with(ending))
}
