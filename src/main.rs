//! The `hive` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    hive::cli::main()
}
