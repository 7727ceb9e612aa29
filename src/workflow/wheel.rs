//! Which of Hummingbot's files are installed: those of the published wheel, or of one that is compiled from the tree?

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use crate::io::archive;
use crate::io::archive::Limits;
use crate::io::fetch;
use crate::io::files;
use crate::io::index;
use crate::io::materialise;
use crate::io::process;
use crate::io::process::Program;
use crate::io::progress::Progress;
use crate::io::python::Interpreter;
use crate::io::script::Ended;
use crate::io::tree;
use crate::io::tree::Tree;
use crate::io::uv::Target;
use crate::io::uv::Uv;
use crate::recipe::closure;
use crate::recipe::closure::Source;
use crate::recipe::resolve::Artifact;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::builder::Builder;
use crate::workflow::builder::Order;
use crate::workflow::closure::Closure;
use crate::workflow::closure::UV_PLATFORM;
use crate::workflow::closure::cut_off;
use crate::workflow::closure::python_of;
use crate::workflow::install;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;

/// The program that builds inside the build environment.
const COMPILE: &str = include_str!("compile.py");

/// What is compiled, or says how: a patch that touches none of these is as well served by the published wheel.
const COMPILED: [&str; 9] = ["pyx", "pxd", "pxi", "c", "cc", "cpp", "h", "hpp", "toml"];

/// Files at the root of the sources that say how they are built.
const BUILD_FILES: [&str; 3] = ["setup.py", "setup.cfg", "MANIFEST.in"];

/// How many lines of a failed build are shown.
const SHOWN_LINES: usize = 30;

/// What the compiler needs of hive's own variables.
const HANDED_ON: [&str; 8] = ["PATH", "HOME", "TMPDIR", "LANG", "CC", "CXX", "LD_LIBRARY_PATH", "SYSTEMROOT"];

/// What makes a build give the same bytes each time. Zip archives begin in 1980.
const SAME_EACH_TIME: [(&str, &str); 3] =
    [("CYTHON_FORCE_REGEN", "1"), ("PYTHONHASHSEED", "0"), ("SOURCE_DATE_EPOCH", "315532800")];

/// How a wheel is built. Goes up when the same inputs are to be built anew.
const GENERATION: u32 = 1;

/// Hummingbot's files as they are installed: the content of `site-packages`.
#[derive(Debug)]
pub struct Files {
    /// The files before changes that need no compiler; must not be written to.
    pub tree: Tree,
    /// What is laid over them: new bytes by path, `None` for a file that is left out.
    pub changes: BTreeMap<String, Option<Vec<u8>>>,
    /// Where they come from.
    pub origin: Origin,
    /// Changes of the recipe that nobody would install, as those of tests.
    pub not_installed: Vec<String>,
}

/// Where installed files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The published wheel.
    Wheel {
        /// Its SHA-256, in lower-case hex.
        sha256: String,
    },
    /// A wheel that hive has compiled.
    Built {
        /// The SHA-256 of everything that it was built from, in lower-case hex.
        inputs: String,
        /// Whether it was built before.
        from_cache: bool,
    },
    /// The tree itself: it is neither a wheel nor has it anything to compile.
    Tree {
        /// The tree's hash.
        sha256: String,
    },
}

impl Origin {
    /// Returns what identifies the files, for a key.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Wheel { sha256 } => format!("wheel {sha256}"),
            Self::Built { inputs, .. } => format!("built {inputs}"),
            Self::Tree { sha256 } => format!("tree {sha256}"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wheel { .. } => formatter.write_str("the published wheel"),
            Self::Built { from_cache: false, .. } => formatter.write_str("a wheel compiled just now"),
            Self::Built { from_cache: true, .. } => formatter.write_str("a wheel compiled before"),
            Self::Tree { .. } => formatter.write_str("its tree"),
        }
    }
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) project: &'a Project,
    pub(super) recipe: &'a Recipe,
    pub(super) release: &'a Release,
    /// What differs from the release.
    pub(super) changes: &'a BTreeMap<String, Option<Vec<u8>>>,
    pub(super) closure: &'a Closure,
    pub(super) interpreter: &'a Interpreter,
    /// Where it is compiled; `None` for this machine.
    pub(super) builder: Option<&'a Builder<'a>>,
    pub(super) options: Options,
}

/// Tells whether a change of a file can only be seen after something was compiled.
#[must_use]
pub fn is_compiled(path: &str) -> bool {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let is_at_root = !path.contains('/');
    BUILD_FILES.contains(&path) || (COMPILED.contains(&ending) && (ending != "toml" || is_at_root))
}

/// Returns Hummingbot's files: of the published wheel where nothing compiled is changed and the wheel holds the very files
/// that are patched, else of a wheel that is compiled from the changed tree.
///
/// # Errors
///
/// Says why neither is to be had.
pub(super) fn obtain(wanted: &Wanted<'_>, progress: &dyn Progress) -> Result<Files, Error> {
    let compiled: BTreeMap<String, Option<Vec<u8>>> = wanted
        .changes
        .iter()
        .filter(|(path, _)| is_compiled(path))
        .map(|(path, change)| (path.clone(), change.clone()))
        .collect();
    if compiled.is_empty()
        && let Some((tree, sha256)) = published(wanted, progress)?
    {
        let is_same = |path: &String| -> Result<bool, Error> {
            // What a wheel does not hold is not installed: tests, the documentation. Code has to be there.
            let (of_wheel, of_release) = (tree.read(path)?, wanted.release.tree.read(path)?);
            Ok(of_wheel == of_release || (of_wheel.is_none() && !is_package(path)))
        };
        let mut all_same = true;
        for path in wanted.changes.keys() {
            all_same &= is_same(path)?;
        }
        if all_same {
            return Ok(laid_over(tree, wanted.changes, Origin::Wheel { sha256 }));
        }
    }
    let files = wanted.release.tree.files()?;
    let ends = |path: &str, ending: &str| Path::new(path).extension().is_some_and(|found| found == ending);
    let paths = files.iter().map(|file| &file.path).chain(compiled.keys());
    let has_sources = paths.into_iter().any(|path| ends(path, "pyx"));
    let has_setup = files.iter().any(|file| file.path == "setup.py");
    let has_generated = files.iter().any(|file| ends(&file.path, "cpp"));
    if !has_sources || !has_setup {
        if compiled.is_empty() && !has_generated {
            // A tree without anything to compile is what would be installed.
            let sha256 = wanted.release.tree.hash()?;
            return Ok(laid_over(wanted.release.tree.clone(), wanted.changes, Origin::Tree { sha256 }));
        }
        return Err(install::Error::NoSources {
            upstream: wanted.release.label.clone(),
            touched: compiled.keys().next().cloned(),
        }
        .into());
    }
    let (tree, origin) = built(wanted, &compiled, progress)?;
    let mut changes: BTreeMap<_, _> = wanted
        .changes
        .iter()
        .filter(|(path, _)| !compiled.contains_key(*path))
        .map(|(path, change)| (path.clone(), change.clone()))
        .collect();
    // Repositories have controllers beside the package, which no wheel takes along and the loader looks for.
    for file in files.iter().filter(|file| file.path.starts_with("controllers/")) {
        if !changes.contains_key(&file.path)
            && let Some(bytes) = wanted.release.tree.read(&file.path)?
        {
            changes.insert(file.path.clone(), Some(bytes));
        }
    }
    Ok(laid_over(tree, &changes, origin))
}

/// Tells whether a path is part of a package that is imported.
fn is_package(path: &str) -> bool {
    let is_python = Path::new(path).extension().is_some_and(|ending| ending == "py");
    is_python && (path.starts_with("hummingbot/") || path.starts_with("controllers/"))
}

fn laid_over(tree: Tree, changes: &BTreeMap<String, Option<Vec<u8>>>, origin: Origin) -> Files {
    let is_installed = |path: &str| path.starts_with("hummingbot/") || path.starts_with("controllers/");
    let (installed, others): (Vec<_>, Vec<_>) = changes.iter().partition(|(path, _)| is_installed(path));
    Files {
        tree,
        changes: installed.into_iter().map(|(path, change)| (path.clone(), change.clone())).collect(),
        origin,
        not_installed: others.into_iter().map(|(path, _)| path.clone()).collect(),
    }
}

/// Returns the published wheel's files with its hash; `None` where the closure says that there is none, or where it does
/// not fit this machine.
fn published(wanted: &Wanted<'_>, progress: &dyn Progress) -> Result<Option<(Tree, String)>, Error> {
    let Upstream::Pypi { package, version, artifact, .. } = &wanted.recipe.upstream else {
        return Ok(None);
    };
    let Source::Wheel(sha256) = &wanted.closure.pins.source else {
        return Ok(None);
    };
    if *artifact == Artifact::Wheel {
        return Ok(Some((wanted.release.tree.clone(), sha256.clone())));
    }
    let request = fetch::Request {
        package: package.clone(),
        version: version.clone(),
        artifact: Artifact::Wheel,
        python: upstream::python(wanted.recipe),
        any_platform: false,
        expected_sha256: Some(sha256.clone()),
        offline: wanted.options.offline,
        index: None,
    };
    match fetch::fetch(&request, &wanted.project.cache(), progress) {
        Ok(fetched) => Ok(Some((Tree::open(&fetched.tree)?, sha256.clone()))),
        Err(fetch::Error::Index(index::Error::NoWheel { .. } | index::Error::NoArtifact { .. })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Builds a wheel from the release with the changes of what is compiled, once, and returns its files.
fn built(
    wanted: &Wanted<'_>,
    compiled: &BTreeMap<String, Option<Vec<u8>>>,
    progress: &dyn Progress,
) -> Result<(Tree, Origin), Error> {
    let python = python_of(wanted.recipe)?;
    let release = &wanted.release.tree;
    let mut digests = release.digests()?;
    for (path, change) in compiled {
        match change {
            Some(bytes) => digests.insert(path.clone(), files::sha256_hex(bytes)),
            None => digests.remove(path),
        };
    }
    let inputs = inputs(wanted, &tree::hash_of(&digests));
    let place = wanted.project.path(".hive/cache/built").join(&inputs);
    // It is there once it is whole: it gets its name at the end.
    if place.is_dir() {
        return Ok((Tree::open(&place)?, Origin::Built { inputs, from_cache: true }));
    }
    if wanted.closure.pins.build.is_empty() {
        return Err(install::Error::NoBuildRequires { recipe: wanted.recipe.name.clone() }.into());
    }
    // Who comes second waits for the first and takes what it has made: a build keeps every core busy for minutes.
    let _alone = files::lock(&place.with_extension("lock"))?;
    if place.is_dir() {
        return Ok((Tree::open(&place)?, Origin::Built { inputs, from_cache: true }));
    }
    let cache = wanted.project.cache();
    let uv = Uv::obtain(&cache, upstream::python(wanted.recipe), wanted.options.offline, progress)?;
    let work = files::temporary_folder(&cache.work_folder()?)?;
    let folder = work.path().canonicalize().map_err(files::Error::reading(work.path()))?;
    // What was generated from other sources goes: equal times must not hide that a source was patched.
    let mut changes = compiled.clone();
    for path in digests.keys().filter_map(|path| path.strip_suffix(".pyx")) {
        for generated in [format!("{path}.cpp"), format!("{path}.c")] {
            if digests.contains_key(&generated) {
                changes.insert(generated, None);
            }
        }
    }
    let sources = folder.join("sources");
    materialise::materialise(release, &changes, &sources)?;
    let environment = folder.join("environment");
    let program = environment.join("bin/python");
    progress.begin_steps("install what Hummingbot is built with", 1);
    let what = format!("the build of recipe `{}`", wanted.recipe.name);
    let target = match wanted.builder {
        None => {
            uv.environment(wanted.interpreter, &environment)?;
            Target::Environment(&program)
        }
        Some(_) => Target::Folder { folder: &environment, python: &wanted.interpreter.program, platform: UV_PLATFORM },
    };
    uv.install(&what, &wanted.closure.pins.build, cut_off(python).as_deref(), target)?;
    progress.end();
    match wanted.builder {
        None => compile(wanted, &program, &folder, &inputs, progress)?,
        Some(builder) => compile_in(wanted, builder, &folder, &inputs, progress)?,
    }
    let wheel = only_wheel(&folder.join("out")).ok_or_else(|| install::Error::Compile {
        upstream: wanted.release.label.clone(),
        source: install::Log("the build ended well and left no wheel".to_owned()),
    })?;
    let unpacked = folder.join("unpacked");
    files::create_folder(&unpacked)?;
    let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
    archive::unpack(&wheel, &name, &unpacked, Limits::default(), progress)?;
    files::create_folder(files::folder_of(&place))?;
    if let Err(refused) = fs::rename(&unpacked, &place)
        && !place.is_dir()
    {
        return Err(files::Error::Write { path: place, source: refused }.into());
    }
    Ok((Tree::open(&place)?, Origin::Built { inputs, from_cache: false }))
}

/// Returns the hash of everything that decides a built wheel.
fn inputs(wanted: &Wanted<'_>, tree: &str) -> String {
    let mut text = format!("build {GENERATION}\nprogram {}\ntree {tree}\n", files::sha256_hex(COMPILE.as_bytes()));
    let mut line = |name: &str, value: &str| writeln!(text, "{name} {value}").expect("writing to a text cannot fail");
    match wanted.builder {
        None => {
            line("python", &wanted.interpreter.version);
            line("machine", &wanted.interpreter.machine);
        }
        Some(builder) => line("builder", builder.id()),
    }
    for module in modules(wanted.recipe) {
        line("module", module);
    }
    for pin in &wanted.closure.pins.build {
        line(&pin.name, &pin.sha256);
    }
    files::sha256_hex(text.as_bytes())
}

/// Returns the modules to compile; none for all.
fn modules(recipe: &Recipe) -> &'static [&'static str] {
    recipe.python.as_ref().and_then(|python| closure::modules(python.extensions)).unwrap_or_default()
}

fn compile(
    wanted: &Wanted<'_>,
    python: &Path,
    folder: &Path,
    inputs: &str,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let script = folder.join("compile.py");
    files::write_atomic(&script, COMPILE.as_bytes())?;
    let jobs = thread::available_parallelism().map_or(1, usize::from).to_string();
    let program = Program::new(python, folder.join("sources"))
        .arguments(["-s", "-X", "utf8"])
        .arguments([&script])
        .arguments([jobs.as_str(), inputs])
        .arguments([folder.join("out")])
        .arguments(modules(wanted.recipe).iter().copied())
        .inheriting(&HANDED_ON);
    let program = SAME_EACH_TIME.iter().fold(program, |program, (name, value)| program.variable(name, value));
    let output = process::run(&program, &mut counting(progress))?;
    progress.end();
    if output.ended == Ended::Exit(0) {
        return Ok(());
    }
    let lines: Vec<&str> = output.talk.lines().collect();
    let tail =
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n").replace(&format!("{}/", folder.display()), "");
    Err(install::Error::Compile { upstream: wanted.release.label.clone(), source: install::Log(tail) }.into())
}

/// Compiles in a container; the wheel is left where [`compile`] leaves it.
fn compile_in(
    wanted: &Wanted<'_>,
    builder: &Builder<'_>,
    folder: &Path,
    inputs: &str,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let (sources, packages, out) = (folder.join("sources"), folder.join("environment"), folder.join("out"));
    files::create_folder(&out)?;
    let order = Order {
        python: upstream::python(wanted.recipe),
        sources: &sources,
        packages: &packages,
        program: COMPILE,
        inputs,
        modules: modules(wanted.recipe),
        environment: &SAME_EACH_TIME,
        out: &out,
    };
    builder.compile(&order, &mut counting(progress))?;
    progress.end();
    Ok(())
}

/// Returns what makes progress of the lines of a build.
fn counting(progress: &dyn Progress) -> impl FnMut(&str) {
    let mut is_counting = false;
    move |line: &str| {
        let count = line.strip_prefix("hive: ").and_then(|line| line.strip_suffix(" modules"));
        if let Some(count) = count.and_then(|count| count.parse::<u64>().ok()) {
            // Each is translated, then compiled.
            progress.begin_steps("compile Hummingbot", 2 * count);
            is_counting = true;
        } else if is_counting && (line.contains("Cythonizing ") || line.starts_with("building '")) {
            progress.advance(1);
        }
    }
}

fn only_wheel(folder: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.find(|path| path.extension().is_some_and(|ending| ending == "whl"))
}
