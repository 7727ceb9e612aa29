//! The only hands: files, downloads, archives, processes.

pub mod fetch;

pub mod index;

pub mod klines;

pub mod download;

pub mod post;

pub mod address;

pub mod archive;

pub mod cache;
pub mod runs;

#[cfg(feature = "serve")]
pub mod jobs;
#[cfg(feature = "serve")]
pub mod random;
#[cfg(feature = "serve")]
pub mod sqlite;

pub mod columns;
pub mod parquet;

pub mod tree;

pub mod git;

pub mod docker;
pub mod interrupt;
pub mod priority;
pub mod process;
pub mod sandbox;
pub mod script;

pub mod overlay;

pub mod running;

pub mod python;
pub mod uv;
pub mod watch;

pub mod materialise;

pub mod edit;
pub mod files;
pub mod transaction;

pub mod inside;

pub mod progress;
