//! How does hive talk to a Docker engine?
//!
//! Over the Engine API, without the `docker` program. Every call is waited for on the thread that makes it; what is called
//! back is called outside the runtime, so that it may call the engine again. Whatever is made for the length of a call (a
//! container to look into, to run in) is removed with the value that stands for it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bollard::Docker;
use futures_util::Stream;
use futures_util::StreamExt as _;
use tokio::runtime::Runtime;

use crate::io::interrupt::Listening;

mod address;
mod connect;
mod error;

mod image;
mod transfer;

mod compile;
mod container;
mod opened;
mod run;
mod script;
mod standing;

mod lines;

pub use address::Address;
pub use compile::Compile;
pub use error::Error;
pub use image::ImageFacts;
pub use opened::Entry;
pub use opened::Kind;
pub use opened::Opened;
pub use opened::Stat;
pub use standing::Bind;
pub use standing::Request;
pub use standing::Standing;

/// How often somebody who waits looks whether hive is asked to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// A connection to a Docker engine that has answered.
#[derive(Debug)]
pub struct Engine {
    docker: Docker,
    runtime: Runtime,
    address: Address,
    patience: Patience,
    version: Version,
}

/// How long is waited for an engine.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first answer.
    pub first: Duration,
    /// For the answer to a call that is quick on a healthy engine.
    pub quick: Duration,
    /// For the next piece of an answer that comes in pieces: while an image is unpacked, an engine may be silent for long.
    pub piece: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            // A busy disk makes creating and removing a container slow, not quick.
            quick: Duration::from_mins(2),
            piece: Duration::from_mins(30),
        }
    }
}

/// What an engine is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Version {
    /// The engine's version, `20.10.24+dfsg1`.
    pub engine: String,
    /// The newest version of the API that it speaks, `1.41`.
    pub api: String,
    /// The operating system of its containers, `linux`.
    pub os: String,
    /// The machine of its containers, `amd64`.
    pub architecture: String,
}

/// Where an engine keeps its images.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Storage {
    /// What an image's ID means there.
    pub store: Store,
    /// The storage driver or snapshotter, `overlay2`.
    pub driver: String,
}

/// What an image's ID means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Store {
    /// A graph driver: the digest of the image's configuration. Layers that the engine has may be left out of an archive.
    Graph,
    /// containerd's store: the digest of the image's manifest. Archives are whole.
    Containerd,
}

impl Engine {
    /// Returns what the engine said it is when it was connected to.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Returns where the engine was found.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Asks where the engine keeps its images.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn storage(&self) -> Result<Storage, Error> {
        let facts = self.quick("describe itself", self.docker.info())?;
        let driver = facts.driver.unwrap_or_default();
        let status = facts.driver_status.unwrap_or_default();
        let is_containerd = status.iter().flatten().any(|text| text.starts_with("io.containerd.snapshotter"));
        Ok(Storage { store: if is_containerd { Store::Containerd } else { Store::Graph }, driver })
    }

    /// Waits for the answer to a call that is quick on a healthy engine.
    fn quick<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        self.within(self.patience.quick, doing, call)
    }

    /// Waits for an answer, no longer than `limit`, and not when hive is asked to stop.
    fn within<T>(
        &self,
        limit: Duration,
        doing: &'static str,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        let listening = Listening::begin();
        self.runtime.block_on(async {
            let mut call = pin!(tokio::time::timeout(limit, call));
            while !listening.is_asked_to_stop() {
                // An answer that is there is taken at once, whatever the time.
                if let Ok(answer) = tokio::time::timeout(GLANCE, call.as_mut()).await {
                    let answer = answer.map_err(|_| Error::silent(doing, limit))?;
                    return answer.map_err(|error| Error::of(error, doing, &self.address));
                }
            }
            Err(Error::Interrupted { doing })
        })
    }

    /// Waits for the answer to a quick call that has to be made whatever happens.
    fn anyway<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        let limit = self.patience.quick;
        match self.runtime.block_on(async { tokio::time::timeout(limit, call).await }) {
            Ok(answer) => answer.map_err(|error| Error::of(error, doing, &self.address)),
            Err(_) => Err(Error::silent(doing, limit)),
        }
    }

    /// Waits for the next piece of an answer; `None` when it is whole.
    fn piece<T>(
        &self,
        doing: &'static str,
        pieces: &mut (impl Stream<Item = Result<T, bollard::errors::Error>> + Unpin),
    ) -> Result<Option<T>, Error> {
        self.within(self.patience.piece, doing, async { pieces.next().await.transpose() })
    }
}
