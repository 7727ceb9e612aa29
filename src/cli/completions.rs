//! `hive completions`: completions for a shell.

use crate::cli::arguments::Completions;
use crate::cli::arguments::command;
use crate::cli::print::Printer;
use crate::workflow::Exit;

pub(crate) fn run(options: &Completions, printer: &Printer) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command(), "hive", &mut script);
    printer.result(&String::from_utf8_lossy(&script));
    Exit::Fine
}
