//! `hive patch probe`: is each patch needed, and does it work?

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchProbe;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::probe;
use crate::workflow::patch::probe::Answer;
use crate::workflow::patch::probe::Outcome;
use crate::workflow::patch::probe::Probed;
use crate::workflow::patch::probe::Verdict;

pub(crate) fn run(options: &PatchProbe, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(std::slice::from_ref(&options.recipe), printer)?;
    let file = project.one(&options.recipe, &place::here())?;
    let (told, progress) = (options.inside.options(global), printer.progress());
    let report = probe::probe(&project, &file, &options.patches, options.version.as_deref(), told, &progress)?;
    let exit = if report.patches.iter().all(|probed| probed.verdict.is_fine()) { Exit::Fine } else { Exit::Findings };
    if printer.is_json() {
        printer.json(&report);
        return Ok(exit);
    }
    let inside =
        report.environment_of.as_ref().map_or_else(String::new, |recipe| format!(", in the environment of `{recipe}`"));
    printer.result(&format!("{}  {}{inside}\n", toned(Tone::Strong, &report.recipe), report.upstream));
    let width = report.patches.iter().map(|probed| probed.verdict.name().len()).max().unwrap_or_default();
    for probed in &report.patches {
        let tone = match probed.verdict {
            Verdict::NoProbe | Verdict::Obsolete => Tone::Doubtful,
            verdict if verdict.is_fine() => Tone::Good,
            _ => Tone::Bad,
        };
        let verdict = toned(tone, &format!("{:<width$}", probed.verdict.name()));
        printer.result(&format!("  {verdict}  {}\n", probed.patch));
        for (variant, answer) in [("pristine", &probed.pristine), ("patched", &probed.patched)] {
            if let Some(answer) = answer {
                printer.result(&format!("  {:<width$}    {variant:<8} {}\n", "", said(answer)));
            }
        }
    }
    for probed in &report.patches {
        if let Some(hint) = hint(probed) {
            printer.note(&format!("{}: {}: {hint}", toned(Tone::Hint, "hint"), probed.patch));
        }
    }
    Ok(exit)
}

fn said(answer: &Answer) -> String {
    let word = match answer.outcome {
        Outcome::Passes => "passes",
        Outcome::Fails => "fails",
        Outcome::Undecided => "could not ask",
    };
    match &answer.reason {
        Some(reason) => format!("{word}: {reason}"),
        None => word.to_owned(),
    }
}

/// Returns what to do about a patch, if anything.
fn hint(probed: &Probed) -> Option<&'static str> {
    Some(match probed.verdict {
        Verdict::Needed | Verdict::NoProbe => return None,
        Verdict::Obsolete => {
            "the release does not have the fault: drop the patch there, or say with `applies` which ones do"
        }
        Verdict::ProvesNothing => {
            "its probe passes without it: let the probe meet the fault, or bound the patch with `applies`"
        }
        Verdict::NotWorking => "its probe fails with it: the patch does not mend what the probe meets",
        Verdict::Inverted => "its probe fails with it alone: the patch does harm, or the probe asks the opposite",
        Verdict::Undecided => "the probe has to import what it asks, within its time and its memory",
    })
}
