//! Which image does a recipe give on a base, to the last bit, before any engine has made it?

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::PathBuf;

use crate::image::FORM;
use crate::image::assemble;
use crate::image::assemble::Added;
use crate::image::assemble::Image;
use crate::image::label::Facts;
use crate::image::label::Origin;
use crate::image::layer::Content;
use crate::image::layer::Entry;
use crate::image::layer::Layer;
use crate::image::reference::Reference;
use crate::io::address;
use crate::io::files;
use crate::recipe::lock::fact;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error as AnyError;
use crate::workflow::Project;
use crate::workflow::environment::Environment;
use crate::workflow::image::Error;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::parts::Parts;
use crate::workflow::image::place;
use crate::workflow::upstream::Release;

/// The layer with what is the recipe's own.
pub const OVERLAY: &str = "overlay";

/// The folders of a release that are installed; the rest of a tree is for those who build it.
const INSTALLED: [&str; 4] = ["hummingbot/", "controllers/", "scripts/", "conf/"];

/// What Cython reads: a change of it is a change of what was compiled.
const COMPILED: [&str; 3] = [".pyx", ".pxd", ".pxi"];

/// An image, whole, before any engine has it.
#[derive(Debug)]
pub struct Planned {
    /// What it will be called.
    pub name: Reference,
    /// The base's id in the engine.
    pub base_id: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The layers on top of the base, the lowest first.
    pub layers: Vec<Made>,
    /// Its configuration and manifest.
    pub image: Image,
    /// The SHA-256 of every file that the recipe changes, in hex, by absolute path; `None` for those that go.
    pub files: BTreeMap<String, Option<String>>,
    /// Files that patches change and nobody installs.
    pub not_installed: Vec<String>,
}

/// A layer with its content.
#[derive(Debug)]
pub struct Made {
    /// What the manifest says of it.
    pub added: Added,
    /// Where its bytes are.
    pub stored: Stored,
}

/// Where a layer's bytes are.
#[derive(Debug)]
pub enum Stored {
    /// In memory: a layer of a few files.
    Memory(Vec<u8>),
    /// In the cache.
    File(PathBuf),
}

impl Made {
    /// Returns the layer's archive.
    ///
    /// # Errors
    ///
    /// Returns an error when the cache cannot be read.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match &self.stored {
            Stored::Memory(bytes) => Ok(Box::new(bytes.as_slice())),
            Stored::File(path) => Ok(Box::new(File::open(path)?)),
        }
    }
}

/// What an overlay is made of.
struct Overlay {
    layer: Layer,
    files: BTreeMap<String, Option<String>>,
    not_installed: Vec<String>,
}

/// Returns the name that the recipe gives its image.
///
/// # Errors
///
/// Refuses a recipe without an image or a tag, and a tag that is none.
pub fn name(recipe: &Recipe) -> Result<Reference, Error> {
    let image = recipe.image.as_ref().ok_or_else(|| Error::NoImage { recipe: recipe.name.clone() })?;
    let tag = image.tag.as_ref().ok_or_else(|| Error::NoTag { recipe: recipe.name.clone() })?;
    Ok(Reference::parse(tag)?)
}

/// Plans an image on a base that holds Hummingbot: one layer, with the patched files and the controllers.
///
/// # Errors
///
/// Refuses a base without Hummingbot, with another release of it, or with files that upstream did not publish.
pub fn overlay(
    project: &Project,
    recipe: &Recipe,
    release: &Release,
    environment: &Environment,
    knowledge: &mut Knowledge<'_>,
) -> Result<Planned, AnyError> {
    let name = name(recipe)?;
    let Some(root) = place::find(knowledge, recipe)? else {
        let looked = place::looked(&knowledge.known.base, recipe).iter().map(|root| format!("`{root}`")).collect();
        return Err(Error::NoHummingbot { base: knowledge.name.clone(), looked }.into());
    };
    let inside = environment.changes.keys().filter(|path| path.starts_with("hummingbot/"));
    knowledge.survey(&root, &inside.map(|path| format!("{root}/{path}")).collect::<Vec<_>>())?;
    check_release(recipe, release, knowledge, &root)?;
    let mut overlay = changes(release, environment, knowledge, &root)?;
    own(&mut overlay.layer, knowledge)?;
    let facts = facts(project, recipe, release, environment, knowledge, &root, "overlay")?;
    let (bytes, measured) =
        overlay.layer.bytes().map_err(|source| Error::Content { layer: OVERLAY.to_owned(), source })?;
    let made = Made { added: Added { name: OVERLAY.to_owned(), measured }, stored: Stored::Memory(bytes) };
    let origin = origin(recipe, release, "overlay", &root, &[&made], facts);
    Ok(finish(name, knowledge, origin, vec![made], overlay.files, overlay.not_installed))
}

/// Plans an image on a base without Hummingbot: a layer with the packages, and one with Hummingbot and the controllers.
///
/// # Errors
///
/// Returns an error when a file of the project cannot be read.
pub fn install(
    project: &Project,
    recipe: &Recipe,
    release: &Release,
    environment: &Environment,
    knowledge: &mut Knowledge<'_>,
    parts: Parts,
) -> Result<Planned, AnyError> {
    let name = name(recipe)?;
    let mut facts = facts(project, recipe, release, environment, knowledge, &parts.root, "build")?;
    facts.extend(parts.facts);
    let layers: Vec<&Made> = parts.layers.iter().collect();
    let origin = origin(recipe, release, "build", &parts.root, &layers, facts);
    Ok(finish(name, knowledge, origin, parts.layers, parts.files, parts.not_installed))
}

/// Puts the parts of a plan together.
fn finish(
    name: Reference,
    knowledge: &Knowledge<'_>,
    origin: Origin,
    layers: Vec<Made>,
    files: BTreeMap<String, Option<String>>,
    not_installed: Vec<String>,
) -> Planned {
    let added: Vec<Added> = layers.iter().map(|layer| layer.added.clone()).collect();
    let known = &knowledge.known;
    let image = assemble::assemble(&known.base, known.sizes.as_deref(), &added, &origin.labels());
    Planned { name, base_id: known.id.clone(), origin, layers, image, files, not_installed }
}

impl Planned {
    /// Plans again with the sizes of the base's layers, which only the manifest needs.
    pub fn with_sizes(&mut self, knowledge: &Knowledge<'_>) {
        let added: Vec<Added> = self.layers.iter().map(|layer| layer.added.clone()).collect();
        let known = &knowledge.known;
        self.image = assemble::assemble(&known.base, known.sizes.as_deref(), &added, &self.origin.labels());
    }
}

fn origin(recipe: &Recipe, release: &Release, kind: &str, root: &str, layers: &[&Made], facts: Facts) -> Origin {
    let image = recipe.image.as_ref();
    // Where a local tree stands is nobody's business but its machine's.
    let upstream = match &recipe.upstream {
        Upstream::Path { .. } => "local tree".to_owned(),
        _ => release.label.clone(),
    };
    Origin {
        recipe: recipe.name.clone(),
        upstream,
        kind: kind.to_owned(),
        root: root.to_owned(),
        layers: layers.iter().map(|layer| layer.added.name.clone()).collect(),
        base: image.map(|image| image.base.clone()).unwrap_or_default(),
        base_digest: image.and_then(|image| image.digest.clone()),
        facts,
    }
}

/// Returns what decides every byte of the image, but for packages that hive installs. The recipe's own text is not among it: a comment changes no image.
pub(super) fn facts(
    project: &Project,
    recipe: &Recipe,
    release: &Release,
    environment: &Environment,
    knowledge: &Knowledge<'_>,
    root: &str,
    kind: &str,
) -> Result<Facts, AnyError> {
    let mut facts = Facts::from([
        ("form".to_owned(), FORM.to_owned()),
        ("kind".to_owned(), kind.to_owned()),
        ("root".to_owned(), root.to_owned()),
        (fact::image(&knowledge.name).to_string(), knowledge.known.base.digest()),
    ]);
    let upstream = match &recipe.upstream {
        // Credentials stay where they are.
        Upstream::Git { url, tag } => Upstream::Git { url: shown(url), tag: tag.clone() },
        other => other.clone(),
    };
    if let Some(checksum) = &release.checksum {
        facts.insert(fact::upstream(&upstream).to_string(), checksum.clone());
    }
    for (patch, outcome) in &environment.patches {
        let text = files::sha256_of_file(&project.path(&patch.name))?;
        facts.insert(fact::file(&patch.name).to_string(), fact::sha256(&text));
        for file in &outcome.files {
            let sum = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(files::sha256_hex);
            let value = fact::before_and_after(sum(&file.before).as_deref(), sum(&file.after).as_deref());
            facts.insert(fact::patch(&patch.name, &file.path).to_string(), value);
        }
    }
    for controller in &recipe.controllers {
        let text = files::sha256_of_file(&project.path(&controller.source))?;
        facts.insert(fact::file(&controller.source).to_string(), fact::sha256(&text));
    }
    Ok(facts)
}

/// Returns a repository's address without credentials.
pub(super) fn shown(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |url| address::shown(&url))
}

fn check_release(
    recipe: &Recipe,
    release: &Release,
    knowledge: &mut Knowledge<'_>,
    root: &str,
) -> Result<(), AnyError> {
    let expected = release.tree.read("hummingbot/VERSION")?;
    // A tree that does not say which release it is can only be judged by its files.
    let Some(expected) = expected.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()) else { return Ok(()) };
    let found = knowledge.version(root)?;
    if found.as_ref() == Some(&expected) {
        return Ok(());
    }
    Err(Error::OtherRelease {
        recipe: recipe.name.clone(),
        base: knowledge.name.clone(),
        expected,
        found: found.unwrap_or_else(|| "of an unknown version".to_owned()),
    }
    .into())
}

/// Checks every file that is to be replaced, and puts its successor into a layer.
fn changes(
    release: &Release,
    environment: &Environment,
    knowledge: &mut Knowledge<'_>,
    root: &str,
) -> Result<Overlay, AnyError> {
    let mut overlay = Overlay { layer: Layer::default(), files: BTreeMap::new(), not_installed: Vec::new() };
    for (path, change) in &environment.changes {
        if COMPILED.iter().any(|ending| path.ends_with(ending)) {
            return Err(Error::Compiled { path: path.clone() }.into());
        }
        if !INSTALLED.iter().any(|folder| path.starts_with(folder)) {
            overlay.not_installed.push(path.clone());
            continue;
        }
        let full = format!("{root}/{path}");
        let pristine = release.tree.read(path)?.as_deref().map(files::sha256_hex);
        let after = change.as_deref().map(files::sha256_hex);
        let found = knowledge.file(&full)?;
        if found != pristine {
            // What is brought and is there to the byte needs nobody to bring it, and a package has a file of its own.
            let brings_nothing = pristine.is_none() && (found == after || change.as_deref() == Some(&[]));
            if brings_nothing {
                continue;
            }
            return Err(other_target(knowledge, full, pristine, found, after.as_ref()).into());
        }
        let inside = full.trim_start_matches('/');
        match change {
            Some(bytes) => {
                let is_executable = environment.executable.get(path).copied().unwrap_or(false);
                let entry = Entry::File { content: Content::Bytes(bytes.clone()), is_executable };
                overlay.layer.add(inside, entry).map_err(Error::from)?;
            }
            None if found.is_some() => overlay.layer.add(inside, Entry::Whiteout).map_err(Error::from)?,
            None => continue,
        }
        // Python trusts bytecode that looks as old as its source: what was compiled from the file before has to go.
        if found.is_some() {
            let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
            for name in knowledge.bytecode(&full)? {
                let path = format!("{folder}/__pycache__/{name}");
                overlay.layer.add(&path, Entry::Whiteout).map_err(Error::from)?;
            }
        }
        overlay.files.insert(full, after);
    }
    Ok(overlay)
}

fn other_target(
    knowledge: &Knowledge<'_>,
    path: String,
    pristine: Option<String>,
    found: Option<String>,
    after: Option<&String>,
) -> Error {
    let base = knowledge.name.clone();
    if found.as_ref() == after {
        return Error::AlreadyPatched { base, path };
    }
    let mend = match (&pristine, &found) {
        (None, _) => "upstream has no such file: take another name for the controller, or a base without it",
        (_, None) => "the base is not whole: install the release in it again",
        _ => {
            "somebody changed the base: take one that was made from the published release, and bring the change as a patch"
        }
    };
    let written = |sha256: Option<String>| sha256.map_or_else(|| "nothing".to_owned(), |hex| fact::sha256(&hex));
    let hashes = super::error::Hashes { expected: written(pristine), found: written(found) };
    Error::OtherTarget { base, path, mend: mend.to_owned(), hashes }
}

/// Gives the layer's folders the owners that they have in the base.
pub(super) fn own(layer: &mut Layer, knowledge: &mut Knowledge<'_>) -> Result<(), AnyError> {
    let folders: Vec<String> = layer.folders().map(str::to_owned).collect();
    for folder in folders {
        if let Some(owner) = knowledge.folder(&format!("/{folder}"))? {
            layer.own(&folder, owner);
        }
    }
    Ok(())
}
