//! Which router answers requests? It needs no socket.

use axum::Router;
use axum::middleware;

use crate::service::error::Error;
use crate::service::front::Front;
use crate::service::guard;
use crate::service::registry;

/// Returns the router of a service, guards and all.
pub fn app(front: Front) -> Router {
    let mut router = Router::new();
    for described in registry::routes() {
        router = router.route(described.path, described.handler);
    }
    router
        .fallback(|| async { Error::UnknownPath })
        .layer(middleware::from_fn_with_state(front.clone(), guard::guard))
        .with_state(front)
}
