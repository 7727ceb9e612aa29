//! `hive build` without `--into`: a recipe's image in the Docker engine.

use std::fmt::Write as _;

use crate::cli::arguments::Build;
use crate::cli::arguments::Global;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::image::build;
use crate::workflow::image::build::Built;
use crate::workflow::image::build::Wish;
use crate::workflow::image::load::Way;

pub(super) fn run(
    project: &Project,
    file: &str,
    options: &Build,
    global: &Global,
    printer: &Printer,
) -> Result<Exit, Error> {
    let wish = Wish { whole: options.whole, unproven: options.unproven };
    let built = match build::build(project, file, global.options(), wish, &printer.progress()) {
        Ok(built) => built,
        Err(refusal) => return refused(refusal, printer),
    };
    for finding in &built.findings {
        printer.error(finding.as_ref());
    }
    if printer.is_json() {
        printer.json(&built);
    } else {
        printer.result(&drawn(&built));
    }
    Ok(Exit::Fine)
}

/// Tells why nothing was built.
pub(crate) fn refused(refusal: Refusal, printer: &Printer) -> Result<Exit, Error> {
    match refusal {
        Refusal::Error(error) => Err(*error),
        Refusal::Findings(findings) => {
            for finding in &findings {
                printer.error(finding.as_ref());
            }
            Ok(Exit::Findings)
        }
    }
}

fn drawn(built: &Built) -> String {
    let state = match built.loaded {
        Way::There => "already there",
        Way::Thin => "built, only what is new was sent",
        Way::Whole => "built, all layers were sent",
    };
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}  {}  {}  {}",
        toned(Tone::Strong, &built.recipe),
        built.upstream,
        toned(Tone::Good, state),
        built.name
    );
    let _ = writeln!(text, "  base      {}, {} in {}", built.base, built.kind, built.root);
    for change in &built.changes {
        let _ = writeln!(text, "  since     {change}");
    }
    for layer in &built.layers {
        let _ = writeln!(
            text,
            "  layer     {}  {} bytes  {}",
            layer.name, layer.measured.byte_count, layer.measured.digest
        );
    }
    let _ = writeln!(text, "  id        {}, as predicted", built.id);
    let _ = writeln!(text, "  config    {}", built.config_digest);
    if let Some(manifest) = &built.manifest_digest {
        let _ = writeln!(text, "  manifest  {manifest}");
    }
    if let Some(proof) = &built.proof {
        let _ =
            writeln!(text, "  proof     {} in the image are what they should be", counted(proof.file_count, "file"));
        for shown in &proof.shown {
            let _ =
                writeln!(text, "            {}  {}  {}", shown.about, shown.subject, toned(Tone::Faint, &shown.seen));
        }
        if let Some(why) = &proof.unshown {
            let _ = writeln!(text, "            the controllers were not loaded: {why}");
        }
    }
    for path in &built.not_installed {
        let _ = writeln!(text, "  skipped   {path}: no part of an installation");
    }
    let _ = writeln!(text, "  beside    {}, {}", built.documents.sbom, built.documents.provenance);
    text
}
