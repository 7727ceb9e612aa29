//! Does an engine answer, and is it one that hive can talk to?

use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use bollard::API_DEFAULT_VERSION;
use bollard::Docker;
use tokio::runtime;

use crate::io::docker::Address;
use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::docker::Patience;
use crate::io::docker::Version;

/// The oldest API that hive was run against: Docker Engine 20.10.
const API_MIN: (u32, u32) = (1, 41);

/// How long the library below may wait for the head of an answer, in seconds: hive has bounds of its own, which are
/// shorter, but for an image that an engine takes in before it says anything.
const HEAD_SECONDS_MAX: u64 = 24 * 60 * 60;

const CONNECTING: &str = "say what it is";

impl Engine {
    /// Connects to the engine that the environment names, and asks it what it is.
    ///
    /// # Errors
    ///
    /// Says why there is none: [`Error::NoEngine`], [`Error::Address`], [`Error::Context`], [`Error::Forbidden`],
    /// [`Error::Certificates`], [`Error::TooOld`].
    pub fn connect() -> Result<Self, Error> {
        Self::open(Address::configured()?, Patience::default())
    }

    /// Connects to the engine at an address.
    ///
    /// # Errors
    ///
    /// As [`Engine::connect`].
    pub fn open(address: Address, patience: Patience) -> Result<Self, Error> {
        let docker = client(&address)?;
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::NoEngine { address: address.to_string(), source: Box::new(error) })?;
        let version =
            Version { engine: String::new(), api: String::new(), os: String::new(), architecture: String::new() };
        let mut engine = Self { docker, runtime, address, patience, version, storage: OnceLock::new() };
        engine.version = engine.greet()?;
        Ok(engine)
    }

    /// Asks the engine what it is; whatever else answers is no engine.
    fn greet(&self) -> Result<Version, Error> {
        let answer = self.within(self.patience.first, CONNECTING, self.docker.version());
        let found = answer.map_err(|error| match error {
            Error::Unknown { .. }
            | Error::Conflict { .. }
            | Error::Refused { .. }
            | Error::Gone { .. }
            | Error::Unreadable { .. }
            | Error::Silent { .. } => Error::NoEngine { address: self.address.to_string(), source: Box::new(error) },
            other => other,
        })?;
        let api = found.api_version.unwrap_or_default();
        let spoken = api.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        if spoken.is_none_or(|spoken: (u32, u32)| spoken < API_MIN) {
            let needed = format!("{}.{}", API_MIN.0, API_MIN.1);
            let found = if api.is_empty() { "of no version".to_owned() } else { api };
            return Err(Error::TooOld { address: self.address.to_string(), found, needed });
        }
        Ok(Version {
            engine: found.version.unwrap_or_default(),
            api,
            os: found.os.unwrap_or_default(),
            architecture: found.arch.unwrap_or_default(),
        })
    }
}

fn client(address: &Address) -> Result<Docker, Error> {
    let opened = match address {
        #[cfg(unix)]
        Address::Socket(path) => {
            if let Err(error) = fs::symlink_metadata(path) {
                return Err(Error::NoEngine { address: address.to_string(), source: Box::new(error) });
            }
            Docker::connect_with_unix(&path.display().to_string(), HEAD_SECONDS_MAX, API_DEFAULT_VERSION)
        }
        #[cfg(not(unix))]
        Address::Socket(_) => {
            Docker::connect_with_named_pipe("npipe:////./pipe/docker_engine", HEAD_SECONDS_MAX, API_DEFAULT_VERSION)
        }
        Address::Tcp { host, certificates: None } => {
            Docker::connect_with_http(&format!("tcp://{host}"), HEAD_SECONDS_MAX, API_DEFAULT_VERSION)
        }
        Address::Tcp { host, certificates: Some(folder) } => return encrypted(address, host, folder),
    };
    opened.map_err(|fault| Error::of(fault, CONNECTING, address))
}

/// Connects with certificates. They are looked at beforehand: the library below only finds out in the handshake, and
/// then says nothing.
fn encrypted(address: &Address, host: &str, folder: &Path) -> Result<Docker, Error> {
    let wrong = |source| Error::Certificates { address: address.to_string(), folder: folder.to_owned(), source };
    let [key, certificate, authority] = ["key.pem", "cert.pem", "ca.pem"].map(|name| folder.join(name));
    for path in [&key, &certificate, &authority] {
        let name = path.file_name().unwrap_or_default().display();
        let text = fs::read_to_string(path)
            .map_err(|error| wrong(io::Error::new(error.kind(), format!("`{name}`: {error}")).into()))?;
        if !text.contains("-----BEGIN ") {
            return Err(wrong(format!("`{name}` is not a PEM file").into()));
        }
    }
    let host = format!("tcp://{host}");
    Docker::connect_with_ssl(&host, &key, &certificate, &authority, HEAD_SECONDS_MAX, API_DEFAULT_VERSION)
        .map_err(|fault| wrong(fault.into()))
}
