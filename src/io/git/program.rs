//! How is git started, so that nothing around it changes what it answers?

use std::env;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

/// What a repository's surroundings would tell git; a hook of git's own, such as pre-commit, is full of them.
const SURROUNDINGS: [&str; 14] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
    "GIT_CONFIG",
];

/// Settings that hold whatever the user's configuration says: no hooks, no upkeep in the background, bytes as they are,
/// and an end to every wait.
const SETTINGS: [&str; 11] = [
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "core.quotepath=off",
    "advice.detachedHead=false",
    "credential.interactive=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
];

/// The ways in which a repository is reached. What runs programs of the address's choice (`ext::`) is not among them.
const PROTOCOLS: &str = "file:git:http:https:ssh";

/// Why git gave no answer.
pub(super) enum Failure {
    /// The program is not there.
    NotStarted(io::Error),
    /// It refused; holds the line of its answer that says why.
    Refused(String),
}

/// Returns git for looking into the bare repository in a folder. It sees no configuration but the repository's and
/// reaches no network.
pub(super) fn reading(repository: &Path) -> Command {
    let mut command = quiet();
    command.arg("--git-dir").arg(repository);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env_remove("GIT_CONFIG_COUNT").env_remove("GIT_CONFIG_PARAMETERS");
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    command
}

/// Returns git for reaching an address. The user's configuration holds, since the proxy, the certificates and the
/// credentials stand there.
pub(super) fn reaching() -> Command {
    let mut command = quiet();
    command.env("GIT_ALLOW_PROTOCOL", PROTOCOLS);
    let is_chosen = ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| env::var_os(name).is_some());
    if !is_chosen && !has_own_ssh() {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20");
    }
    command
}

/// Returns git for fetching into the bare repository in a folder, with the remote `origin` at the address. The address
/// is in no file and on no command line, since it may hold a password.
pub(super) fn fetching(repository: &Path, url: &str) -> Command {
    let mut command = reaching();
    command.arg("--git-dir").arg(repository);
    let count: usize = env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0);
    command.env(format!("GIT_CONFIG_KEY_{count}"), "remote.origin.url");
    command.env(format!("GIT_CONFIG_VALUE_{count}"), url);
    command.env("GIT_CONFIG_COUNT", (count + 1).to_string());
    command
}

/// Returns git as it is started always: it asks nobody, and answers in its own words.
pub(super) fn quiet() -> Command {
    let mut command = Command::new("git");
    for name in SURROUNDINGS {
        command.env_remove(name);
    }
    // An answer's words are looked at, and programs that ask for a password would wait for somebody.
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS_REQUIRE", "never");
    command.env("GIT_NO_REPLACE_OBJECTS", "1");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
}

fn has_own_ssh() -> bool {
    run(quiet().args(["config", "--get", "core.sshCommand"]), b"", "").is_ok()
}

/// Runs git with `input` on its standard input and returns what it wrote; what it says of `url` holds no credentials.
pub(super) fn run(command: &mut Command, input: &[u8], url: &str) -> Result<Vec<u8>, Failure> {
    // Both sides of a pipe could wait for each other; a file waits for nobody.
    let stdin = if input.is_empty() { Stdio::null() } else { holding(input).map_err(Failure::NotStarted)?.into() };
    let output = command.stdin(stdin).output().map_err(Failure::NotStarted)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failure::Refused(reason(&String::from_utf8_lossy(&output.stderr), url)))
}

/// Returns the line that says why git refused, without the credentials of `url`.
pub(super) fn reason(answer: &str, url: &str) -> String {
    let is_reason = |line: &&str| ["fatal: ", "error: "].iter().any(|start| line.starts_with(start));
    let line = answer.lines().find(is_reason).or_else(|| answer.lines().last()).unwrap_or("it said nothing");
    match credentials(url) {
        Some(credentials) => line.replace(&format!("{credentials}@"), ""),
        None => line.to_owned(),
    }
}

/// Returns an address without the name and the password before its host.
pub(super) fn without_credentials(url: &str) -> String {
    match credentials(url) {
        Some(credentials) => url.replacen(&format!("{credentials}@"), "", 1),
        None => url.to_owned(),
    }
}

/// Returns what a file of git's errors holds.
pub(super) fn said(mut file: &std::fs::File) -> String {
    let mut text = Vec::new();
    // An answer that cannot be read is as good as none.
    let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut text));
    String::from_utf8_lossy(&text).into_owned()
}

fn credentials(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split('/').next().unwrap_or_default();
    host.rfind('@').map(|at| &host[..at])
}

fn holding(input: &[u8]) -> io::Result<std::fs::File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}
