//! `hive build`: write a recipe's patched tree into a folder.

pub(super) mod image;

use crate::cli::arguments::Build;
use crate::cli::arguments::Global;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::build;
use crate::workflow::build::Refusal;

pub(crate) fn run(options: &Build, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.recipe.clone()];
    let project = place::project(&selectors);
    let file = project.one(&options.recipe, &place::here())?;
    let Some(into) = &options.into else {
        return image::run(&project, &file, options, global, printer);
    };
    let into = place::here().join(into);
    let built = match build::build(&project, &file, &into, global.options(), &printer.progress()) {
        Ok(built) => built,
        Err(Refusal::Error(error)) => return Err(*error),
        Err(Refusal::Findings(findings)) => {
            for finding in &findings {
                printer.error(finding.as_ref());
            }
            return Ok(Exit::Findings);
        }
    };
    for finding in &built.findings {
        printer.error(finding.as_ref());
    }
    if printer.is_json() {
        printer.json(&built);
        return Ok(Exit::Fine);
    }
    let state = if built.written { toned(Tone::Good, "written") } else { toned(Tone::Good, "unchanged") };
    printer.result(&format!(
        "{}  {}  {state}  {}\n  {} files, {} of them not upstream's, tree sha256:{}\n",
        toned(Tone::Strong, &built.recipe),
        built.upstream,
        built.into,
        built.file_count,
        built.changed_count,
        built.tree_sha256,
    ));
    Ok(Exit::Fine)
}
