//! The series in `hive test`: broken, applied upstream, and the registrations beside it.

use super::project::ENGINE;
use super::project::Project;

const ENGINE_FILE: &str = "upstream/hummingbot/engine.py";

#[test]
fn broken_context_is_shown_with_patch_hunk_and_lines() {
    let project = Project::accepted();
    project.replace("patches/demo/02_ratio.patch", " def ratio(profit, deviation):", " def ratio(profit, risk):");
    let said = project.hive(&["test"]).with(1);
    for part in [
        "patches/demo/02_ratio.patch",
        "hunk 1 of 1 expects other text at line 13",
        "expected `def ratio(profit, risk):`",
        "line 13 of `hummingbot/engine.py` is `def ratio(profit, deviation):`",
    ] {
        assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(part), "{part}\n{said}");
    }
    insta::assert_snapshot!("series_conflict", said);
    let tested = project.hive(&["test", "--format", "json"]).json(1);
    assert_eq!(tested["recipes"][0]["patches"][1]["state"], "fuzzy");
    assert_eq!(tested["recipes"][0]["findings"][0]["code"], "HV0203");
}

#[test]
fn a_patch_that_cannot_be_read_is_told_once() {
    let project = Project::accepted();
    project.replace("patches/demo/02_ratio.patch", "@@ -12,4 +12,6 @@", "@@ -12,4 +12,9 @@");
    insta::assert_snapshot!("series_malformed", project.hive(&["test"]).with(1));
}

#[test]
fn a_change_that_upstream_has_is_applied() {
    let project = Project::accepted();
    project.write(ENGINE_FILE, &ENGINE.replace("0.01", "0.1"));
    insta::assert_snapshot!("series_applied", project.hive(&["test"]).with(0));
    let tested = project.hive(&["test", "--format", "json"]).json(0);
    assert_eq!(tested["recipes"][0]["patches"][0]["state"], "applied");
    assert_eq!(tested["recipes"][0]["patches"][1]["state"], "clean");
}

#[test]
fn lines_that_moved_are_found() {
    let project = Project::accepted();
    project.write(ENGINE_FILE, &format!("import math\nimport os\n{ENGINE}"));
    insta::assert_snapshot!("series_offset", project.hive(&["test"]).with(0));
    let tested = project.hive(&["test", "--format", "json"]).json(0);
    assert_eq!(tested["recipes"][0]["patches"][0]["hunks"][0]["offset"], 2);
}

#[test]
fn a_target_that_is_gone() {
    let project = Project::accepted();
    project.remove(ENGINE_FILE);
    insta::assert_snapshot!("series_missing_target", project.hive(&["test"]).with(1));
}

#[test]
fn another_class_than_the_intended_one() {
    let project = Project::accepted();
    project.replace("recipes/demo.toml", "class = \"MineController\"", "class = \"OtherController\"");
    insta::assert_snapshot!("series_registration", project.hive(&["test"]).with(1));
}

#[test]
fn an_upstream_that_is_not_there() {
    let project = Project::accepted();
    project.remove("upstream");
    insta::assert_snapshot!("series_no_upstream", project.hive(&["test"]).with(2));
}

#[test]
fn one_broken_recipe_does_not_hide_the_next() {
    let project = Project::accepted();
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/another.toml", "schema = 1\n[recipe]\nname = \"another\"\ncolour = \"red\"\n");
    insta::assert_snapshot!("series_two_recipes", project.hive(&["test"]).with(2));
    assert_eq!(project.read("recipes/demo.toml"), recipe);
    assert_eq!(project.hive(&["test", "--format", "json"]).json(2)["recipes"][1]["exit"], 0);
}

#[test]
fn a_copy_is_not_undone_in_silence() {
    let project = Project::new();
    project.write("tree/x", "1\n2\n");
    project.write("copy.patch", "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n");
    let apply = |more: &[&str]| project.hive(&[&["patch", "apply", "--root", "tree", "copy.patch"], more].concat());
    apply(&[]).with(0);
    insta::assert_snapshot!("copy_stays", apply(&["--reverse"]).with(1));
    assert_eq!(project.read("tree/y"), "1\n2\n");
}

#[test]
fn probes_need_an_environment() {
    let project = Project::new();
    insta::assert_snapshot!("probe_no_probes", project.hive(&["patch", "probe", "demo"]).with(0));
    insta::assert_snapshot!("probe_unknown_patch", project.hive(&["patch", "probe", "demo", "01_fe"]).with(2));
    insta::assert_snapshot!("probe_no_releases", project.hive(&["patch", "probe", "demo", "--version", "2"]).with(2));
    project.write("patches/demo/01_fee.probe.py", "raise SystemExit('no')\n");
    let probe = "touches = [\"hummingbot/engine.py\"]\nprobe = \"patches/demo/01_fee.probe.py\"\n\n[[patch]]\nfile = \"patches/demo/02";
    project.replace(
        "recipes/demo.toml",
        "touches = [\"hummingbot/engine.py\"]\n\n[[patch]]\nfile = \"patches/demo/02",
        probe,
    );
    insta::assert_snapshot!("probe_no_python", project.hive(&["patch", "probe", "demo"]).with(2));
}
