//! Proof in the product: are the files in the image those that hive put there, and does its Hummingbot load the controllers?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::io::docker::Engine;
use crate::io::docker::Opened;
use crate::io::files;
use crate::recipe::lock::fact;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error as AnyError;
use crate::workflow::environment::Environment;
use crate::workflow::image::Error;
use crate::workflow::image::error::Hashes;
use crate::workflow::image::planned::Planned;
use crate::workflow::product;
use crate::workflow::product::Failure;
use crate::workflow::product::Proof;
use crate::workflow::upstream::Release;
use crate::workflow::wheel::Files;
use crate::workflow::wheel::Origin;
use crate::workflow::wheel::is_compiled;

/// What was proven.
#[derive(Debug, Serialize)]
pub struct Proven {
    /// How many files were read back from the image and are what they should be.
    pub file_count: usize,
    /// What the image's own Python has shown.
    pub shown: Vec<Proof>,
    /// Why the image's own Python has shown nothing; `null` where it has.
    pub unshown: Option<String>,
}

/// Reads the files that the recipe changes back from the image, and lets its Python load the controllers.
///
/// A base that lacks Python, or packages that Hummingbot imports, is no fault of the recipe: that is told, and no error.
///
/// # Errors
///
/// Names the first file that is not what it should be, and everything that is loaded otherwise than declared.
pub fn prove(
    engine: &Engine,
    image: &str,
    planned: &Planned,
    recipe: &Recipe,
    release: &Release,
    environment: &Environment,
) -> Result<Proven, AnyError> {
    let opened = engine.look_into(image)?;
    for (path, expected) in &planned.files {
        let found = opened.read(path)?.map(|bytes| files::sha256_hex(&bytes));
        if found != *expected {
            let written =
                |sha256: Option<&String>| sha256.map_or_else(|| "nothing".to_owned(), |hex| fact::sha256(hex));
            let hashes = Hashes { expected: written(expected.as_ref()), found: written(found.as_ref()) };
            let name = planned.name.short();
            return Err(Error::NotInProduct { name, path: path.clone(), hashes }.into());
        }
    }
    let python = python(&opened, &planned.origin.root)?;
    drop(opened);
    let file_count = planned.files.len();
    let untold = |why: String| Ok(Proven { file_count, shown: Vec::new(), unshown: Some(why) });
    let Some(python) = python else {
        return untold("the image has no Python beside its Hummingbot".to_owned());
    };
    let shown = product::prove_by(
        &mut |script| engine.run_script(image, &python, script, &mut |_| {}).map_err(AnyError::from),
        recipe,
        environment,
        &product(planned, release, environment),
    );
    match shown {
        Ok(shown) => Ok(Proven { file_count, shown, unshown: None }),
        Err(AnyError::Product(error)) => match missing(&error) {
            Some(package) => untold(format!("the base lacks the package `{package}`, which Hummingbot imports")),
            None => Err(AnyError::Product(error)),
        },
        Err(error) => Err(error),
    }
}

/// Returns the package without which the image's Hummingbot cannot be imported, where that is all that is wrong.
fn missing(error: &product::Error) -> Option<String> {
    let words = match error {
        product::Error::Unproven { failures, .. } => match failures.as_slice() {
            [Failure::Engine { source }] => source,
            _ => return None,
        },
        // Where not even `hummingbot` can be imported, the program that looks ends.
        product::Error::NoAnswer { source, .. } => source,
        product::Error::Sandbox(_) => return None,
    };
    let name = words.0.rsplit_once("ModuleNotFoundError: No module named '")?.1.split(['\'', '.']).next()?;
    // A module of Hummingbot's own that is missing is a fault, of a patch perhaps.
    (!["hummingbot", "controllers", "scripts"].contains(&name)).then(|| name.to_owned())
}

/// Returns what is changed in the image, as the proof wants it.
fn product(planned: &Planned, release: &Release, environment: &Environment) -> Files {
    let root = &planned.origin.root;
    let is_there = |path: &String| planned.files.contains_key(&format!("{root}/{path}"));
    let changes: BTreeMap<String, Option<Vec<u8>>> = environment
        .changes
        .iter()
        .filter(|(path, _)| is_there(path))
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    // Where a patch changes what is compiled, a plan is one of a compiled Hummingbot, whose modules say what they are made of.
    let origin = if environment.changes.keys().any(|path| is_compiled(path)) {
        Origin::Built { inputs: String::new(), from_cache: true }
    } else {
        Origin::Tree { sha256: String::new() }
    };
    Files { tree: release.tree.clone(), changes, origin, not_installed: Vec::new() }
}

/// Returns how the Python is started that finds Hummingbot in its folder; `None` where the image has none.
fn python(opened: &Opened<'_>, root: &str) -> Result<Option<Vec<String>>, AnyError> {
    let packages = ["/site-packages", "/dist-packages"];
    let library = packages.iter().find_map(|name| root.strip_suffix(name));
    let (programs, path) = match library.and_then(|library| library.rsplit_once("/lib/")) {
        Some((prefix, version)) => (vec![format!("{prefix}/bin/{version}"), format!("/usr/bin/{version}")], None),
        None => (
            ["/opt/conda/envs/hummingbot", "/opt/conda", "/usr/local", "/usr"]
                .map(|prefix| format!("{prefix}/bin/python3"))
                .into(),
            Some(format!("PYTHONPATH={root}")),
        ),
    };
    for program in programs {
        if opened.stat(&program)?.is_some() {
            let before = path.into_iter().flat_map(|path| ["/usr/bin/env".to_owned(), path]);
            return Ok(Some(before.chain([program, "-B".to_owned()]).collect()));
        }
    }
    Ok(None)
}
