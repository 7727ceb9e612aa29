//! The edit loop: what is saved is in the environment a moment later, and the command runs anew.

mod container;
mod local;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde::Serialize;

use crate::io::docker::Engine;
use crate::io::files;
use crate::io::interrupt::Listening;
use crate::io::progress::Progress;
use crate::io::watch::Watch;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Place;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::build::sound;
use crate::workflow::dev::container::Container;
use crate::workflow::dev::local::Local;
use crate::workflow::environment::Environment;
use crate::workflow::product::Proof;
use crate::workflow::project::Loaded;

/// How long the loop sleeps where nothing happens.
const GLANCE: Duration = Duration::from_millis(50);

/// What the loop runs.
#[derive(Debug, Clone)]
pub struct Request {
    /// The recipe's file, relative to the project's root.
    pub file: String,
    /// The command. Where it is empty, the controllers are loaded by Hummingbot's own loader after each save; in an image,
    /// what the image runs is run.
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
    /// What the environment's own Python says about it.
    Proven(Vec<Proof>),
    /// What was saved cannot be shown, or is not what the recipe says; what ran before still runs.
    Broken(Refusal),
    /// The command in a container wrote a line.
    Line(String),
    /// The command has ended by itself.
    Ended(String),
}

/// A round of the loop that went well.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// Where it runs: the environment's interpreter, or the container's name.
    pub place: String,
    /// The files of the environment that are otherwise than in the round before, sorted.
    pub changed: Vec<String>,
    /// How many files of the environment are not as upstream published them.
    pub changed_count: usize,
    /// From the save until the command was started, in milliseconds.
    pub elapsed_ms: u128,
}

/// What there is to show: a recipe and its files.
struct Shown {
    loaded: Loaded,
    environment: Environment,
}

impl Shown {
    /// Puts a recipe's series and controllers together.
    fn of(project: &Project, loaded: Loaded, options: Options, progress: &dyn Progress) -> Result<Self, Refusal> {
        let (_, environment) = sound(project, &loaded, options, progress)?;
        Ok(Self { loaded, environment })
    }

    fn changes(&self) -> &BTreeMap<String, Option<Vec<u8>>> {
        &self.environment.changes
    }
}

/// Where the loop shows files and runs the command.
trait Stage {
    /// Shows files, and returns those that are otherwise than before, sorted. What runs goes on.
    fn show(&mut self, shown: &Shown, progress: &dyn Progress) -> Result<Vec<String>, Refusal>;

    /// Stops what runs, and starts the command.
    fn start(&mut self) -> Result<(), Error>;

    /// Asks the environment about what it shows; nothing where a command does.
    fn prove(&mut self, shown: &Shown) -> Result<Option<Vec<Proof>>, Error>;

    /// Returns where it runs; `None` before anything was shown.
    fn place(&self) -> Option<String>;

    /// Tells whether the command runs.
    fn is_running(&self) -> bool;

    /// Returns what has happened to the command since it was last asked.
    fn news(&mut self) -> Vec<Event>;
}

/// Watches a recipe with its patches and controllers, shows what is saved in the environment, and runs a command there, until
/// the user stops it. Nothing is left behind: no process, no container and no file.
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
    // What is edited cannot be what is locked.
    let options = Options { locked: false, ..options };
    match options.place {
        Place::Local => rounds(project, request, options, progress, tell, &mut Local::new(project, request, options)),
        Place::Image => {
            let engine = Engine::connect()?;
            thread::scope(|scope| {
                let mut container = Container::new(project, request, options, &engine, scope);
                rounds(project, request, options, progress, tell, &mut container)
            })
        }
    }
}

fn rounds(
    project: &Project,
    request: &Request,
    options: Options,
    progress: &dyn Progress,
    tell: &mut dyn FnMut(Event),
    stage: &mut dyn Stage,
) -> Result<(), Refusal> {
    let stop = Listening::begin();
    let mut watch = Watch::new().map_err(Error::from)?;
    let mut since = Instant::now();
    loop {
        // What can be read of the recipe is watched, also where the rest of it is wrong.
        let loaded = project.load(&request.file);
        watch.follow(watched(project, request, loaded.as_ref().ok())).map_err(Error::from)?;
        let shown = loaded.map_err(Refusal::from).and_then(|loaded| Shown::of(project, loaded, options, progress));
        let round = shown.and_then(|shown| {
            let changed = stage.show(&shown, progress)?;
            // Who saves the same again does not want to start over; who saves after the command has ended does.
            let is_due = !changed.is_empty() || !stage.is_running();
            if is_due {
                stage.start()?;
            }
            let ready = Ready {
                place: stage.place().unwrap_or_default(),
                changed,
                changed_count: shown.changes().len(),
                elapsed_ms: since.elapsed().as_millis(),
            };
            tell(Event::Ready(ready));
            if is_due && let Some(proofs) = stage.prove(&shown)? {
                tell(Event::Proven(proofs));
            }
            Ok(())
        });
        match round {
            Ok(()) => {}
            Err(refusal) if stage.place().is_none() => return Err(refusal),
            Err(refusal) => tell(Event::Broken(refusal)),
        }
        let saved = loop {
            if stop.is_asked_to_stop() {
                return Ok(());
            }
            stage.news().into_iter().for_each(&mut *tell);
            let saved = watch.wait(GLANCE);
            if !saved.is_empty() {
                break saved;
            }
        };
        since = Instant::now();
        tell(Event::Saved(names(project, saved)));
    }
}

/// Returns the files whose change matters.
fn watched(project: &Project, request: &Request, loaded: Option<&Loaded>) -> Vec<PathBuf> {
    let named = loaded.into_iter().flat_map(|loaded| loaded.recipe.files()).map(|file| project.path(file));
    let files = named.filter(|file| files::folder_of(file).is_dir());
    files.chain([project.path(&request.file)]).collect()
}

fn names(project: &Project, files: BTreeSet<PathBuf>) -> Vec<String> {
    let root = project.root.canonicalize().unwrap_or_else(|_| project.root.clone());
    files.into_iter().map(|file| file.strip_prefix(&root).unwrap_or(&file).display().to_string()).collect()
}
