//! The patches of hive, without the rest of it.

#[allow(dead_code)]
#[path = "../../src/patch/mod.rs"]
pub mod patch;
