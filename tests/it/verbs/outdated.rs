//! `hive outdated`: newer releases, and patches that have grown old.

use super::upgrade::project;
use super::upgrade::repository;

#[test]
fn what_is_old_is_told() {
    let repository = repository();
    let project = project(&repository);
    insta::assert_snapshot!("outdated", project.hive(&["outdated"]).with(0));
    project.hive(&["outdated", "--check"]).with(1);
    let told = project.hive(&["outdated", "demo", "--format", "json"]).json(0);
    assert_eq!(told["is_old"], true);
    let newer = &told["recipes"][0]["newer"]["result"];
    assert_eq!(newer["versions"], serde_json::json!(["v2.7.0", "v2.8.0", "v2.14.0", "v2.16.0"]));
    assert_eq!((&newer["newest"], &newer["profile"]), (&"v2.16.0".into(), &"2.16".into()));
    let walks = [0, 1].map(|index| &told["recipes"][0]["patches"][index]["walk"]["result"]);
    assert_eq!((&walks[0]["state"], &walks[0]["absorbed_in"]), (&"absorbed".into(), &"v2.8.0".into()));
    assert_eq!((&walks[1]["state"], &walks[1]["turned_in"]), (&"conflict".into(), &"v2.16.0".into()));
}

#[test]
fn the_newest_release_with_young_patches_is_fine() {
    let repository = repository();
    let project = project(&repository);
    project.replace("recipes/demo.toml", "v2.6.1", "v2.16.0");
    insta::assert_snapshot!("outdated_fine", project.hive(&["outdated", "--check"]).with(0));
    let key = "why = \"the fee is a tenth of what it should be\"\n";
    for (more, word) in [("expires = 2020-01-31\n", "expired"), ("applies = \"<2.7\"\n", "outside")] {
        let recipe = project.read("recipes/demo.toml");
        project.replace("recipes/demo.toml", key, &format!("{key}{more}"));
        let said = project.hive(&["outdated", "--check"]).with(1);
        assert!(said.contains(word), "{said}");
        project.write("recipes/demo.toml", &recipe);
    }
}

#[test]
fn a_release_without_a_profile_is_told_with_the_newest_that_has_one() {
    let repository = repository();
    repository.release("v2.99.0", &[]);
    let project = project(&repository);
    let newer = &project.hive(&["outdated", "--format", "json"]).json(0)["recipes"][0]["newer"]["result"];
    assert_eq!((&newer["newest"], &newer["newest_proven"]), (&"v2.99.0".into(), &"v2.16.0".into()));
    assert!(newer["no_profile"].as_str().is_some_and(|why| why.contains("newer than the newest")), "{newer}");
    let said = project.hive(&["outdated"]).with(0);
    assert!(said.contains("none is proven for v2.99.0; the newest with one is v2.16.0"), "{said}");
}

#[test]
fn a_tree_and_an_index_that_is_away_are_not_checked() {
    let project = super::project::Project::new();
    insta::assert_snapshot!("outdated_tree", project.hive(&["outdated"]).with(0));
    let index =
        super::project::Project::with_upstream("[upstream.pypi]\npackage = \"hummingbot\"\nversion = \"20250609\"\n");
    let said = index.hive(&["outdated"]).with(0);
    assert!(said.contains("releases  not checked: "), "{said}");
    let said = index.hive(&["outdated", "--offline"]).with(0);
    assert!(said.contains("offline: only releases that are in the cache are known"), "{said}");
}
