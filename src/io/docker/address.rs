//! Where is the Docker engine?
//!
//! `DOCKER_HOST` says so; else the context that the `docker` program uses; else it is at the usual socket.

use std::env;
use std::fmt;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::io::docker::Error;
use crate::io::files;

/// Where Docker engines usually listen.
const USUAL_SOCKET: &str = "/var/run/docker.sock";

/// The port of an engine that listens without encryption, and with it.
const PORTS: (u16, u16) = (2375, 2376);

/// The address of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A socket of this machine.
    Socket(PathBuf),
    /// A host and port.
    Tcp {
        /// `HOST:PORT`.
        host: String,
        /// The folder that holds `ca.pem`, `cert.pem` and `key.pem`; `None` for an unencrypted connection.
        certificates: Option<PathBuf>,
    },
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => write!(formatter, "unix://{}", path.display()),
            Self::Tcp { host, .. } => write!(formatter, "tcp://{host}"),
        }
    }
}

impl Address {
    /// Returns the address that the environment of this process names.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Address`] for a text that is none and [`Error::Context`] for a context that is not there.
    pub fn configured() -> Result<Self, Error> {
        Self::of(&|name| env::var(name).ok(), env::home_dir().as_deref())
    }

    /// Returns the address that an environment names.
    ///
    /// # Errors
    ///
    /// As [`Address::configured`].
    pub fn of(variable: &dyn Fn(&str) -> Option<String>, home: Option<&Path>) -> Result<Self, Error> {
        // Docker takes an empty variable for none, too.
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let configuration = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(|| Some(home?.join(".docker")));
        if let Some(text) = variable("DOCKER_HOST") {
            let is_verified = variable("DOCKER_TLS_VERIFY").is_some();
            let folder = variable("DOCKER_CERT_PATH").map(PathBuf::from).or(configuration);
            return parse(&text, "DOCKER_HOST", if is_verified { folder } else { None });
        }
        if let Some(folder) = configuration
            && let Some(name) = variable("DOCKER_CONTEXT").or_else(|| current_context(&folder))
            && name != "default"
        {
            return context(&folder, &name);
        }
        Ok(Self::Socket(PathBuf::from(USUAL_SOCKET)))
    }
}

/// Reads `unix:///PATH` or `tcp://HOST[:PORT]`.
fn parse(text: &str, origin: &str, certificates: Option<PathBuf>) -> Result<Address, Error> {
    let wrong = |mend: String| Error::Address { text: text.to_owned(), origin: origin.to_owned(), mend };
    let forms = "write `unix:///PATH/docker.sock` or `tcp://HOST:PORT`".to_owned();
    let Some((scheme, rest)) = text.split_once("://") else {
        let mend = if text.starts_with('/') { format!("did you mean `unix://{text}`?") } else { forms };
        return Err(wrong(mend));
    };
    match scheme {
        "unix" if rest.starts_with('/') => Ok(Address::Socket(PathBuf::from(rest))),
        "unix" => Err(wrong(format!("the path of a socket starts at the root: `unix:///{rest}`"))),
        "tcp" => {
            let host = rest.trim_end_matches('/');
            let is_plain = !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
            let port = if certificates.is_some() { PORTS.1 } else { PORTS.0 };
            let named = url::Url::parse(&format!("http://{host}"));
            match named {
                // The scheme's own port is dropped when it is read.
                Ok(url) if is_plain && (url.port().is_some() || host.ends_with(":80")) => {
                    Ok(Address::Tcp { host: host.to_owned(), certificates })
                }
                Ok(_) if is_plain => Ok(Address::Tcp { host: format!("{host}:{port}"), certificates }),
                _ => Err(wrong(forms)),
            }
        }
        "ssh" => Err(wrong(
            "hive does not speak ssh: forward the socket with `ssh -L /PATH/docker.sock:/var/run/docker.sock HOST`, \
             and set `DOCKER_HOST=unix:///PATH/docker.sock`"
                .to_owned(),
        )),
        _ => Err(wrong(forms)),
    }
}

/// Returns the context that the `docker` program was told to use.
fn current_context(folder: &Path) -> Option<String> {
    // Docker itself goes on without a configuration that it cannot read.
    let configuration: Value = serde_json::from_slice(&fs::read(folder.join("config.json")).ok()?).ok()?;
    configuration["currentContext"].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Returns the address of a context: contexts are kept in folders that are named by their names' hashes.
fn context(folder: &Path, name: &str) -> Result<Address, Error> {
    let key = files::sha256_hex(name.as_bytes());
    let path = folder.join("contexts/meta").join(&key).join("meta.json");
    let fault = |why: String| Error::Context { name: name.to_owned(), path: path.clone(), why };
    let text = fs::read(&path).map_err(|error| fault(error.to_string()))?;
    let meta: Value = serde_json::from_slice(&text).map_err(|error| fault(error.to_string()))?;
    let host = meta["Endpoints"]["docker"]["Host"].as_str();
    let host = host.ok_or_else(|| fault("it names no `Host` of a Docker engine".to_owned()))?;
    let certificates = folder.join("contexts/tls").join(&key).join("docker");
    parse(host, &format!("the Docker context `{name}`"), certificates.is_dir().then_some(certificates))
}
