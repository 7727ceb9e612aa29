//! `hive lock` and `--locked`: every input that changes makes the lock stale.

use super::project::CANDLES;
use super::project::ENGINE;
use super::project::Project;

fn locked() -> Project {
    let project = Project::accepted();
    project.hive(&["lock"]).with(0);
    project
}

#[test]
fn a_lock_is_written_once() {
    let project = Project::accepted();
    insta::assert_snapshot!("lock_new", project.hive(&["lock"]).with(0));
    let text = project.read("hive.lock");
    insta::assert_snapshot!("lock_file", text.replace(concat!("hive ", env!("CARGO_PKG_VERSION")), "hive VERSION"));
    insta::assert_snapshot!("lock_again", project.hive(&["lock"]).with(0));
    assert_eq!(project.read("hive.lock"), text);
    insta::assert_snapshot!("lock_test", project.hive(&["test", "--locked"]).with(0));
    assert_eq!(project.hive(&["test", "--format", "json"]).json(0)["recipes"][0]["lock"]["state"], "fresh");
    project.hive(&["lock", "--locked"]).with(0);
    let json = project.hive(&["lock", "--format", "json"]).json(0);
    insta::assert_snapshot!("lock_json", format!("{json:#}"));
}

#[test]
fn no_lock() {
    let project = Project::accepted();
    insta::assert_snapshot!("lock_missing", project.hive(&["test", "--locked"]).with(6));
    project.hive(&["test", "--frozen"]).with(6);
    project.hive(&["lock", "--locked"]).with(6);
    project.hive(&["build", "demo", "--into", "tree", "--locked"]).with(6);
    assert!(!project.path("tree").exists());
    assert!(!project.path("hive.lock").exists());
    project.hive(&["test"]).with(0);
}

#[test]
fn an_edited_recipe() {
    let project = locked();
    project.replace("recipes/demo.toml", "two patches and a controller", "two patches");
    insta::assert_snapshot!("lock_stale", project.hive(&["test", "--locked"]).with(6));
    insta::assert_snapshot!("lock_stale_note", project.hive(&["test"]).with(0));
    let before = project.read("hive.lock");
    project.hive(&["lock", "--locked"]).with(6);
    assert_eq!(project.read("hive.lock"), before);
    insta::assert_snapshot!("lock_changed", project.hive(&["lock"]).with(0));
    project.hive(&["test", "--locked"]).with(0);
}

/// Checks that a change makes the lock stale, and that the fact is named.
#[track_caller]
fn check(change: impl Fn(&Project), fact: &str) {
    let project = locked();
    change(&project);
    for verb in [&["test", "--locked"][..], &["build", "demo", "--into", "tree", "--locked"]] {
        let said = project.hive(verb).with(6);
        assert!(said.contains(fact), "`{fact}` in\n{said}");
    }
    assert!(!project.path("tree").exists());
    // Without `--locked` it is only told; some of these changes are drifts, too.
    let said = project.hive(&["test", "--format", "json"]);
    assert_eq!(said.json(said.code)["recipes"][0]["lock"]["state"], "stale");
}

#[test]
fn each_input_is_a_fact() {
    let candles = CANDLES.replace(",7\n", ",8\n");
    check(|project| project.write("recipes/candles/small.csv", &candles), "candles file");
    check(|project| project.replace("recipes/demo.toml", "seed = 7", "seed = 8"), "candles walk");
    let patch = "patches/demo/01_fee.patch";
    check(|project| project.replace(patch, "share = 0.1\n", "share = 0.2\n"), "file patches/demo/01_fee.patch");
    let controller = "recipes/controllers/market_making/mine.py";
    let edited = |project: &Project| project.read(controller) + "\n\nVERSION = 2\n";
    check(|project| project.write(controller, &edited(project)), "file recipes/controllers/market_making/mine.py");
    check(|project| project.write("upstream/hummingbot/engine.py", &format!("{ENGINE}\n\nmore = 1\n")), "tree");
    check(|project| project.write("upstream/new.py", ""), "tree");
    check(|project| project.replace("upstream/hummingbot/VERSION", "2.6.0", "2.16.0"), "profile");
}

#[test]
fn locks_that_cannot_be_read() {
    let project = locked();
    let lock = project.read("hive.lock");
    for (name, text) in [
        ("conflict", lock.replace("[recipe", "<<<<<<< HEAD\n[recipe")),
        ("version", lock.replace("lock-version = 1", "lock-version = 9")),
        ("not_toml", "[recipe\n".to_owned()),
    ] {
        project.write("hive.lock", &text);
        insta::assert_snapshot!(format!("lock_{name}"), project.hive(&["test"]).with(2));
        // A merge is for people to decide; everything else is mended by what the hint says.
        let code = if name == "conflict" { 2 } else { 0 };
        project.hive(&["lock", "--locked"]).with(2);
        assert_eq!(project.read("hive.lock"), text);
        project.hive(&["lock"]).with(code);
        assert_eq!(project.read("hive.lock"), if code == 0 { lock.clone() } else { text });
    }
}

#[test]
fn locking_one_recipe_keeps_the_others() {
    let project = locked();
    let recipe = project.read("recipes/demo.toml").replace("name = \"demo\"", "name = \"other\"");
    project.write("recipes/other.toml", &recipe);
    project.hive(&["lock"]).with(0);
    let lock = project.read("hive.lock");
    let broken = format!("{lock}[recipe\n");
    project.write("hive.lock", &broken);
    insta::assert_snapshot!("lock_one_of_two", project.hive(&["lock", "demo"]).with(2));
    assert_eq!(project.read("hive.lock"), broken);
    project.hive(&["lock", "demo", "other"]).with(0);
    assert_eq!(project.read("hive.lock"), lock);
}

#[test]
fn a_recipe_that_is_gone_leaves_the_lock() {
    let project = locked();
    let recipe = project.read("recipes/demo.toml").replace("name = \"demo\"", "name = \"other\"");
    project.remove("recipes/demo.toml");
    project.write("recipes/other.toml", &recipe);
    insta::assert_snapshot!("lock_unknown_recipe", project.hive(&["test", "--locked"]).with(6));
    project.hive(&["lock"]).with(0);
    assert!(!project.read("hive.lock").contains("demo]"));
}

#[test]
fn what_is_broken_is_not_locked() {
    let project = Project::accepted();
    project.replace("patches/demo/01_fee.patch", "-    share = 0.01", "-    share = 0.02");
    insta::assert_snapshot!("lock_broken", project.hive(&["lock"]).with(1));
    assert!(!project.path("hive.lock").exists());
}
