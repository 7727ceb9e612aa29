//! Where in the project's files does something stand that has no line of its own?

use std::fs;

use miette::NamedSource;

use crate::recipe::located::locate;
use crate::workflow::Project;
use crate::workflow::finding;
use crate::workflow::finding::Place;

/// Returns where a recipe says its scenario; `None` where its file cannot be read, or has no such table.
#[must_use]
pub fn scenario(project: &Project, recipe: &str, scenario: &str) -> Option<Place> {
    let file = format!("recipes/{recipe}.toml");
    let text = fs::read_to_string(project.path(&file)).ok()?;
    let at = locate(&text, &["scenario", scenario])?;
    // A table is many lines; its head is where a reader begins.
    let head = text[at.start..at.end].lines().next().unwrap_or_default().len();
    finding::place(&NamedSource::new(file, text), at.start, head)
}

/// Returns the beginning of a file, which stands for the whole.
#[must_use]
pub fn whole(file: &str) -> Place {
    Place { file: file.to_owned(), line: 1, column: 1, end_line: 1, end_column: 1, text: String::new() }
}
