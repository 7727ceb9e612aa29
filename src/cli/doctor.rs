//! `hive doctor`: what this machine lacks, and for which verb.

use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::doctor;
use crate::workflow::doctor::State;

pub(crate) fn run(printer: &Printer) -> Result<Exit, Error> {
    let checks = doctor::doctor(&place::project(&[], printer)?);
    if printer.is_json() {
        printer.json(&checks);
        return Ok(Exit::Fine);
    }
    for check in checks {
        let state = match check.state {
            State::Ok => toned(Tone::Good, "ok     "),
            State::Missing => toned(Tone::Doubtful, "missing"),
        };
        printer.result(&format!("{state}  {:<14} {}\n", check.name, check.found));
        if let Some(mend) = check.mend {
            printer.result(&format!("         {:<14} needed by: {}\n", "", check.needed_by));
            printer.result(&format!("         {:<14} hint: {mend}\n", ""));
        }
    }
    Ok(Exit::Fine)
}
