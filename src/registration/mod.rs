//! Registration: what would Hummingbot's own loader load from a controller's file?
//!
//! Hummingbot keeps no list of controllers. It imports `controllers.<controller_type>.<controller_name>` and takes the
//! first configuration class among the module's names in sorted order, imported names included; then, in the module
//! that defines *that* class, the first controller class. A controller that imports its parent's classes may therefore
//! run its parent's strategy without a word. [`check`] reads the file as Python would execute it, follows base classes
//! and re-exports through the upstream tree, and compares the loader's choice with what the recipe declares.
//!
//! What is absent: nothing here executes Python. A class that is made by a call (`type(…)`, `create_model(…)`), bound
//! by a function through `global`, or hidden by a module's `__dir__` is not seen; a decorator is taken to return the
//! class it is given.

mod error;
mod library;
mod loader;
mod place;
mod refusal;
mod scan;

pub use error::{Error, Warning};
pub use place::{UPSTREAM_TYPES, module_name, package_files, path};

use loader::{Loader, Pick};

/// Returns the first line, 1-based, at which a text is not Python 3; `None` for a sound one, and for one that is too long
/// to be looked at.
#[must_use]
pub fn broken_line(text: &str) -> Option<usize> {
    let tree = scan::parse(text)?;
    let error = scan::syntax_error(&tree)?;
    Some(text.bytes().take(error.start).filter(|byte| *byte == b'\n').count() + 1)
}

/// What a recipe says about one controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Module name inside the type's package, dotted where it stands in a package there, and the configuration's
    /// `controller_name`.
    pub name: String,
    /// Package under `controllers`, and the configuration's `controller_type`.
    pub controller_type: String,
    /// Name of the configuration class that has to be the one loaded.
    pub config_class: String,
    /// Name of the controller class that has to be the one loaded.
    pub class: String,
}

/// A controller whose declared classes are the ones that the loader takes.
#[derive(Debug)]
pub struct Registered {
    /// Where the file goes in the environment's tree: `controllers/market_making/pmm_dynamic_2.py`.
    pub path: String,
    /// Dotted path of the configuration class, where it is defined.
    pub config_class: String,
    /// Dotted path of the controller class, where it is defined.
    pub class: String,
    /// What the loader sees: every name of the module that stands for a configuration or a controller class, in the
    /// loader's order, configurations first.
    pub members: Vec<Member>,
    /// Package files that the tree lacks, to be added empty beside the controller.
    pub package_files: Vec<String>,
    /// What does not stop the registration but may surprise.
    pub warnings: Vec<Warning>,
}

/// One name of the module that the loader looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name in the module, which decides the order.
    pub name: String,
    /// What the loader looks at it for.
    pub role: Role,
    /// Dotted path of the class, where it is defined. Several where branches bind the name differently.
    pub classes: Vec<String>,
    /// Line of the controller's file that binds the name, counted from 1. `None` for a member of another module, which
    /// the loader goes through when the configuration class is defined there.
    pub line: Option<usize>,
    /// What the loader does with it.
    pub fate: Fate,
}

/// What the loader looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A subclass of `ControllerConfigBase`.
    Config,
    /// A subclass of `ControllerBase`.
    Controller,
}

/// What the loader does with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is the first that counts.
    Taken,
    /// Another name sorts before it.
    Later,
    /// It is one of upstream's own bases, which the loader never takes.
    PassedOver,
}

/// Checks that the loader takes the declared classes from a controller's file.
///
/// `source` is the file's text and `file_name` the name to draw it under. `modules` answers with the text of a dotted
/// Python module of the environment (the patched upstream tree, and the recipe's own controllers), or with `None` when
/// there is none. As in Python, it is asked for `package.__init__` too, and answers that only if `package` is a package.
///
/// # Errors
///
/// When a name of the declaration cannot be a module, when the file does not parse, when a declared class is missing
/// or of the wrong kind, and when the loader would take another class.
pub fn check(
    declaration: &Declaration,
    source: &str,
    file_name: &str,
    modules: &dyn Fn(&str) -> Option<String>,
) -> Result<Registered, Error> {
    place::check_names(declaration)?;
    let mut loader = Loader::open(declaration, source, file_name, modules)?;
    let config = loader.pick(Role::Config)?;
    let controller = loader.pick(Role::Controller)?;
    Ok(registered(declaration, loader, &config, &controller, modules))
}

fn registered(
    declaration: &Declaration,
    mut loader: Loader<'_>,
    config: &Pick,
    controller: &Pick,
    modules: &dyn Fn(&str) -> Option<String>,
) -> Registered {
    let mut members = loader.members(Role::Config, config);
    members.extend(loader.members(Role::Controller, controller));
    Registered {
        path: path(&declaration.controller_type, &declaration.name),
        config_class: loader.describe(config),
        class: loader.describe(controller),
        members,
        package_files: package_files(&declaration.controller_type, &declaration.name, modules),
        warnings: loader.warnings(config),
    }
}
