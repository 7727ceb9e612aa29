//! What is known of a base image: asked of the engine once, and kept under the image's id, which never means another one.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs;
use std::panic;
use std::path::PathBuf;
use std::thread;

use serde::Deserialize;
use serde::Serialize;

use crate::image::base::Base;
use crate::image::digest;
use crate::image::layer::Owner;
use crate::io::docker::Engine;
use crate::io::docker::Entry;
use crate::io::docker::ImageFacts;
use crate::io::docker::Kind;
use crate::io::docker::Opened;
use crate::io::files;
use crate::workflow::Error as AnyError;
use crate::workflow::Project;
use crate::workflow::image::Error;

/// Goes up when something else is kept.
const GENERATION: u32 = 1;

/// How much of a folder is read on in the hope of meeting the next one: less than the engine takes to begin another archive.
const READ_ON_BYTES_MAX: u64 = 1 << 20;

/// How much an archive says of each entry, in bytes, before its content.
const HEAD_BYTES: u64 = 512;

/// The largest `hummingbot/VERSION` that is read along.
const VERSION_BYTES_MAX: u64 = 4096;

/// All that was learnt of a base image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Known {
    generation: u32,
    /// The image's id in the engine that was asked.
    pub id: String,
    /// Its digests in registries.
    pub digests: Vec<String>,
    /// What an image on it depends on.
    pub base: Base,
    /// The sizes of its layers as uncompressed archives, once they were measured.
    pub sizes: Option<Vec<u64>>,
    /// Where Hummingbot was found, by what was asked for: the recipe's `root`, or nothing.
    pub roots: BTreeMap<String, String>,
    /// What `hummingbot/VERSION` says, by root.
    pub versions: BTreeMap<String, Option<String>>,
    /// The SHA-256 of files, in hex, by absolute path; `None` for those that are not there.
    pub files: BTreeMap<String, Option<String>>,
    /// Whose folders are, by absolute path; `None` for those that are not there.
    pub folders: BTreeMap<String, Option<Owner>>,
    /// The names in `__pycache__` folders, by the absolute path of the folder above.
    pub bytecode: BTreeMap<String, Vec<String>>,
}

/// What is known of a base, and the engine that can be asked for more.
pub struct Knowledge<'e> {
    /// The base's name, as the recipe has it.
    pub name: String,
    /// What is known.
    pub known: Known,
    engine: Option<&'e Engine>,
    opened: OnceCell<Opened<'e>>,
    path: PathBuf,
    before: Option<Known>,
}

/// What a walk through a folder has met, by absolute path.
#[derive(Debug, Default)]
struct Seen {
    files: BTreeMap<String, String>,
    folders: BTreeMap<String, Owner>,
    bytecode: BTreeMap<String, Vec<String>>,
    version: Option<String>,
}

/// Which image a name meant when it was last asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Named {
    name: String,
    id: String,
}

impl<'e> Knowledge<'e> {
    /// Takes what the engine says about a base, with what is known of it from before.
    ///
    /// # Errors
    ///
    /// Returns an error when the disk refuses.
    pub fn of(project: &Project, engine: &'e Engine, name: &str, facts: &ImageFacts) -> Result<Self, AnyError> {
        let path = path(project, &facts.id);
        let before = read(&path, &facts.id);
        let config = facts.config.as_object().cloned().unwrap_or_default();
        let base = Base::new(&facts.os, &facts.architecture, facts.variant.as_deref(), &config, &facts.diff_ids);
        let mut known = before.clone().unwrap_or_else(|| Known {
            generation: GENERATION,
            id: facts.id.clone(),
            digests: Vec::new(),
            base: base.clone(),
            sizes: None,
            roots: BTreeMap::new(),
            versions: BTreeMap::new(),
            files: BTreeMap::new(),
            folders: BTreeMap::new(),
            bytecode: BTreeMap::new(),
        });
        known.base = base;
        known.digests.clone_from(&facts.digests);
        let named = Named { name: name.to_owned(), id: facts.id.clone() };
        let text = serde_json::to_vec(&named).expect("two texts can be written as JSON");
        let note = name_path(project, name);
        if fs::read(&note).ok().as_ref() != Some(&text) {
            files::write_atomic(&note, &text)?;
        }
        Ok(Self { name: name.to_owned(), known, engine: Some(engine), opened: OnceCell::new(), path, before })
    }

    /// Returns what is known of a base without asking anybody; `None` when it was never looked into.
    #[must_use]
    pub fn remembered(project: &Project, name: &str) -> Option<Self> {
        let named: Named = serde_json::from_slice(&fs::read(name_path(project, name)).ok()?).ok()?;
        let path = path(project, &named.id);
        let known = read(&path, &named.id).filter(|_| named.name == name)?;
        let before = Some(known.clone());
        Some(Self { name: name.to_owned(), known, engine: None, opened: OnceCell::new(), path, before })
    }

    /// Keeps what was learnt.
    ///
    /// # Errors
    ///
    /// Returns an error when the disk refuses.
    pub fn keep(&mut self) -> Result<(), AnyError> {
        if self.before.as_ref() == Some(&self.known) {
            return Ok(());
        }
        let text = serde_json::to_vec(&self.known).expect("what is known has text keys");
        files::write_atomic(&self.path, &text)?;
        self.before = Some(self.known.clone());
        Ok(())
    }

    /// Returns the SHA-256 of a file, in hex; `None` when it is not there.
    ///
    /// # Errors
    ///
    /// Says what the engine refused, or that nobody may be asked.
    pub fn file(&mut self, path: &str) -> Result<Option<String>, AnyError> {
        if let Some(known) = self.known.files.get(path) {
            return Ok(known.clone());
        }
        let sha256 = self.opened()?.read(path)?.map(|bytes| files::sha256_hex(&bytes));
        self.known.files.insert(path.to_owned(), sha256.clone());
        Ok(sha256)
    }

    /// Learns all that will be asked about a Hummingbot in one go, where some of it is not known: which release it is, what
    /// is in the files at `paths` below it, and whose the folders above it are. Each question by itself would start the
    /// engine on an archive of its own; and an engine gives out one archive of a container at a time, so that the folders
    /// above are looked at in a container of their own meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`Self::file`].
    pub fn survey(&mut self, root: &str, paths: &[String]) -> Result<(), AnyError> {
        let is_known = paths.iter().all(|path| self.known.files.contains_key(path));
        let above: Vec<String> = chain(root).filter(|path| !self.known.folders.contains_key(path)).collect();
        if is_known && above.is_empty() {
            return Ok(());
        }
        let engine = self.engine()?;
        let id = self.known.id.clone();
        let (seen, folders) = thread::scope(|scope| {
            let folders = scope.spawn(|| folders_above(engine, &id, &above));
            let seen = if is_known { Ok(Seen::default()) } else { self.see(&format!("{root}/hummingbot"), paths) };
            (seen, folders.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)))
        });
        let mut seen = seen?;
        self.known.folders.extend(folders?.into_iter().map(|(path, owner)| (path, Some(owner))));
        if let Some(version) = seen.version.take() {
            self.known.versions.insert(root.to_owned(), Some(version));
        }
        for path in paths {
            if let Some(sha256) = seen.files.remove(path) {
                self.known.files.insert(path.clone(), Some(sha256));
            }
            for (end, _) in path.match_indices('/').filter(|(end, _)| *end > root.len()) {
                let above = &path[..end];
                if let Some(owner) = seen.folders.get(above) {
                    self.known.folders.insert(above.to_owned(), Some(*owner));
                }
                if seen.folders.contains_key(above) && !self.known.bytecode.contains_key(above) {
                    let mut names = seen.bytecode.remove(above).unwrap_or_default();
                    names.sort();
                    self.known.bytecode.insert(above.to_owned(), names);
                }
                if let Some(owner) = seen.folders.get(&format!("{above}/__pycache__")) {
                    self.known.folders.insert(format!("{above}/__pycache__"), Some(*owner));
                }
            }
        }
        Ok(())
    }

    /// Walks through a Hummingbot's folder.
    fn see(&self, folder: &str, paths: &[String]) -> Result<Seen, AnyError> {
        let mut seen = Seen::default();
        self.opened()?.archive(folder, &mut |entry, content| {
            let path = if entry.path.is_empty() { folder.to_owned() } else { format!("{folder}/{}", entry.path) };
            match &entry.kind {
                Kind::Folder => {
                    seen.folders.insert(path, owner(entry));
                }
                Kind::File => {
                    if let Some((above, name)) = path.split_once("/__pycache__/") {
                        seen.bytecode.entry(above.to_owned()).or_default().push(name.to_owned());
                        return Ok(true);
                    }
                    let is_version = entry.path == "VERSION" && entry.size <= VERSION_BYTES_MAX;
                    let is_asked = paths.contains(&path);
                    if is_version || is_asked {
                        let mut bytes = Vec::new();
                        content.read_to_end(&mut bytes)?;
                        seen.version = is_version.then(|| text(&bytes)).or(seen.version.take());
                        if is_asked {
                            seen.files.insert(path, files::sha256_hex(&bytes));
                        }
                    }
                }
                // Whatever is linked is asked about by itself.
                _ => {}
            }
            Ok(true)
        })?;
        Ok(seen)
    }

    /// Returns the short text in a file, trimmed; `None` when it is not there.
    ///
    /// # Errors
    ///
    /// Those of [`Self::file`].
    pub fn version(&mut self, root: &str) -> Result<Option<String>, AnyError> {
        if let Some(known) = self.known.versions.get(root) {
            return Ok(known.clone());
        }
        let bytes = self.opened()?.read(&format!("{root}/hummingbot/VERSION"))?;
        let text = bytes.map(|bytes| text(&bytes));
        self.known.versions.insert(root.to_owned(), text.clone());
        Ok(text)
    }

    /// Tells at which of several paths something stands.
    ///
    /// # Errors
    ///
    /// Those of [`Self::file`].
    pub fn stand(&mut self, paths: &[String]) -> Result<Vec<bool>, AnyError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.opened()?.stats(paths)?.iter().map(Option::is_some).collect())
    }

    /// Returns whose a folder is; `None` when it is not there.
    ///
    /// # Errors
    ///
    /// Refuses a link and a file; else those of [`Self::file`].
    pub fn folder(&mut self, path: &str) -> Result<Option<Owner>, AnyError> {
        if let Some(known) = self.known.folders.get(path) {
            return Ok(*known);
        }
        let mut found = None;
        let mut target = None;
        self.opened()?.archive(path, &mut |entry, _| {
            match &entry.kind {
                Kind::Folder => found = Some(owner(entry)),
                Kind::Link(to) => target = Some(to.clone()),
                _ => target = Some("no folder".to_owned()),
            }
            // Only the folder itself is of interest, and it comes first.
            Ok(false)
        })?;
        if let Some(target) = target {
            return Err(Error::Link { base: self.name.clone(), path: path.to_owned(), target }.into());
        }
        self.known.folders.insert(path.to_owned(), found);
        Ok(found)
    }

    /// Returns the names of the bytecode files that belong to a module's file.
    ///
    /// # Errors
    ///
    /// Those of [`Self::file`].
    pub fn bytecode(&mut self, module: &str) -> Result<Vec<String>, AnyError> {
        let Some((folder, name)) = module.rsplit_once('/') else { return Ok(Vec::new()) };
        let Some(stem) = name.strip_suffix(".py") else { return Ok(Vec::new()) };
        if !self.known.bytecode.contains_key(folder) {
            let mut names = Vec::new();
            self.opened()?.archive(&format!("{folder}/__pycache__"), &mut |entry, _| {
                names.push(entry.path.clone());
                Ok(true)
            })?;
            names.retain(|name| !name.is_empty());
            names.sort();
            self.known.bytecode.insert(folder.to_owned(), names);
        }
        let names = &self.known.bytecode[folder];
        let is_of_module = |name: &&String| name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'));
        Ok(names.iter().filter(is_of_module).cloned().collect())
    }

    /// Returns the engine that has the base.
    ///
    /// # Errors
    ///
    /// Says that nobody may be asked.
    pub fn engine(&self) -> Result<&'e Engine, Error> {
        self.engine.ok_or_else(|| Error::NotKnown { base: self.name.clone() })
    }

    /// Hands out the container that the base was looked into through, if there is one, so that it is removed at a time when
    /// nobody waits for it. Later questions open another one.
    pub fn close(&mut self) -> Option<Opened<'e>> {
        self.opened.take()
    }

    fn opened(&self) -> Result<&Opened<'e>, AnyError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let opened = self.engine()?.look_into(&self.known.id)?;
        Ok(self.opened.get_or_init(|| opened))
    }
}

/// Returns an absolute path and all above it, the highest first, without the root of everything.
fn chain(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('/')
        .map(|(end, _)| end)
        .chain([path.len()])
        .filter(|end| *end > 0)
        .map(|end| path[..end].to_owned())
}

/// Returns whose the folders at `paths` are, each of which is below the one before. What is no folder is left out.
fn folders_above(engine: &Engine, image: &str, paths: &[String]) -> Result<BTreeMap<String, Owner>, AnyError> {
    let mut found = BTreeMap::new();
    let Some(last) = paths.last() else { return Ok(found) };
    let opened = engine.look_into(image)?;
    for path in paths {
        if found.contains_key(path) {
            continue;
        }
        let mut passed = 0;
        opened.archive(path, &mut |entry, _| {
            let met = if entry.path.is_empty() { path.clone() } else { format!("{path}/{}", entry.path) };
            if entry.kind == Kind::Folder && paths.contains(&met) {
                found.insert(met, owner(entry));
            } else if entry.path.is_empty() {
                return Ok(false);
            }
            passed += entry.size + HEAD_BYTES;
            Ok(!found.contains_key(last) && passed < READ_ON_BYTES_MAX)
        })?;
    }
    Ok(found)
}

fn owner(entry: &Entry) -> Owner {
    Owner { user: entry.user, group: entry.group, mode: entry.mode }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn folder(project: &Project) -> PathBuf {
    project.path(".hive/cache/bases")
}

fn path(project: &Project, id: &str) -> PathBuf {
    folder(project).join("sha256").join(format!("{}.json", digest::hex(id)))
}

fn name_path(project: &Project, name: &str) -> PathBuf {
    folder(project).join("names").join(format!("{}.json", files::sha256_hex(name.as_bytes())))
}

/// Returns what was kept; what cannot be read is learnt anew.
fn read(path: &std::path::Path, id: &str) -> Option<Known> {
    let known: Known = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (known.generation == GENERATION && known.id == id).then_some(known)
}
