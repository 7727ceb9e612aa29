//! How does the service start, and how does it end: from a socket and keys to a clean stop?

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use miette::Diagnostic;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::service::app;
use crate::service::bound;
use crate::service::desk::Desk;
use crate::service::front::Front;
use crate::service::front::Settings;
use crate::service::server;
use crate::workflow::jobs::Jobs;

/// How many threads serve connections; what blocks has others.
const SERVING_THREADS: usize = 2;

/// The most threads for what blocks: SQLite, files, large results.
const BLOCKING_THREADS_MAX: usize = 16;

/// Why the service does not start.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// It would listen to others, and nothing opens it.
    #[error("`{listen}` can be reached by other machines, and neither a token nor a password is set")]
    #[diagnostic(
        code("HV0801"),
        help("set HIVE_TOKEN or `--token-file FILE`, or `--user NAME --password-file FILE`; or listen on 127.0.0.1")
    )]
    Open {
        /// Where.
        listen: SocketAddr,
    },

    /// A proxy would give others access, and nothing opens the service.
    #[error("`--behind-proxy` lets other machines in, and neither a token nor a password is set")]
    #[diagnostic(code("HV0802"), help("set HIVE_TOKEN or `--token-file FILE`, or `--user NAME --password-file FILE`"))]
    OpenProxy,

    /// It cannot listen there.
    #[error("cannot listen on `{listen}`")]
    #[diagnostic(
        code("HV0803"),
        help("another program may listen there; name another port with `--listen 127.0.0.1:PORT`")
    )]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// Why.
        source: io::Error,
    },

    /// The file with a secret cannot be read.
    #[error("the secret in `{}` cannot be read", file.display())]
    #[diagnostic(code("HV0805"), help("the file holds the token or the password, as text, and nothing else"))]
    SecretFile {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// A secret is none.
    #[error("the {what} has to be one line of at least {least} characters")]
    #[diagnostic(code("HV0806"), help("make one with `openssl rand -hex 32`"))]
    SecretForm {
        /// Which one.
        what: &'static str,
        /// How many characters it has to have.
        least: usize,
    },

    /// There is no such replay profile.
    #[error("{why}")]
    #[diagnostic(code("HV0807"), help("{hint}"))]
    Profile {
        /// What is wrong.
        why: String,
        /// What to do.
        hint: String,
    },

    /// The system gives no threads or no signals.
    #[error("the service's threads cannot be started")]
    #[diagnostic(code("HV0804"), help("the system lacks threads, memory or open files for this user"))]
    System {
        /// Why.
        source: io::Error,
    },
}

/// Checks that a service is not open to the world.
///
/// # Errors
///
/// Refuses to let other machines in without a token or a password.
pub fn check(settings: &Settings) -> Result<(), Error> {
    if settings.keys.is_locked() {
        return Ok(());
    }
    if !settings.listen.ip().is_loopback() {
        return Err(Error::Open { listen: settings.listen });
    }
    if settings.behind_proxy {
        return Err(Error::OpenProxy);
    }
    Ok(())
}

/// Serves until SIGTERM or SIGINT; `listening` is told where, once connections are taken.
///
/// # Errors
///
/// Tells why it does not start.
pub fn run(
    mut settings: Settings,
    jobs: Arc<Jobs>,
    desk: Arc<dyn Desk>,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    check(&settings)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(SERVING_THREADS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .enable_all()
        .build()
        .map_err(|source| Error::System { source })?;
    let done = runtime.block_on(async {
        let listen = settings.listen;
        let listener = TcpListener::bind(listen).await.map_err(|source| Error::Listen { listen, source })?;
        settings.listen = listener.local_addr().map_err(|source| Error::Listen { listen, source })?;
        let front = Front::new(&settings, Arc::clone(&jobs), desk);
        let mut signals = Signals::listen().map_err(|source| Error::System { source })?;
        listening(settings.listen);
        tracing::info!(address = %settings.listen, "listening");
        let serving = server::serve(listener, app::app(front.clone()), front.clone());
        let ending = async {
            signals.wait().await;
            tracing::info!("stopping: streams are closed, running jobs go back into the queue");
            front.stop();
            let stop = tokio::task::spawn_blocking(move || jobs.shut_down(bound::DRAIN_TIME_MAX));
            // A second signal does not wait.
            tokio::select! {
                _ = stop => {}
                () = signals.wait() => tracing::warn!("stopped at once"),
            }
        };
        tokio::join!(serving, ending);
        tracing::info!("stopped");
        Ok(())
    });
    runtime.shutdown_timeout(PATIENCE);
    done
}

/// How long threads that still block may take at the very end.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);

/// What asks the service to end.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn wait(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
