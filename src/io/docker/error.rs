//! How can talking to a Docker engine fail?

use std::error;
use std::io;
use std::path::PathBuf;

type Source = Box<dyn error::Error + Send + Sync>;

/// Why an engine did not do what it was asked for.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Nobody answers.
    #[error("no Docker engine answers at `{address}`")]
    #[diagnostic(
        code("HV0600"),
        help(
            "start one (`systemctl start docker`, or `dockerd`), or say where it is with DOCKER_HOST=unix:///PATH or \
             tcp://HOST:PORT; without an engine work `hive test`, `hive build --into DIR` and everything about patches"
        )
    )]
    NoEngine {
        /// Where it was looked for.
        address: String,
        /// What was met there.
        source: Source,
    },

    /// This hive cannot talk to an engine.
    #[error("this hive was built without Docker")]
    #[diagnostic(
        code("HV0620"),
        help("build it with the feature `docker`, which is on by default; `hive build --into DIR` works without")
    )]
    NotIncluded,

    /// What names the engine is no address.
    #[error("`{text}`, from {origin}, is no address of a Docker engine")]
    #[diagnostic(code("HV0601"), help("{mend}"))]
    Address {
        /// The text.
        text: String,
        /// Where it comes from.
        origin: String,
        /// What to write instead.
        mend: String,
    },

    /// The Docker context cannot be read.
    #[error("the Docker context `{name}` cannot be read from `{}`", path.display())]
    #[diagnostic(
        code("HV0601"),
        help("{why}; `docker context ls` lists those that are there, and DOCKER_HOST overrides")
    )]
    Context {
        /// Its name.
        name: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },

    /// The user may not use the socket.
    #[error("this user may not talk to the Docker engine at `{address}`")]
    #[diagnostic(
        code("HV0602"),
        help("add the user to the socket's group (`usermod -aG docker USER`, then log in again)")
    )]
    Forbidden {
        /// The address.
        address: String,
        /// What the system says.
        source: Source,
    },

    /// The certificates of an encrypted connection cannot be used.
    #[error("the certificates in `{}` cannot be used for `{address}`", folder.display())]
    #[diagnostic(
        code("HV0603"),
        help(
            "DOCKER_CERT_PATH names a folder with `ca.pem`, `cert.pem` and `key.pem`; unset DOCKER_TLS_VERIFY for an unencrypted connection"
        )
    )]
    Certificates {
        /// The address.
        address: String,
        /// The folder.
        folder: PathBuf,
        /// What is wrong with them.
        source: Source,
    },

    /// The engine speaks no version of the API that hive speaks.
    #[error("the Docker engine at `{address}` speaks API {found}, and hive needs {needed}")]
    #[diagnostic(code("HV0604"), help("install Docker Engine 20.10 or newer"))]
    TooOld {
        /// The address.
        address: String,
        /// What it speaks.
        found: String,
        /// What is needed.
        needed: String,
    },

    /// The connection ended in the middle.
    #[error("the Docker engine went away while it was asked to {doing}")]
    #[diagnostic(
        code("HV0605"),
        help("see whether it still runs (`docker info`) and what its log says, then run the command again")
    )]
    Gone {
        /// What it was asked for.
        doing: &'static str,
        /// What the connection met.
        source: Source,
    },

    /// No answer came in time.
    #[error("the Docker engine did not answer within {seconds} s when it was asked to {doing}")]
    #[diagnostic(code("HV0606"), help("the engine hangs or is overloaded: look at its log, or restart it"))]
    Silent {
        /// What it was asked for.
        doing: &'static str,
        /// How long was waited, in seconds.
        seconds: f64,
    },

    /// The answer cannot be read.
    #[error("what the Docker engine answered when it was asked to {doing} cannot be read")]
    #[diagnostic(
        code("HV0607"),
        help("check that DOCKER_HOST names a Docker engine and nothing between garbles its answers")
    )]
    Unreadable {
        /// What it was asked for.
        doing: &'static str,
        /// What is wrong with the answer.
        source: Source,
    },

    /// The image is not there.
    #[error("the Docker engine has no image `{reference}`")]
    #[diagnostic(code("HV0608"), help("`docker pull {reference}`, or build it first; hive downloads no images"))]
    NoImage {
        /// How it was asked for.
        reference: String,
    },

    /// The engine does not know what it was asked about.
    #[error("the Docker engine does not know what it was asked to {doing}: {message}")]
    #[diagnostic(code("HV0609"), help("somebody else may have removed it; run the command again"))]
    Unknown {
        /// What it was asked for.
        doing: &'static str,
        /// What it says.
        message: String,
    },

    /// Something is in the way.
    #[error("the Docker engine cannot {doing} as things stand: {message}")]
    #[diagnostic(code("HV0610"), help("remove what is in the way, or wait until it is done with"))]
    Conflict {
        /// What it was asked for.
        doing: &'static str,
        /// What it says.
        message: String,
    },

    /// The engine's disk is full.
    #[error("the Docker engine has no space left to {doing}: {message}")]
    #[diagnostic(
        code("HV0611"),
        help(
            "`docker system df` shows what takes the space, `docker image prune` and `docker builder prune` free some"
        )
    )]
    NoSpace {
        /// What it was asked for.
        doing: &'static str,
        /// What it says.
        message: String,
    },

    /// The engine refused.
    #[error("the Docker engine refused to {doing}, with status {status}: {message}")]
    #[diagnostic(code("HV0612"), help("{}", refusal_mend(*status)))]
    Refused {
        /// What it was asked for.
        doing: &'static str,
        /// The HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },

    /// The engine began, and failed.
    #[error("the Docker engine failed to {doing}: {message}")]
    #[diagnostic(code("HV0613"), help("the engine's own log says more"))]
    Failed {
        /// What it was asked for.
        doing: &'static str,
        /// What it says.
        message: String,
    },

    /// What was to be sent or kept failed on this side.
    #[error("{what} failed on this machine while the Docker engine was asked to {doing}")]
    #[diagnostic(code("HV0614"))]
    Local {
        /// What was done.
        what: &'static str,
        /// What the engine was asked for.
        doing: &'static str,
        /// What it met.
        source: io::Error,
    },

    /// A file or an answer is larger than hive takes.
    #[error("{what} is larger than the {limit} bytes that hive takes from a container")]
    #[diagnostic(code("HV0615"))]
    TooLarge {
        /// What is.
        what: String,
        /// The limit, in bytes.
        limit: u64,
    },

    /// What was to be made in a container was not.
    #[error("`{command}` {how} in a container of image `{image}`")]
    #[diagnostic(code("HV0617"), help("{mend}{}", last_lines(tail)))]
    NotCompiled {
        /// The command.
        command: String,
        /// The image.
        image: String,
        /// How it ended.
        how: String,
        /// What to do about it.
        mend: &'static str,
        /// The last lines that it wrote, without colours.
        tail: Vec<String>,
    },

    /// The user stopped hive.
    #[error("stopped while the Docker engine was asked to {doing}")]
    #[diagnostic(code("HV0618"), help("no container is left behind; run the command again"))]
    Interrupted {
        /// What it was asked for.
        doing: &'static str,
    },

    /// A container of that name is there, and it is not hive's.
    #[error("a container `{name}` is there, and hive did not make it")]
    #[diagnostic(code("HV0619"), help("remove it with `docker rm --force {name}`, or rename it"))]
    NameTaken {
        /// The name.
        name: String,
    },

    /// The program cannot be started in the image.
    #[error("`{command}` cannot be started in image `{image}`: {message}")]
    #[diagnostic(
        code("HV0616"),
        help("the image has to contain the program; `hive inspect` shows what an image is made of")
    )]
    NotStarted {
        /// The program.
        command: String,
        /// The image.
        image: String,
        /// What the engine says.
        message: String,
    },
}

fn last_lines(tail: &[String]) -> String {
    if tail.is_empty() {
        return "; it wrote nothing".to_owned();
    }
    format!("; the last lines that it wrote:\n  {}", tail.join("\n  "))
}

fn refusal_mend(status: u16) -> &'static str {
    match status {
        500.. => "the engine's own log says more",
        _ => "the engine may be older than what is asked for; `hive doctor` shows its version",
    }
}
