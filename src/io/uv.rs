//! How does hive have `uv` resolve, make environments and install?

pub mod pylock;

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

use crate::io::cache::Cache;
use crate::io::fetch;
use crate::io::files;
use crate::io::index::configured;
use crate::io::process;
use crate::io::process::Program;
use crate::io::progress::Progress;
use crate::io::python::Interpreter;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::recipe::closure::Pin;
use crate::recipe::resolve::Artifact;

/// The release of uv that hive installs for itself where there is none on `PATH`.
pub const VERSION: &str = "0.13.9";

/// The oldest uv that writes `pylock.toml`.
const OLDEST: (u32, u32) = (0, 7);

/// How long uv may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many lines of uv's talk are shown when it fails.
const SHOWN_LINES: usize = 40;

/// What uv needs of hive's own variables: where it keeps things, whom it trusts, how it gets out, what compiles.
const HANDED_ON: [&str; 30] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "UV_CACHE_DIR",
    "UV_LINK_MODE",
    "UV_CONCURRENT_DOWNLOADS",
    "UV_HTTP_TIMEOUT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSL_CLIENT_CERT",
    "NETRC",
    "CC",
    "CXX",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "UV_PYTHON_INSTALL_DIR",
    "RUST_LOG",
    "UV_KEYRING_PROVIDER",
];

/// Why uv gave no answer.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// There is no uv, and none could be fetched.
    #[error("there is no `uv` on `PATH`, and {VERSION} could not be fetched")]
    #[diagnostic(code("HV0375"), help("install uv, for example with `pip install uv`"))]
    NoUv {
        /// Why not.
        #[source]
        source: Box<fetch::Error>,
    },

    /// No set of versions satisfies everything.
    #[error("the Python closure of {what} cannot be resolved")]
    #[diagnostic(
        code("HV0376"),
        help(
            "in `[python]`, `override` wins over what packages ask for, `exclude` leaves a package out, and \
             `cut-off` decides which releases are seen"
        )
    )]
    Conflict {
        /// Whose closure.
        what: String,
        /// What uv says.
        #[source]
        source: Said,
    },

    /// The packages could not be installed.
    #[error("the Python packages of {what} could not be installed")]
    #[diagnostic(code("HV0377"), help("{}", if *offline { ONCE_ONLINE } else { LOOK_AT_CAUSE }))]
    Install {
        /// Whose packages.
        what: String,
        /// Whether nothing could be downloaded.
        offline: bool,
        /// What uv says.
        #[source]
        source: Said,
    },

    /// The environment could not be made.
    #[error("`uv` could not make an environment at `{}`", into.display())]
    #[diagnostic(code("HV0378"), help("the cause is uv's own words; `hive doctor` says which Python was found"))]
    Environment {
        /// Where.
        into: PathBuf,
        /// What uv says.
        #[source]
        source: Said,
    },

    /// uv or the index could not be started or asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] process::Error),

    /// The index is not configured.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Index(#[from] crate::io::index::Error),

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// What makes the same bytes of a package that is compiled from its sources each time: uv compiles in a folder with a random
/// name, which debug information would carry, and two builds at once leave it to chance whose wheel is kept.
const SAME_EACH_TIME: [(&str, &str); 3] =
    [("CFLAGS", "-g0"), ("PYTHONHASHSEED", "0"), ("SOURCE_DATE_EPOCH", "315532800")];

const ONCE_ONLINE: &str = "run it once with a network: `--offline` installs what uv has in its cache";
const LOOK_AT_CAUSE: &str = "the cause is uv's own words; if the lock's packages are gone, `hive lock` pins new ones";

/// What uv said before it gave up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Said(pub String);

/// uv, with the index and the trust that hive has.
#[derive(Debug, Clone)]
pub struct Uv {
    program: PathBuf,
    /// The version, as it writes it.
    pub version: String,
    environment: Vec<(OsString, OsString)>,
    offline: bool,
}

/// What is to be resolved.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Whose closure it is, for messages.
    pub what: &'a str,
    /// What is asked for, one PEP 508 requirement each.
    pub requirements: &'a [String],
    /// What wins over what packages ask for.
    pub overrides: &'a [String],
    /// What is left out.
    pub exclude: &'a [String],
    /// Nothing published later is considered, as RFC 3339.
    pub cut_off: Option<&'a str>,
    /// The machine to resolve for, as uv names it; `None` for this one.
    pub platform: Option<&'a str>,
}

/// Where packages go.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Into an environment, by its Python.
    Environment(&'a Path),
    /// Into a plain folder, for a machine as uv names it; the interpreter only says the version.
    Folder {
        /// The folder.
        folder: &'a Path,
        /// The interpreter.
        python: &'a Path,
        /// The machine.
        platform: &'a str,
    },
}

impl Uv {
    /// Finds uv on `PATH`, or fetches [`VERSION`] into the cache.
    ///
    /// # Errors
    ///
    /// Says why there is none.
    pub fn obtain(cache: &Cache, python: (u32, u32), offline: bool, progress: &dyn Progress) -> Result<Self, Error> {
        let (program, version) = match on_path() {
            Some(found) => found,
            None => (fetched(cache, python, offline, progress)?, VERSION.to_owned()),
        };
        Ok(Self { program, version, environment: environment(offline)?, offline })
    }

    /// Resolves a closure and returns the text of its `pylock.toml`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Conflict`] with uv's own explanation.
    pub fn resolve(&self, question: &Question<'_>, python: &Interpreter) -> Result<String, Error> {
        let folder = tempfile::tempdir().map_err(files::Error::writing(&env::temp_dir()))?;
        let write = |name: &str, lines: &[String]| -> Result<(), Error> {
            let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
            Ok(files::write_atomic(&folder.path().join(name), text.as_bytes())?)
        };
        write("requirements.in", question.requirements)?;
        let never = question.exclude.iter().map(|name| format!("{name} ; python_version < '0'"));
        write("overrides.txt", &question.overrides.iter().cloned().chain(never).collect::<Vec<_>>())?;
        let mut program = self
            .program(folder.path(), &["pip", "compile", "--no-header", "--no-annotate"])
            .arguments(["--format", "pylock.toml", "--output-file", "pylock.toml"])
            .arguments(["--override", "overrides.txt", "--python"])
            .arguments([&python.program]);
        if let Some(platform) = question.platform {
            program = program.arguments(["--python-platform", platform]);
        }
        if let Some(cut_off) = question.cut_off {
            program = program.arguments(["--exclude-newer", cut_off]);
        }
        let output = process::run(&program.arguments(["requirements.in"]), &mut |_| {})?;
        if output.ended != Ended::Exit(0) {
            return Err(Error::Conflict { what: question.what.to_owned(), source: said(&output) });
        }
        Ok(files::read_to_string(&folder.path().join("pylock.toml"))?)
    }

    /// Makes an empty environment that may be moved.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Environment`] with what uv says.
    pub fn environment(&self, python: &Interpreter, into: &Path) -> Result<(), Error> {
        let program = self
            .program(files::folder_of(into), &["venv", "--relocatable", "--no-project", "--python"])
            .arguments([&python.program])
            .arguments([into]);
        let output = process::run(&program, &mut |_| {})?;
        if output.ended != Ended::Exit(0) {
            return Err(Error::Environment { into: into.to_owned(), source: said(&output) });
        }
        Ok(())
    }

    /// Installs exactly the pins: these files and no others, whatever the packages ask for.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Install`] with what uv says.
    pub fn install(&self, what: &str, pins: &[Pin], cut_off: Option<&str>, target: Target<'_>) -> Result<(), Error> {
        if pins.is_empty() {
            return Ok(());
        }
        let folder = tempfile::tempdir().map_err(files::Error::writing(&env::temp_dir()))?;
        let mut lines = String::new();
        for Pin { name, version, sha256 } in pins {
            writeln!(lines, "{name}=={version} --hash=sha256:{sha256}").expect("writing to a text cannot fail");
        }
        files::write_atomic(&folder.path().join("requirements.txt"), lines.as_bytes())?;
        let mut program =
            self.program(folder.path(), &["pip", "install", "--no-deps", "--require-hashes", "-r", "requirements.txt"]);
        program = match target {
            Target::Environment(python) => program.arguments(["--python"]).arguments([python]),
            Target::Folder { folder, python, platform } => program
                .arguments(["--python-platform", platform, "--python"])
                .arguments([python, Path::new("--target"), folder])
                // What goes into an image must not lead back to a cache.
                .arguments(["--link-mode", "copy"]),
        };
        if let Some(cut_off) = cut_off {
            program = program.arguments(["--exclude-newer", cut_off]);
        }
        let output = process::run(&program, &mut |_| {})?;
        if output.ended != Ended::Exit(0) {
            return Err(Error::Install { what: what.to_owned(), offline: self.offline, source: said(&output) });
        }
        Ok(())
    }

    fn program(&self, folder: &Path, arguments: &[&str]) -> Program {
        let mut program = Program::new(&self.program, folder);
        program.environment.clone_from(&self.environment);
        program = program.arguments(["--no-config", "--no-python-downloads", "--color", "never"]);
        if self.offline {
            program = program.arguments(["--offline"]);
        }
        program.arguments(arguments.iter().copied())
    }
}

/// Returns the first uv on `PATH` that runs and is new enough, with its version.
#[must_use]
pub fn on_path() -> Option<(PathBuf, String)> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    folders.iter().map(|folder| folder.join("uv")).filter(|program| program.is_file()).find_map(|program| {
        let mut question = Program::new(&program, env::temp_dir()).arguments(["--version"]).inheriting(&HANDED_ON);
        question.timeout = Some(PATIENCE);
        let output = process::run(&question, &mut |_| {}).ok().filter(|output| output.ended == Ended::Exit(0))?;
        let version = version_of(&String::from_utf8_lossy(&output.stdout))?;
        Some((program, version))
    })
}

/// Returns the version in `uv 0.13.9 (x86_64-unknown-linux-gnu)`; `None` for what is older than hive can use.
#[must_use]
pub fn version_of(answer: &str) -> Option<String> {
    let version = answer.trim().strip_prefix("uv ")?.split_whitespace().next()?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let found = (parts.next()??, parts.next()??);
    (found >= OLDEST).then(|| version.to_owned())
}

/// Fetches uv's wheel and returns the program in it.
fn fetched(cache: &Cache, python: (u32, u32), offline: bool, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let request = fetch::Request {
        package: "uv".to_owned(),
        version: VERSION.to_owned(),
        artifact: Artifact::Wheel,
        python,
        any_platform: false,
        expected_sha256: None,
        offline,
        index: None,
    };
    let fetched = fetch::fetch(&request, cache, progress).map_err(|source| Error::NoUv { source: Box::new(source) })?;
    let program = fetched.tree.join(format!("uv-{VERSION}.data/scripts/uv"));
    executable(&program)?;
    Ok(program)
}

#[cfg(unix)]
fn executable(program: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = fs::metadata(program).map_err(files::Error::reading(program))?.permissions();
    if permissions.mode() & 0o100 == 0 {
        // Zip archives do not always say it.
        let executable = fs::Permissions::from_mode(permissions.mode() | 0o111);
        fs::set_permissions(program, executable).map_err(files::Error::writing(program))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn executable(_program: &Path) -> Result<(), Error> {
    Ok(())
}

/// Returns uv's environment: the index and the certificates go by variables, since a command line is seen by all.
fn environment(offline: bool) -> Result<Vec<(OsString, OsString)>, Error> {
    let mut program = Program::new("uv", ".").inheriting(&HANDED_ON);
    for name in ["UV_NO_PROGRESS", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS"] {
        program = program.variable(name, "1");
    }
    for (name, value) in SAME_EACH_TIME {
        program = program.variable(name, value);
    }
    let indexes = match configured::configured() {
        Ok(indexes) => indexes,
        // What is in the cache needs no index.
        Err(_) if offline => return Ok(program.environment),
        Err(error) => return Err(error.into()),
    };
    let mut urls = indexes.urls.iter().map(ToString::to_string);
    if let Some(first) = urls.next() {
        program = program.variable("UV_DEFAULT_INDEX", first);
    }
    let more: Vec<String> = urls.collect();
    if !more.is_empty() {
        program = program.variable("UV_INDEX", more.join(" ")).variable("UV_INDEX_STRATEGY", "unsafe-best-match");
    }
    if let Some(certificates) = indexes.certificates
        && env::var_os("SSL_CERT_FILE").is_none()
    {
        program = program.variable("SSL_CERT_FILE", certificates);
    }
    Ok(program.environment)
}

/// Returns the end of what uv said, without its notes.
fn said(output: &Output) -> Said {
    let is_noise = |line: &&str| line.trim().is_empty() || line.starts_with("warning: The `UV_NATIVE_TLS`");
    let lines: Vec<&str> = output.talk.lines().filter(|line| !is_noise(line)).collect();
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    Said(if shown.is_empty() { format!("it ended with {:?} and said nothing", output.ended) } else { shown.join("\n") })
}
