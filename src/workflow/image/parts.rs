//! What does a base without Hummingbot get: its packages, and Hummingbot itself, as two layers.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use sha2::Digest as _;
use sha2::Sha256;
use walkdir::WalkDir;

use crate::image::FORM;
use crate::image::assemble::Added;
use crate::image::bill::Package;
use crate::image::digest::Measured;
use crate::image::label::Facts;
use crate::image::layer::Content;
use crate::image::layer::Entry;
use crate::image::layer::Layer;
use crate::io::files;
use crate::io::progress::Progress;
use crate::recipe::lock::fact;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error as AnyError;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::builder::Builder;
use crate::workflow::closure;
use crate::workflow::closure::Closure;
use crate::workflow::image::Error;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::place;
use crate::workflow::image::planned::Made;
use crate::workflow::image::planned::OVERLAY;
use crate::workflow::image::planned::Stored;
use crate::workflow::image::planned::own;
use crate::workflow::install;
use crate::workflow::install::Variant;
use crate::workflow::lock;
use crate::workflow::project::Loaded;
use crate::workflow::wheel::Files;

/// The layer with the Python packages.
const DEPENDENCIES: &str = "dependencies";

/// How packages become a layer. Goes up when the same packages are to be installed anew.
const GENERATION: &str = "2";

/// The machine that packages are installed for.
const MACHINE: &str = "linux/amd64";

/// The layers of a base without Hummingbot, with what they are made of.
#[derive(Debug)]
pub struct Parts {
    /// The folder that gets `hummingbot/`.
    pub root: String,
    /// The layers, the lowest first.
    pub layers: Vec<Made>,
    /// What they are made of.
    pub facts: Facts,
    /// The SHA-256 of every file that the recipe changes, in hex, by absolute path.
    pub files: BTreeMap<String, Option<String>>,
    /// Files that patches change and nobody installs.
    pub not_installed: Vec<String>,
    /// The packages.
    pub packages: Vec<Package>,
}

/// Makes the layers, or takes them from the cache.
///
/// # Errors
///
/// Refuses a base of another machine or without the recipe's Python, and says why packages cannot be installed.
pub fn make(
    project: &Project,
    loaded: &Loaded,
    knowledge: &mut Knowledge<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Parts, Refusal> {
    let base = &knowledge.known.base;
    let machine = format!("{}/{}", base.os, base.architecture);
    if machine != MACHINE {
        let base = knowledge.name.clone();
        return Err(AnyError::from(Error::OtherMachine { base, found: machine, expected: MACHINE }).into());
    }
    let root = place::packages(knowledge, &loaded.recipe)?;
    let lock = lock::read(project)?;
    let closure = closure::obtain(project, loaded, lock.as_ref(), options, progress)?;
    // What has to be compiled is compiled for the image, not for this machine.
    let image = loaded.recipe.image.as_ref().and_then(|image| image.builder.as_ref()).unwrap_or(&knowledge.known.id);
    let builder = Builder::new(knowledge.engine().map_err(AnyError::from)?, image).map_err(AnyError::from)?;
    let variant = Variant::Patched;
    let hummingbot = install::hummingbot_tree_in(project, loaded, variant, &builder, options, progress)?;
    let dependencies = dependencies(project, &loaded.recipe, &closure, &root, knowledge, options, progress)?;
    let overlay = overlay(project, &hummingbot, &root, knowledge)?;
    let packages = closure.pins.run.iter().map(|pin| Package {
        name: pin.name.clone(),
        version: pin.version.clone(),
        sha256: vec![pin.sha256.clone()],
        origin: None,
    });
    let mut facts: Facts = closure
        .pins
        .run
        .iter()
        .map(|pin| {
            let value = format!("{} {}", pin.version, fact::sha256(&pin.sha256));
            (fact::package("run", &pin.name).to_string(), value)
        })
        .collect();
    facts.insert("hummingbot".to_owned(), hummingbot.origin.identity());
    let sums = hummingbot
        .changes
        .iter()
        .map(|(path, bytes)| (format!("{root}/{path}"), bytes.as_deref().map(files::sha256_hex)));
    Ok(Parts {
        layers: vec![dependencies, overlay],
        facts,
        files: sums.collect(),
        packages: packages.collect(),
        not_installed: hummingbot.not_installed,
        root,
    })
}

/// Returns the layer with the packages, which is made once for each closure.
fn dependencies(
    project: &Project,
    recipe: &Recipe,
    closure: &Closure,
    root: &str,
    knowledge: &mut Knowledge<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Made, AnyError> {
    let folders = format!("{:?}", owners(root, knowledge)?);
    let key = key(&[DEPENDENCIES, GENERATION, FORM, &closure.content(), root, &folders]);
    if let Some(made) = cached(project, DEPENDENCIES, &key) {
        return Ok(made);
    }
    let work = files::temporary_folder(&project.cache().work_folder()?)?;
    install::packages_into(project, recipe, closure, work.path(), options, progress)?;
    let mut layer = Layer::default();
    let wrong = |error: walkdir::Error| Error::Content { layer: DEPENDENCIES.to_owned(), source: error.into() };
    for entry in WalkDir::new(work.path()).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(wrong)?;
        let below =
            entry.path().strip_prefix(work.path()).expect("the walk stays below").to_string_lossy().into_owned();
        if !is_wanted(&below) || entry.file_type().is_dir() {
            continue;
        }
        let path = format!("{}/{below}", root.trim_start_matches('/'));
        if entry.path_is_symlink() {
            let target = fs::read_link(entry.path()).map_err(|source| content_error(DEPENDENCIES, source))?;
            layer.add(&path, Entry::Link(target.to_string_lossy().into_owned())).map_err(Error::from)?;
        } else {
            let metadata = entry.metadata().map_err(wrong)?;
            let content = if is_record(&below) {
                Content::Bytes(record(&files::read_to_string(entry.path())?).into_bytes())
            } else {
                Content::Elsewhere { byte_count: metadata.len() }
            };
            layer.add(&path, Entry::File { content, is_executable: is_executable(&metadata) }).map_err(Error::from)?;
        }
    }
    own(&mut layer, knowledge)?;
    let from = work.path().to_owned();
    keep(project, DEPENDENCIES, &key, &layer, root, &from)
}

/// Returns the layer with Hummingbot, patched, and the controllers.
fn overlay(project: &Project, hummingbot: &Files, root: &str, knowledge: &mut Knowledge<'_>) -> Result<Made, AnyError> {
    let mut inputs = vec![OVERLAY.to_owned(), FORM.to_owned(), root.to_owned(), hummingbot.origin.identity()];
    inputs.push(format!("{:?}", owners(root, knowledge)?));
    for (path, bytes) in &hummingbot.changes {
        inputs.push(path.clone());
        inputs.push(bytes.as_deref().map_or_else(|| "gone".to_owned(), files::sha256_hex));
    }
    let key = key(&inputs.iter().map(String::as_str).collect::<Vec<_>>());
    if let Some(made) = cached(project, OVERLAY, &key) {
        return Ok(made);
    }
    let inside = root.trim_start_matches('/');
    let mut layer = Layer::default();
    for file in hummingbot.tree.files()? {
        if hummingbot.changes.contains_key(&file.path) {
            continue;
        }
        let full = hummingbot.tree.root().join(&file.path);
        let byte_count = fs::metadata(&full).map_err(|source| content_error(OVERLAY, source))?.len();
        let entry = Entry::File { content: Content::Elsewhere { byte_count }, is_executable: file.is_executable };
        layer.add(&format!("{inside}/{}", file.path), entry).map_err(Error::from)?;
    }
    for (path, bytes) in &hummingbot.changes {
        if let Some(bytes) = bytes {
            let entry = Entry::File { content: Content::Bytes(bytes.clone()), is_executable: false };
            layer.add(&format!("{inside}/{path}"), entry).map_err(Error::from)?;
        }
    }
    own(&mut layer, knowledge)?;
    keep(project, OVERLAY, &key, &layer, root, hummingbot.tree.root())
}

/// Returns whose the folders above the packages are in the base: they are part of what a layer says.
fn owners(root: &str, knowledge: &mut Knowledge<'_>) -> Result<Vec<String>, AnyError> {
    let ends = root.match_indices('/').map(|(end, _)| end).skip(1).chain([root.len()]);
    ends.map(|end| Ok(format!("{:?}", knowledge.folder(&root[..end])?))).collect()
}

/// Tells whether a file says what a package has installed.
fn is_record(path: &str) -> bool {
    path.strip_suffix("/RECORD").is_some_and(|folder| folder.ends_with(".dist-info"))
}

/// Returns a package's record without the files that are not in the layer: their hashes would tell of the machine.
fn record(text: &str) -> String {
    let path = |line: &str| {
        let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(path, _)| path.to_owned());
        quoted.unwrap_or_else(|| line.split(',').next().unwrap_or(line).to_owned())
    };
    text.split_inclusive('\n').filter(|line| is_wanted(&path(line))).collect()
}

/// Tells whether a file of an installed package belongs into a layer: not bytecode, not the programs that name the Python of
/// the machine that installs, and not what the installer notes of the machine and the moment.
fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_bytecode = path.split('/').any(|part| part == "__pycache__")
        || Path::new(name).extension().is_some_and(|ending| ending == "pyc");
    let is_note =
        path.contains(".dist-info/") && ["direct_url.json", "uv_cache.json", "INSTALLER", "REQUESTED"].contains(&name);
    let is_program = path.starts_with("bin/");
    !is_bytecode && !is_note && !is_program && name != ".lock" && name != ".gitignore"
}

fn key(inputs: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for input in inputs {
        hasher.update(input.len().to_le_bytes());
        hasher.update(input.as_bytes());
    }
    files::sha256_hex(&hasher.finalize())
}

/// Returns a layer that was made before from the same inputs.
fn cached(project: &Project, name: &str, key: &str) -> Option<Made> {
    let path = project.path(".hive/cache/layers").join(format!("{key}.tar"));
    let measured: Measured = serde_json::from_slice(&fs::read(path.with_extension("json")).ok()?).ok()?;
    // What was cut short by hand is made again; what was changed otherwise is found when it is sent.
    let is_whole = fs::metadata(&path).is_ok_and(|metadata| metadata.len() == measured.byte_count);
    is_whole.then(|| Made { added: Added { name: name.to_owned(), measured }, stored: Stored::File(path) })
}

/// Writes a layer into the cache, whole or not at all.
fn keep(project: &Project, name: &str, key: &str, layer: &Layer, root: &str, from: &Path) -> Result<Made, AnyError> {
    let folder = project.path(".hive/cache/layers");
    files::create_folder(&folder)?;
    let mut file = files::temporary_file(&folder)?;
    let inside = format!("{}/", root.trim_start_matches('/'));
    let mut open = |path: &str| -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(from.join(path.strip_prefix(&inside).unwrap_or(path)))?))
    };
    let mut writer = io::BufWriter::new(file.as_file_mut());
    let measured = layer.write(&mut writer, &mut open).map_err(|source| content_error(name, source))?;
    io::Write::flush(&mut writer).map_err(|source| content_error(name, source))?;
    drop(writer);
    let path = folder.join(format!("{key}.tar"));
    file.persist(&path).map_err(|error| content_error(name, error.error))?;
    let text = serde_json::to_vec(&measured).expect("a digest and a number can be written as JSON");
    files::write_atomic(&path.with_extension("json"), &text)?;
    Ok(Made { added: Added { name: name.to_owned(), measured }, stored: Stored::File(path) })
}

fn content_error(layer: &str, source: io::Error) -> Error {
    Error::Content { layer: layer.to_owned(), source }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}
