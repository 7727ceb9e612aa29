//! From `[python]` of a recipe to the exact packages: taken over from the lock, or resolved.

pub mod indicators;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::io::fetch;
use crate::io::fetch::listing::Listing;
use crate::io::files;
use crate::io::index::machine;
use crate::io::index::wheel::Os;
use crate::io::index::wheel::Platform;
use crate::io::materialise;
use crate::io::progress::Progress;
use crate::io::python;
use crate::io::uv::Question;
use crate::io::uv::Uv;
use crate::io::uv::pylock;
use crate::recipe::closure;
use crate::recipe::closure::Pin;
use crate::recipe::closure::Source;
use crate::recipe::lock::Facts;
use crate::recipe::lock::Lock;
use crate::recipe::lock::fact;
use crate::recipe::resolve::Artifact;
use crate::recipe::resolve::Python;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;

/// The machine that locks are for, as uv names it.
pub const UV_PLATFORM: &str = "x86_64-manylinux_2_28";

/// The exact packages that a recipe's environment stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// The packages.
    pub pins: closure::Closure,
    /// The checksum of what was asked for, `sha256:…`.
    pub checksum: String,
    /// Whether the lock has them.
    pub is_locked: bool,
}

impl Closure {
    /// Returns the checksum of the packages themselves, in hex.
    #[must_use]
    pub fn content(&self) -> String {
        let facts = self.pins.facts(&self.checksum);
        let mut text = String::new();
        for (key, value) in &facts {
            writeln!(text, "{key} = {value}").expect("writing to a text cannot fail");
        }
        files::sha256_hex(text.as_bytes())
    }
}

/// Returns a recipe's closure: that of the lock as long as it is about the same inputs, else a resolved one.
///
/// # Errors
///
/// Returns [`Error::NoPython`] for a recipe without `[python]`, [`Error::ClosureNotLocked`] where the lock has to have it,
/// and says why it cannot be resolved.
pub fn obtain(
    project: &Project,
    loaded: &Loaded,
    lock: Option<&Lock>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Closure, Error> {
    let recipe = &loaded.recipe;
    let checksum = checksum(recipe)?;
    let here = machine::this_machine(upstream::python(recipe));
    let is_platform = here.os == Os::Linux && here.arch == "x86_64";
    if is_platform && let Some(pins) = locked(recipe, lock, &checksum) {
        return Ok(Closure { pins, checksum, is_locked: true });
    }
    if options.locked {
        return Err(Error::ClosureNotLocked { recipe: recipe.name.clone() });
    }
    // A closure with a date is the same tomorrow.
    let is_dated = recipe.python.as_ref().is_some_and(|python| python.cut_off.is_some());
    let place = project.path(".hive/cache/closures").join(if is_platform {
        checksum.trim_start_matches("sha256:").to_owned()
    } else {
        format!("{}-{}", checksum.trim_start_matches("sha256:"), here.machine().replace(' ', "-"))
    });
    if is_dated && let Some(pins) = noted(&place, recipe, &checksum) {
        return Ok(Closure { pins, checksum, is_locked: false });
    }
    let release = upstream::obtain(project, recipe, None, options, progress)?;
    let pins = resolve(project, recipe, &release, (!is_platform).then_some(&here), options, progress)?;
    if is_dated {
        let mut note = Lock::default();
        note.recipes.insert(recipe.name.clone(), pins.facts(&checksum));
        files::write_atomic(&place, note.render().as_bytes())?;
    }
    Ok(Closure { pins, checksum, is_locked: false })
}

/// Resolves a recipe's closure for the machine that locks are for.
///
/// # Errors
///
/// Says why it cannot be resolved.
pub fn for_lock(
    project: &Project,
    recipe: &Recipe,
    release: &Release,
    options: Options,
    progress: &dyn Progress,
) -> Result<closure::Closure, Error> {
    resolve(project, recipe, release, None, options, progress)
}

/// Returns the facts of a recipe's closure as they are now: those of the lock as long as it is about the same inputs, else
/// only what was asked for. Needs neither uv nor Python nor a network.
#[must_use]
pub fn carried_over(recipe: &Recipe, lock: Option<&Lock>) -> Facts {
    let Ok(checksum) = checksum(recipe) else {
        return Facts::new();
    };
    if locked(recipe, lock, &checksum).is_some()
        && let Some(facts) = lock.and_then(|lock| lock.recipes.get(&recipe.name))
    {
        let of_closure = facts.iter().filter(|(key, _)| closure::is_of_closure(key));
        return of_closure.map(|(key, value)| (key.clone(), value.clone())).collect();
    }
    Facts::from_iter([(fact::closure(), checksum)])
}

/// Returns the closure that a lock has for a recipe as it is now.
fn locked(recipe: &Recipe, lock: Option<&Lock>, checksum: &str) -> Option<closure::Closure> {
    closure::Closure::from_facts(lock?.recipes.get(&recipe.name)?, checksum)
}

fn noted(place: &Path, recipe: &Recipe, checksum: &str) -> Option<closure::Closure> {
    let note = Lock::parse("note", &fs::read_to_string(place).ok()?).ok()?;
    locked(recipe, Some(&note), checksum)
}

/// Returns the checksum of everything that decides a recipe's closure.
fn checksum(recipe: &Recipe) -> Result<String, Error> {
    let inputs = closure::inputs(recipe).ok_or_else(|| Error::NoPython { recipe: recipe.name.clone() })?;
    Ok(fact::sha256(&files::sha256_hex(inputs.as_bytes())))
}

/// Returns the `[python]` of a recipe.
pub(super) fn python_of(recipe: &Recipe) -> Result<&Python, Error> {
    recipe.python.as_ref().ok_or_else(|| Error::NoPython { recipe: recipe.name.clone() })
}

/// Returns a moment as uv takes it.
pub(super) fn cut_off(python: &Python) -> Option<String> {
    let moment = jiff::Timestamp::from_second(python.cut_off?).ok()?;
    Some(moment.to_string())
}

/// Returns the machine that locks are for.
fn lock_platform(python: (u32, u32)) -> Platform {
    Platform { os: Os::Linux, arch: "x86_64".to_owned(), glibc: Some((2, 28)), python }
}

fn resolve(
    project: &Project,
    recipe: &Recipe,
    release: &Release,
    here: Option<&Platform>,
    options: Options,
    progress: &dyn Progress,
) -> Result<closure::Closure, Error> {
    let python = python_of(recipe)?;
    let interpreter = python::find(&python.version)?;
    let version = upstream::python(recipe);
    let uv = Uv::obtain(&project.cache(), version, options.offline, progress)?;
    let platform = here.cloned().unwrap_or_else(|| lock_platform(version));
    let cut_off = cut_off(python);
    let ask = |what: &str, requirements: &[String], overrides: &[String], exclude: &[String]| {
        progress.begin_steps(&format!("resolve {what}"), 1);
        let question = Question {
            what,
            requirements,
            overrides,
            exclude,
            cut_off: cut_off.as_deref(),
            platform: here.is_none().then_some(UV_PLATFORM),
        };
        let text = uv.resolve(&question, &interpreter)?;
        progress.end();
        Ok::<_, Error>(pylock::pins(&text, &platform)?)
    };
    let own = own_name(recipe);
    let asked = Asked::of(recipe, release)?;
    let mut requirements = asked.run.clone();
    requirements.extend(python.requires.iter().cloned());
    let mut run: Vec<Pin> =
        ask(&format!("recipe `{}`", recipe.name), &requirements, &python.overrides, &python.exclude)?;
    run.retain(|pin| pin.name != own);
    let build_requires = if python.build_requires.is_empty() { &asked.build } else { &python.build_requires };
    let build = if asked.compiles && !build_requires.is_empty() {
        ask(&format!("the build of recipe `{}`", recipe.name), build_requires, &[], &[])?
    } else {
        Vec::new()
    };
    let source = source(recipe, release, &platform, options)?;
    Ok(closure::Closure { run, build, source })
}

/// Returns the name of upstream's own package.
pub(super) fn own_name(recipe: &Recipe) -> String {
    match &recipe.upstream {
        Upstream::Pypi { package, .. } => crate::io::index::distribution::normalized(package),
        Upstream::Git { .. } | Upstream::Path { .. } => "hummingbot".to_owned(),
    }
}

/// What upstream itself asks for.
struct Asked {
    /// To run, one PEP 508 requirement each.
    run: Vec<String>,
    /// To be built.
    build: Vec<String>,
    /// Whether it has Cython sources.
    compiles: bool,
    /// The tree that is asked for its own requirements; gone when dropped.
    _copy: Option<TempDir>,
}

impl Asked {
    fn of(recipe: &Recipe, release: &Release) -> Result<Self, Error> {
        let files = release.tree.files()?;
        let text = |path: &str| -> Result<Option<String>, Error> {
            Ok(release.tree.read(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        };
        let is_metadata = |path: &str| path == "PKG-INFO" || path.ends_with(".dist-info/METADATA");
        let metadata = files.iter().find(|file| is_metadata(&file.path));
        let metadata = metadata.map(|file| text(&file.path)).transpose()?.flatten();
        let required = metadata.as_deref().map(required).filter(|required| !required.is_empty());
        let has = |path: &str| files.iter().any(|file| file.path == path);
        let mut copy = None;
        let run = match (required, &recipe.upstream) {
            (Some(required), _) => required,
            (None, Upstream::Pypi { package, version, .. }) => vec![format!("{package}=={version}")],
            (None, _) if has("setup.py") || has("pyproject.toml") => {
                // Asking a tree for its metadata writes into it.
                let folder = files::temporary_folder(&std::env::temp_dir())?;
                materialise::materialise(&release.tree, &BTreeMap::new(), &folder.path().join("tree"))?;
                let requirement = format!("{} @ file://{}", own_name(recipe), absolute(&folder.path().join("tree")));
                copy = Some(folder);
                vec![requirement]
            }
            (None, _) => Vec::new(),
        };
        let build = text("pyproject.toml")?.as_deref().map(build_requires).unwrap_or_default();
        let is_cython = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "pyx");
        let compiles = files.iter().any(|file| is_cython(&file.path));
        Ok(Self { run, build, compiles, _copy: copy })
    }
}

fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Returns the requirements in a package's metadata.
fn required(metadata: &str) -> Vec<String> {
    // The description follows the first empty line.
    let head = metadata.lines().take_while(|line| !line.is_empty());
    head.filter_map(|line| line.strip_prefix("Requires-Dist:")).map(|line| line.trim().to_owned()).collect()
}

/// Returns what a `pyproject.toml` wants to be built with.
fn build_requires(text: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let requires = table.get("build-system").and_then(|system| system.get("requires")).and_then(toml::Value::as_array);
    requires.into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}

/// Decides where Hummingbot's installed files come from on a machine.
fn source(recipe: &Recipe, release: &Release, platform: &Platform, options: Options) -> Result<Source, Error> {
    let Upstream::Pypi { package, version, artifact, .. } = &recipe.upstream else {
        return Ok(Source::Tree);
    };
    let of_release = release.checksum.as_deref().and_then(|checksum| checksum.strip_prefix("sha256:"));
    if let (Artifact::Wheel, Some(sha256)) = (artifact, of_release) {
        return Ok(Source::Wheel(sha256.to_owned()));
    }
    if options.offline {
        return Err(
            fetch::Error::Offline { package: package.clone(), version: version.clone(), artifact: "wheel" }.into()
        );
    }
    let wheel = Listing::ask(package, None)?.wheel(version, platform)?;
    Ok(wheel.map_or(Source::Tree, Source::Wheel))
}
