//! `hive patch drop`: a patch goes, its reason stays, and nobody who needs it is left alone.

use super::project::Project;

const DROP: [&str; 6] = ["patch", "drop", "demo", "01_fee", "--reason", "fixed upstream"];
const FEE: &str = "patches/demo/01_fee.patch";

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
    let third = "[[patch]]\nfile = \"patches/demo/03_more.patch\"\nwhy = \"more\"\n\n[[controller]]";
    project.replace("recipes/demo.toml", "[[controller]]", third);
    project
}

#[test]
fn a_patch_goes_and_its_reason_stays() {
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    insta::assert_snapshot!("drop_written", project.hive(&DROP).with(0));
    assert!(!project.path(FEE).exists());
    let table = "[[patch]]\nfile = \"patches/demo/01_fee.patch\"\nwhy = \"the fee is a tenth of what it should be\"\n\
                 touches = [\"hummingbot/engine.py\"]\n\n";
    let text = project.read("recipes/demo.toml");
    let (kept, _) = text.split_once("[[dropped]]").expect("the reason is kept");
    assert!(recipe.replace(table, "").starts_with(kept), "{text}");
    insta::assert_snapshot!("drop_recipe", text[kept.len()..].split("[[controller]]").next().expect("a part"));
    let shown = project.hive(&["patch", "status", "demo"]).with(0);
    assert!(shown.contains("02_ratio") && !shown.contains("01_fee"), "{shown}");
    project.hive(&["lint"]).with(0);
    // The next one stands below the first, and the last patch leaves a recipe without any.
    let last = ["patch", "drop", "demo", "patches/demo/02_ratio.patch", "--reason", "as well", "--format", "json"];
    let json = project.hive(&last).json(0);
    assert_eq!(json["upstream"], "2.6.0");
    assert_eq!(json["deleted"], true);
    assert_eq!(project.read("recipes/demo.toml").matches("[[dropped]]").count(), 2);
    assert!(!project.path("patches").exists(), "the last file takes its folder along");
    project.hive(&["build", "demo", "--into", "tree"]).with(0);
}

#[test]
fn a_patch_that_others_need_stays() {
    let project = three();
    let files = project.files("");
    insta::assert_snapshot!("drop_needed", project.hive(&DROP).with(1));
    assert_eq!(project.files(""), files);
    let forced: Vec<&str> = DROP.iter().chain(&["--force"]).copied().collect();
    project.hive(&forced).with(0);
    project.hive(&["patch", "status", "demo"]).with(1);
}

#[test]
fn a_patch_that_upstream_took_over_is_needed_by_nobody() {
    let project = three();
    project.replace("upstream/hummingbot/engine.py", "0.01", "0.1");
    project.hive(&DROP).with(0);
    project.hive(&["patch", "status", "demo"]).with(0);
}

#[test]
fn a_file_that_another_recipe_names_stays() {
    for other in
        ["[[patch]]\nfile = \"patches/demo/01_fee.patch\"\nwhy = \"x\"\n", "broken # patches/demo/01_fee.patch\n"]
    {
        let project = Project::new();
        let head = "schema = 1\n[recipe]\nname = \"other\"\n[upstream.path]\npath = \"upstream\"\n";
        project.write("recipes/other.toml", &format!("{head}{other}"));
        let said = project.hive(&DROP).with(0);
        assert!(said.contains("its file stays"), "{said}");
        assert!(project.path(FEE).is_file());
    }
}

#[test]
fn what_cannot_be_dropped() {
    let project = Project::new();
    let files = project.files("");
    insta::assert_snapshot!("drop_unknown", project.hive(&["patch", "drop", "demo", "01_fe", "--reason", "x"]).with(2));
    insta::assert_snapshot!("drop_unsaid", project.hive(&DROP[..4]).with(2));
    insta::assert_snapshot!("drop_empty", project.hive(&["patch", "drop", "demo", "01_fee", "--reason", ""]).with(2));
    assert_eq!(project.files(""), files);
}

#[test]
fn what_is_kept_is_checked() {
    let project = Project::new();
    project.hive(&DROP).with(0);
    project.replace("recipes/demo.toml", "reason = \"fixed upstream\"", "reason = \" \"");
    project.replace("recipes/demo.toml", "sha256 = \"", "sha256 = \"x");
    insta::assert_snapshot!("drop_bad_table", project.hive(&["lint", "demo"]).with(1));
}
