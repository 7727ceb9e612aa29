//! How are connections taken, served, and ended in time?

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::Service as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::service::bound;
use crate::service::front::Front;

/// How long the service waits where the system has no more files for connections.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until the service is to stop, and then those that are open, for as long as they may drain.
pub async fn serve(listener: TcpListener, app: Router, front: Front) {
    let room = Arc::new(Semaphore::new(bound::CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&room).acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        tokio::select! {
            () = front.stopping() => break,
            // Who has ended makes room.
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (permit, accepted) = next => match accepted {
                Ok((stream, _)) => {
                    let (app, front) = (app.clone(), front.clone());
                    connections.spawn(async move {
                        connection(stream, app, &front).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    if !is_clients(&error) {
                        tracing::warn!(why = %error, "a connection could not be accepted");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(bound::DRAIN_TIME_MAX, drained).await.is_err() {
        tracing::warn!(count = connections.len(), "connections did not end in time, and are cut");
    }
    connections.shutdown().await;
}

/// Serves one connection. What goes wrong with it is the client's, and it knows.
async fn connection(stream: TcpStream, app: Router, front: &Front) {
    // Small answers leave at once.
    let _ = stream.set_nodelay(true);
    let has_asked = AtomicBool::new(false);
    let app = TowerToHyperService::new(app);
    let answer = service_fn(|request| {
        has_asked.store(true, Ordering::Relaxed);
        app.call(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bound::HEAD_TIME_MAX)
        .max_buf_size(bound::HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answer);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        () = front.stopping() => serving.as_mut().graceful_shutdown(),
    }
    // Browsers open connections that they may need one day: hyper would wait for their first request.
    if !has_asked.load(Ordering::Relaxed) {
        return;
    }
    let _ = serving.await;
}

/// Returns whether a connection failed that a client gave up again.
fn is_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
