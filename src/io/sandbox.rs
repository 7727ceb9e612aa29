//! How does a program of ours run inside a Python environment on this machine, and nowhere else?
//!
//! The local side of [`Script`]: a fresh folder that is also the program's home, an environment of a few variables that
//! hive chooses, no network, and bounds on time and memory. The environment's own packages are all that it can import.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;
use tempfile::TempDir;
use thiserror::Error;

use crate::io::process;
use crate::io::process::Program;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::io::script::Script;

/// The program that takes the network away before ours runs.
const GUARD: &str = include_str!("guard.py");

/// Its name among the script's files.
const GUARD_NAME: &str = "hive_guard.py";

/// The exit status by which the guard says that an allocation was refused.
const OUT_OF_MEMORY: i32 = 250;

/// Why a program could not run, or has no end to report.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The folder could not be made.
    #[error("no folder could be made for `{entry}`")]
    #[diagnostic(code("HV0414"), help("see that the temporary folder is there and has room; `TMPDIR` names it"))]
    NoFolder {
        /// The program.
        entry: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The program could not be started or watched.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] process::Error),
}

/// Runs a script with the Python of an environment; each line of its standard error is handed on.
///
/// # Errors
///
/// Says that it could not be started. How it ends is no error.
pub fn run(python: &Path, script: &Script, on_line: &mut dyn FnMut(&str)) -> Result<Output, Error> {
    let no_folder = |source| Error::NoFolder { entry: script.entry.clone(), source };
    let folder = TempDir::with_prefix("hive-").map_err(no_folder)?;
    // A temporary folder may be a link; what the program is told is where it really is.
    let place = folder.path().canonicalize().map_err(no_folder)?;
    let program = prepared(python, script, &place).map_err(no_folder)?;
    let mut output = process::run(&program, on_line)?;
    if output.ended == Ended::Exit(OUT_OF_MEMORY) {
        output.ended = Ended::OutOfMemory;
    }
    Ok(output)
}

/// Writes a script's files into a folder, and says how they are run there.
fn prepared(python: &Path, script: &Script, folder: &Path) -> io::Result<Program> {
    let home: PathBuf = folder.join("home");
    let temporary = folder.join("tmp");
    fs::create_dir(&home)?;
    fs::create_dir(&temporary)?;
    fs::write(folder.join(GUARD_NAME), GUARD)?;
    for (name, bytes) in &script.files {
        fs::write(folder.join(name), bytes)?;
    }
    let limits = script.limits;
    let mut program = Program::new(python, folder)
        // No packages of the user's own, and nothing of `PYTHON…`, since none of it is handed on.
        .arguments(["-s", "-X", "utf8", GUARD_NAME])
        .arguments([limits.memory_mb.to_string(), script.entry.clone()])
        .arguments(script.arguments.iter().cloned())
        .variable("HOME", &home)
        .variable("TMPDIR", &temporary)
        .variable("PATH", "/usr/local/bin:/usr/bin:/bin")
        .variable("LANG", "C.UTF-8")
        .variable("TZ", "UTC")
        // Sets of texts are walked in the same order every time.
        .variable("PYTHONHASHSEED", "0");
    program.timeout = Some(Duration::from_secs(u64::from(limits.timeout_s)));
    program.memory_bytes = Some(u64::from(limits.memory_mb) * 1024 * 1024);
    Ok(program)
}
