//! Images: use cases around what a recipe becomes in a Docker engine.
//!
//! A plan is made first, in memory: layers, configuration, digests. Only then is the engine asked for anything but what it
//! knows of the base.

pub mod build;
pub mod inspect;
pub mod plan;
pub mod verify;
pub mod why;

pub mod planned;

pub mod base;
pub mod parts;
pub mod place;
pub mod saved;

pub mod load;
pub mod proof;
pub mod record;

pub mod error;

pub use error::Error;
