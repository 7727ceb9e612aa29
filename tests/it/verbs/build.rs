//! `hive build --into`: a whole tree or nothing, never over somebody's work.

use super::project::Project;

const BUILD: [&str; 4] = ["build", "demo", "--into", "out/tree"];

#[test]
fn a_tree_is_written_once() {
    let project = Project::new();
    insta::assert_snapshot!("build_written", project.hive(&BUILD).with(0));
    let files = project.files("out/tree");
    insta::assert_snapshot!("build_files", files.keys().map(String::as_str).collect::<Vec<_>>().join("\n"));
    assert!(project.read("out/tree/hummingbot/engine.py").contains("share = 0.1\n"));
    assert!(project.read("out/tree/hummingbot/engine.py").contains("if deviation == 0:\n"));
    assert_eq!(project.read("out/tree/hummingbot/zero.py"), "ZERO = 0\n");
    assert_eq!(
        project.read("out/tree/controllers/market_making/mine.py"),
        project.read("recipes/controllers/market_making/mine.py")
    );
    insta::assert_snapshot!("build_unchanged", project.hive(&BUILD).with(0));
    assert_eq!(project.files("out/tree"), files);
    let built = project.hive(&["build", "demo", "--into", "out/tree", "--format", "json"]).json(0);
    insta::assert_snapshot!(
        "build_json",
        format!("{built:#}").replace(&project.path("").display().to_string(), "PROJECT/")
    );
    assert_eq!(project.path("out").read_dir().expect("the folder is there").count(), 1, "nothing is left beside it");
}

#[test]
fn an_edited_tree_is_left_alone() {
    let project = Project::new();
    project.hive(&BUILD).with(0);
    project.write("out/tree/hummingbot/engine.py", "mine\n");
    project.write("out/tree/notes.txt", "mine\n");
    project.remove("out/tree/hummingbot/zero.py");
    let files = project.files("out");
    insta::assert_snapshot!("build_edited", project.hive(&BUILD).with(2));
    assert_eq!(project.files("out"), files);
}

#[test]
fn a_tree_of_before_is_replaced() {
    let project = Project::new();
    project.hive(&BUILD).with(0);
    project.replace("patches/demo/01_fee.patch", "share = 0.1\n", "share = 0.2\n");
    project.hive(&BUILD).with(0);
    assert!(project.read("out/tree/hummingbot/engine.py").contains("share = 0.2\n"));
}

#[test]
fn a_foreign_folder_is_left_alone() {
    let project = Project::new();
    project.write("out/tree/notes.txt", "mine\n");
    insta::assert_snapshot!("build_foreign", project.hive(&BUILD).with(2));
    project.hive(&["build", "demo", "--into", "upstream"]).with(2);
    project.hive(&["build", "demo", "--into", "."]).with(2);
    project.hive(&["build", "demo", "--into", "recipes/demo.toml"]).with(2);
    assert_eq!(project.files("out").len(), 1);
}

#[test]
fn a_series_that_fails_writes_nothing() {
    let project = Project::new();
    project.replace("patches/demo/01_fee.patch", "-    share = 0.01", "-    share = 0.02");
    insta::assert_snapshot!("build_conflict", project.hive(&BUILD).with(1));
    assert!(!project.path("out").exists());
    project.hive(&["build", "demo", "--into", "out/tree", "--format", "json"]).with(1);
    assert!(!project.path("out").exists());
}
