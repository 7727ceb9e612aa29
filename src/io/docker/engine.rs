//! How is an engine waited for?

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use bollard::Docker;
use futures_util::Stream;
use futures_util::StreamExt as _;
use tokio::runtime::Runtime;

use crate::io::docker::Address;
use crate::io::docker::Error;
use crate::io::docker::Patience;
use crate::io::docker::Storage;
use crate::io::docker::Store;
use crate::io::docker::Version;
use crate::io::interrupt::Listening;

/// How often somebody who waits looks whether hive is asked to stop.
pub(super) const GLANCE: Duration = Duration::from_millis(100);

/// A connection to a Docker engine that has answered. Threads may share it; a call must not be made by a thread that drives a
/// runtime of tokio's.
#[derive(Debug)]
pub struct Engine {
    pub(super) docker: Docker,
    pub(super) runtime: Runtime,
    pub(super) address: Address,
    pub(super) patience: Patience,
    pub(super) version: Version,
    /// Where it keeps its images, once it was asked.
    pub(super) storage: OnceLock<Storage>,
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

    /// Asks where the engine keeps its images, once for each connection.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn storage(&self) -> Result<Storage, Error> {
        if let Some(storage) = self.storage.get() {
            return Ok(storage.clone());
        }
        let facts = self.quick("describe itself", self.docker.info())?;
        let driver = facts.driver.unwrap_or_default();
        let status = facts.driver_status.unwrap_or_default();
        let is_containerd = status.iter().flatten().any(|text| text.starts_with("io.containerd.snapshotter"));
        let store = if is_containerd { Store::Containerd } else { Store::Graph };
        Ok(self.storage.get_or_init(|| Storage { store, driver }).clone())
    }

    /// Asks how many processors the engine has; one where it does not say.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn processor_count(&self) -> Result<usize, Error> {
        let facts = self.quick("describe itself", self.docker.info())?;
        Ok(facts.ncpu.and_then(|count| usize::try_from(count).ok()).unwrap_or(1).max(1))
    }

    /// Waits for the answer to a call that is quick on a healthy engine.
    pub(super) fn quick<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        self.within(self.patience.quick, doing, call)
    }

    /// Waits for an answer, no longer than `limit`, and not when hive is asked to stop.
    pub(super) fn within<T>(
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
    pub(super) fn anyway<T>(
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
    pub(super) fn piece<T>(
        &self,
        doing: &'static str,
        pieces: &mut (impl Stream<Item = Result<T, bollard::errors::Error>> + Unpin),
    ) -> Result<Option<T>, Error> {
        self.within(self.patience.piece, doing, async { pieces.next().await.transpose() })
    }
}
