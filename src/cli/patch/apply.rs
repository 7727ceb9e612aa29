//! `hive patch status` and `hive patch apply`: what becomes of patches on a tree.

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchApply;
use crate::cli::arguments::PatchStatus;
use crate::cli::arguments::Patches;
use crate::cli::patch::report;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::counted;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::apply;
use crate::workflow::patch::apply::Applied;
use crate::workflow::patch::apply::Manner;

pub(crate) fn status(options: &PatchStatus, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let applied = outcome(&options.patches, options.reverse, false, global, printer)?;
    show(&applied, printer);
    Ok(exit(&applied))
}

pub(crate) fn run(options: &PatchApply, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    if options.patches.placing.root.is_none() {
        return Err(Error::NoRoot { named: options.patches.named.clone() });
    }
    let applied = outcome(&options.patches, options.reverse, !options.dry_run, global, printer)?;
    show(&applied, printer);
    let count = counted(applied.written.len(), "file");
    printer.note(&match (applied.is_fine(), applied.written.is_empty(), options.dry_run) {
        (false, ..) => "nothing was written: all patches apply, or none does".to_owned(),
        (true, true, _) => "nothing to write".to_owned(),
        (true, false, true) => format!("{count} would be written"),
        (true, false, false) => format!("{count} written"),
    });
    Ok(exit(&applied))
}

fn outcome(
    patches: &Patches,
    reverse: bool,
    write: bool,
    global: &Global,
    printer: &Printer,
) -> Result<Applied, Error> {
    let selection = patches.placing.selection(&patches.named);
    let project = place::project(&selection.named, printer)?;
    let manner = Manner { consent: patches.placing.consent(), reverse, write };
    apply::apply(&project, &selection, manner, &place::here(), global.options(), &printer.progress())
}

fn show(applied: &Applied, printer: &Printer) {
    if printer.is_json() {
        for report in &applied.reports {
            printer.json(report);
        }
        return;
    }
    printer.result(&report::table(&applied.reports));
    for note in report::notes(&applied.reports) {
        printer.note(&note);
    }
    for finding in &applied.findings {
        printer.error(finding.as_ref());
    }
}

fn exit(applied: &Applied) -> Exit {
    if applied.is_fine() { Exit::Fine } else { Exit::Findings }
}
