//! `hive patch series`: who needs whom, for people, for scripts and for Graphviz.

use super::project::Project;

/// A patch upon what the first two made.
const THIRD: &str = "\
--- a/hummingbot/engine.py
+++ b/hummingbot/engine.py
@@ -4,3 +4,3 @@
 def fee(volume):
-    share = 0.1
+    share = 0.2
     return volume * share
--- a/hummingbot/zero.py
+++ b/hummingbot/zero.py
@@ -1 +1,2 @@
 ZERO = 0
+ONE = 1
";

fn three() -> Project {
    let project = Project::new();
    project.write("patches/demo/03_more.patch", THIRD);
    project.replace(
        "recipes/demo.toml",
        "[[controller]]",
        "[[patch]]\nfile = \"patches/demo/03_more.patch\"\nwhy = \"more\"\n\n[[controller]]",
    );
    project
}

#[test]
fn who_needs_whom() {
    let project = three();
    insta::assert_snapshot!("series_list", project.hive(&["patch", "series", "demo"]).with(0));
    insta::assert_snapshot!("series_dot", project.hive(&["patch", "series", "demo", "--dot"]).with(0));
    let json = project.hive(&["patch", "series", "demo", "--format", "json"]);
    insta::assert_snapshot!("series_json", json.out);
    let named = ["patches/demo/01_fee.patch", "patches/demo/02_ratio.patch"];
    let said = project.hive(&["patch", "series", "--root", "upstream", named[0], named[1]]).with(0);
    assert!(said.contains("2 of them on their own"), "{said}");
}

#[test]
fn a_patch_that_fails_because_another_does() {
    let project = three();
    project.replace("patches/demo/01_fee.patch", "-    share = 0.01", "-    share = 0.02");
    insta::assert_snapshot!("series_failing", project.hive(&["patch", "series", "demo"]).with(1));
}
