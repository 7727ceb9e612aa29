//! Images: layers, configurations and archives whose digests are known before any engine has seen them.
//!
//! An image is its base, and a few layers on top that hive writes itself, byte by byte: entries sorted, no times, no names of
//! users. Its configuration is made of what the base's says and of labels. So both of its digests are functions of the recipe
//! and the base: that of the configuration, which is the image's id where an engine stores layers with a graph driver, and
//! that of the manifest, which is the id where containerd stores them.
//!
//! What is absent: nothing here opens a file, talks to an engine, or asks what time it is. Whatever does not fit into memory
//! is written to any [`std::io::Write`], and read from wherever the caller says.

pub mod reference;

pub mod base;
pub mod layer;

pub mod archive;
pub mod assemble;
pub mod label;

pub mod listing;

pub mod bill;
pub mod statement;

pub mod digest;

mod tape;

/// The version of the form in which hive writes layers and configurations. Another form gives other digests, so this is one
/// of the facts that an image is labelled with.
pub const FORM: &str = "1";

/// The time of everything in an image: there is none, and the formats want one.
pub const EPOCH: &str = "1970-01-01T00:00:00Z";
