//! `hive schema`: the JSON Schema of recipes.

use crate::cli::print::Printer;
use crate::workflow::Exit;

pub(crate) fn run(printer: &Printer) -> Exit {
    let schema = crate::workflow::schema();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    printer.result(&text);
    Exit::Fine
}
