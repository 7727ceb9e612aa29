//! The releases between a recipe's own and a later one.

mod index;
mod tags;

use hive::io::progress::NoProgress;
use hive::workflow::Error;
use hive::workflow::Options;
use hive::workflow::Project;
use hive::workflow::releases::Releases;
use hive::workflow::releases::Request;
use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use tempfile::TempDir;

/// A project with one recipe.
struct Fixture {
    folder: TempDir,
    /// The package index that is asked.
    index: Option<String>,
}

impl Fixture {
    fn new(upstream: &str) -> Self {
        let fixture = Self { folder: TempDir::new().expect("a temporary folder"), index: None };
        fixture.set_upstream(upstream);
        fixture
    }

    fn set_upstream(&self, upstream: &str) {
        let text =
            format!("schema = 1\n\n[recipe]\nname = \"demo\"\ndescription = \"releases to walk\"\n\n{upstream}\n");
        let path = self.folder.path().join("recipes/demo.toml");
        hive::io::files::write_atomic(&path, text.as_bytes()).expect("a temporary folder");
    }

    fn between(&self, target: &str, offline: bool) -> Result<Releases<'static>, Error> {
        self.locked_between(None, target, offline)
    }

    fn locked_between(&self, locked: Option<&str>, target: &str, offline: bool) -> Result<Releases<'static>, Error> {
        let project = Project::at(self.folder.path());
        let loaded = project.load("recipes/demo.toml").expect("the recipe is right");
        let options = Options { offline, ..Options::default() };
        let request = Request { recipe: &loaded.recipe, locked, target, index: self.index.as_deref(), options };
        Releases::between(&project, &request, &NoProgress)
    }

    fn refused(&self, target: &str, offline: bool) -> String {
        drawn(&self.between(target, offline).expect_err(target))
    }
}

/// Returns an error as a user without colours sees it, on a terminal so wide that the length of a temporary folder's
/// name breaks no line.
fn drawn(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(500)
        .with_links(false)
        .render_report(&mut text, error)
        .expect("writing to a text cannot fail");
    text
}

fn read(releases: &mut Releases<'_>, version: &str, path: &str) -> Option<String> {
    let bytes = releases.read(version, path).expect("the release is to be had")?;
    Some(String::from_utf8(bytes).expect("the file is text"))
}

#[test]
fn a_local_tree_is_alone() {
    let fixture = Fixture::new("[upstream.path]\npath = \"fork\"\n");
    insta::assert_snapshot!("local_tree", fixture.refused("v2.0.0", false));
}
