//! Where do a recipe's Python programs run: in the managed environment of this machine, or in the recipe's image?

use std::path::PathBuf;

use crate::io::progress::Progress;
use crate::io::sandbox;
use crate::io::script::Output;
use crate::io::script::Script;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::install;
use crate::workflow::install::Variant;
use crate::workflow::project::Loaded;

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
    python: PathBuf,
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
        let installed = install::obtain(project, loaded, variant, options, progress);
        let installed = installed.map_err(|refusal| match refusal {
            Refusal::Error(error) => *error,
            Refusal::Findings(findings) => {
                Error::NotBuildable { recipe: loaded.recipe.name.clone(), count: findings.len() }
            }
        })?;
        Ok(Self { key: installed.key, python: installed.python })
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
