//! What this machine has, and which verbs need what it lacks.

use std::process::Command;
use std::process::Stdio;

use miette::Diagnostic as _;
use serde::Serialize;

use crate::io::address::shown;
use crate::io::docker::Engine;
use crate::io::index::configured;
use crate::io::python;
use crate::io::uv;
use crate::workflow::Project;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was looked for.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found, or what is missing.
    pub found: String,
    /// The verbs that need it.
    pub needed_by: &'static str,
    /// What to do about it; `null` where nothing is to be done.
    pub mend: Option<String>,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is there.
    Ok,
    /// It is not there, and some verbs need it.
    Missing,
}

/// Looks at everything that a verb may need.
#[must_use]
pub fn doctor(project: &Project) -> Vec<Check> {
    vec![index(), cache(project), recipes(project), program_git(), docker(), python(), program_uv()]
}

fn check(name: &'static str, needed_by: &'static str, found: Result<String, (String, String)>) -> Check {
    match found {
        Ok(found) => Check { name, state: State::Ok, found, needed_by, mend: None },
        Err((found, mend)) => Check { name, state: State::Missing, found, needed_by, mend: Some(mend) },
    }
}

/// Returns the first line that a program writes.
fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

fn index() -> Check {
    let found = match configured::configured() {
        Ok(indexes) => Ok(indexes.urls.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Err(error) => Err((error.to_string(), "set PIP_INDEX_URL, or install pip".to_owned())),
    };
    check("package index", "fetch, test, lock, build (first run only)", found)
}

fn cache(project: &Project) -> Check {
    let folder = project.path(".hive");
    let writable = tempfile::Builder::new().prefix(".hive-doctor").tempdir_in(&project.root).is_ok();
    let found = if writable {
        let state = if folder.is_dir() { "there" } else { "made at the first fetch" };
        Ok(format!("{} ({state})", folder.display()))
    } else {
        Err((format!("{} cannot be written", project.root.display()), "work in a folder of your own".to_owned()))
    };
    check("cache", "fetch, test, lock, build", found)
}

fn recipes(project: &Project) -> Check {
    let found = project
        .select(&[], &project.root)
        .map(|files| files.join(", "))
        .map_err(|error| (error.to_string(), "write `recipes/NAME.toml`; `hive schema` describes it".to_owned()));
    check("recipes", "all but explain, schema, completions", found)
}

fn program_git() -> Check {
    let mend = "install git".to_owned();
    check("git", "recipes with [upstream.git]", answer("git", &["--version"]).ok_or(("not found".to_owned(), mend)))
}

fn docker() -> Check {
    let found = Engine::connect().map(|engine| {
        let version = engine.version();
        // What stores the images is a detail that an engine may not want to tell.
        let driver = engine.storage().map(|storage| format!(", {}", storage.driver)).unwrap_or_default();
        format!("Docker Engine {}, API {}{driver}, at {}", version.engine, version.api, engine.address())
    });
    let found = found.map_err(|error| {
        let mend = error.help().map(|help| help.to_string()).unwrap_or_default();
        (error.to_string(), mend)
    });
    check("Docker engine", "build (images), verify, inspect, dev", found)
}

fn python() -> Check {
    let found = python::find("3.12").map(|found| format!("CPython {} at {}", found.version, found.program.display()));
    let mend = "install CPython 3.12, or name one with HIVE_PYTHON".to_owned();
    check("Python", "build --install; none of the replays", found.map_err(|_| ("no CPython 3.12".to_owned(), mend)))
}

fn program_uv() -> Check {
    let found = uv::on_path().map(|(program, version)| format!("uv {version} at {}", program.display()));
    let found = found.unwrap_or_else(|| format!("not on PATH: {} is fetched into .hive when needed", uv::VERSION));
    check("uv", "lock, build --install", Ok(found))
}
