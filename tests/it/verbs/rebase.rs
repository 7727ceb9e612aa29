//! `hive patch rebase`: a series on its way through the tags of a repository.

use serde_json::Value;

use super::project::ENGINE;
use super::project::Project;
use super::project::release;
use crate::fetch::repository::Repository;

/// What the ratio looks like where upstream rewrote it.
const REWRITTEN: &str = "    return profit / deviation if deviation else None";

/// Publishes releases in which upstream fixes the fee, moves the ratio, rewrites it, and takes the fee back.
fn repository() -> Repository {
    let repository = Repository::new();
    let text = |change: fn(String) -> String| change(ENGINE.to_owned());
    let fixed = |text: String| text.replace("0.01", "0.1");
    let publish = |tag: &str, engine: String| {
        let mut files = release(tag.trim_start_matches('v'));
        files.retain(|(path, _)| path != "hummingbot/engine.py");
        files.push(("hummingbot/engine.py".to_owned(), engine));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        repository.release(tag, &files);
    };
    publish("v2.6.0", ENGINE.to_owned());
    publish("v2.7.0", format!("import math\n{ENGINE}"));
    publish("v2.8.0", fixed(format!("import math\n{ENGINE}")));
    publish("v2.9.0", fixed(text(|text| text.replace("    return profit / deviation", REWRITTEN))));
    publish("v2.10.0", text(|text| text.replace("    return profit / deviation", REWRITTEN)));
    repository
}

fn project(repository: &Repository) -> Project {
    Project::with_upstream(&format!("[upstream.git]\nurl = \"{}\"\ntag = \"v2.6.0\"\n", repository.url()))
}

/// The states of a patch, release by release.
fn states(patch: &Value) -> Vec<&str> {
    let steps = patch["steps"].as_array().expect("the steps of a walk");
    steps.iter().filter_map(|step| step["state"].as_str()).collect()
}

#[test]
fn each_release_is_told() {
    let repository = repository();
    let project = project(&repository);
    insta::assert_snapshot!("walk", project.hive(&["patch", "rebase", "demo", "--to", "v2.9.0", "--dry-run"]).with(1));
    let walk = project.hive(&["patch", "rebase", "--to", "v2.9.0", "-n", "--format", "json"]).json(1);
    assert_eq!(walk["releases"], serde_json::json!(["v2.7.0", "v2.8.0", "v2.9.0"]));
    let (fee, ratio) = (&walk["patches"][0], &walk["patches"][1]);
    assert_eq!(states(fee), ["offset", "absorbed", "absorbed"]);
    assert_eq!(
        (&fee["state"], &fee["absorbed_in"], &fee["turned_after"]),
        (&"absorbed".into(), &"v2.8.0".into(), &"v2.7.0".into())
    );
    assert_eq!(states(ratio), ["offset", "offset", "conflict"]);
    assert_eq!((&ratio["turned_in"], &ratio["turned_after"]), (&"v2.9.0".into(), &"v2.8.0".into()));
    assert_eq!(ratio["conflicts"][0]["path"], "hummingbot/engine.py");
    let text = ratio["conflicts"][0]["text"].as_str().expect("the merge's text");
    assert!(text.contains("if deviation == 0:") && text.contains(REWRITTEN), "{text}");
}

#[test]
fn what_upstream_takes_back_is_needed_again() {
    let repository = repository();
    let project = project(&repository);
    let walk = project.hive(&["patch", "rebase", "--to", "v2.10.0", "-n", "--format", "json"]).json(1);
    let fee = &walk["patches"][0];
    assert_eq!(states(fee), ["offset", "absorbed", "absorbed", "clean"]);
    assert_eq!(
        (&fee["state"], &fee["absorbed_in"], &fee["turned_in"]),
        (&"needed-again".into(), &"v2.8.0".into(), &"v2.10.0".into())
    );
}

#[test]
fn a_series_is_made_anew() {
    let repository = repository();
    let project = project(&repository);
    insta::assert_snapshot!("rebase_done", project.hive(&["patch", "rebase", "demo", "--to", "v2.8.0"]).with(0));
    // What upstream has is dropped with that reason, the rest is at its new lines.
    assert!(!project.path("patches/demo/01_fee.patch").exists());
    let recipe = project.read("recipes/demo.toml").replace(&repository.url(), "URL");
    insta::assert_snapshot!("rebase_recipe", recipe.split("[[controller]]").next().expect("text"));
    insta::assert_snapshot!("rebase_patch", project.read("patches/demo/02_ratio.patch"));
    let status = project.hive(&["patch", "status", "demo", "--format", "json"]).json(0);
    assert_eq!((&status["state"], &status["hunks"][0]["offset"]), (&"clean".into(), &0.into()));
}

#[test]
fn a_conflict_waits_for_a_person() {
    let repository = repository();
    let project = project(&repository);
    let before = (project.read("recipes/demo.toml"), project.read("patches/demo/02_ratio.patch"));
    let said = project.hive(&["patch", "rebase", "demo", "--to", "v2.9.0"]).with(1);
    let merge = ".hive/rebase/demo/02_ratio.patch/hummingbot/engine.py";
    assert!(said.contains(merge) && said.contains("--continue"), "{said}");
    assert_eq!((project.read("recipes/demo.toml"), project.read("patches/demo/02_ratio.patch")), before);
    insta::assert_snapshot!("rebase_waits", project.hive(&["patch", "rebase", "demo", "--to", "v2.9.0"]).with(2));
    insta::assert_snapshot!("rebase_unmerged", project.hive(&["patch", "rebase", "demo", "--continue"]).with(1));
    let merged = project.read(merge);
    let (head, rest) = merged.split_once("<<<<<<<").expect("a marker");
    let (_, tail) = rest.split_once(">>>>>>> hummingbot v2.9.0\n").expect("a marker");
    let mine = "    if not deviation:\n        return None\n    return profit / deviation\n";
    project.write(merge, &format!("{head}{mine}{tail}"));
    project.hive(&["patch", "rebase", "demo", "--continue"]).with(0);
    assert!(!project.path(".hive/rebase/demo").exists());
    insta::assert_snapshot!("rebase_merged", project.read("patches/demo/02_ratio.patch"));
    let status = project.hive(&["patch", "status", "demo", "--format", "json"]).json(0);
    assert_eq!(status["state"], "clean");
    insta::assert_snapshot!("rebase_nothing_waits", project.hive(&["patch", "rebase", "demo", "--continue"]).with(2));
}

#[test]
fn a_change_that_is_given_up_is_dropped() {
    let repository = repository();
    let project = project(&repository);
    project.write(
        "patches/demo/02_ratio.patch",
        project.read("patches/demo/02_ratio.patch").split("--- /dev/null").next().expect("text"),
    );
    project.replace("recipes/demo.toml", ", \"hummingbot/zero.py\"", "");
    project.hive(&["patch", "rebase", "demo", "--to", "v2.9.0"]).with(1);
    let merge = ".hive/rebase/demo/02_ratio.patch/hummingbot/engine.py";
    let upstream = repository.git(&["show", "v2.9.0:hummingbot/engine.py"]);
    project.write(merge, &upstream);
    project.hive(&["patch", "rebase", "demo", "--continue"]).with(0);
    let recipe = project.read("recipes/demo.toml");
    assert!(!recipe.contains("[[patch]]") && recipe.contains("nothing of it is left on v2.9.0"), "{recipe}");
}

#[test]
fn a_rebase_can_be_forgotten() {
    let repository = repository();
    let project = project(&repository);
    project.hive(&["patch", "rebase", "demo", "--to", "v2.9.0"]).with(1);
    project.hive(&["patch", "rebase", "demo", "--abort"]).with(0);
    assert!(!project.path(".hive/rebase/demo").exists());
    project.hive(&["patch", "rebase", "demo", "--abort"]).with(2);
}
