//! The HTTP face: listens, answers in JSON, holds the page.
//!
//! `app` is a router that needs no socket. Each request passes `guard`: an id, room, host and origin, a key; then a handler
//! of `own` (hive's API), `dropin` (what Hummingbot's clients speak) or `operation` (health, counts, the page). What may block
//! is done on threads of its own, so that the event loop never waits. Every wait, queue and size has a bound in `bound`.

pub mod app;
pub mod registry;

pub mod project;
pub mod secret;
pub mod start;

pub mod dropin;
pub mod operation;
pub mod own;

pub mod access;
pub mod guard;
pub mod origin;
pub mod server;

pub mod answer;
pub mod body;
pub mod error;
pub mod order;
pub mod query;
pub mod route;
pub mod shape;

pub mod bound;
pub mod desk;
pub mod front;
pub mod log;
pub mod metrics;
