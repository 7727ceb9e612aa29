//! Where do a recipe's Python programs run: in the managed environment of this machine, or in the recipe's image?

use std::path::PathBuf;

use tempfile::TempDir;

use crate::image::label;
use crate::io::docker::Engine;
use crate::io::files;
use crate::io::overlay::Overlay;
use crate::io::progress::Progress;
use crate::io::sandbox;
use crate::io::script::Output;
use crate::io::script::Script;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::closure::Closure;
use crate::workflow::image;
use crate::workflow::image::inspect;
use crate::workflow::image::planned;
use crate::workflow::image::proof;
use crate::workflow::install;
use crate::workflow::install::Planned;
use crate::workflow::install::Variant;
use crate::workflow::project::Loaded;
use crate::workflow::upstream_engine::error;

/// Where an environment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// On this machine, below `.hive/environments`.
    #[default]
    Local,
    /// In the image that was built of the recipe.
    Image,
}

/// An environment in which Python programs run, without a network and within bounds.
pub struct Environment {
    /// What identifies it: the environment's key, or the image's ID.
    pub key: String,
    runner: Runner,
    /// The folder of what is laid over another environment; it goes with this.
    #[allow(dead_code, reason = "it is kept, not looked at")]
    overlay: Option<TempDir>,
}

/// What runs a program.
enum Runner {
    /// The Python of an environment on this machine.
    Local(PathBuf),
    /// The Python of an image, in a container of its own.
    Image {
        engine: Box<Engine>,
        name: String,
        /// How the Python is started.
        python: Vec<String>,
    },
}

impl Environment {
    /// Finds or makes the environment of a recipe.
    ///
    /// # Errors
    ///
    /// Says what is missing, and how to come by it.
    pub fn of(
        project: &Project,
        loaded: &Loaded,
        variant: Variant,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        if options.place == Place::Image {
            return Self::in_image(&loaded.recipe, variant);
        }
        let installed = install::obtain(project, loaded, variant, options, progress);
        let installed = installed.map_err(|refusal| refused(loaded, refusal))?;
        Ok(Self { key: installed.key, runner: Runner::Local(installed.python), overlay: None })
    }

    /// Finds or makes the environment of a recipe on this machine; `closure` are the packages that it stands on, whatever
    /// the lock says, and `wanted` is what it would be.
    ///
    /// Where nothing compiled is patched, it is the pristine release, made once, and over it what the series and the
    /// controllers change: a mixture of patches then takes no environment of its own.
    ///
    /// # Errors
    ///
    /// Says what is missing, and how to come by it.
    pub fn mixed(
        project: &Project,
        loaded: &Loaded,
        closure: &Closure,
        wanted: &Planned,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let is_there = project.path(".hive/environments").join(&wanted.key).is_dir();
        let mut pristine = loaded.clone();
        pristine.recipe.patches.clear();
        pristine.recipe.controllers.clear();
        let made = |loaded: &Loaded, variant| {
            let installed = install::obtain_on(project, loaded, variant, Some(closure), options, progress);
            installed.map_err(|refusal| refused(loaded, refusal))
        };
        let below = if is_there { None } else { Some(made(&pristine, Variant::Pristine)?) };
        let Some(below) = below.filter(|below| below.origin.identity() == wanted.origin.identity()) else {
            let installed = made(loaded, Variant::Patched)?;
            return Ok(Self { key: installed.key, runner: Runner::Local(installed.python), overlay: None });
        };
        let stages = project.path(".hive/overlays");
        files::create_folder(&stages)?;
        let folder = files::temporary_folder(&stages)?;
        let mut overlay = Overlay::make(&below.root, &below.site_packages, &folder.path().join("environment"))?;
        overlay.show(&wanted.changes)?;
        Ok(Self { key: wanted.key.clone(), runner: Runner::Local(overlay.python), overlay: Some(folder) })
    }

    /// Finds the image that was built of a recipe, or for the pristine release the base that it stands on.
    fn in_image(recipe: &Recipe, variant: Variant) -> Result<Self, Error> {
        let engine = Engine::connect()?;
        let built = planned::name(recipe)?.short();
        let mend = format!("build it with `hive build {}`", recipe.name);
        let not_there = |name: &str| image::Error::NotThere { name: name.to_owned(), mend: mend.clone() };
        let mut facts = engine.image(&built)?.ok_or_else(|| not_there(&built))?;
        let root = inspect::labels(&facts).get(label::ROOT).cloned().unwrap_or_default();
        let mut name = built;
        if variant == Variant::Pristine {
            name = recipe.image.as_ref().map(|image| image.base.clone()).unwrap_or_default();
            facts = engine.image(&name)?.ok_or_else(|| not_there(&name))?;
        }
        let opened = engine.look_into(&name)?;
        let python = proof::python(&opened, &root)?;
        drop(opened);
        let python = python.ok_or_else(|| error::Error::NoPython { image: name.clone() })?;
        Ok(Self { key: facts.id, runner: Runner::Image { engine: Box::new(engine), name, python }, overlay: None })
    }

    /// Runs a program in it; each line of its standard error is handed on.
    ///
    /// # Errors
    ///
    /// Says that it could not be started. How it ends is no error.
    pub fn run(&self, script: &Script, on_line: &mut dyn FnMut(&str)) -> Result<Output, Error> {
        match &self.runner {
            Runner::Local(python) => Ok(sandbox::run(python, script, on_line)?),
            Runner::Image { engine, name, python } => Ok(engine.run_script(name, python, script, on_line)?),
        }
    }
}

fn refused(loaded: &Loaded, refusal: Refusal) -> Error {
    match refusal {
        Refusal::Error(error) => *error,
        Refusal::Findings(findings) => {
            Error::NotBuildable { recipe: loaded.recipe.name.clone(), count: findings.len() }
        }
    }
}
