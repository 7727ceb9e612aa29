//! Where a verb is started, and when.

use std::path::PathBuf;

use crate::workflow::Project;

/// Returns the folder that the verb is started in.
pub(crate) fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// Returns the project of some recipes that are named on the command line.
pub(crate) fn project(selectors: &[String]) -> Project {
    Project::of(selectors, &here())
}

/// Returns today's date in UTC.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Returns whether this is a CI job, in which nothing is accepted.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}
