//! `hive patch refresh`: line numbers and context of patches brought up to date.

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchRefresh;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::refresh;
use crate::workflow::patch::refresh::RefreshedPatch;

pub(crate) fn run(options: &PatchRefresh, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selection = options.placing.selection(&options.named);
    let project = place::project(&options.named, printer)?;
    let (consent, write) = (options.placing.consent(), !options.dry_run);
    let (here, progress) = (place::here(), printer.progress());
    let refreshed = refresh::refresh(&project, &selection, consent, write, &here, global.options(), &progress)?;
    for finding in &refreshed.findings {
        printer.error(finding.as_ref());
    }
    if !refreshed.findings.is_empty() {
        printer.note("nothing was written: all patches are refreshed, or none is");
        return Ok(Exit::Findings);
    }
    let stale = refreshed.patches.iter().filter(|patch| patch.state == "refreshed");
    if printer.is_json() {
        for patch in &refreshed.patches {
            printer.json(patch);
        }
    } else if options.dry_run {
        printer.result(&stale.clone().map(|patch| patch.diff.as_str()).collect::<String>());
    } else {
        printer.result(&table(&refreshed.patches));
    }
    let count = stale.count();
    printer.note(&match (count, options.dry_run) {
        (0, _) => "nothing to write: all is exact".to_owned(),
        (_, true) => format!("{} would be written", counted(count, "patch file")),
        (_, false) => format!("{} written", counted(count, "patch file")),
    });
    Ok(Exit::Fine)
}

fn table(patches: &[RefreshedPatch]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    for patch in patches {
        let tone = if patch.state == "exact" { Tone::Good } else { Tone::Doubtful };
        table.add_row([toned(tone, patch.state), toned(Tone::Strong, &patch.file)]);
    }
    drawn_table(&table)
}
