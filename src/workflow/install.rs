//! A recipe's environment on this machine: a virtual environment in which the patched Hummingbot can be imported.

mod layout;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use miette::Diagnostic;
use serde::Deserialize;
use serde::Serialize;
use thiserror::Error;

use crate::io::files;
use crate::io::materialise;
use crate::io::progress::Progress;
use crate::io::python;
use crate::io::python::Interpreter;
use crate::io::tree::Tree;
use crate::io::uv::Target;
use crate::io::uv::Uv;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow::Exit;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::builder::Builder;
use crate::workflow::closure;
use crate::workflow::closure::Closure;
use crate::workflow::closure::indicators;
use crate::workflow::environment;
use crate::workflow::environment::Environment;
use crate::workflow::finding::Finding;
use crate::workflow::lock;
use crate::workflow::product;
use crate::workflow::product::Proof;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;
use crate::workflow::wheel;
use crate::workflow::wheel::Files;
use crate::workflow::wheel::Origin;

/// The file in which hive notes what an environment holds. It is written last: where it is, the environment is whole.
const MARKER_NAME: &str = ".hive-environment";

/// How environments are made. Goes up when the same inputs are to be installed anew.
const GENERATION: u32 = 1;

/// How many files of an edited environment are named.
const SHOWN_FILES: usize = 5;

/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// Why an environment was not made.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The sources cannot be compiled.
    #[error("{upstream} cannot be compiled: it holds no Cython sources{}", touched_text(touched.as_deref()))]
    #[diagnostic(
        code("HV0371"),
        help(
            "its published wheel is all there is; see that one fits this machine, and that patches touch only Python files"
        )
    )]
    NoSources {
        /// The release.
        upstream: String,
        /// A changed file that only a compiler could take in.
        touched: Option<String>,
    },

    /// Nothing says what the sources are compiled with.
    #[error("recipe `{recipe}` has to be compiled, and its closure does not say with what")]
    #[diagnostic(
        code("HV0372"),
        help(
            "add `build-requires` to `[python]`, for example `[\"setuptools\", \"wheel\", \"numpy\", \"cython\"]`, and run `hive lock`"
        )
    )]
    NoBuildRequires {
        /// The recipe.
        recipe: String,
    },

    /// The compiler gave up.
    #[error("{upstream} could not be compiled")]
    #[diagnostic(
        code("HV0370"),
        help("the cause is the end of the log; a C++ compiler and Python's headers (`python3-dev`) have to be there")
    )]
    Compile {
        /// The release.
        upstream: String,
        /// The end of the log.
        #[source]
        source: Log,
    },
}

impl Error {
    /// Returns the exit code that goes with the error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoSources { .. } | Self::NoBuildRequires { .. } => Exit::Usage,
            Self::Compile { .. } => Exit::Findings,
        }
    }
}

/// The end of a build's log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Log(pub String);

/// Which Hummingbot is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// As upstream published it, with the recipe's controllers.
    Pristine,
    /// With the recipe's series and controllers.
    Patched,
}

/// An environment on the disk.
#[derive(Debug)]
pub struct Installed {
    /// Its folder.
    pub root: PathBuf,
    /// Its interpreter.
    pub python: PathBuf,
    /// Where its packages are.
    pub site_packages: PathBuf,
    /// The SHA-256 of everything that it was made from, in lower-case hex.
    pub key: String,
    /// Whether it was there.
    pub from_cache: bool,
    /// The interpreter's version, `3.12.1`.
    pub python_version: String,
    /// Where Hummingbot's files come from.
    pub origin: Origin,
    /// How many packages stand beside Hummingbot.
    pub package_count: usize,
    /// Whether the lock has the closure.
    pub is_locked: bool,
    /// Changes of the recipe that nobody would install, as those of tests.
    pub not_installed: Vec<String>,
    /// What was proven of it when it was made.
    pub proofs: Vec<Proof>,
    /// What is doubtful.
    pub findings: Vec<Finding>,
}

/// An environment in a folder of the user's choice.
#[derive(Debug, Serialize)]
pub struct Made {
    /// The recipe.
    pub recipe: String,
    /// The release.
    pub upstream: String,
    /// The folder.
    pub into: String,
    /// The SHA-256 of everything that it was made from.
    pub key: String,
    /// The interpreter's version.
    pub python: String,
    /// The interpreter in the environment.
    pub program: String,
    /// Where Hummingbot's files come from, in words.
    pub origin: String,
    /// How many packages stand beside Hummingbot.
    pub package_count: usize,
    /// Whether the lock has them.
    pub closure_locked: bool,
    /// Changes of the recipe that nobody would install, as those of tests.
    pub not_installed: Vec<String>,
    /// What was proven of it when it was made.
    pub proofs: Vec<Proof>,
    /// Whether anything was written; `false` when the folder held exactly this environment.
    pub written: bool,
    /// What would be good to do.
    #[serde(skip)]
    pub advice: Option<String>,
    /// What is doubtful.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// What an environment holds, as it says itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Marker {
    key: String,
    recipe: String,
    upstream: String,
    python: String,
    proofs: Vec<Proof>,
    /// The SHA-256 of Hummingbot's files and the controllers, by path below site-packages.
    files: BTreeMap<String, String>,
}

/// Everything that decides an environment.
struct Plan {
    loaded: Loaded,
    release: Release,
    environment: Environment,
    closure: Closure,
    interpreter: Interpreter,
    files: Files,
    key: String,
    options: Options,
}

/// Returns a managed environment below `.hive/environments/`, made once, whole or not at all.
///
/// # Errors
///
/// Returns what stands in its way: the findings of a broken series, or an error.
pub fn obtain(
    project: &Project,
    loaded: &Loaded,
    variant: Variant,
    options: Options,
    progress: &dyn Progress,
) -> Result<Installed, Refusal> {
    obtain_on(project, loaded, variant, None, options, progress)
}

/// Returns a managed environment as [`obtain`] does; `closure` are the packages that it stands on, whatever the lock says.
///
/// # Errors
///
/// As [`obtain`].
pub fn obtain_on(
    project: &Project,
    loaded: &Loaded,
    variant: Variant,
    closure: Option<&Closure>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Installed, Refusal> {
    let plan = plan(project, loaded, variant, closure, None, options, progress)?;
    let root = project.path(".hive/environments").join(&plan.key);
    if let Some(marker) = whole(&root, &plan.key) {
        return Ok(plan.installed(&root, marker.proofs, true));
    }
    files::create_folder(files::folder_of(&root))?;
    let proofs = plan.make(project, &root, progress)?;
    Ok(plan.installed(&root, proofs, false))
}

/// Makes the environment of a recipe's file in a folder, and tells about it.
///
/// # Errors
///
/// As [`into`].
pub fn build(
    project: &Project,
    file: &str,
    folder: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Made, Refusal> {
    let loaded = project.load(file)?;
    let installed = into(project, &loaded, folder, options, progress)?;
    let has_lock = project.path(lock::FILE).is_file();
    let name = &loaded.recipe.name;
    let advice = (has_lock && !installed.is_locked)
        .then(|| format!("the Python closure was resolved just now; `hive lock {name}` pins it"));
    Ok(Made {
        recipe: name.clone(),
        upstream: upstream::label(&loaded.recipe),
        into: folder.display().to_string(),
        key: installed.key,
        python: installed.python_version,
        program: installed.python.display().to_string(),
        origin: installed.origin.to_string(),
        package_count: installed.package_count,
        closure_locked: installed.is_locked,
        not_installed: installed.not_installed,
        proofs: installed.proofs,
        written: !installed.from_cache,
        advice,
        findings: installed.findings,
    })
}

/// Makes a recipe's environment in a folder of the user's choice, whole or not at all, and only where it differs.
///
/// # Errors
///
/// Refuses a folder that hive did not write and one in which somebody has worked since; otherwise as [`obtain`].
pub fn into(
    project: &Project,
    loaded: &Loaded,
    into: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Installed, Refusal> {
    let plan = plan(project, loaded, Variant::Patched, None, None, options, progress)?;
    if options.locked {
        let lock = lock::read(project)?;
        lock::verify(project, loaded, &plan.release, &plan.environment, lock.as_ref())?;
    }
    if let Some(marker) = is_there(into, &plan.key)? {
        return Ok(plan.installed(into, marker.proofs, true));
    }
    files::create_folder(files::folder_of(into))?;
    let proofs = plan.make(project, into, progress)?;
    Ok(plan.installed(into, proofs, false))
}

/// Returns a recipe that builds on another release of the same package, with a cut-off under which that release can be
/// seen: `published` is when it was uploaded, in epoch seconds, where that is known.
#[must_use]
pub fn at_release(loaded: &Loaded, release: &str, published: Option<i64>) -> Loaded {
    let mut other = loaded.clone();
    if let Upstream::Pypi { version, sha256, .. } = &mut other.recipe.upstream {
        release.clone_into(version);
        *sha256 = None;
    }
    let dated = published.or_else(|| date_of(release)).map(|moment| moment + DAY_S);
    if let Some(python) = &mut other.recipe.python {
        python.cut_off = python.cut_off.map(|cut_off| dated.map_or(cut_off, |dated| cut_off.max(dated)));
    }
    other
}

/// Returns the end of the day that a release is named for, `20250609`, in epoch seconds.
fn date_of(release: &str) -> Option<i64> {
    let digits = release.get(..8).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    let date = jiff::civil::Date::new(digits.get(..4)?.parse().ok()?, number(4..6)?, number(6..8)?).ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second() + DAY_S)
}

/// An environment that is not made.
#[derive(Debug)]
pub struct Planned {
    /// The SHA-256 of everything that it would be made from, in lower-case hex.
    pub key: String,
    /// Where Hummingbot's files would come from.
    pub origin: Origin,
    /// What would be laid over them: new bytes by path below site-packages, `None` for a file that is left out.
    pub changes: BTreeMap<String, Option<Vec<u8>>>,
}

/// Returns what a managed environment with the series would be, without making it.
///
/// # Errors
///
/// As [`obtain`].
pub fn planned(
    project: &Project,
    loaded: &Loaded,
    closure: Option<&Closure>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Planned, Refusal> {
    let Plan { key, files, .. } = plan(project, loaded, Variant::Patched, closure, None, options, progress)?;
    Ok(Planned { key, origin: files.origin, changes: files.changes })
}

/// Returns Hummingbot's files as they are installed, for whoever installs them elsewhere.
///
/// # Errors
///
/// As [`obtain`].
pub fn hummingbot_tree(
    project: &Project,
    loaded: &Loaded,
    variant: Variant,
    options: Options,
    progress: &dyn Progress,
) -> Result<Files, Refusal> {
    Ok(plan(project, loaded, variant, None, None, options, progress)?.files)
}

/// Returns Hummingbot's installed files as [`hummingbot_tree`] does; what has to be compiled is compiled in a container of a
/// builder image, for the machine that the image is for.
///
/// # Errors
///
/// As [`hummingbot_tree`], and what the Docker engine refused.
pub fn hummingbot_tree_in(
    project: &Project,
    loaded: &Loaded,
    variant: Variant,
    builder: &Builder<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Files, Refusal> {
    Ok(plan(project, loaded, variant, None, Some(builder), options, progress)?.files)
}

/// Installs a closure's packages into a plain folder, for Linux on x86-64 whatever the machine, without bytecode.
///
/// # Errors
///
/// Says why the packages cannot be installed.
pub fn packages_into(
    project: &Project,
    recipe: &Recipe,
    closure: &Closure,
    folder: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<(), crate::workflow::Error> {
    let python = closure::python_of(recipe)?;
    let interpreter = python::find(&python.version)?;
    let uv = Uv::obtain(&project.cache(), upstream::python(recipe), options.offline, progress)?;
    let (pins, cut_off) = (&closure.pins.run, closure::cut_off(python));
    let what = format!("recipe `{}`", recipe.name);
    progress.begin_steps(&format!("install {} packages", pins.len()), 1);
    let target = Target::Folder { folder, python: &interpreter.program, platform: closure::UV_PLATFORM };
    uv.install(&what, pins, cut_off.as_deref(), target)?;
    progress.end();
    Ok(())
}

fn plan(
    project: &Project,
    loaded: &Loaded,
    variant: Variant,
    closure: Option<&Closure>,
    builder: Option<&Builder<'_>>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Plan, Refusal> {
    let lock = lock::read(project)?;
    let expected = lock::expected_checksum(lock.as_ref(), loaded);
    let release = upstream::obtain(project, &loaded.recipe, expected.as_deref(), options, progress)?;
    let mut environment = match variant {
        Variant::Patched => environment::prepare(project, &loaded.recipe, &release)?,
        Variant::Pristine => pristine(project, &loaded.recipe, &release)?,
    };
    if environment.broken_count > 0 {
        return Err(Refusal::Findings(environment.findings));
    }
    environment.findings.extend(indicators::doubts(project, loaded, lock.as_ref()));
    let python = closure::python_of(&loaded.recipe)?;
    let interpreter = python::find(&python.version)?;
    let closure = match closure {
        Some(closure) => closure.clone(),
        None => closure::obtain(project, loaded, lock.as_ref(), options, progress)?,
    };
    let wanted = wheel::Wanted {
        project,
        recipe: &loaded.recipe,
        release: &release,
        changes: &environment.changes,
        closure: &closure,
        interpreter: &interpreter,
        builder,
        options,
    };
    let files = wheel::obtain(&wanted, progress)?;
    let key = key(&closure, &interpreter, &files);
    Ok(Plan { loaded: loaded.clone(), release, environment, closure, interpreter, files, key, options })
}

/// Returns the release with the recipe's controllers alone; without those that only work on the patched one.
fn pristine(project: &Project, recipe: &Recipe, release: &Release) -> Result<Environment, crate::workflow::Error> {
    let mut recipe = recipe.clone();
    recipe.patches.clear();
    let environment = environment::prepare(project, &recipe, release)?;
    if environment.broken_count == 0 {
        return Ok(environment);
    }
    recipe.controllers.clear();
    environment::prepare(project, &recipe, release)
}

/// Returns the hash of everything that decides what an environment holds.
fn key(closure: &Closure, interpreter: &Interpreter, files: &Files) -> String {
    let mut text = format!(
        "environment {GENERATION}\npython {} {} {}\nclosure {}\nhummingbot {}\n",
        interpreter.version,
        interpreter.machine,
        interpreter.program.display(),
        closure.content(),
        files.origin.identity(),
    );
    for (path, change) in &files.changes {
        let digest = change.as_deref().map_or_else(|| "absent".to_owned(), files::sha256_hex);
        writeln!(text, "change {path} {digest}").expect("writing to a text cannot fail");
    }
    files::sha256_hex(text.as_bytes())
}

impl Plan {
    fn installed(self, root: &Path, proofs: Vec<Proof>, from_cache: bool) -> Installed {
        Installed {
            root: root.to_owned(),
            python: program(root),
            site_packages: site_packages(root, &self.interpreter),
            key: self.key,
            from_cache,
            python_version: self.interpreter.version,
            origin: self.files.origin,
            package_count: self.closure.pins.run.len(),
            is_locked: self.closure.is_locked,
            not_installed: self.files.not_installed,
            proofs,
            findings: self.environment.findings,
        }
    }

    /// Makes the environment beside its place and moves it there once it is whole.
    fn make(&self, project: &Project, root: &Path, progress: &dyn Progress) -> Result<Vec<Proof>, Refusal> {
        let recipe = &self.loaded.recipe;
        let python = closure::python_of(recipe)?;
        let uv = Uv::obtain(&project.cache(), upstream::python(recipe), self.options.offline, progress)?;
        let beside = files::temporary_folder(files::folder_of(root))?;
        // What is run from another folder has to be found there.
        let fresh = beside.path().canonicalize().map_err(files::Error::reading(beside.path()))?.join("environment");
        uv.environment(&self.interpreter, &fresh)?;
        let pins = &self.closure.pins.run;
        progress.begin_steps(&format!("install {} packages", pins.len()), 1);
        let what = format!("recipe `{}`", recipe.name);
        let target = Target::Environment(&program(&fresh));
        uv.install(&what, pins, closure::cut_off(python).as_deref(), target)?;
        progress.end();
        let site_packages = site_packages(&fresh, &self.interpreter);
        let files = layout::lay_out(&self.files, &site_packages, &fresh)?;
        progress.begin_steps("prove what is installed", 1);
        let proofs = product::prove(&program(&fresh), recipe, &self.environment, &self.files)?;
        progress.end();
        let marker = Marker {
            key: self.key.clone(),
            recipe: recipe.name.clone(),
            upstream: self.release.label.clone(),
            python: self.interpreter.version.clone(),
            proofs: proofs.clone(),
            files,
        };
        let mut text = serde_json::to_vec_pretty(&marker).expect("a marker holds texts");
        text.push(b'\n');
        files::write_atomic(&fresh.join(MARKER_NAME), &text)?;
        match materialise::replace_folder(&fresh, root) {
            // Another hive may have been faster.
            Err(_) if whole(root, &self.key).is_some() => Ok(proofs),
            done => Ok(done.map(|()| proofs)?),
        }
    }
}

/// Returns the interpreter of an environment.
fn program(root: &Path) -> PathBuf {
    root.join("bin/python")
}

/// Returns where the packages of an environment are.
fn site_packages(root: &Path, interpreter: &Interpreter) -> PathBuf {
    let mut parts = interpreter.version.split('.');
    let (major, minor) = (parts.next().unwrap_or("3"), parts.next().unwrap_or_default());
    root.join(format!("lib/python{major}.{minor}/site-packages"))
}

/// Returns what an environment says of itself, if it is there with this key and as it was written.
fn whole(root: &Path, key: &str) -> Option<Marker> {
    let marker = read_marker(root)?;
    (marker.key == key && program(root).is_file() && edited(root, &marker).is_empty()).then_some(marker)
}

fn read_marker(root: &Path) -> Option<Marker> {
    serde_json::from_slice(&fs::read(root.join(MARKER_NAME)).ok()?).ok()
}

/// Returns what an environment says of itself, if the folder holds the one of this key already.
fn is_there(into: &Path, key: &str) -> Result<Option<Marker>, crate::workflow::Error> {
    let not_ours = || materialise::Error::NotOurs { into: into.to_owned() };
    let Ok(metadata) = fs::symlink_metadata(into) else {
        return Ok(None);
    };
    if !metadata.is_dir() {
        return Err(not_ours().into());
    }
    let mut entries = fs::read_dir(into).map_err(files::Error::reading(into))?;
    if entries.next().is_none() {
        return Ok(None);
    }
    let marker = read_marker(into).ok_or_else(not_ours)?;
    let mut changed = edited(into, &marker);
    if changed.is_empty() {
        return Ok((marker.key == key && program(into).is_file()).then_some(marker));
    }
    let more = changed.len().saturating_sub(SHOWN_FILES);
    changed.truncate(SHOWN_FILES);
    if more > 0 {
        changed.push(format!("{more} more"));
    }
    Err(materialise::Error::Edited { into: into.to_owned(), changed: changed.join(", ") }.into())
}

/// Returns in what Hummingbot's files and the controllers differ from what hive wrote.
fn edited(root: &Path, marker: &Marker) -> Vec<String> {
    let libraries = fs::read_dir(root.join("lib")).into_iter().flatten().flatten();
    let Some(site_packages) =
        libraries.map(|library| library.path().join("site-packages")).find(|folder| folder.is_dir())
    else {
        return vec!["`lib` is gone".to_owned()];
    };
    let mut changed = Vec::new();
    for (path, sha256) in &marker.files {
        match files::sha256_of_file(&site_packages.join(path)) {
            Ok(found) if found == *sha256 => {}
            Ok(_) => changed.push(format!("`{path}` differs")),
            Err(_) => changed.push(format!("`{path}` is gone")),
        }
    }
    for package in ["hummingbot", "controllers"] {
        let Ok(tree) = Tree::open(&site_packages.join(package)) else { continue };
        let paths = tree.files().unwrap_or_default().into_iter().map(|file| format!("{package}/{}", file.path));
        changed.extend(paths.filter(|path| !marker.files.contains_key(path)).map(|path| format!("`{path}` is new")));
    }
    changed
}

fn touched_text(touched: Option<&str>) -> String {
    touched.map(|path| format!(", and `{path}` is changed, which has to be compiled")).unwrap_or_default()
}
