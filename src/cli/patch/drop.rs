//! `hive patch drop`: a patch out of a recipe, and its reason in it.

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchDrop;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::drop;

pub(crate) fn run(options: &PatchDrop, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let here = place::here();
    let project = place::project(std::slice::from_ref(&options.recipe), printer)?;
    let recipe = project.one(&options.recipe, &here)?;
    let why = (options.reason.as_str(), options.force);
    let dropped = drop::drop(&project, &recipe, &options.patch, why, global.options(), &printer.progress())?;
    if printer.is_json() {
        printer.json(&dropped);
        return Ok(Exit::Fine);
    }
    printer.result(&format!("{}  {}\n", toned(Tone::Good, "dropped"), toned(Tone::Strong, &dropped.file)));
    if !dropped.deleted {
        printer.note("its file stays: another recipe names it");
    }
    printer.note(&format!("recipe `{0}` keeps the reason; `hive lock {0}` pins it", dropped.recipe));
    Ok(Exit::Fine)
}
