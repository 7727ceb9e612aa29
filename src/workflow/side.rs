//! What does one run need, and where does it come from: the recipe as it is, another release, an older revision, a golden?
//!
//! A side is complete: a run is a function of it alone, so that two sides can be taken apart and mixed. Files that it does
//! not share with the project as it is now are copied to `.hive/cache/inputs`, by their hash.

mod inputs;
mod revision;

use crate::engine::Profile;
use crate::engine::profile;
use crate::io::files;
use crate::io::progress::Progress;
use crate::recipe::resolve::Engine;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::bisect::Refusal;
use crate::workflow::closure;
use crate::workflow::closure::Closure;
use crate::workflow::install;
use crate::workflow::lock;
use crate::workflow::patch::probe;
use crate::workflow::project::Loaded;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::upstream;

/// Everything that one run is a function of.
#[derive(Debug, Clone)]
pub struct Side {
    /// What it is called in reports.
    pub name: String,
    /// The recipe: upstream, series, controllers and candles are this side's, wherever their files are.
    pub loaded: Loaded,
    /// The scenario.
    pub scenario: Scenario,
    /// The profile that the native engine replays under; `None` for upstream's engine.
    pub profile: Option<Profile>,
    /// The patches, one for each of the recipe's.
    pub patches: Vec<Piece>,
    /// The controllers' files, one for each of the recipe's controllers.
    pub controllers: Vec<Piece>,
    /// The checksum of the candles, `sha256:…`.
    pub candles: String,
    /// The packages that the environment stands on; `None` for the native engine, which needs none.
    pub closure: Option<Closure>,
    /// The ledger that is known to come of it, from a golden; the run shows whether it still does.
    pub expected: Option<String>,
    /// What could not be had as it was, in words.
    pub notes: Vec<String>,
}

/// A file that a side consists of, under the name that it has in its recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The name.
    pub name: String,
    /// The SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
}

/// How sides are made.
#[derive(Clone, Copy)]
pub struct Maker<'a> {
    /// The project.
    pub project: &'a Project,
    /// What every use case may be told.
    pub options: Options,
    /// Who watches.
    pub progress: &'a dyn Progress,
}

impl Maker<'_> {
    /// Returns the side that a loaded recipe is.
    ///
    /// # Errors
    ///
    /// Says what is missing of it.
    pub fn of(&self, name: &str, loaded: &Loaded, scenario: &str) -> Result<Side, Error> {
        let recipe = &loaded.recipe;
        let found = recipe.scenarios.get(scenario).ok_or_else(|| Error::unknown_scenario(recipe, scenario))?;
        let lock = lock::read(self.project)?;
        let closure =
            |loaded: &Loaded| closure::obtain(self.project, loaded, lock.as_ref(), self.options, self.progress);
        self.completed(name, loaded.clone(), found.clone(), &closure)
    }

    /// Returns the side that a recipe is at another release of its upstream, with the packages of a recipe of the project
    /// that builds on that release, where there is one; patches that say that they are not for it are left out.
    ///
    /// # Errors
    ///
    /// Refuses a recipe whose upstream has no releases, and says what is missing.
    pub fn at_version(&self, loaded: &Loaded, scenario: &str, version: &str) -> Result<Side, Error> {
        let (at, closure_of) = self.on_release(loaded, version)?;
        let recipe = &at.recipe;
        let found = recipe.scenarios.get(scenario).ok_or_else(|| Error::unknown_scenario(recipe, scenario))?.clone();
        let lock = lock::read(self.project)?;
        let closure = |at: &Loaded| {
            let of = closure_of.as_ref().unwrap_or(at);
            closure::obtain(self.project, of, lock.as_ref(), self.options, self.progress)
        };
        self.completed(version, at, found, &closure)
    }

    /// Returns a recipe on another release, and the recipe whose packages are taken there.
    fn on_release(&self, loaded: &Loaded, version: &str) -> Result<(Loaded, Option<Loaded>), Error> {
        let mut at = loaded.clone();
        match &mut at.recipe.upstream {
            Upstream::Pypi { version: own, .. } if own == version => return Ok((at, None)),
            Upstream::Pypi { .. } => {}
            Upstream::Git { tag, .. } => {
                version.clone_into(tag);
                at.recipe.patches.retain(|patch| probe::is_for(patch, at.recipe.upstream.version()));
                return Ok((at, None));
            }
            Upstream::Path { path } => {
                return Err(Refusal::LocalTree { path: path.clone(), version: version.to_owned() }.into());
            }
        }
        let other = probe::of_release(self.project, loaded, version)?;
        at = install::at_release(loaded, version, None);
        if let Some(other) = &other {
            at.recipe.upstream.clone_from(&other.recipe.upstream);
            at.recipe.python.clone_from(&other.recipe.python);
        }
        at.recipe.patches.retain(|patch| probe::is_for(patch, Some(version)));
        Ok((at, other))
    }

    /// Completes a side of its recipe and its scenario.
    fn completed(
        &self,
        name: &str,
        loaded: Loaded,
        mut scenario: Scenario,
        closure: &dyn Fn(&Loaded) -> Result<Closure, Error>,
    ) -> Result<Side, Error> {
        // One run is enough: that it is the same each time is for tests to prove.
        scenario.repeat = 1;
        let recipe = &loaded.recipe;
        let candles = CandleCache::default().get(self.project, recipe, &scenario.candles)?.1.clone();
        let is_native = scenario.engine == Engine::Native;
        let profile = if is_native { Some(scenario::profile_of(self.project, recipe, &scenario)?) } else { None };
        let (patches, controllers, closure) = if is_native {
            (Vec::new(), Vec::new(), None)
        } else {
            let (patches, controllers) = self.pieces(recipe)?;
            (patches, controllers, Some(closure(&loaded)?))
        };
        let (name, expected, notes) = (name.to_owned(), None, Vec::new());
        Ok(Side { name, loaded, scenario, profile, patches, controllers, candles, closure, expected, notes })
    }

    /// Returns the files that an environment is made of.
    fn pieces(&self, recipe: &Recipe) -> Result<(Vec<Piece>, Vec<Piece>), Error> {
        let piece = |file: &String| {
            let sha256 = files::sha256_of_file(&self.project.path(file))?;
            Ok::<_, Error>(Piece { name: named(file).to_owned(), sha256 })
        };
        let patches = recipe.patches.iter().map(|patch| piece(&patch.file));
        let controllers = recipe.controllers.iter().map(|controller| piece(&controller.source));
        Ok((patches.collect::<Result<_, _>>()?, controllers.collect::<Result<_, _>>()?))
    }

    /// Keeps the bytes of a file among the inputs, and returns where, relative to the project's root.
    fn keep(&self, name: &str, bytes: &[u8]) -> Result<String, Error> {
        let place = kept_place(name, &files::sha256_hex(bytes));
        if !self.project.path(&place).is_file() {
            files::write_atomic(&self.project.path(&place), bytes)?;
        }
        Ok(place)
    }
}

impl Side {
    /// Returns what the release is called.
    #[must_use]
    pub fn upstream(&self) -> String {
        upstream::label(&self.loaded.recipe)
    }

    /// Returns the name of the profile; `None` for upstream's engine.
    #[must_use]
    pub fn profile_name(&self) -> Option<&'static str> {
        self.profile.map(|profile| profile.name)
    }
}

/// Where the files of other sides are kept, each in a folder named for its hash, under the name that it has in its recipe.
const INPUTS: &str = ".hive/cache/inputs";

/// Returns where a file of another side is kept, relative to the project's root, whether or not it is.
#[must_use]
pub fn kept_place(name: &str, sha256: &str) -> String {
    format!("{INPUTS}/{sha256}/{name}")
}

/// Returns the name that a file has in its recipe, from where it is.
#[must_use]
pub fn named(file: &str) -> &str {
    let kept = file.strip_prefix(INPUTS).and_then(|rest| rest.strip_prefix('/'));
    kept.and_then(|rest| rest.split_once('/')).map_or(file, |(_, name)| name)
}

/// Returns the profile that a version and a profile's name stand for: one name may have several versions.
fn profile_named(version: &str, name: &str) -> Result<Profile, profile::Error> {
    match profile::of_version(version) {
        Ok(found) if found.name == name => Ok(found),
        _ => profile::named(name),
    }
}
