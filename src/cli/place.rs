//! Where a verb is started, and when.

use std::path::PathBuf;

use crate::cli::arguments::OneScenario;
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

/// Reads `RECIPE` or `RECIPE/SCENARIO`: returns the recipe's file and the scenario, where one is named.
pub(crate) fn target<'t>(project: &Project, text: &'t str) -> Result<(String, Option<&'t str>), Error> {
    let here = here();
    // A path has slashes of its own; the last part is a scenario only where the whole is no recipe.
    match (project.one(text, &here), text.rsplit_once('/')) {
        (Ok(file), _) => Ok((file, None)),
        (Err(_), Some((recipe, scenario))) => Ok((project.one(recipe, &here)?, Some(scenario))),
        (Err(error), None) => Err(error),
    }
}

/// Returns the project of a scenario that is named on the command line, the recipe's file, and the scenario's name; `None` where
/// only a recipe is named.
pub(crate) fn scenario(named: &OneScenario, printer: &Printer) -> Result<(Project, String, Option<String>), Error> {
    let project = project(std::slice::from_ref(&named.target), printer)?;
    if named.scenario.is_some() {
        let file = project.one(&named.target, &here())?;
        return Ok((project, file, named.scenario.clone()));
    }
    let (file, scenario) = target(&project, &named.target)?;
    let scenario = scenario.map(str::to_owned);
    Ok((project, file, scenario))
}

/// Returns today's date in UTC.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Returns whether this is a CI job, in which nothing is accepted.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}
