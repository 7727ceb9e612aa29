//! Docker: a real engine where one answers, and a socket that plays one for what no engine can be made to do.

pub(crate) mod base;
pub(crate) mod fake;

mod address;
mod child;
mod compile;
mod doctor;
mod faults;
mod image;
mod look;
mod script;
mod standing;
mod wheel;

use std::env;

use hive::io::docker::Engine;

/// Returns the engine of this machine. Without one, the test that asks is skipped, and says so; with
/// `HIVE_REQUIRE_DOCKER=1` it fails instead.
pub(crate) fn engine() -> Option<Engine> {
    match Engine::connect() {
        Ok(engine) => Some(engine),
        Err(error) => {
            skip(&format!("no Docker engine: {error}"));
            None
        }
    }
}

/// Says that a test is skipped, or fails where nothing may be.
#[expect(clippy::print_stderr, reason = "a test has no other way to say that it proves nothing")]
pub(crate) fn skip(why: &str) {
    assert!(env::var_os("HIVE_REQUIRE_DOCKER").is_none_or(|value| value != "1"), "HIVE_REQUIRE_DOCKER=1, but {why}");
    eprintln!("skipped: {why}");
}
