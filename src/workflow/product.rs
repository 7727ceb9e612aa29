//! Is what a recipe says really in the installed Hummingbot?
//!
//! Hive looks into the environment with the environment's own Python: the files that Hummingbot is imported from hold the
//! patched bytes, compiled modules were generated from the patched sources, the backtesting engine can be imported, and
//! Hummingbot's own loader takes the declared classes for each registered controller, with the scenarios' configurations.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use miette::Diagnostic;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use crate::io::files;
use crate::io::sandbox;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::io::script::Script;
use crate::recipe::resolve::Controller;
use crate::recipe::resolve::Limits;
use crate::recipe::resolve::Recipe;
use crate::workflow::environment::Environment;
use crate::workflow::wheel::Files;
use crate::workflow::wheel::Origin;
use crate::workflow::wheel::is_compiled;

/// The program that looks.
const PROGRAM: &str = include_str!("product.py");

/// What it may take: importing Hummingbot takes seconds and some hundred megabytes.
const LIMITS: Limits = Limits { timeout_s: 600, memory_mb: 4_096 };

/// The engine that backtests run on, in trees that have it.
const ENGINE: &str = "hummingbot/strategy_v2/backtesting/backtesting_engine_base.py";

/// How many lines of a program that ended badly are shown.
const SHOWN_LINES: usize = 12;

/// Why a product is not what its recipe says.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// At least one thing is otherwise.
    #[error("the installed Hummingbot is not what recipe `{recipe}` says, so it was thrown away")]
    #[diagnostic(code("HV0380"))]
    Unproven {
        /// The recipe.
        recipe: String,
        /// What is otherwise.
        #[related]
        failures: Vec<Failure>,
    },

    /// The program that looks did not answer.
    #[error("the installed Hummingbot of recipe `{recipe}` could not be looked into: {how}")]
    #[diagnostic(code("HV0381"), help("the cause is the end of what it wrote"))]
    NoAnswer {
        /// The recipe.
        recipe: String,
        /// How it ended.
        how: String,
        /// The end of what it wrote.
        #[source]
        source: Words,
    },

    /// It could not be started.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Sandbox(#[from] sandbox::Error),
}

/// One thing that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum Failure {
    /// A file does not hold the patched bytes.
    #[error("`{path}` {found}, expected {expected}")]
    #[diagnostic(code("HV0382"), help("this is a bug of hive; please report it with the recipe"))]
    File {
        /// The file.
        path: String,
        /// What there is.
        found: String,
        /// What there should be.
        expected: String,
    },

    /// A compiled module was made from other sources.
    #[error("the compiled module `{module}` {found}, expected sources with sha256 {expected}")]
    #[diagnostic(code("HV0383"), help("remove `.hive/cache/built` and build again; if it stays, it is a bug of hive"))]
    Module {
        /// The module.
        module: String,
        /// What there is.
        found: String,
        /// The hash of the patched source, or of all that is compiled.
        expected: String,
    },

    /// The engine cannot be imported.
    #[error("the backtesting engine cannot be imported")]
    #[diagnostic(
        code("HV0384"),
        help(
            "a missing package goes into `requires` of `[python]`; a missing module of Hummingbot needs `extensions = \"all\"`"
        )
    )]
    Engine {
        /// The exception.
        #[source]
        source: Words,
    },

    /// The loader takes another class.
    #[error("Hummingbot's loader takes `{taken}` for controller `{controller}`, and the recipe declares `{declared}`")]
    #[diagnostic(
        code("HV0385"),
        help(
            "the loader takes the first class by name: a class that is imported from a parent's module can shadow one's own; import the module instead (`from controllers.x import parent`), or rename the class"
        )
    )]
    OtherClass {
        /// The controller.
        controller: String,
        /// The class that is loaded.
        taken: String,
        /// The class that should be.
        declared: String,
    },

    /// The configuration is refused.
    #[error("Hummingbot refuses the configuration of scenario `{scenario}` for controller `{controller}`")]
    #[diagnostic(code("HV0386"), help("the cause names each field; correct the scenario's `controller` table"))]
    Config {
        /// The controller.
        controller: String,
        /// The scenario.
        scenario: String,
        /// The exception.
        #[source]
        source: Words,
    },

    /// The controller cannot be loaded.
    #[error("Hummingbot cannot load controller `{controller}`")]
    #[diagnostic(
        code("HV0387"),
        help("the cause is the exception of its module; `hive test` shows what hive sees in its source")
    )]
    Controller {
        /// The controller.
        controller: String,
        /// The exception.
        #[source]
        source: Words,
    },
}

/// What a program said.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Words(pub String);

/// One thing that was proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Proof {
    /// What it is about: `patch`, `controller` or `engine`.
    pub about: String,
    /// Which one.
    pub subject: String,
    /// What was seen.
    pub seen: String,
}

/// What the program found.
#[derive(Debug, Deserialize)]
struct Answer {
    files: BTreeMap<String, Option<String>>,
    /// What hive's build wrote into each module; `None` for one that is not compiled, or not there.
    modules: BTreeMap<String, Option<Vec<String>>>,
    engine: Option<String>,
    controllers: Vec<Loaded>,
}

#[derive(Debug, Deserialize)]
struct Loaded {
    name: String,
    scenario: Option<String>,
    config_class: Option<String>,
    class: Option<String>,
    error: Option<String>,
    says: Option<String>,
    kind: Option<String>,
}

/// Looks into an installed Hummingbot and returns what is proven.
///
/// # Errors
///
/// Returns [`Error::Unproven`] with everything that is otherwise.
pub fn prove(python: &Path, recipe: &Recipe, environment: &Environment, product: &Files) -> Result<Vec<Proof>, Error> {
    prove_by(&mut |script| Ok(sandbox::run(python, script, &mut |_| {})?), recipe, environment, product)
}

/// As [`prove`]; `run` runs the program that looks, wherever the product is.
///
/// # Errors
///
/// As [`prove`], and what `run` says.
pub fn prove_by<E: From<Error>>(
    run: &mut dyn FnMut(&Script) -> Result<Output, E>,
    recipe: &Recipe,
    environment: &Environment,
    product: &Files,
) -> Result<Vec<Proof>, E> {
    let files: BTreeMap<&String, Option<String>> =
        product.changes.iter().map(|(path, change)| (path, change.as_deref().map(files::sha256_hex))).collect();
    let compiled: BTreeMap<&String, &Option<Vec<u8>>> =
        environment.changes.iter().filter(|(path, _)| is_compiled(path)).collect();
    let mut modules: BTreeSet<String> = compiled.keys().filter_map(|path| module_of(path)).collect();
    // A header is in no module of its own: then every module has to be of this build.
    let is_shared = compiled.keys().any(|path| module_of(path).is_none());
    let all = if is_shared { extensions(product) } else { BTreeSet::new() };
    modules.extend(all.iter().cloned());
    let has_engine = product.tree.read(ENGINE).is_ok_and(|bytes| bytes.is_some());
    let registered: Vec<&Controller> = recipe
        .controllers
        .iter()
        .filter(|controller| environment.registered.iter().any(|found| found.path == path_of(controller)))
        .collect();
    let controllers: Vec<_> = registered
        .iter()
        .map(|controller| {
            json!({ "name": controller.name, "type": controller.controller_type, "configs": configs(recipe, controller) })
        })
        .collect();
    let expected = json!({
        "files": files.keys().collect::<Vec<_>>(),
        "modules": modules,
        "engine": has_engine,
        "controllers": controllers,
    });
    let answer = ask(run, recipe, &expected.to_string())?;
    let mut failures = Vec::new();
    for (path, digest) in &files {
        let found = answer.files.get(*path).cloned().flatten();
        if found != *digest {
            let words = |digest: &Option<String>| {
                digest.as_ref().map_or("is absent".to_owned(), |hex| format!("has sha256 {hex}"))
            };
            failures.push(Failure::File {
                path: (*path).clone(),
                found: words(&found),
                expected: digest.clone().unwrap_or_else(|| "no such file".to_owned()),
            });
        }
    }
    let mut sources = BTreeMap::new();
    for (path, change) in &compiled {
        if let (Some(module), Some(bytes)) = (module_of(path), change) {
            let digest = files::sha256_hex(bytes);
            let found = answer.modules.get(&module).cloned().flatten();
            let is_signed = |line: &String| line.starts_with(&format!("{path} sha256:{digest} "));
            match found {
                Some(lines) if lines.iter().any(is_signed) => {
                    sources.insert((*path).clone(), module);
                }
                found => {
                    let found = found.map_or("is not there".to_owned(), |lines| format!("says {lines:?}"));
                    failures.push(Failure::Module { module, found, expected: digest });
                }
            }
        }
    }
    if let Origin::Built { inputs, .. } = &product.origin {
        for module in &all {
            let found = answer.modules.get(module).cloned().flatten().unwrap_or_default();
            if !found.iter().any(|line| line.ends_with(&format!(" inputs:{inputs}"))) {
                let found = format!("says {found:?}");
                failures.push(Failure::Module { module: module.clone(), found, expected: inputs.clone() });
            }
        }
    }
    if let Some(words) = &answer.engine {
        failures.push(Failure::Engine { source: Words(words.clone()) });
    }
    for controller in &registered {
        failures.extend(judged(controller, environment, &answer));
    }
    if !failures.is_empty() {
        return Err(Error::Unproven { recipe: recipe.name.clone(), failures }.into());
    }
    Ok(proofs(environment, product, has_engine, &sources, &answer))
}

/// Returns what is wrong with how a controller is loaded.
fn judged(controller: &Controller, environment: &Environment, answer: &Answer) -> Vec<Failure> {
    let Some(declared) = environment.registered.iter().find(|found| found.path == path_of(controller)) else {
        return Vec::new();
    };
    let mut failures = Vec::new();
    for loaded in answer.controllers.iter().filter(|loaded| loaded.name == controller.name) {
        let name = || controller.name.clone();
        if let Some(error) = &loaded.error {
            failures.push(match (&loaded.scenario, loaded.kind.as_deref()) {
                (Some(scenario), Some("ValidationError")) => Failure::Config {
                    controller: name(),
                    scenario: scenario.clone(),
                    source: Words(loaded.says.clone().unwrap_or_default()),
                },
                _ => Failure::Controller { controller: name(), source: Words(error.clone()) },
            });
        }
        for (taken, declared) in [(&loaded.config_class, &declared.config_class), (&loaded.class, &declared.class)] {
            if let Some(taken) = taken
                && taken != declared
            {
                failures.push(Failure::OtherClass {
                    controller: name(),
                    taken: taken.clone(),
                    declared: declared.clone(),
                });
            }
        }
    }
    // Several scenarios configure one controller; the same failure is told once.
    failures.dedup();
    failures
}

fn proofs(
    environment: &Environment,
    product: &Files,
    has_engine: bool,
    sources: &BTreeMap<String, String>,
    answer: &Answer,
) -> Vec<Proof> {
    let mut proofs = Vec::new();
    for (patch, outcome) in &environment.patches {
        let mut seen = String::new();
        for file in &outcome.files {
            let path = &file.path;
            let separator = if seen.is_empty() { "" } else { ", " };
            let words = match (product.changes.get(path), sources.get(path)) {
                (Some(Some(bytes)), _) => format!("`{path}` has sha256 {}", files::sha256_hex(bytes)),
                (Some(None), _) => format!("`{path}` is gone"),
                (None, Some(module)) => format!("`{module}` was generated from the patched `{path}`"),
                (None, None) if is_compiled(path) => match &product.origin {
                    Origin::Built { inputs, .. } => {
                        format!("every module was compiled with the patched `{path}`, inputs {inputs}")
                    }
                    _ => format!("`{path}` is as it was"),
                },
                // A patch that is applied already changes nothing.
                (None, None) if !environment.changes.contains_key(path) => format!("`{path}` is as it was"),
                (None, None) => format!("`{path}` is not installed"),
            };
            write!(seen, "{separator}{words}").expect("writing to a text cannot fail");
        }
        proofs.push(Proof { about: "patch".to_owned(), subject: patch.name.clone(), seen });
    }
    if has_engine {
        let seen = "imported from the installed files".to_owned();
        proofs.push(Proof { about: "engine".to_owned(), subject: ENGINE.to_owned(), seen });
    }
    for loaded in &answer.controllers {
        let (config_class, class) = (loaded.config_class.as_deref(), loaded.class.as_deref());
        let accepted = match &loaded.scenario {
            Some(scenario) => format!(", configuration of scenario `{scenario}` accepted"),
            None => String::new(),
        };
        proofs.push(Proof {
            about: "controller".to_owned(),
            subject: loaded.name.clone(),
            seen: format!(
                "loaded as `{}` with `{}`{accepted}",
                class.unwrap_or_default(),
                config_class.unwrap_or_default()
            ),
        });
    }
    proofs
}

/// Runs the program and reads its answer.
fn ask<E: From<Error>>(
    run: &mut dyn FnMut(&Script) -> Result<Output, E>,
    recipe: &Recipe,
    expected: &str,
) -> Result<Answer, E> {
    let mut texts = BTreeMap::new();
    texts.insert("hive_product.py".to_owned(), PROGRAM.as_bytes().to_vec());
    texts.insert("expected.json".to_owned(), expected.as_bytes().to_vec());
    let script = Script { files: texts, entry: "hive_product.py".to_owned(), arguments: Vec::new(), limits: LIMITS };
    let output = run(&script)?;
    let no_answer = |how: String| -> E {
        let lines: Vec<&str> = output.talk.lines().collect();
        let source = Words(lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n"));
        Error::NoAnswer { recipe: recipe.name.clone(), how, source }.into()
    };
    match output.ended {
        Ended::Exit(0) => {}
        Ended::Exit(code) => return Err(no_answer(format!("it ended with code {code}"))),
        Ended::TimedOut => return Err(no_answer(format!("it took longer than {} s", LIMITS.timeout_s))),
        Ended::OutOfMemory => return Err(no_answer(format!("it took more than {} MiB", LIMITS.memory_mb))),
        Ended::Signal(signal) => return Err(no_answer(format!("signal {signal} ended it"))),
    }
    serde_json::from_slice(&output.stdout).map_err(|error| no_answer(format!("its answer cannot be read: {error}")))
}

/// Returns the configurations that scenarios have for a controller.
fn configs(recipe: &Recipe, controller: &Controller) -> Vec<serde_json::Value> {
    let is_for = |config: &serde_json::Map<String, serde_json::Value>| {
        let has = |key: &str, value: &str| config.get(key).is_some_and(|found| found == value);
        has("controller_name", &controller.name) && has("controller_type", &controller.controller_type)
    };
    let scenarios = recipe.scenarios.values().filter(|scenario| is_for(&scenario.controller));
    scenarios.map(|scenario| json!({ "scenario": scenario.name, "config": scenario.controller })).collect()
}

fn path_of(controller: &Controller) -> String {
    crate::registration::path(&controller.controller_type, &controller.name)
}

/// Returns every compiled module of an installed Hummingbot.
fn extensions(product: &Files) -> BTreeSet<String> {
    let files = product.tree.files().unwrap_or_default();
    let is_extension = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "so");
    let extensions = files.iter().filter(|file| is_extension(&file.path));
    extensions.filter_map(|file| Some(file.path.split('.').next()?.replace('/', "."))).collect()
}

/// Returns the module that a Cython source is compiled to; `None` for other files.
fn module_of(path: &str) -> Option<String> {
    Some(path.strip_suffix(".pyx")?.replace('/', "."))
}
