//! The edit loop: what is saved is in the environment a moment later, and the command runs anew.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde::Serialize;
use tempfile::TempDir;

use crate::io::files;
use crate::io::interrupt::Listening;
use crate::io::overlay::Overlay;
use crate::io::progress::Progress;
use crate::io::running::Running;
use crate::io::watch::Watch;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::environment;
use crate::workflow::environment::Environment;
use crate::workflow::install;
use crate::workflow::install::Installed;
use crate::workflow::install::Variant;
use crate::workflow::lock;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;
use crate::workflow::wheel;

/// How long the loop sleeps where nothing happens.
const GLANCE: Duration = Duration::from_millis(100);

/// What the loop runs.
#[derive(Debug, Clone)]
pub struct Request {
    /// The recipe's file, relative to the project's root.
    pub file: String,
    /// The command; where it is empty, the controllers are loaded and the loop tells how that went.
    pub command: Vec<String>,
    /// Whether hive's own standard output is the command's; else the command's goes to standard error, too.
    pub owns_output: bool,
}

/// What happens in the loop.
pub enum Event {
    /// Files were saved: their paths, relative to the project's root where they are in it.
    Saved(Vec<String>),
    /// What was saved is in the environment, and the command runs.
    Ready(Ready),
    /// What was saved cannot be shown; what ran before still runs.
    Broken(Refusal),
    /// The command has ended by itself.
    Ended(ExitStatus),
}

/// A round of the loop that went well.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// The environment's interpreter.
    pub python: String,
    /// The files of the environment that are otherwise than in the round before, sorted.
    pub changed: Vec<String>,
    /// How many files of the environment are not as upstream published them.
    pub changed_count: usize,
    /// From the save to the command's start, in milliseconds.
    pub elapsed_ms: u128,
    /// The process that runs; `null` without a command.
    pub process: Option<u32>,
}

/// Watches a recipe with its patches and controllers, shows what is saved in the environment, and runs a command there, until
/// the user stops it. Nothing is left behind: neither a process nor a file.
///
/// # Errors
///
/// Returns an error only where the first environment cannot be made, or files cannot be watched; what goes wrong later is told.
pub fn dev(
    project: &Project,
    request: &Request,
    options: Options,
    progress: &dyn Progress,
    tell: &mut dyn FnMut(Event),
) -> Result<(), Refusal> {
    let stop = Listening::begin();
    let mut watch = Watch::new().map_err(Error::from)?;
    let mut stage = Stage::default();
    let mut saved = BTreeSet::new();
    let mut since = Instant::now();
    loop {
        // What can be read of the recipe is watched, also where the rest of it is wrong.
        let loaded = project.load(&request.file);
        watch.follow(watched(project, request, loaded.as_ref().ok())).map_err(Error::from)?;
        let round = loaded.map_err(Refusal::from).and_then(|loaded| {
            let changed = stage.show(project, &loaded, options, progress)?;
            // Who saves the same again does not want to start over; who saves after the command has ended does.
            if !changed.is_empty() || stage.running.is_none() {
                stage.start(project, request)?;
            }
            Ok(changed)
        });
        match round {
            Ok(changed) => tell(Event::Ready(stage.ready(changed, since))),
            Err(refusal) if stage.laid.is_none() => return Err(refusal),
            Err(refusal) => tell(Event::Broken(refusal)),
        }
        loop {
            if stop.is_asked_to_stop() {
                stage.stop();
                return Ok(());
            }
            if let Some(status) = stage.running.as_mut().and_then(Running::ended) {
                stage.stop();
                tell(Event::Ended(status));
            }
            saved.extend(watch.wait(GLANCE));
            if !saved.is_empty() {
                break;
            }
        }
        since = Instant::now();
        let shown = |path: PathBuf| project.relative(&path).unwrap_or_else(|| path.display().to_string());
        tell(Event::Saved(std::mem::take(&mut saved).into_iter().map(shown).collect()));
    }
}

/// Returns the files whose change matters.
fn watched(project: &Project, request: &Request, loaded: Option<&Loaded>) -> Vec<PathBuf> {
    let named = loaded.into_iter().flat_map(|loaded| loaded.recipe.files()).map(|file| project.path(file));
    let files = named.filter(|file| files::folder_of(file).is_dir());
    files.chain([project.path(&request.file)]).collect()
}

/// What stands and runs.
#[derive(Default)]
struct Stage {
    laid: Option<Laid>,
    running: Option<Running>,
}

/// An overlay over an environment.
struct Laid {
    /// The key of the environment below.
    key: String,
    overlay: Overlay,
    change_count: usize,
    /// Where the overlay stands; it goes with this.
    _folder: TempDir,
}

impl Stage {
    /// Shows a recipe's patches and controllers, and returns the files that are otherwise than before.
    fn show(
        &mut self,
        project: &Project,
        loaded: &Loaded,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, Refusal> {
        let lock = lock::read(project)?;
        let expected = lock::expected_checksum(lock.as_ref(), loaded);
        let release = upstream::obtain(project, &loaded.recipe, expected.as_deref(), options, progress)?;
        let Environment { changes, broken_count, findings, .. } =
            environment::prepare(project, &loaded.recipe, &release)?;
        if broken_count > 0 {
            return Err(Refusal::Findings(findings));
        }
        let installed = below(project, loaded, &changes, options, progress)?;
        if self.laid.as_ref().is_none_or(|laid| laid.key != installed.key) {
            self.stop();
            self.laid = Some(Laid::new(project, installed)?);
        }
        let laid = self.laid.as_mut().expect("it was laid just now, if it was not before");
        laid.change_count = changes.len();
        Ok(laid.overlay.show(&changes).map_err(Error::from)?)
    }

    /// Starts the command anew.
    fn start(&mut self, project: &Project, request: &Request) -> Result<(), Refusal> {
        self.stop();
        let (Some(laid), [program, arguments @ ..]) = (&self.laid, request.command.as_slice()) else {
            return Ok(());
        };
        let variables = laid.variables();
        let program = laid.program(program);
        let output = if request.owns_output { Stdio::inherit() } else { Stdio::from(io::stderr()) };
        let running = Running::start(&program, arguments, &project.root, &variables, output);
        self.running = Some(running.map_err(Error::from)?);
        Ok(())
    }

    fn ready(&self, changed: Vec<String>, since: Instant) -> Ready {
        let python = self.laid.as_ref().map(|laid| laid.overlay.python.display().to_string());
        Ready {
            python: python.unwrap_or_default(),
            changed,
            changed_count: self.laid.as_ref().map_or(0, |laid| laid.change_count),
            elapsed_ms: since.elapsed().as_millis(),
            process: self.running.as_ref().map(Running::id),
        }
    }

    fn stop(&mut self) {
        self.running = None;
    }
}

impl Laid {
    fn new(project: &Project, installed: Installed) -> Result<Self, Error> {
        let stages = project.path(".hive/dev");
        files::create_folder(&stages)?;
        let folder = files::temporary_folder(&stages)?;
        let root = folder.path().join("environment");
        let overlay = Overlay::make(&installed.root, &installed.site_packages, &root)?;
        Ok(Self { key: installed.key, overlay, change_count: 0, _folder: folder })
    }

    /// Returns the variables that an activated environment has.
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [self.overlay.root.join("bin")].into_iter().chain(env::split_paths(&path));
        let path = env::join_paths(folders).unwrap_or(path);
        vec![("PATH", path), ("VIRTUAL_ENV", self.overlay.root.clone().into()), ("PYTHONUNBUFFERED", "1".into())]
    }

    /// Returns the environment's program of a name, or the name: what is started is looked for on hive's own `PATH`.
    fn program(&self, name: &str) -> PathBuf {
        let own = self.overlay.root.join("bin").join(name);
        if !name.contains('/') && own.exists() { own } else { Path::new(name).to_owned() }
    }
}

/// Returns the environment to lay an overlay over: the release as published, and only where something compiled is patched
/// one that was compiled with the series. Controllers never make another one.
fn below(
    project: &Project,
    loaded: &Loaded,
    changes: &BTreeMap<String, Option<Vec<u8>>>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Installed, Refusal> {
    let mut below = loaded.clone();
    below.recipe.controllers.clear();
    let variant = if changes.keys().any(|path| wheel::is_compiled(path)) {
        Variant::Patched
    } else {
        below.recipe.patches.clear();
        Variant::Pristine
    };
    // What is edited cannot be what is locked.
    install::obtain(project, &below, variant, Options { locked: false, ..options }, progress)
}
