//! `hive patch refresh`: patch files brought up to date, all of them or none, and the tree stays the same.

use super::project::ENGINE;
use super::project::Project;

const ENGINE_FILE: &str = "upstream/hummingbot/engine.py";
const FEE: &str = "patches/demo/01_fee.patch";
const RATIO: &str = "patches/demo/02_ratio.patch";

/// A project on a release that has two more lines than the one which its patches were made for.
fn drifted() -> Project {
    let project = Project::new();
    project.write(ENGINE_FILE, &format!("import math\nimport os\n{ENGINE}"));
    project
}

#[test]
fn a_series_that_drifted() {
    let project = drifted();
    let patches = project.files("patches");
    project.hive(&["build", "demo", "--into", "before"]).with(0);
    insta::assert_snapshot!("refresh_dry", project.hive(&["patch", "refresh", "demo", "--dry-run"]).with(0));
    assert_eq!(project.files("patches"), patches);

    insta::assert_snapshot!("refresh_written", project.hive(&["patch", "refresh", "demo"]).with(0));
    assert_ne!(project.files("patches"), patches);
    let said = project.hive(&["patch", "status", "demo"]).with(0);
    assert!(said.contains("clean") && !said.contains("offset"), "{said}");
    project.hive(&["build", "demo", "--into", "after"]).with(0);
    let without_marker = |folder| {
        let mut files = project.files(folder);
        files.remove(".hive-tree");
        files
    };
    assert_eq!(without_marker("before"), without_marker("after"));
    // What comes before and between the hunks is the author's.
    assert!(project.read(RATIO).ends_with("--- /dev/null\n+++ b/hummingbot/zero.py\n@@ -0,0 +1 @@\n+ZERO = 0\n"));

    let patches = project.files("patches");
    insta::assert_snapshot!("refresh_again", project.hive(&["patch", "refresh", "demo"]).with(0));
    assert_eq!(project.files("patches"), patches);
}

#[test]
fn some_patches_of_a_recipe() {
    let project = drifted();
    let fee = project.read(FEE);
    insta::assert_snapshot!("refresh_one", project.hive(&["patch", "refresh", "demo", "02_ratio"]).with(0));
    assert_eq!(project.read(FEE), fee);
    assert!(project.read(RATIO).contains("@@ -14,4 +14,6 @@ def name():"), "{}", project.read(RATIO));
    insta::assert_snapshot!("refresh_unknown", project.hive(&["patch", "refresh", "demo", "02_ratoi"]).with(2));
    project.hive(&["patch", "refresh", "demo", "01_fee.patch", FEE]).with(0);
    assert_ne!(project.read(FEE), fee);
}

#[test]
fn a_patch_that_upstream_took_over() {
    let project = drifted();
    let text = project.read(ENGINE_FILE).replace("0.01", "0.1");
    project.write(ENGINE_FILE, &text);
    let patches = project.files("patches");
    insta::assert_snapshot!("refresh_standing", project.hive(&["patch", "refresh", "demo"]).with(1));
    assert_eq!(project.files("patches"), patches, "the other patch is not written either");
    // What is not asked for may stand.
    project.hive(&["patch", "refresh", "demo", "02_ratio"]).with(0);
}

#[test]
fn a_patch_that_does_not_apply() {
    let project = drifted();
    let text = project.read(ENGINE_FILE).replace("share", "part");
    project.write(ENGINE_FILE, &text);
    let patches = project.files("patches");
    insta::assert_snapshot!("refresh_conflict", project.hive(&["patch", "refresh", "demo"]).with(1));
    project.hive(&["patch", "refresh", "demo", "02_ratio"]).with(1);
    project.replace(RATIO, "@@ -12,4 +12,6 @@", "@@ -12,4 +12,9 @@");
    insta::assert_snapshot!("refresh_malformed", project.hive(&["patch", "refresh", "demo"]).with(1));
    project.replace(RATIO, "@@ -12,4 +12,9 @@", "@@ -12,4 +12,6 @@");
    assert_eq!(project.files("patches"), patches);
}

#[test]
fn with_consent_fuzz_becomes_exact() {
    let project = drifted();
    let text = project.read(ENGINE_FILE).replace("    return volume * share\n\n", "    return volume * share\n# new\n");
    project.write(ENGINE_FILE, &text);
    project.hive(&["patch", "refresh", "demo"]).with(1);
    project.hive(&["patch", "refresh", "demo", "--fuzz", "2"]).with(0);
    project.hive(&["patch", "status", "demo"]).with(0);
}

#[test]
fn with_a_base_a_merge_says_where() {
    let project = drifted();
    project.write("base/hummingbot/engine.py", ENGINE);
    let text = project.read(ENGINE_FILE).replace("    return volume * share\n\n", "    return volume * share\n# new\n");
    project.write(ENGINE_FILE, &text);
    project.hive(&["patch", "refresh", "demo"]).with(1);
    project.hive(&["patch", "refresh", "demo", "--base", "base"]).with(0);
    project.hive(&["patch", "status", "demo"]).with(0);
}

#[test]
fn patches_of_a_tree() {
    let project = drifted();
    project.write("quilt/series", "../patches/demo/01_fee.patch\n");
    let json = project.hive(&["--format", "json", "patch", "refresh", "--root", "upstream", "quilt/series", RATIO]);
    let states: Vec<serde_json::Value> =
        json.out.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect();
    assert_eq!(json.code, 0, "{}", json.err);
    assert_eq!(states.iter().map(|patch| patch["state"].as_str()).collect::<Vec<_>>(), [Some("refreshed"); 2]);
    assert!(states[0]["diff"].as_str().is_some_and(|diff| diff.contains("+@@ -4,7 +4,7 @@")), "{}", states[0]);
    project.hive(&["patch", "status", "demo"]).with(0);
    // Of a tree that has the series there is nothing to say.
    project.hive(&["patch", "apply", "--root", "upstream", FEE, RATIO]).with(0);
    insta::assert_snapshot!(
        "refresh_tree_standing",
        project.hive(&["patch", "refresh", "--root", "upstream", FEE, RATIO]).with(1)
    );
    project.hive(&["patch", "refresh", FEE]).with(2);
}
