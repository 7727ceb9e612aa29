//! Where does Hummingbot look for a controller?

use super::{Declaration, Error};

/// The packages under `controllers` that upstream knows. Others load as well, if the configuration names them.
pub const UPSTREAM_TYPES: [&str; 3] = ["directional_trading", "generic", "market_making"];

/// Root package of controllers: `CONTROLLERS_MODULE` in Hummingbot's settings.
const ROOT: &str = "controllers";

/// Python's reserved words: a module of such a name cannot be imported by a statement.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Returns the place of a controller's file in the environment's tree, with forward slashes.
#[must_use]
pub fn path(controller_type: &str, name: &str) -> String {
    format!("{}.py", module_name(controller_type, name).replace('.', "/"))
}

/// Returns the dotted module that the loader imports for a controller.
///
/// A dotted name reaches into a package of the type: upstream's own `examples.market_status_controller` does.
#[must_use]
pub fn module_name(controller_type: &str, name: &str) -> String {
    format!("{ROOT}.{controller_type}.{name}")
}

/// Returns the package files that the tree lacks, to be added empty, outermost first.
///
/// Neither sdist nor wheel of Hummingbot ships a `controllers` package. Python imports from a folder without
/// `__init__.py` too, but only as long as no other `controllers` package stands anywhere on its path.
#[must_use]
pub fn package_files(controller_type: &str, name: &str, modules: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    packages(&module_name(controller_type, name))
        .filter(|package| modules(&format!("{package}.__init__")).is_none())
        .map(|package| format!("{}/__init__.py", package.replace('.', "/")))
        .collect()
}

/// Returns the packages that a dotted module stands in, outermost first.
pub(super) fn packages(module: &str) -> impl Iterator<Item = &str> {
    module.match_indices('.').map(|(dot, _)| &module[..dot])
}

/// Checks that the names of a declaration can be folders and modules: they become part of a path.
pub(super) fn check_names(declaration: &Declaration) -> Result<(), Error> {
    let is_module = |part: &str| is_identifier(part) && !KEYWORDS.contains(&part);
    if !declaration.name.split('.').all(is_module) {
        return Err(Error::NotAModuleName { name: declaration.name.clone(), what: "name" });
    }
    if !is_module(&declaration.controller_type) {
        return Err(Error::NotAModuleName { name: declaration.controller_type.clone(), what: "type" });
    }
    Ok(())
}

/// ASCII only, on purpose: Python normalises other letters, and file systems do so each in its own way.
fn is_identifier(name: &str) -> bool {
    let rest = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    name.bytes().next().is_some_and(|first| rest(first) && !first.is_ascii_digit()) && name.bytes().all(rest)
}
