//! Releases that are tags of a git repository.

use std::fs;

use hive::workflow::Error;

use super::Fixture;
use super::drawn;
use super::read;
use crate::fetch::repository::Repository;

const CORE: &str = "hummingbot/core.py";

/// Tags as upstream has them, some out of their order.
fn repository() -> Repository {
    let repository = Repository::new();
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    repository.release("v1.8.0", &[(CORE, "1.8.0"), ("hummingbot/old.py", "old")]);
    repository.release("1.9.0", &[(CORE, "1.9.0")]);
    repository.release("v2.10.0", &[(CORE, "2.10.0")]);
    repository.release("v2.0.0-rc1", &[(CORE, "2.0.0rc1")]);
    repository.git(&["mv", "hummingbot/old.py", "hummingbot/new.py"]);
    repository.release("v2.0.0", &[(CORE, "2.0.0")]);
    repository.git(&["tag", "2.0.0"]);
    repository.release("v2.2.0.dev3", &[]);
    repository.remove(CORE);
    repository.release("v2.2.0", &[]);
    for tag in ["nightly", "gateway-v2.1.0", "v2.x", "py3-2.1.0"] {
        repository.git(&["tag", tag]);
    }
    repository.git(&["tag", "--annotate", "--message", "said", "v2.3.0"]);
    repository
}

fn fixture(repository: &Repository, tag: &str) -> Fixture {
    Fixture::new(&upstream(&repository.url(), tag))
}

fn upstream(url: &str, tag: &str) -> String {
    format!("[upstream.git]\nurl = \"{url}\"\ntag = \"{tag}\"\n")
}

#[test]
fn tags_are_in_the_order_of_their_versions() {
    let repository = repository();
    for (base, target, expected) in [
        ("v1.8.0", "v2.10.0", ["v1.8.0", "1.9.0", "2.0.0", "v2.2.0", "v2.3.0", "v2.10.0"].as_slice()),
        ("1.9.0", "v2.0.0", &["1.9.0", "v2.0.0"]),
        ("v2.0.0", "2.2.0", &["v2.0.0", "v2.2.0"]),
        ("v2.0.0-rc1", "v2.2.0", &["v2.0.0-rc1", "2.0.0", "v2.2.0.dev3", "v2.2.0"]),
        ("v2.0.0", "v2.2.0.dev3", &["v2.0.0", "v2.2.0.dev3"]),
        ("v2.0.0", "2.0.0", &["v2.0.0"]),
        ("gateway-v2.1.0", "2.1", &["gateway-v2.1.0"]),
    ] {
        let releases = fixture(&repository, base).between(target, false).expect("both tags are there");
        assert_eq!(releases.versions(), expected, "{base} to {target}");
        assert_eq!(releases.note(), None);
    }
}

#[test]
fn files_of_each_tag() {
    let repository = repository();
    let fixture = fixture(&repository, "v1.8.0");
    let mut releases = fixture.between("v2.2.0", false).expect("both tags are there");
    for (version, core, moved) in [
        ("v1.8.0", Some("1.8.0"), "old"),
        ("1.9.0", Some("1.9.0"), "old"),
        ("2.0.0", Some("2.0.0"), "new"),
        ("v2.2.0", None, "new"),
    ] {
        assert_eq!(read(&mut releases, version, CORE).as_deref(), core, "{version}");
        let moved = format!("hummingbot/{moved}.py");
        let expected: Vec<String> = core.map(|_| CORE.to_owned()).into_iter().chain([moved.clone()]).collect();
        assert_eq!(releases.paths(version).expect("the tag is there"), expected, "{version}");
        assert_eq!(read(&mut releases, version, &moved).as_deref(), Some("old"), "{version}");
        assert_eq!(read(&mut releases, version, "hummingbot"), None, "a folder is no file");
    }
    assert_eq!(read(&mut releases, "1.9.0", "./hummingbot//core.py").as_deref(), Some("1.9.0"));
    assert!(matches!(releases.read("1.9.0", "../core.py"), Err(Error::Tree(_))));
    insta::assert_snapshot!("tag_not_between", drawn(&releases.paths("v2.0.0-rc1").expect_err("left out")));
}

#[test]
fn a_file_is_fetched_at_all_tags_at_once() {
    let repository = repository();
    let fixture = fixture(&repository, "v1.8.0");
    let mut releases = fixture.between("v2.2.0", false).expect("both tags are there");
    assert_eq!(read(&mut releases, "2.0.0", CORE).as_deref(), Some("2.0.0"));
    fs::rename(repository.path(".git"), repository.path("gone")).expect("a free place");
    assert_eq!(read(&mut releases, "v1.8.0", CORE).as_deref(), Some("1.8.0"));
    let mut offline = fixture.between("v2.2.0", true).expect("both tags are in the cache");
    assert_eq!(offline.note(), Some("offline: only tags that are in the cache are known"));
    assert_eq!(read(&mut offline, "1.9.0", CORE).as_deref(), Some("1.9.0"));
    let error = offline.read("v1.8.0", "hummingbot/old.py").expect_err("never fetched");
    insta::assert_snapshot!("tag_file_offline", drawn(&error).replace(&repository.url(), "REPOSITORY"));
}

#[test]
fn the_repository_is_asked_when_a_tag_is_missing() {
    let repository = repository();
    let fixture = fixture(&repository, "v1.8.0");
    fixture.between("v2.2.0", false).expect("both tags are there");
    repository.release("v2.1.5", &[]);
    let known = fixture.between("v2.2.0", false).expect("both tags are in the cache");
    assert!(!known.versions().contains(&"v2.1.5".to_owned()), "{:?}", known.versions());
    repository.release("v2.11.0", &[(CORE, "2.11.0")]);
    let text = fixture.refused("v2.11.0", true);
    insta::assert_snapshot!("tag_offline", text.replace(&repository.url(), "REPOSITORY"));
    let mut releases = fixture.between("v2.11.0", false).expect("the tag is there now");
    assert!(releases.versions().contains(&"v2.1.5".to_owned()), "{:?}", releases.versions());
    assert_eq!(read(&mut releases, "v2.11.0", CORE).as_deref(), Some("2.11.0"));
}

#[test]
fn refusals() {
    let repository = repository();
    for (name, base, target) in [
        ("tag_unknown", "v1.8.0", "v2.4.0"),
        ("tag_unknown_base", "v1.8.1", "v2.2.0"),
        ("tag_of_another_pattern", "gateway-v2.1.0", "v2.0.0"),
        ("tag_older", "v2.2.0", "1.9.0"),
        ("tag_without_version", "nightly", "v2.2.0"),
        ("tag_target_without_version", "v2.2.0", "nightly"),
        ("tag_dash", "v2.2.0", "--output=evil"),
    ] {
        let text = fixture(&repository, base).refused(target, false);
        insta::assert_snapshot!(name, text.replace(&repository.url(), "REPOSITORY"));
    }
    let fixture = Fixture::new(&upstream("--upload-pack=touch evil", "v2.2.0"));
    insta::assert_snapshot!("tag_dash_address", fixture.refused("v2.3.0", false));
}
