//! The only hands: files, downloads, archives, processes.
