//! `hive patch drop`: take a patch out of a recipe, and keep the reason.

use serde_json::json;

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchDrop;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::drop;
use crate::workflow::patch::drop::Request;

pub(crate) fn run(options: &PatchDrop, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(std::slice::from_ref(&options.recipe));
    let file = project.one(&options.recipe, &place::here())?;
    let request = Request { patch: &options.patch, reason: &options.reason, force: options.force };
    let dropped = drop::drop(&project, &file, &request, global.options(), &printer.progress())?;
    if printer.is_json() {
        printer.json(&json!({ "patch": dropped.patch, "removed": dropped.is_removed, "broken": dropped.dependents }));
    } else {
        let file = if dropped.is_removed { "file removed" } else { "file kept: another recipe names it" };
        printer.result(&format!("dropped {}, {file}\n", dropped.patch));
        for patch in &dropped.dependents {
            printer.note(&format!("warning: `{patch}` no longer applies as it did"));
        }
        printer.note("run `hive lock`, then `hive test`");
    }
    Ok(Exit::Fine)
}
