//! Help texts, each whole, and what is said to a command line that is wrong.

use super::project::Project;

#[test]
fn each_verb_has_help() {
    let project = Project::empty();
    insta::assert_snapshot!("help", project.hive(&["--help"]).with(0));
    insta::assert_snapshot!("help_short", project.hive(&["-h"]).with(0));
    let command = hive::cli::command();
    for verb in command.get_subcommands() {
        let name = verb.get_name();
        insta::assert_snapshot!(format!("help_{name}"), project.hive(&[name, "--help"]).with(0));
        for noun in verb.get_subcommands() {
            let said = project.hive(&[name, noun.get_name(), "--help"]);
            insta::assert_snapshot!(format!("help_{name}_{}", noun.get_name()), said.with(0));
        }
    }
}

#[test]
fn a_version_is_told() {
    let said = Project::empty().hive(&["--version"]).with(0);
    assert_eq!(said, "hive VERSION\n");
}

#[test]
fn usage_errors() {
    let project = Project::new();
    for (name, arguments) in [
        ("nothing", &[][..]),
        ("verb", &["tset"]),
        ("flag", &["test", "--lock"]),
        ("format", &["test", "--format", "xml"]),
        ("argument", &["run", "demo"]),
        ("into", &["build", "demo"]),
        ("noun", &["golden"]),
        ("shell", &["completions", "tcsh"]),
    ] {
        insta::assert_snapshot!(format!("usage_{name}"), project.hive(arguments).with(2));
    }
}

#[test]
fn a_folder_without_recipes() {
    let project = Project::empty();
    insta::assert_snapshot!("no_recipes", project.hive(&["test"]).with(4));
    for verb in ["lint", "lock", "fetch", "plan"] {
        project.hive(&[verb]).with(4);
    }
    project.hive(&["test", "demo"]).with(4);
    project.hive(&["run", "demo", "walk"]).with(4);
    assert_eq!(project.files("").len(), 0);
}
