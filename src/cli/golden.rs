//! `hive golden`: live with goldens.

use serde_json::json;

use crate::cli::arguments::Accept;
use crate::cli::arguments::Global;
use crate::cli::arguments::Golden;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Verdict;
use crate::workflow::golden;

pub(crate) fn run(verb: &Golden, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    match verb {
        Golden::Accept(options) => accept(options, global, printer),
    }
}

fn accept(options: &Accept, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.target.clone()];
    let project = place::project(&selectors, printer)?;
    let (file, scenario) = place::target(&project, &options.target)?;
    let (told, progress) = (options.inside.options(global), printer.progress());
    let accepted = golden::accept(&project, &file, scenario, &options.reason, place::in_ci(), told, &progress)?;
    if printer.is_json() {
        let list = accepted.iter().map(|golden| {
            json!({
                "file": golden.file,
                "written": golden.written,
                "new": golden.comparison.is_none(),
            })
        });
        printer.json(&list.collect::<Vec<_>>());
        return Ok(Exit::Fine);
    }
    for golden in accepted {
        let state = match (golden.written, &golden.comparison) {
            (false, _) => "unchanged".to_owned(),
            (true, None) => "new".to_owned(),
            (true, Some(comparison)) => match comparison.verdict() {
                Verdict::Identical => "replaced: the same result, made otherwise".to_owned(),
                Verdict::WithinTolerance => "replaced: within tolerance".to_owned(),
                Verdict::Drift => "replaced: another result".to_owned(),
            },
        };
        printer.result(&format!("{}  {state}\n", toned(Tone::Strong, &golden.file)));
    }
    Ok(Exit::Fine)
}
