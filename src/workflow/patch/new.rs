//! Makes a patch of what was edited in a tree, and takes it into the recipe.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;

use crate::io::edit;
use crate::io::edit::Edit;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::patch::make;
use crate::patch::make::Difference;
use crate::patch::make::Side;
use crate::recipe::edit as recipe_edit;
use crate::recipe::edit::NewPatch;
use crate::recipe::resolve;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::environment;
use crate::workflow::environment::Environment;
use crate::workflow::patch::Refusal;
use crate::workflow::upstream;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The edited tree.
    pub from: PathBuf,
    /// Why the patch exists.
    pub why: Option<String>,
    /// The paths that it may touch.
    pub touches: Vec<String>,
    /// Today's date, `YYYY-MM-DD`.
    pub date: String,
}

/// A patch that was made.
#[derive(Debug, Serialize)]
pub struct Made {
    /// The patch's file: of a recipe relative to the project's root, else as it was given.
    pub file: String,
    /// The recipe that has it now.
    pub recipe: Option<String>,
    /// The paths that it touches.
    pub touches: Vec<String>,
    /// The SHA-256 of its text.
    pub sha256: String,
}

/// Makes a patch of the difference between a recipe's environment and an edited tree, and adds it to the end of the recipe's
/// series. The patch's file and the recipe are both written, or neither.
///
/// # Errors
///
/// Refuses a request without a reason or without the paths that differ, a tree that does not differ, and what a patch
/// cannot carry.
pub fn of_recipe(
    project: &Project,
    recipe_file: &str,
    name: &str,
    request: &Request,
    options: Options,
    progress: &dyn Progress,
) -> Result<Made, Error> {
    let loaded = project.load(recipe_file)?;
    let recipe = &loaded.recipe;
    let file = next_file(project, recipe, name)?;
    let release = upstream::obtain(project, recipe, None, options, progress)?;
    let environment = environment::prepare(project, recipe, &release)?;
    if environment.broken_count > 0 {
        return Err(Error::NotBuildable { recipe: recipe.name.clone(), count: environment.broken_count });
    }
    let edited = Tree::open(&request.from)?;
    let differences = differences(&sides(&release.tree, &environment)?, &edited)?;
    for difference in &differences {
        let path = &difference.path;
        let own = |registered: &&crate::registration::Registered| {
            registered.path == *path || registered.package_files.contains(path)
        };
        if let Some(registered) = environment.registered.iter().find(own) {
            let controllers = recipe.controllers.iter();
            let own =
                controllers.filter(|own| crate::registration::path(&own.controller_type, &own.name) == registered.path);
            let source = own.map(|own| own.source.clone()).next().unwrap_or_default();
            return Err(Refusal::Registered { path: path.clone(), source_file: source }.into());
        }
    }
    let (why, touches) = agreed(request, &differences, true)?;
    let text = make::make(&make::header(&why, &request.date), &differences).map_err(Refusal::Uncarried)?;
    let new = NewPatch { file: &file, why: why.trim(), touches: &touches };
    let recipe_text = recipe_edit::add_patch(&loaded.text, &new)
        .map_err(|source| Refusal::Unwritable { recipe: recipe_file.to_owned(), source })?;
    resolve::resolve(recipe_file, &recipe_text, &With { project, file: &file })?;
    let edits = [(file.clone(), text.clone()), (recipe_file.to_owned(), recipe_text.into_bytes())];
    let edits = edits.map(|(path, bytes)| (path, Edit { after: Some(bytes), is_executable: None }));
    edit::edit(&Tree::open(&project.root)?, &edits.into())?;
    Ok(Made { file, recipe: Some(recipe.name.clone()), touches, sha256: files::sha256_hex(&text) })
}

/// Makes a patch of the difference between two trees.
///
/// # Errors
///
/// Those of [`of_recipe`], and refuses a file that is there.
pub fn of_tree(root: &Path, file: &Path, shown: &str, request: &Request) -> Result<Made, Error> {
    if file.exists() {
        return Err(Refusal::Occupied { file: shown.to_owned() }.into());
    }
    let (before, after) = (Tree::open(root)?, Tree::open(&request.from)?);
    let differences = differences(&pristine(&before)?, &after)?;
    let (why, touches) = agreed(request, &differences, false)?;
    let text = make::make(&make::header(&why, &request.date), &differences).map_err(Refusal::Uncarried)?;
    files::write_atomic(file, &text)?;
    Ok(Made { file: shown.to_owned(), recipe: None, touches, sha256: files::sha256_hex(&text) })
}

/// Returns the reason and the paths of a request that says both, and says them right.
fn agreed(
    request: &Request,
    differences: &[Difference],
    needs_touches: bool,
) -> Result<(String, Vec<String>), Refusal> {
    let differing: Vec<String> = differences.iter().map(|difference| difference.path.clone()).collect();
    if differing.is_empty() {
        return Err(Refusal::NoDifference { from: request.from.display().to_string() });
    }
    let why = request.why.as_ref().filter(|why| !why.trim().is_empty());
    let lacks_touches = needs_touches && request.touches.is_empty();
    let Some(why) = why.filter(|_| !lacks_touches) else {
        return Err(Refusal::Unsaid { lacks_why: why.is_none(), lacks_touches, differing });
    };
    let declared: BTreeSet<&String> = request.touches.iter().collect();
    let undeclared: Vec<String> = differing.iter().filter(|path| !declared.contains(path)).cloned().collect();
    let untouched: Vec<String> =
        declared.iter().filter(|path| !differing.contains(path)).map(|path| (*path).clone()).collect();
    if !(request.touches.is_empty() || undeclared.is_empty() && untouched.is_empty()) {
        return Err(Refusal::Touches { undeclared, untouched });
    }
    Ok((why.clone(), differing))
}

/// Returns the path of a recipe's next patch: in the folder of the others, with the next number before its name.
fn next_file(project: &Project, recipe: &Recipe, name: &str) -> Result<String, Refusal> {
    let name = name.strip_suffix(".patch").unwrap_or(name);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_plain) {
        return Err(Refusal::Name { name: name.to_owned() });
    }
    let folder = match recipe.patches.last().and_then(|patch| patch.file.rsplit_once('/')) {
        Some((folder, _)) => folder.to_owned(),
        None => format!("patches/{}", recipe.name),
    };
    let number = |file: &str| -> Option<u32> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let digits = name.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(name.len());
        name[..digits].parse().ok()
    };
    let own = recipe.patches.iter().map(|patch| patch.file.clone());
    let beside = project.patches().into_iter().filter(|file| file.starts_with(&format!("{folder}/")));
    let last = own.chain(beside).filter_map(|file| number(&file)).max().unwrap_or(0);
    Ok(format!("{folder}/{:02}_{name}.patch", last + 1))
}

/// The files of a tree before the edits.
struct Sides<'a> {
    tree: &'a Tree,
    /// Whether the owner may execute each file.
    executable: BTreeMap<String, bool>,
    /// What is not as on the disk.
    changes: BTreeMap<&'a str, &'a [u8]>,
}

fn pristine(tree: &Tree) -> Result<Sides<'_>, Error> {
    let executable = tree.files()?.into_iter().map(|file| (file.path, file.is_executable)).collect();
    Ok(Sides { tree, executable, changes: BTreeMap::new() })
}

fn sides<'a>(tree: &'a Tree, environment: &'a Environment) -> Result<Sides<'a>, Error> {
    let mut sides = pristine(tree)?;
    for (path, change) in &environment.changes {
        match change {
            Some(bytes) => {
                let known = sides.executable.entry(path.clone()).or_default();
                *known = environment.executable.get(path).copied().unwrap_or(*known);
                sides.changes.insert(path, bytes);
            }
            None => drop(sides.executable.remove(path)),
        }
    }
    Ok(sides)
}

/// Returns what is not the same in an edited tree, by path.
fn differences(before: &Sides<'_>, edited: &Tree) -> Result<Vec<Difference>, Error> {
    let after: BTreeMap<String, bool> =
        edited.files()?.into_iter().map(|file| (file.path, file.is_executable)).collect();
    let paths: BTreeSet<&String> = before.executable.keys().chain(after.keys()).collect();
    let mut differences = Vec::new();
    for path in paths {
        let side = |is_executable: Option<&bool>, bytes: Option<Vec<u8>>| {
            Some(Side { bytes: bytes?, is_executable: *is_executable? })
        };
        let old = match before.changes.get(path.as_str()) {
            Some(bytes) => Some(bytes.to_vec()),
            None => before.tree.read(path)?,
        };
        let old = side(before.executable.get(path), old);
        let new = side(after.get(path), edited.read(path)?);
        if old != new {
            differences.push(Difference { path: path.clone(), before: old, after: new });
        }
    }
    Ok(differences)
}

/// A project in which one more file is there.
struct With<'a> {
    project: &'a Project,
    file: &'a str,
}

impl resolve::Project for With<'_> {
    fn exists(&self, path: &str) -> bool {
        path == self.file || self.project.exists(path)
    }

    fn read(&self, path: &str) -> Option<String> {
        self.project.read(path)
    }
}
