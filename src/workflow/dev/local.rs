//! The edit loop on this machine: an overlay over the environment, and a process.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;

use crate::io::files;
use crate::io::overlay::Overlay;
use crate::io::progress::Progress;
use crate::io::running::Running;
use crate::io::tree::Tree;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::dev::Event;
use crate::workflow::dev::Request;
use crate::workflow::dev::Shown;
use crate::workflow::dev::Stage;
use crate::workflow::install;
use crate::workflow::install::Installed;
use crate::workflow::install::Variant;
use crate::workflow::product;
use crate::workflow::product::Proof;
use crate::workflow::wheel;
use crate::workflow::wheel::Files;

/// An overlay, and the process that runs in it.
pub(super) struct Local<'a> {
    project: &'a Project,
    request: &'a Request,
    options: Options,
    // The process goes before what it runs in.
    running: Option<Running>,
    laid: Option<Laid>,
}

/// An overlay over an environment.
struct Laid {
    overlay: Overlay,
    below: Installed,
    /// Where the overlay stands; it goes with this.
    _folder: TempDir,
}

impl<'a> Local<'a> {
    pub(super) fn new(project: &'a Project, request: &'a Request, options: Options) -> Self {
        Self { project, request, options, running: None, laid: None }
    }

    /// Returns the environment to lay an overlay over: the release as published, and only where something compiled is patched
    /// one that was compiled with the series. Controllers never make another one.
    fn below(&self, shown: &Shown, progress: &dyn Progress) -> Result<Installed, Refusal> {
        let mut below = shown.loaded.clone();
        below.recipe.controllers.clear();
        let variant = if shown.changes().keys().any(|path| wheel::is_compiled(path)) {
            Variant::Patched
        } else {
            below.recipe.patches.clear();
            Variant::Pristine
        };
        install::obtain(self.project, &below, variant, self.options, progress)
    }
}

impl Stage for Local<'_> {
    fn show(&mut self, shown: &Shown, progress: &dyn Progress) -> Result<Vec<String>, Refusal> {
        let below = self.below(shown, progress)?;
        if self.laid.as_ref().is_none_or(|laid| laid.below.key != below.key) {
            let laid = Laid::new(self.project, below)?;
            self.running = None;
            self.laid = Some(laid);
        }
        let laid = self.laid.as_mut().expect("it was laid just now, if it was not before");
        Ok(laid.overlay.show(&installed(shown.changes())).map_err(Error::from)?)
    }

    fn start(&mut self) -> Result<(), Error> {
        self.running = None;
        let (Some(laid), [program, arguments @ ..]) = (&self.laid, self.request.command.as_slice()) else {
            return Ok(());
        };
        let output = if self.request.owns_output { Stdio::inherit() } else { Stdio::from(io::stderr()) };
        let (program, variables) = (laid.program(program), laid.variables());
        self.running = Some(Running::start(&program, arguments, &self.project.root, &variables, output)?);
        Ok(())
    }

    fn prove(&mut self, shown: &Shown) -> Result<Option<Vec<Proof>>, Error> {
        let Some(laid) = self.laid.as_ref().filter(|_| self.request.command.is_empty()) else {
            return Ok(None);
        };
        let files = Files {
            tree: Tree::open(&laid.below.site_packages)?,
            changes: installed(shown.changes()),
            origin: laid.below.origin.clone(),
            not_installed: Vec::new(),
        };
        let (python, recipe) = (&laid.overlay.python, &shown.loaded.recipe);
        Ok(Some(product::prove(python, recipe, &shown.environment, &files)?))
    }

    fn place(&self) -> Option<String> {
        self.laid.as_ref().map(|laid| laid.overlay.python.display().to_string())
    }

    fn is_running(&self) -> bool {
        self.running.is_some()
    }

    fn news(&mut self) -> Vec<Event> {
        let Some(status) = self.running.as_mut().and_then(Running::ended) else {
            return Vec::new();
        };
        self.running = None;
        vec![Event::Ended(status.to_string())]
    }
}

/// Returns the changes that an installed Hummingbot shows: what is compiled is below already.
fn installed(changes: &BTreeMap<String, Option<Vec<u8>>>) -> BTreeMap<String, Option<Vec<u8>>> {
    let shown = changes.iter().filter(|(path, _)| !wheel::is_compiled(path));
    shown.map(|(path, change)| (path.clone(), change.clone())).collect()
}

impl Laid {
    fn new(project: &Project, below: Installed) -> Result<Self, Error> {
        let stages = project.path(".hive/dev");
        files::create_folder(&stages)?;
        let folder = files::temporary_folder(&stages)?;
        let overlay = Overlay::make(&below.root, &below.site_packages, &folder.path().join("environment"))?;
        Ok(Self { overlay, below, _folder: folder })
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
