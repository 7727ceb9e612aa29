//! hive keeps a patched, self-extended Hummingbot reproducible, upgradeable and provably unchanged.
//!
//! # The map of the house
//!
//! Calls go down, values come up, nothing goes back. `tests/it/tidy.rs` holds the table of who may import whom.
//!
//! | floor | rooms |
//! |---|---|
//! | faces | [`cli`] |
//! | use cases | [`workflow`]: one file per use case; the only floor that may ask what time it is |
//! | replay | [`engine`], on [`controller`], [`executor`], [`metric`], [`market`] |
//! | environments | [`recipe`], [`patch`], [`registration`], [`golden`]: values in, values out |
//! | hands | [`io`]: files, downloads, archives |
//!
//! What is absent is a promise: nothing below `workflow` but `io` opens a file, reads the clock or the environment,
//! draws a random number, or walks a hash map. The same inputs give the same bytes.

pub mod cli;
pub mod workflow;

pub mod engine;

pub mod controller;
pub mod executor;
pub mod metric;

pub mod golden;
pub mod patch;
pub mod recipe;
pub mod registration;

pub mod io;

pub mod market;

/// The examples of README.md, compiled and run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
