//! The terminal face: one file per verb, all output through [`print`].

mod arguments;

mod audit;
mod bisect;
mod blame;
mod build;
mod candles;
mod completions;
mod dev;
mod doctor;
mod explain;
mod fetch;
mod golden;
mod inspect;
mod lint;
mod lock;
mod notify;
mod outdated;
mod patch;
mod plan;
mod run;
mod schema;
#[cfg(feature = "serve")]
mod serve;
mod test;
mod upgrade;
mod verify;
mod why;

mod attribution;
pub mod diagnostic;
mod drift;
mod parity;
mod place;
mod print;
mod progress;
mod report;
mod review;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::arguments::Arguments;
use crate::cli::arguments::Verb;
use crate::cli::print::Printer;
use crate::workflow::Exit;

pub use crate::cli::arguments::command;
pub use crate::cli::explain::codes;

/// Runs the command line and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; everything else is a usage error. A closed pipe is nobody's fault.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Fine };
            return ExitCode::from(exit.code());
        }
    };
    let printer = Printer::new(&arguments.global);
    let exit = std::panic::catch_unwind(|| run(&arguments, &printer)).unwrap_or_else(|_| {
        printer.note("this is a bug of hive; please report it with the command that shows it");
        Exit::Bug
    });
    ExitCode::from(exit.code())
}

fn run(arguments: &Arguments, printer: &Printer) -> Exit {
    let global = &arguments.global;
    let formats = arguments.verb.formats();
    if !formats.contains(&global.format) {
        let names: Vec<String> = formats.iter().map(|format| format!("`{}`", format.name())).collect();
        printer.note_always(&format!(
            "error: `hive {}` has no format `{}` here\n  hint: it has {}",
            arguments.verb.name(),
            global.format.name(),
            names.join(" and "),
        ));
        return Exit::Usage;
    }
    let done = match &arguments.verb {
        Verb::Test(options) => test::run(options, global, printer),
        Verb::Run(options) => run::run(options, global, printer),
        Verb::Why(options) => why::run(options, global, printer),
        Verb::Audit(options) => audit::run(options, printer),
        Verb::Bisect(options) => bisect::run(options, global, printer),
        Verb::Lint(options) => lint::run(options, global, printer),
        Verb::Lock(options) => lock::run(options, global, printer),
        Verb::Fetch(options) => fetch::run(options, global, printer),
        Verb::Plan(options) => plan::run(options, printer),
        Verb::Build(options) => build::run(options, global, printer),
        Verb::Dev(options) => dev::run(options, global, printer),
        Verb::Verify(options) => verify::run(options, global, printer),
        Verb::Inspect(options) => inspect::run(options, printer),
        Verb::Patch(options) => patch::run(options, global, printer),
        Verb::Golden(options) => golden::run(options, global, printer),
        Verb::Candles(verb) => candles::run(verb, global, printer),
        Verb::Outdated(options) => outdated::run(options, global, printer),
        Verb::Upgrade(options) => upgrade::run(options, global, printer),
        Verb::Notify(options) => notify::run(options, printer),
        #[cfg(feature = "serve")]
        Verb::Serve(options) => serve::run(options, printer),
        Verb::Doctor => doctor::run(printer),
        Verb::Explain(options) => Ok(explain::run(options, printer)),
        Verb::Schema => Ok(schema::run(printer)),
        Verb::Completions(options) => Ok(completions::run(options, printer)),
    };
    done.unwrap_or_else(|error| {
        printer.error(&error);
        error.exit()
    })
}
