//! Where a verb is started, and when.

use std::path::PathBuf;

use crate::cli::print::Printer;
use crate::workflow::Error;
use crate::workflow::Project;

/// Returns the folder that the verb is started in.
pub(crate) fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// Returns the project of some recipes that are named on the command line, whole again if hive was interrupted there.
pub(crate) fn project(selectors: &[String], printer: &Printer) -> Result<Project, Error> {
    whole(Project::of(selectors, &here()), printer)
}

/// Ends what an interrupted hive has begun in a project, and tells it.
pub(crate) fn whole(project: Project, printer: &Printer) -> Result<Project, Error> {
    for told in project.recover()? {
        printer.note(&told);
    }
    Ok(project)
}

/// Returns today's date in UTC.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Returns whether this is a CI job, in which nothing is accepted.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}
