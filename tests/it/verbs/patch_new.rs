//! `hive patch new`: what was edited in a built tree becomes a patch of the recipe.

use std::collections::BTreeMap;

use super::project::ENGINE;
use super::project::Project;

const NEW: [&str; 6] = ["patch", "new", "demo", "volume", "--from", "tree"];
const ENGINE_FILE: &str = "tree/hummingbot/engine.py";

/// A project and its environment's tree, in which a function has another body.
fn edited() -> Project {
    let project = Project::new();
    project.hive(&["build", "demo", "--into", "tree"]).with(0);
    project.replace(ENGINE_FILE, "    return \"engine\"\n", "    return \"the engine\"\n");
    project
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().chain(more).copied().collect()
}

/// Returns the files of a built tree without what hive notes beside them, with whether each may be executed.
fn tree(project: &Project, folder: &str) -> BTreeMap<String, (Vec<u8>, bool)> {
    let files = project.files(folder).into_iter().filter(|(path, _)| path != ".hive-tree");
    files
        .map(|(path, bytes)| {
            let metadata = project.path(&format!("{folder}/{path}")).metadata().expect("the file is there");
            (path, (bytes, is_executable(&metadata)))
        })
        .collect()
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

/// Replaces dates, which differ from day to day.
fn undated(text: &str) -> String {
    let lines = text.lines().map(|line| if line.starts_with("Last-Update: ") { "Last-Update: DATE" } else { line });
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn an_edit_becomes_the_last_patch() {
    let project = edited();
    let recipe = project.read("recipes/demo.toml");
    let said = project.hive(&with(&NEW, &["--why", "it is \"the\" one", "--touches", "hummingbot/engine.py"])).with(0);
    insta::assert_snapshot!("new_written", said);
    insta::assert_snapshot!("new_patch", undated(&project.read("patches/demo/03_volume.patch")));
    let table = "[[patch]]\nfile = \"patches/demo/03_volume.patch\"\nwhy = 'it is \"the\" one'\n\
                 touches = [\"hummingbot/engine.py\"]\n\n";
    assert_eq!(project.read("recipes/demo.toml"), recipe.replace("[[controller]]", &format!("{table}[[controller]]")));

    project.hive(&["build", "demo", "--into", "again"]).with(0);
    assert_eq!(tree(&project, "again"), tree(&project, "tree"));
    project.hive(&["lint"]).with(0);
    project.accept();
    let tested = project.hive(&["test", "--format", "json"]).json(0);
    assert_eq!(tested["recipes"][0]["patches"][2]["state"], "clean");
    // Now that the environment has the edit there is nothing to make another patch of.
    insta::assert_snapshot!("new_nothing", project.hive(&with(&NEW, &["--why", "x"])).with(2));
}

#[test]
fn files_of_all_kinds() {
    let project = edited();
    project.write("tree/hummingbot/open.py", "a = 1\nb = 2");
    project.write("tree/hummingbot/a name.py", "x = 1\n");
    project.write("tree/hummingbot/empty.py", "");
    project.write("tree/bin/run.sh", "#!/bin/sh\n");
    project.remove("tree/hummingbot/zero.py");
    project.remove("tree/hummingbot/strategy_v2/__init__.py");
    project.write("tree/hummingbot/VERSION", "2.6.0");
    #[cfg(unix)]
    for file in ["tree/bin/run.sh", "tree/hummingbot/engine.py"] {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(project.path(file), permissions).expect("the file is ours");
    }
    insta::assert_snapshot!("new_unsaid", project.hive(&NEW).with(2));
    insta::assert_snapshot!("new_no_touches", project.hive(&with(&NEW, &["--why", "all kinds"])).with(2));
    let said = project.hive(&with(&NEW, &["--touches", "x", "--format", "json"]));
    assert_eq!(said.code, 2);
    let touches = [
        "bin/run.sh",
        "hummingbot/VERSION",
        "hummingbot/a name.py",
        "hummingbot/empty.py",
        "hummingbot/engine.py",
        "hummingbot/open.py",
        "hummingbot/strategy_v2/__init__.py",
        "hummingbot/zero.py",
    ];
    project.hive(&with(&with(&NEW, &["--why", "all\n\nkinds", "--touches"]), &touches)).with(0);
    insta::assert_snapshot!("new_kinds", undated(&project.read("patches/demo/03_volume.patch")));
    project.hive(&["build", "demo", "--into", "again"]).with(0);
    assert_eq!(tree(&project, "again"), tree(&project, "tree"));
    project.hive(&["patch", "status", "demo"]).with(0);
}

#[test]
fn an_edit_elsewhere_is_refused() {
    let project = edited();
    let files = project.files("");
    let touches = ["--why", "x", "--touches", "hummingbot/zero.py", "hummingbot/none.py"];
    insta::assert_snapshot!("new_elsewhere", project.hive(&with(&NEW, &touches)).with(2));
    assert_eq!(project.files(""), files);
}

#[test]
fn what_no_patch_can_carry() {
    let project = edited();
    project.write("tree/logo.bin", "a\0b");
    let said = project.hive(&with(&NEW, &["--why", "x", "--touches", "logo.bin", "hummingbot/engine.py"])).with(2);
    insta::assert_snapshot!("new_binary", said);
    project.remove("tree/logo.bin");
    project.write("tree/controllers/market_making/mine.py", "mine\n");
    insta::assert_snapshot!("new_registered", project.hive(&with(&NEW, &["--why", "x"])).with(2));
    assert_eq!(project.files("patches").len(), 2);
}

#[test]
fn names_and_places() {
    let project = edited();
    let touches = ["--why", "x", "--touches", "hummingbot/engine.py"];
    let named = |name| with(&["patch", "new", "demo", name, "--from", "tree"], &touches);
    insta::assert_snapshot!("new_name", project.hive(&named("../volume")).with(2));
    insta::assert_snapshot!("new_unnamed", project.hive(&["patch", "new", "demo", "--from", "tree"]).with(2));
    // A patch that no recipe names has its number, too.
    project.write("patches/demo/07_other.patch", "words\n");
    project.hive(&named("volume.patch")).with(0);
    assert!(project.path("patches/demo/08_volume.patch").is_file());
}

#[test]
fn a_recipe_that_cannot_be_changed() {
    let project = Project::with_upstream("patch = []\n[upstream.path]\npath = \"upstream\"\n");
    let recipe = project.read("recipes/demo.toml");
    let rest = recipe.split_once("[[controller]]").expect("it is there").1;
    let head = "patch = []\nschema = 1\n[recipe]\nname = \"demo\"\n[upstream.path]\npath = \"upstream\"\n";
    project.write("recipes/demo.toml", &format!("{head}[[controller]]{rest}"));
    for (path, text) in super::project::release("2.6.0") {
        project.write(&format!("upstream/{path}"), &text);
    }
    project.hive(&["build", "demo", "--into", "tree"]).with(0);
    project.replace(ENGINE_FILE, "\"engine\"", "\"the engine\"");
    let said = project.hive(&with(&NEW, &["--why", "x", "--touches", "hummingbot/engine.py"])).with(2);
    insta::assert_snapshot!("new_unwritable", said);
    assert!(!project.path("patches/demo/03_volume.patch").exists());
}

#[test]
fn a_patch_of_two_trees() {
    let project = Project::new();
    project.write("edited/hummingbot/engine.py", &ENGINE.replace("0.01", "0.1"));
    project.write("before/hummingbot/engine.py", ENGINE);
    let new = ["patch", "new", "--root", "before", "--from", "edited", "fee.patch"];
    insta::assert_snapshot!("new_tree_unsaid", project.hive(&new).with(2));
    project.hive(&with(&new, &["--why", "the fee"])).with(0);
    insta::assert_snapshot!("new_tree_there", project.hive(&with(&new, &["--why", "the fee"])).with(2));
    project.hive(&["patch", "apply", "--root", "before", "fee.patch"]).with(0);
    assert_eq!(project.files("before"), project.files("edited"));
}
