//! What does each handler know: the jobs, the use cases, who may ask, how much, and whether the service is about to end?

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::watch;

use crate::service::access::Access;
use crate::service::access::Keys;
use crate::service::bound;
use crate::service::desk::Desk;
use crate::service::error::Error;
use crate::service::metrics::Metrics;
use crate::service::origin::Hosts;
use crate::workflow::jobs::Jobs;

/// How the service is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What opens it.
    pub keys: Keys,
    /// Names that it is reached by, besides its address and `localhost`.
    pub hosts: Vec<String>,
    /// Whether a proxy stands before it, which encrypts.
    pub behind_proxy: bool,
    /// Whether there is one backtest at a time, and a second one is refused.
    pub single_run: bool,
}

/// What each handler knows.
#[derive(Clone)]
pub struct Front(Arc<Inner>);

/// The parts of a [`Front`].
pub struct Inner {
    /// The jobs.
    pub jobs: Arc<Jobs>,
    /// The use cases.
    pub desk: Arc<dyn Desk>,
    /// Who may ask.
    pub access: Access,
    /// By which names.
    pub hosts: Hosts,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether there is one backtest at a time.
    pub single_run: bool,
    /// Whether a proxy stands before the service.
    pub behind_proxy: bool,
    /// Room for requests.
    pub requests: Arc<Semaphore>,
    /// Room for streams of events.
    pub streams: Arc<Semaphore>,
    /// The paths that need no key.
    pub open_paths: BTreeSet<&'static str>,
    stop: watch::Sender<bool>,
}

impl std::ops::Deref for Front {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Front {
    /// Sets a service up.
    #[must_use]
    pub fn new(settings: &Settings, jobs: Arc<Jobs>, desk: Arc<dyn Desk>) -> Self {
        let routes = crate::service::registry::routes();
        Self(Arc::new(Inner {
            jobs,
            desk,
            access: Access::new(settings.keys.clone(), settings.behind_proxy),
            hosts: Hosts::of(settings.listen, &settings.hosts),
            metrics: Metrics::new(),
            single_run: settings.single_run,
            behind_proxy: settings.behind_proxy,
            requests: Arc::new(Semaphore::new(bound::REQUESTS_MAX)),
            streams: Arc::new(Semaphore::new(bound::STREAMS_MAX)),
            open_paths: routes.iter().filter(|route| route.is_open).map(|route| route.path).collect(),
            stop: watch::Sender::new(false),
        }))
    }

    /// Ends streams and whoever waits for a job; new requests are told that the service is about to end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Returns whether the service is about to end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until the service is about to end.
    pub async fn stopping(&self) {
        let mut stop = self.stop.subscribe();
        // The sender lives as long as this front does.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Does what may block (SQLite, files, large results) where the event loop does not wait for it.
    ///
    /// # Errors
    ///
    /// Returns the deed's own error, or tells of a bug where it panicked.
    pub async fn blocking<T, F>(&self, deed: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    {
        let (front, span) = (self.clone(), tracing::Span::current());
        // A panic of the deed is told by the log's hook.
        tokio::task::spawn_blocking(move || span.in_scope(|| deed(&front))).await.unwrap_or(Err(Error::Bug))
    }
}
