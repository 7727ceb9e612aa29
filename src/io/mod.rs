//! The only hands: files, downloads, archives, processes.
pub mod files;
