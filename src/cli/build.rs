//! `hive build`: write a recipe's patched tree into a folder, or make it an environment there.

use std::path::Path;

pub(super) mod image;

use crate::cli::arguments::Build;
use crate::cli::arguments::Global;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::build;
use crate::workflow::build::Refusal;
use crate::workflow::install;

pub(crate) fn run(options: &Build, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.recipe.clone()];
    let project = place::project(&selectors, printer)?;
    let file = project.one(&options.recipe, &place::here())?;
    let Some(into) = &options.into else {
        return image::run(&project, &file, options, global, printer);
    };
    let into = place::here().join(into);
    if options.install {
        return install(&project, &file, &into, global, printer);
    }
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

fn install(project: &Project, file: &str, into: &Path, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let made = match install::build(project, file, into, global.options(), &printer.progress()) {
        Ok(made) => made,
        Err(Refusal::Error(error)) => return Err(*error),
        Err(Refusal::Findings(findings)) => {
            for finding in &findings {
                printer.error(finding.as_ref());
            }
            return Ok(Exit::Findings);
        }
    };
    for finding in &made.findings {
        printer.error(finding.as_ref());
    }
    if let Some(advice) = &made.advice {
        printer.note(&format!("note: {advice}"));
    }
    if printer.is_json() {
        printer.json(&made);
        return Ok(Exit::Fine);
    }
    let state = toned(Tone::Good, if made.written { "written" } else { "unchanged" });
    printer.result(&format!(
        "{}  {}  {state}  {}\n  Python {}, {} packages{}, Hummingbot from {}\n",
        toned(Tone::Strong, &made.recipe),
        made.upstream,
        made.into,
        made.python,
        made.package_count,
        if made.closure_locked { " as locked" } else { "" },
        made.origin,
    ));
    for proof in &made.proofs {
        printer.result(&format!(
            "  {}  {} {}: {}\n",
            toned(Tone::Good, "proven"),
            proof.about,
            proof.subject,
            proof.seen
        ));
    }
    for path in &made.not_installed {
        printer.result(&format!("  not installed: {path}\n"));
    }
    Ok(Exit::Fine)
}
