//! Tests of patch.

use std::collections::BTreeMap;

use hive::patch::Patch;
use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;

mod apply;
mod corpus;
mod depend;
mod lint;
mod merge;
mod parse;
mod paths;
mod property;
mod refresh;
mod series;
mod shipped;
mod walk;

/// Files by path.
type Tree = BTreeMap<String, String>;

/// Builds a tree from pairs of path and text.
fn tree(files: &[(&str, &str)]) -> Tree {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// Reads from a tree, as the engine asks for it.
fn reader(tree: &Tree) -> impl FnMut(&str) -> Option<Vec<u8>> {
    |path| tree.get(path).map(|text| text.clone().into_bytes())
}

/// Parses a patch that is known to be sound.
fn parsed(text: &str) -> Patch {
    hive::patch::parse("x.patch", text.as_bytes()).unwrap_or_else(|error| panic!("{}", drawn(&error)))
}

/// Draws an error as the command line does, without colour.
fn drawn(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .render_report(&mut text, error)
        .expect("a string takes all that is written to it");
    text
}
