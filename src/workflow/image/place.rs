//! Where in a base image does Hummingbot stand?

use std::collections::BTreeSet;

use crate::image::base::Base;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error as AnyError;
use crate::workflow::image::Error;
use crate::workflow::image::base::Knowledge;

/// The versions of `CPython` that published releases are for, where the recipe does not say.
const PYTHONS: [&str; 4] = ["3.12", "3.13", "3.11", "3.10"];

/// Folders that images of Hummingbot have it in.
const FOLDERS: [&str; 3] = ["/home/hummingbot", "/opt/hummingbot", "/app"];

/// Environments of conda that images of Hummingbot have it in.
const CONDA: [&str; 2] = ["/opt/conda/envs/hummingbot", "/opt/conda"];

/// What shows that a folder holds Hummingbot.
const MARKER: &str = "hummingbot/__init__.py";

/// Finds the folder that holds `hummingbot/`; `None` when there is none.
///
/// # Errors
///
/// Refuses a base that holds it in several places, unless the recipe says which.
pub fn find(knowledge: &mut Knowledge<'_>, recipe: &Recipe) -> Result<Option<String>, AnyError> {
    let wanted = recipe.image.as_ref().and_then(|image| image.root.clone());
    let asked = wanted.clone().unwrap_or_default();
    if let Some(root) = knowledge.known.roots.get(&asked) {
        return Ok(Some(root.clone()).filter(|root| !root.is_empty()));
    }
    let looked = looked(&knowledge.known.base, recipe);
    // Most folders are not there: what stands above them is asked first, and what can be asked at once is.
    let prefixes = standing(knowledge, looked.iter().filter_map(|root| Some(library(root)?.0)))?;
    let possible = looked.iter().filter_map(|root| library(root)).filter(|(prefix, _)| prefixes.contains(*prefix));
    let libraries = standing(knowledge, possible.map(|(_, library)| library))?;
    let possible = looked.iter().filter(|root| library(root).is_none_or(|(_, library)| libraries.contains(library)));
    let markers: Vec<String> = possible.map(|root| format!("{root}/{MARKER}")).collect();
    let marked = standing(knowledge, markers.iter().map(String::as_str))?;
    let is_found = |root: &String| marked.contains(&format!("{root}/{MARKER}"));
    let found: Vec<String> = looked.into_iter().filter(is_found).collect();
    match found.as_slice() {
        [] => {
            knowledge.known.roots.insert(asked, String::new());
            Ok(None)
        }
        [root] => {
            knowledge.known.roots.insert(asked, root.clone());
            Ok(Some(root.clone()))
        }
        _ => Err(Error::SeveralHummingbots { base: knowledge.name.clone(), roots: found }.into()),
    }
}

/// Returns the folders above a folder for packages: the prefix of its interpreter, and its library.
fn library(root: &str) -> Option<(&str, &str)> {
    let (library, _) = root.split_once("/site-packages").or_else(|| root.split_once("/dist-packages"))?;
    Some((library.rsplit_once("/lib/").map_or(library, |(prefix, _)| prefix), library))
}

/// Returns those paths at which something stands.
fn standing<'p>(
    knowledge: &mut Knowledge<'_>,
    paths: impl Iterator<Item = &'p str>,
) -> Result<BTreeSet<String>, AnyError> {
    let paths: Vec<String> = paths.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect();
    let stand = knowledge.stand(&paths)?;
    Ok(paths.into_iter().zip(stand).filter(|(_, stands)| *stands).map(|(path, _)| path).collect())
}

/// Returns the folders that are looked into, in order, each once.
#[must_use]
pub fn looked(base: &Base, recipe: &Recipe) -> Vec<String> {
    if let Some(root) = recipe.image.as_ref().and_then(|image| image.root.clone()) {
        return vec![root];
    }
    let mut roots = Vec::new();
    let mut add = |root: String| {
        if !roots.contains(&root) {
            roots.push(root);
        }
    };
    let prefixes = prefixes(base);
    for version in pythons(recipe) {
        for prefix in &prefixes {
            add(format!("{prefix}/lib/python{version}/site-packages"));
        }
        add(format!("/usr/local/lib/python{version}/dist-packages"));
    }
    add("/usr/lib/python3/dist-packages".to_owned());
    if let Some(folder) = base.working_folder().map(|folder| folder.trim_end_matches('/')).filter(|it| !it.is_empty()) {
        add(folder.to_owned());
    }
    for folder in FOLDERS {
        add(folder.to_owned());
    }
    roots
}

/// Returns the folder in which the base's Python finds packages.
///
/// # Errors
///
/// Says that the base has no Python of the recipe's version.
pub fn packages(knowledge: &mut Knowledge<'_>, recipe: &Recipe) -> Result<String, AnyError> {
    if let Some(root) = recipe.image.as_ref().and_then(|image| image.root.clone()) {
        return Ok(root);
    }
    let version = pythons(recipe).remove(0);
    let asked = format!("python {version}");
    if let Some(root) = knowledge.known.roots.get(&asked) {
        return Ok(root.clone());
    }
    let prefixes = prefixes(&knowledge.known.base);
    let library = |prefix: &str| format!("{prefix}/lib/python{version}/os.py");
    let libraries: Vec<String> = prefixes.iter().map(|prefix| library(prefix)).collect();
    let stand = standing(knowledge, libraries.iter().map(String::as_str))?;
    if let Some(prefix) = prefixes.iter().find(|prefix| stand.contains(&library(prefix))) {
        // Debian's own interpreter looks elsewhere, and what is installed there belongs to its packages.
        let name = if prefix == "/usr" { "dist-packages" } else { "site-packages" };
        let prefix = if prefix == "/usr" { "/usr/local" } else { prefix.as_str() };
        let root = format!("{prefix}/lib/python{version}/{name}");
        knowledge.known.roots.insert(asked, root.clone());
        return Ok(root);
    }
    Err(Error::NoInterpreter { base: knowledge.name.clone(), version }.into())
}

fn prefixes(base: &Base) -> Vec<String> {
    let path = base.variable("PATH").unwrap_or("/usr/local/bin:/usr/bin");
    let prefixes = path.split(':').filter_map(|folder| folder.trim_end_matches('/').strip_suffix("/bin"));
    let prefixes = prefixes.chain(["/usr/local", "/usr"]).chain(CONDA);
    prefixes.filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect()
}

fn pythons(recipe: &Recipe) -> Vec<String> {
    match &recipe.python {
        Some(python) => vec![python.version.clone()],
        None => PYTHONS.map(str::to_owned).into(),
    }
}
