//! The only hands: files, downloads, archives, processes.

pub mod fetch;

pub mod index;

pub mod download;

pub mod archive;

pub mod cache;

pub mod tree;

pub mod materialise;

pub mod files;

pub mod inside;

pub mod progress;
