//! Registration: what Hummingbot's loader would load from a controller's file.
