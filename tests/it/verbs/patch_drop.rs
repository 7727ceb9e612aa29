//! `hive patch drop`: a patch goes, its reason stays.

use super::project::Project;

#[test]
fn the_reason_is_kept() {
    let project = Project::new();
    let before = project.read("recipes/demo.toml");
    let said = project.hive(&["patch", "drop", "demo", "02_ratio.patch", "--reason", "nobody divides by zero"]).with(0);
    insta::assert_snapshot!("drop", said);
    assert!(!project.path("patches/demo/02_ratio.patch").exists());
    let after = project.read("recipes/demo.toml");
    insta::assert_snapshot!("drop_recipe", after.split("[[controller]]").next().expect("text"));
    // All else is as its author wrote it.
    assert_eq!(after.split("[[controller]]").nth(1), before.split("[[controller]]").nth(1));
    let status = project.hive(&["patch", "status", "demo", "--format", "json"]).json(0);
    assert_eq!(status["file"], "patches/demo/01_fee.patch");
}

#[test]
fn what_others_need_stays() {
    let project = Project::new();
    let later = "--- a/hummingbot/engine.py\n+++ b/hummingbot/engine.py\n@@ -3,5 +3,5 @@\n \n def fee(volume):\n-    share = 0.1\n+    share = 0.2\n     return volume * share\n \n";
    project.write("patches/demo/02_ratio.patch", later);
    project.replace("recipes/demo.toml", ", \"hummingbot/zero.py\"", "");
    let drop = |more: &[&str]| {
        let arguments = ["patch", "drop", "demo", "01_fee.patch", "--reason", "upstream has it"];
        project.hive(&[&arguments[..], more].concat())
    };
    insta::assert_snapshot!("drop_needed", drop(&[]).with(1));
    assert!(project.path("patches/demo/01_fee.patch").exists());
    drop(&["--force"]).with(0);
    assert!(!project.path("patches/demo/01_fee.patch").exists());
}

#[test]
fn an_unknown_patch_is_told() {
    let project = Project::new();
    let said = project.hive(&["patch", "drop", "demo", "02_ration.patch", "--reason", "x"]).with(2);
    insta::assert_snapshot!("drop_unknown", said);
}

#[test]
fn a_file_that_another_recipe_names_stays() {
    let project = Project::new();
    let other = project.read("recipes/demo.toml").replace("name = \"demo\"", "name = \"other\"");
    project.write("recipes/other.toml", &other);
    project.hive(&["patch", "drop", "demo", "02_ratio.patch", "--reason", "x"]).with(0);
    assert!(project.path("patches/demo/02_ratio.patch").exists());
}
