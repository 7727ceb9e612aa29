//! `hive dev`: what is saved is in the environment a moment later, and the command runs anew.

use serde_json::json;

use crate::cli::arguments::Dev;
use crate::cli::arguments::Global;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::build::Refusal;
use crate::workflow::dev;
use crate::workflow::dev::Event;
use crate::workflow::dev::Ready;
use crate::workflow::dev::Request;
use crate::workflow::finding;

pub(crate) fn run(options: &Dev, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(std::slice::from_ref(&options.recipe), printer)?;
    let file = project.one(&options.recipe, &place::here())?;
    let request = Request { file, command: options.command.clone(), owns_output: !printer.is_json() };
    match dev::dev(&project, &request, options.inside.options(global), &printer.progress(), &mut |event| {
        tell(&event, printer);
    }) {
        Ok(()) => Ok(Exit::Interrupted),
        Err(Refusal::Error(error)) => Err(*error),
        Err(Refusal::Findings(findings)) => {
            for finding in &findings {
                printer.error(finding.as_ref());
            }
            Ok(Exit::Findings)
        }
    }
}

/// Writes an event: for people on standard error, since standard output is the command's; for scripts as an object on a line.
fn tell(event: &Event, printer: &Printer) {
    if printer.is_json() {
        printer.json(&match event {
            Event::Saved(files) => json!({ "event": "saved", "files": files }),
            Event::Ready(ready) => json!({ "event": "ready", "ready": ready }),
            Event::Broken(refusal) => json!({ "event": "broken", "findings": written(refusal) }),
            Event::Proven(proofs) => json!({ "event": "proven", "proofs": proofs }),
            Event::Line(line) => json!({ "event": "line", "line": line }),
            Event::Ended(how) => json!({ "event": "ended", "how": how }),
        });
        return;
    }
    match event {
        Event::Saved(files) => printer.note(&format!("{}  {}", toned(Tone::Faint, "saved"), files.join(", "))),
        Event::Ready(ready) => tell_ready(ready, printer),
        Event::Broken(refusal) => {
            match refusal {
                Refusal::Error(error) => printer.error(error.as_ref()),
                Refusal::Findings(findings) => findings.iter().for_each(|finding| printer.error(finding.as_ref())),
            }
            printer.note("what ran before still runs; mend it and save");
        }
        Event::Proven(proofs) => {
            for proof in proofs {
                printer.note(&format!("  {}  {}  {}", proof.about, proof.subject, proof.seen));
            }
        }
        Event::Line(line) => printer.result(&format!(
            "{line}
"
        )),
        Event::Ended(how) => printer.note(&format!("{}  {how}; save to run it again", toned(Tone::Faint, "ended"))),
    }
}

fn tell_ready(ready: &Ready, printer: &Printer) {
    const FILES_MAX: usize = 8;
    let changed = match ready.changed.as_slice() {
        [] => "nothing changed".to_owned(),
        some if some.len() <= FILES_MAX => some.join(", "),
        many => counted(many.len(), "file"),
    };
    let seconds = ready.elapsed_ms as f64 / 1000.0;
    printer.note(&format!("{}  {seconds:.2} s, {changed}", toned(Tone::Good, "ready")));
}

fn written(refusal: &Refusal) -> Vec<finding::Written> {
    match refusal {
        Refusal::Error(error) => vec![finding::written(error.as_ref())],
        Refusal::Findings(findings) => findings.iter().map(|finding| finding::written(finding.as_ref())).collect(),
    }
}
