//! `hive completions`: completions for a shell.

use crate::cli::arguments::Completions;
use crate::cli::arguments::command;
use crate::workflow::Exit;

pub(crate) fn run(options: &Completions) -> Exit {
    clap_complete::generate(options.shell, &mut command(), "hive", &mut std::io::stdout());
    Exit::Fine
}
