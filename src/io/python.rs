//! Which interpreter runs an environment?

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;
use serde::Deserialize;
use thiserror::Error;

use crate::io::process;
use crate::io::process::Program;
use crate::io::script::Ended;

/// The variable that names an interpreter: a path, or a program on `PATH`.
pub const VARIABLE: &str = "HIVE_PYTHON";

/// How long an interpreter may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an interpreter is asked. One of an environment leads to the one that the environment was made from.
const QUESTION: &str = "import json, platform, sys, sysconfig
print(json.dumps({
    'implementation': platform.python_implementation(),
    'version': platform.python_version(),
    'program': getattr(sys, '_base_executable', None) or sys.executable,
    'machine': sysconfig.get_platform(),
}))";

/// What an interpreter needs of hive's own variables to start.
const HANDED_ON: [&str; 8] =
    ["PATH", "HOME", "PYENV_ROOT", "PYENV_VERSION", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "LANG"];

/// Why there is no interpreter.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// None of that version is installed.
    #[error("there is no CPython {version} on this machine{}", refused_text(refused))]
    #[diagnostic(
        code("HV0373"),
        help(
            "install it (`apt install python{version} python{version}-venv`, `pyenv install {version}`, \
             `uv python install {version}`), or name one: `{VARIABLE}=/path/to/python{version}`"
        )
    )]
    Missing {
        /// The version, `3.12`.
        version: String,
        /// What looked like one, and why it is none.
        refused: Vec<String>,
    },

    /// The one that is named will not do.
    #[error("`{VARIABLE}` names `{}`, which {reason}", program.display())]
    #[diagnostic(code("HV0374"), help("name an interpreter of CPython {version}, or unset `{VARIABLE}`"))]
    Named {
        /// What is named.
        program: PathBuf,
        /// The version that is wanted.
        version: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// An interpreter that was started and said who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// The program.
    pub program: PathBuf,
    /// The version, `3.12.1`.
    pub version: String,
    /// The machine that it was built for, `linux-x86_64`.
    pub machine: String,
}

#[derive(Deserialize)]
struct Answer {
    implementation: String,
    version: String,
    program: PathBuf,
    machine: String,
}

/// Finds an interpreter of a version, `3.12`: the one that `HIVE_PYTHON` names, else on `PATH`, among pyenv's, among uv's.
///
/// A program that does not run, as a shim of pyenv without its version, is passed over.
///
/// # Errors
///
/// Says what to install.
pub fn find(version: &str) -> Result<Interpreter, Error> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        let program = PathBuf::from(named);
        return ask(&program, version).map_err(|reason| Error::Named { program, version: version.to_owned(), reason });
    }
    let mut refused = Vec::new();
    let mut asked = BTreeSet::new();
    for program in on_path(version).into_iter().chain(of_pyenv(version)).chain(of_uv(version)) {
        if !asked.insert(program.clone()) {
            continue;
        }
        match ask(&program, version) {
            Ok(interpreter) => return Ok(interpreter),
            // A `python3` of another version is no surprise.
            Err(reason) if program.to_string_lossy().ends_with(version) => {
                refused.push(format!("`{}` {reason}", program.display()));
            }
            Err(_) => {}
        }
    }
    Err(Error::Missing { version: version.to_owned(), refused })
}

/// Asks a program who it is.
///
/// # Errors
///
/// Says in what it differs from what is wanted, fit to follow its name.
fn ask(program: &Path, version: &str) -> Result<Interpreter, String> {
    let folder = env::temp_dir();
    let mut question = Program::new(program, folder).arguments(["-I", "-S", "-c", QUESTION]).inheriting(&HANDED_ON);
    question.timeout = Some(PATIENCE);
    let output = process::run(&question, &mut |_| {}).map_err(|_| "cannot be started".to_owned())?;
    if output.ended != Ended::Exit(0) {
        let said = output.talk.lines().next_back().unwrap_or_default().trim().to_owned();
        return Err(if said.is_empty() { "does not run".to_owned() } else { format!("does not run: {said}") });
    }
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|_| "is no Python".to_owned())?;
    if answer.implementation != "CPython" {
        return Err(format!("is {} {}", answer.implementation, answer.version));
    }
    let is_wanted = answer.version == version || answer.version.starts_with(&format!("{version}."));
    if !is_wanted {
        return Err(format!("is CPython {}", answer.version));
    }
    Ok(Interpreter { program: answer.program, version: answer.version, machine: answer.machine })
}

fn on_path(version: &str) -> Vec<PathBuf> {
    let major = version.split('.').next().unwrap_or(version);
    let names = [format!("python{version}"), format!("python{major}"), "python".to_owned()];
    let folders: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let programs = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    programs.filter(|program| program.is_file()).collect()
}

fn of_pyenv(version: &str) -> Vec<PathBuf> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(home()?.join(".pyenv")));
    let Some(root) = root else { return Vec::new() };
    let is_version = |name: &str| name == version || name.starts_with(&format!("{version}."));
    below(&root.join("versions"), &is_version, &format!("bin/python{version}"))
}

fn of_uv(version: &str) -> Vec<PathBuf> {
    let folder = env::var_os("UV_PYTHON_INSTALL_DIR")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("XDG_DATA_HOME")?).join("uv/python")))
        .or_else(|| Some(home()?.join(".local/share/uv/python")));
    let Some(folder) = folder else { return Vec::new() };
    let start = format!("cpython-{version}");
    let is_version = |name: &str| name.strip_prefix(&start).is_some_and(|rest| rest.starts_with(['.', '-']));
    below(&folder, &is_version, &format!("bin/python{version}"))
}

/// Returns a program below each folder whose name will do, the newest version first.
fn below(folder: &Path, is_version: &dyn Fn(&str) -> bool, program: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| is_version(name));
    names.sort_by_key(|name| {
        let number = |part: &str| part.parse::<u64>().ok();
        name.split(|letter: char| !letter.is_ascii_digit()).filter_map(number).collect::<Vec<_>>()
    });
    let programs = names.iter().rev().map(|name| folder.join(name).join(program));
    programs.filter(|program| program.is_file()).collect()
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from)
}

fn refused_text(refused: &[String]) -> String {
    refused.iter().flat_map(|refused| ["; ", refused]).collect()
}
