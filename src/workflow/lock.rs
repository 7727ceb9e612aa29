//! Locks: the facts of a recipe as they are now, and whether `hive.lock` still has them.

use std::collections::BTreeMap;

use crate::io::files;
use crate::io::progress::Progress;
use crate::recipe::lock;
use crate::recipe::lock::Facts;
use crate::recipe::lock::Lock;
use crate::recipe::lock::fact;
use crate::recipe::resolve::Engine;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::closure;
use crate::workflow::environment;
use crate::workflow::environment::Environment;
use crate::workflow::project::Loaded;
use crate::workflow::project::stem;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;

/// The lock's file, relative to the project's root.
pub const FILE: &str = "hive.lock";

/// What locking did.
#[derive(Debug)]
pub struct Locked {
    /// The recipes that were locked.
    pub recipes: Vec<String>,
    /// Those of them that were never locked before.
    pub is_new: Vec<String>,
    /// How many facts there are for them.
    pub fact_count: usize,
    /// The facts that changed, by recipe, as text.
    pub changes: BTreeMap<String, Vec<String>>,
    /// Whether the file was written.
    pub written: bool,
}

/// Writes the facts of the selected recipes; with `--locked` checks them instead.
///
/// # Errors
///
/// Returns an error when a recipe cannot be resolved, fetched or built, when `options.locked` is set and a fact has
/// changed, and when `hive.lock` cannot be read but has facts of recipes that are not selected.
pub fn lock(
    project: &Project,
    files_selected: &[String],
    options: Options,
    progress: &dyn Progress,
) -> Result<Locked, Error> {
    let before = match read(project) {
        // What cannot be read is written anew where every recipe is locked; a merge is for people to decide.
        Err(Error::Lock(broken))
            if !options.locked
                && !matches!(broken, lock::Error::MergeConflict { .. })
                && project.all()?.iter().all(|file| files_selected.contains(file)) =>
        {
            None
        }
        read => read?,
    };
    let mut lock = before.clone().unwrap_or_default();
    let mut done =
        Locked { recipes: Vec::new(), is_new: Vec::new(), fact_count: 0, changes: BTreeMap::new(), written: false };
    for file in files_selected {
        let loaded = project.load(file)?;
        let name = loaded.recipe.name.clone();
        // What is locked must not keep what is there now from being locked.
        let expected = if options.locked { expected_checksum(before.as_ref(), &loaded) } else { None };
        let release = upstream::obtain(project, &loaded.recipe, expected.as_deref(), options, progress)?;
        let environment = environment::prepare(project, &loaded.recipe, &release)?;
        if environment.broken_count > 0 {
            return Err(Error::NotBuildable { recipe: name, count: environment.broken_count });
        }
        let mut facts = facts(project, &loaded, &release, &environment, before.as_ref(), &mut CandleCache::default())?;
        if let Some(checksum) = facts.get(&fact::closure()).cloned()
            && !facts.contains_key(&fact::ta_lib())
            && !options.locked
        {
            let pins = closure::for_lock(project, &loaded.recipe, &release, options, progress)?;
            facts.extend(pins.facts(&checksum));
        }
        done.fact_count += facts.len();
        let mut now = Lock::default();
        now.recipes.insert(name.clone(), facts.clone());
        if options.locked {
            before.as_ref().ok_or(Error::NoLock)?.verify(&now, &name)?;
        }
        if !lock.recipes.contains_key(&name) {
            done.is_new.push(name.clone());
        }
        let changes = lock.compare(&now, &name).iter().map(ToString::to_string).collect();
        done.changes.insert(name.clone(), changes);
        lock.recipes.insert(name.clone(), facts);
        done.recipes.push(name);
    }
    // A recipe whose file is gone has no facts.
    lock.recipes
        .retain(|name, _| project.path(&format!("recipes/{name}.toml")).is_file() || done.recipes.contains(name));
    if !options.locked && before.as_ref() != Some(&lock) {
        files::write_atomic(&project.path(FILE), lock.render().as_bytes())?;
        done.written = true;
    }
    Ok(done)
}

/// Reads the project's lock; `None` where there is none.
///
/// # Errors
///
/// Refuses a file that is not a lock.
pub fn read(project: &Project) -> Result<Option<Lock>, Error> {
    if !project.path(FILE).is_file() {
        return Ok(None);
    }
    let text = files::read_to_string(&project.path(FILE))?;
    Ok(Some(Lock::parse(FILE, &text)?))
}

/// Returns the checksum that a lock has for a recipe's release, where it is about the same release.
#[must_use]
pub fn expected_checksum(lock: Option<&Lock>, loaded: &Loaded) -> Option<String> {
    let facts = lock?.recipes.get(&loaded.recipe.name)?;
    facts.get(&fact::upstream(&loaded.recipe.upstream)).cloned()
}

/// Returns the facts of a recipe that can be told without its release: what `--locked` can check at once.
///
/// # Errors
///
/// Returns an error when a file or a scenario's profile cannot be read.
pub fn own_facts(project: &Project, loaded: &Loaded, candles: &mut CandleCache) -> Result<Facts, Error> {
    let recipe = &loaded.recipe;
    let mut facts = Facts::new();
    facts.insert(fact::recipe(), fact::sha256(&files::sha256_hex(loaded.text.as_bytes())));
    for file in recipe.files() {
        facts.insert(fact::file(file), fact::sha256(&files::sha256_of_file(&project.path(file))?));
    }
    for name in recipe.candles.keys() {
        facts.insert(fact::candles(name), candles.get(project, recipe, name)?.1.clone());
    }
    if let Some(image) = &recipe.image
        && let Some(digest) = &image.digest
    {
        facts.insert(fact::image(&image.base), digest.clone());
    }
    facts.insert(fact::engine(), engine());
    // Upstream's own engine has no profile: it is the release.
    for scenario in recipe.scenarios.values().filter(|scenario| scenario.engine == Engine::Native) {
        let profile = scenario::profile_of(project, recipe, scenario)?;
        facts.insert(fact::profile(&scenario.name), profile.name.to_owned());
    }
    Ok(facts)
}

/// Returns all facts of a recipe; the Python closure is taken over from the lock as long as it is about the same inputs.
///
/// # Errors
///
/// Returns an error when a file or the tree cannot be read.
pub fn facts(
    project: &Project,
    loaded: &Loaded,
    release: &Release,
    environment: &Environment,
    lock: Option<&Lock>,
    candles: &mut CandleCache,
) -> Result<Facts, Error> {
    let mut facts = own_facts(project, loaded, candles)?;
    if let Some(checksum) = &release.checksum {
        facts.insert(fact::upstream(&loaded.recipe.upstream), checksum.clone());
    }
    let digests = release.tree.digests()?;
    facts.insert(fact::pristine_tree(), fact::sha256(&crate::io::tree::hash_of(&digests)));
    facts.insert(fact::patched_tree(), fact::sha256(&environment.tree_hash(&digests)));
    for (patch, outcome) in &environment.patches {
        for file in &outcome.files {
            let sum = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(files::sha256_hex);
            let value = fact::before_and_after(sum(&file.before).as_deref(), sum(&file.after).as_deref());
            facts.insert(fact::patch(&patch.name, &file.path), value);
        }
    }
    facts.extend(closure::carried_over(&loaded.recipe, lock));
    Ok(facts)
}

/// Fails unless the lock has the facts of a recipe as they are now.
///
/// # Errors
///
/// Returns [`Error::NoLock`] where there is no lock, and names every fact that differs.
pub fn verify(
    project: &Project,
    loaded: &Loaded,
    release: &Release,
    environment: &Environment,
    lock: Option<&Lock>,
) -> Result<(), Error> {
    let facts = facts(project, loaded, release, environment, lock, &mut CandleCache::default())?;
    let mut now = Lock::default();
    now.recipes.insert(loaded.recipe.name.clone(), facts);
    Ok(lock.ok_or(Error::NoLock)?.verify(&now, &loaded.recipe.name)?)
}

/// Returns the name and version of this engine.
#[must_use]
pub fn engine() -> String {
    format!("hive {}", env!("CARGO_PKG_VERSION"))
}

/// Returns the name of the recipe in a file.
#[must_use]
pub fn recipe_name(file: &str) -> &str {
    stem(file)
}
