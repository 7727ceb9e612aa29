//! Tests of recipes: what is read, what is refused and how it is drawn, what lint finds, what the lock holds.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use hive::cli::diagnostic::draw;
use hive::recipe::error::Errors;
use hive::recipe::resolve::Project;
use hive::recipe::resolve::Recipe;
use hive::recipe::resolve::resolve;

mod bad;
mod drawing;
mod edit;
mod good;
mod lint;
mod lock;

/// The files that fixtures name.
struct Fixture;

impl Fixture {
    fn path(path: &str) -> PathBuf {
        data("project").join(path)
    }
}

impl Project for Fixture {
    fn exists(&self, path: &str) -> bool {
        Self::path(path).is_file()
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(Self::path(path)).ok()
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recipe").join(name)
}

/// The names and texts of all fixtures in a folder, in the order of the alphabet.
fn fixtures(folder: &str) -> Vec<(String, String)> {
    let mut fixtures: Vec<(String, String)> = fs::read_dir(data(folder))
        .expect("the fixtures are part of the project")
        .map(|entry| entry.expect("a folder of ours can be listed").path())
        .map(|path| {
            let name = path.file_stem().expect("a fixture has a name");
            let text = fs::read_to_string(&path).expect("a fixture is text");
            (name.to_string_lossy().into_owned(), text)
        })
        .collect();
    fixtures.sort();
    assert!(!fixtures.is_empty(), "a folder without fixtures tests nothing");
    fixtures
}

fn read(folder: &str, name: &str) -> String {
    fs::read_to_string(data(folder).join(format!("{name}.toml"))).expect("the fixture is there")
}

fn resolved(name: &str, text: &str) -> Result<Recipe, Errors> {
    resolve(&format!("recipes/{name}.toml"), text, &Fixture)
}

fn plain(diagnostic: &dyn miette::Diagnostic) -> String {
    draw(diagnostic, false, 100)
}
