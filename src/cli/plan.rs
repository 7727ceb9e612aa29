//! `hive plan`: what would be done, and why.

use crate::cli::arguments::Recipes;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::plan;

pub(crate) fn run(options: &Recipes, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&options.recipes, printer)?;
    let files = project.select(&options.recipes, &place::here())?;
    let plans = plan::plan(&project, &files)?;
    if printer.is_json() {
        printer.json(&plans);
        return Ok(Exit::Fine);
    }
    let done = plans.iter().flat_map(|plan| &plan.steps).any(|step| !step.needed);
    for plan in plans {
        printer.result(&format!("{}\n", toned(Tone::Strong, &plan.recipe)));
        let width = plan.steps.iter().map(|step| step.subject.chars().count()).max().unwrap_or_default();
        for step in plan.steps {
            let action = if step.needed { step.action.to_owned() } else { format!("({})", step.action) };
            printer.result(&format!("  {action:<10} {:<width$}  {}\n", step.subject, toned(Tone::Faint, &step.why)));
        }
    }
    if done {
        printer.note("steps in parentheses have nothing to do");
    }
    Ok(Exit::Fine)
}
