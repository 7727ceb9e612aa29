//! `hive lint`: the whole project or single files, for people and for scripts.

use super::project::Project;

#[test]
fn a_good_project() {
    let project = Project::new();
    insta::assert_snapshot!("lint_good", project.hive(&["lint"]).with(0));
    assert_eq!(project.hive(&["lint", "-q"]).with(0), "");
    let linted = project.hive(&["lint", "--format", "json"]).json(0);
    assert_eq!(
        linted,
        serde_json::json!({
            "file_count": 3, "error_count": 0, "unchecked_rule_count": 0, "findings": [], "mended": [], "refused": [],
            "diffs": [],
        })
    );
    project.hive(&["lint", "patches/demo/01_fee.patch", "recipes/demo.toml", "demo"]).with(0);
}

#[test]
fn patches() {
    let project = Project::new();
    let patch = project.read("patches/demo/01_fee.patch");
    project.write("patches/demo/03_bad.patch", &patch.replace("@@ -2,7 +2,7 @@", "@@ -2,9 +2,7 @@"));
    project.write("patches/demo/04_ends.patch", &patch.replace('\n', "\r\n"));
    // A patch that no recipe names is linted with the project, too.
    insta::assert_snapshot!("lint_patches", project.hive(&["lint"]).with(1));
    insta::assert_snapshot!("lint_patch", project.hive(&["lint", "patches/demo/03_bad.patch"]).with(1));
    project.hive(&["lint", "patches/demo/01_fee.patch"]).with(0);
    let linted = project.hive(&["lint", "patches/demo/03_bad.patch", "--format", "json"]).json(1);
    insta::assert_snapshot!("lint_json", format!("{linted:#}"));
    project.write("patches/demo/05_empty.patch", "");
    insta::assert_snapshot!("lint_empty", project.hive(&["lint", "patches/demo/05_empty.patch"]).with(1));
}

#[test]
fn touches_are_checked_where_a_recipe_names_them() {
    let project = Project::new();
    project.replace(
        "recipes/demo.toml",
        "touches = [\"hummingbot/engine.py\", \"hummingbot/zero.py\"]",
        "touches = [\"hummingbot/engine.py\"]",
    );
    insta::assert_snapshot!("lint_touches", project.hive(&["lint"]).with(1));
}

#[test]
fn recipes_with_errors_are_findings() {
    let project = Project::new();
    project.replace(
        "recipes/demo.toml",
        "trade-cost = 0.0002\n\n[scenario.walk.controller]",
        "trade-costs = 0.0002\n\n[scenario.walk.controller]",
    );
    project.write("recipes/broken.toml", "[recipe\n");
    insta::assert_snapshot!("lint_recipes", project.hive(&["lint"]).with(1));
    insta::assert_snapshot!(
        "lint_recipe_json",
        format!("{:#}", project.hive(&["lint", "demo", "--format", "json"]).json(1))
    );
}

#[test]
fn files_that_cannot_be_linted() {
    let project = Project::new();
    insta::assert_snapshot!("lint_no_file", project.hive(&["lint", "patches/none.patch"]).with(2));
    insta::assert_snapshot!("lint_other_file", project.hive(&["lint", "recipes/candles/small.csv"]).with(2));
}
