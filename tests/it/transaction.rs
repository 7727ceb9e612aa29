//! Several files change as one: all of them or none, whenever hive is killed, and back again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hive::io::edit;
use hive::io::transaction;
use hive::io::transaction::Change;
use hive::io::transaction::Deed;
use hive::io::transaction::Error;
use hive::io::transaction::Record;
use hive::io::transaction::Recovered;
use jiff::Timestamp;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::verbs::project::Project;

const ANY: &dyn Fn(&Record) -> bool = &|_| true;

fn at() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a moment")
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is ours");
    fs::write(path, text).expect("the folder is ours");
}

/// Returns every file but hive's own, and every folder.
fn standing(root: &Path) -> BTreeMap<String, String> {
    let entries = WalkDir::new(root).into_iter().filter_entry(|entry| entry.file_name() != ".hive").flatten();
    entries
        .map(|entry| {
            let name = entry.path().strip_prefix(root).expect("it is below").display().to_string();
            let text = if entry.file_type().is_file() {
                fs::read_to_string(entry.path()).expect("text")
            } else {
                "/".to_owned()
            };
            (name, text)
        })
        .collect()
}

fn change(path: &str, content: Option<&str>) -> Change {
    Change { path: path.to_owned(), content: content.map(|text| text.as_bytes().to_vec()) }
}

fn commit(root: &Path, verb: &str, changes: &[Change]) -> Result<Option<Record>, Error> {
    transaction::commit(root, &Deed { verb, what: "a test", at: at() }, changes)
}

#[test]
fn files_come_change_and_go() {
    let folder = folder(&[("a/one", "1"), ("b/two", "2"), ("three", "3")]);
    let root = folder.path();
    let before = standing(root);
    let changes = [
        change("c/d/four", Some("4")),
        change("a/one", Some("one")),
        change("b/two", None),
        change("three", Some("3")),
    ];
    let record = commit(root, "test", &changes).expect("it is done").expect("something changes");
    let paths: Vec<&str> = record.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a/one", "b/two", "c/d/four"], "sorted, without what stays");
    let after = standing(root);
    assert_eq!(after["a/one"], "one");
    assert_eq!(after["c/d/four"], "4");
    assert!(!after.contains_key("b"), "a folder without files goes, too");
    assert_eq!(commit(root, "test", &changes).expect("it is done"), None, "a second time nothing changes");
    assert_eq!(transaction::history(root).expect("it is kept"), std::slice::from_ref(&record));
    let undone = transaction::undo(root, at(), ANY).expect("it is undone");
    assert_eq!((undone.undoes, undone.what.as_str()), (Some(record.number), "undo: a test"));
    assert_eq!(standing(root), before);
    assert!(matches!(transaction::undo(root, at(), ANY), Err(Error::Nothing)));
    assert_eq!(transaction::recover(root).expect("nothing is to do"), []);
}

#[test]
fn undoing_goes_back_step_by_step_and_by_verb() {
    let folder = folder(&[("a", "0"), ("b", "0")]);
    let root = folder.path();
    for (verb, path, text) in [("one", "a", "1"), ("one", "a", "2"), ("other", "b", "1")] {
        commit(root, verb, &[change(path, Some(text))]).expect("it is done");
    }
    let is_one = |record: &Record| record.verb == "one";
    for expected in ["1", "0"] {
        transaction::undo(root, at(), &is_one).expect("it is undone");
        let standing = standing(root);
        assert_eq!((standing["a"].as_str(), standing["b"].as_str()), (expected, "1"));
    }
    assert!(matches!(transaction::undo(root, at(), &is_one), Err(Error::Nothing)));
    transaction::undo(root, at(), ANY).expect("it is undone");
    assert_eq!(standing(root)["b"], "0");
}

#[test]
fn what_has_changed_since_is_not_undone() {
    let folder = folder(&[("a", "0"), ("b", "0")]);
    let root = folder.path();
    commit(root, "test", &[change("a", Some("1")), change("b", None)]).expect("it is done");
    for (path, text) in [("a", "mine"), ("b", "mine")] {
        write(root, "a", "1");
        let _ = fs::remove_file(root.join("b"));
        write(root, path, text);
        let before = standing(root);
        match transaction::undo(root, at(), ANY) {
            Err(Error::Changed { path: named, .. }) => assert_eq!(named, path),
            other => panic!("{other:?}"),
        }
        assert_eq!(standing(root), before);
    }
}

#[test]
fn paths_stay_inside_and_lead_through_no_links() {
    let folder = folder(&[("a", "0"), ("folder/file", "1")]);
    let root = folder.path();
    let outside = TempDir::new().expect("a temporary folder");
    let refused = |path: &str| {
        let before = standing(root);
        let error = commit(root, "test", &[change("a", Some("1")), change(path, Some("2"))]).expect_err(path);
        assert_eq!(standing(root), before, "{path}");
        error
    };
    for path in ["../b", "/b", "c\\b", "b/../../b", ""] {
        assert!(matches!(refused(path), Error::Outside { .. }), "{path}");
    }
    assert!(matches!(refused("folder"), Error::Edit(edit::Error::Occupied { .. })));
    assert!(matches!(refused("a/b"), Error::Edit(edit::Error::Occupied { .. })));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path(), root.join("link")).expect("a link");
        std::os::unix::fs::symlink(root.join("a"), root.join("alias")).expect("a link");
        assert!(matches!(refused("link/b"), Error::Edit(edit::Error::Link { .. })));
        assert!(matches!(refused("alias"), Error::Edit(edit::Error::Link { .. })));
    }
    assert_eq!(fs::read_dir(outside.path()).expect("the folder is there").count(), 0);
    assert_eq!(transaction::recover(root).expect("nothing is to do"), []);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_come_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("run", "0"), ("gone", "1")]);
    let root = folder.path();
    let mode = |path: &str| fs::metadata(root.join(path)).expect("it is there").permissions().mode() & 0o777;
    for path in ["run", "gone"] {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(0o750)).expect("it is ours");
    }
    commit(root, "test", &[change("run", Some("1")), change("gone", None)]).expect("it is done");
    assert_eq!(mode("run"), 0o750);
    transaction::undo(root, at(), ANY).expect("it is undone");
    assert_eq!((mode("run"), mode("gone")), (0o750, 0o750));
}

#[test]
fn the_last_fifty_are_kept() {
    let folder = folder(&[]);
    let root = folder.path();
    for number in 0..55 {
        commit(root, "test", &[change("a", Some(&number.to_string()))]).expect("it is done");
    }
    let numbers: Vec<u64> =
        transaction::history(root).expect("it is kept").iter().map(|record| record.number).collect();
    assert_eq!(numbers, (6..=55).rev().collect::<Vec<u64>>());
}

#[test]
fn what_is_kept_and_broken_is_named() {
    let folder = folder(&[("a", "0")]);
    let root = folder.path();
    commit(root, "test", &[change("a", Some("1"))]).expect("it is done");
    write(root, ".hive/transactions/1/before/0", "something else");
    assert!(matches!(transaction::undo(root, at(), ANY), Err(Error::Broken { .. })));
    write(root, ".hive/transactions/1/manifest.json", "{");
    assert!(matches!(transaction::history(root), Err(Error::Broken { .. })));
    assert_eq!(standing(root)["a"], "1");
}

#[test]
fn a_manifest_that_leads_outside_is_refused() {
    let folder = folder(&[("a", "0")]);
    let root = folder.path();
    commit(root, "test", &[change("a", Some("1"))]).expect("it is done");
    let manifest = fs::read_to_string(root.join(".hive/transactions/1/manifest.json")).expect("it is there");
    write(root, ".hive/transactions/1/manifest.json", &manifest.replace("\"a\"", "\"../a\""));
    fs::rename(root.join(".hive/transactions/1"), root.join(".hive/transactions/1.decided")).expect("it is ours");
    assert!(matches!(transaction::recover(root), Err(Error::Broken { .. })));
}

/// A project in which `hive patch drop` changes the recipe and removes a patch.
fn dropping() -> Project {
    Project::new()
}

const DROP: [&str; 6] = ["patch", "drop", "demo", "02_ratio", "--reason", "fixed upstream"];
const KILL: &str = "HIVE_TEST_KILL_AFTER_STEPS";

#[cfg(unix)]
#[test]
fn killed_after_any_step_it_leaves_what_was_or_what_shall_be() {
    let whole = dropping();
    let before = standing(&whole.path(""));
    whole.hive(&DROP).with(0);
    let after = standing(&whole.path(""));
    assert_ne!(before, after);
    let (mut forgotten, mut finished) = (0, 0);
    for step in 1.. {
        let mut project = dropping();
        project.set(KILL, &step.to_string());
        let killed = project.hive(&DROP);
        project.unset(KILL);
        if killed.code == 0 {
            assert!(step > 8, "only {step} steps");
            break;
        }
        assert_eq!(killed.code, -1, "step {step}: {}", killed.err);
        let told = project.hive(&["plan"]).err;
        let is_forgotten = told.contains("forgotten");
        let now = standing(&project.path(""));
        if is_forgotten {
            assert_eq!(now, before, "step {step}");
            forgotten += 1;
        } else {
            assert_eq!(now, after, "step {step}: {told}");
            finished += usize::from(told.contains("finished: drop `patches/demo/02_ratio.patch` from `demo`, 2 files"));
        }
        assert!(!project.hive(&["plan"]).err.contains("interrupted"), "step {step}: once is enough");
    }
    assert!(forgotten >= 3 && finished >= 3, "{forgotten} forgotten, {finished} finished");
}

#[cfg(unix)]
#[test]
fn recovering_may_be_killed_as_well() {
    for step in 1.. {
        let mut project = dropping();
        // The sixth step decides; the file of the recipe is not in place yet.
        project.set(KILL, "7");
        assert_eq!(project.hive(&DROP).code, -1);
        project.set(KILL, &step.to_string());
        let killed = project.hive(&["plan"]).code == -1;
        project.unset(KILL);
        project.hive(&["plan"]).with(0);
        assert!(project.read("recipes/demo.toml").contains("[[dropped]]"), "step {step}");
        assert!(!project.path("patches/demo/02_ratio.patch").exists(), "step {step}");
        if !killed {
            assert!(step > 3, "only {step} steps");
            break;
        }
    }
}

#[cfg(unix)]
#[test]
fn an_edit_between_a_crash_and_its_end_is_kept_aside() {
    let mut project = dropping();
    project.set(KILL, "7");
    assert_eq!(project.hive(&DROP).code, -1);
    project.unset(KILL);
    project.write("patches/demo/02_ratio.patch", "mine");
    let told = project.hive(&["plan"]).err;
    assert!(told.contains("`patches/demo/02_ratio.patch` had been changed since"), "{told}");
    assert!(!project.path("patches/demo/02_ratio.patch").exists());
    let kept = project.files(".hive/transactions/found");
    assert_eq!(kept.values().collect::<Vec<_>>(), [b"mine"]);
}

#[cfg(unix)]
#[test]
fn where_the_disk_refuses_everything_is_as_before() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("a/one", "1"), ("z/two", "2")]);
    let root = folder.path();
    let before = standing(root);
    // The name of the file that is written beside the second one is taken by a folder.
    fs::create_dir_all(root.join("z/.hive-transaction-1-1/x")).expect("it is ours");
    fs::set_permissions(root.join("z"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    let changes = [change("a/one", Some("one")), change("z/two", Some("two"))];
    assert!(matches!(commit(root, "test", &changes), Err(Error::Files(_))));
    fs::remove_dir_all(root.join("z/.hive-transaction-1-1")).expect("it is ours");
    assert_eq!(standing(root), before);
    assert_eq!(transaction::recover(root).expect("it was taken back already"), []);
    assert_eq!(transaction::history(root).expect("none"), []);
}

#[test]
fn only_one_changes_files_at_a_time() {
    let folder = folder(&[("a", "0")]);
    let root = folder.path();
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let root = root.to_owned();
            std::thread::spawn(move || {
                let texts = [change("a", Some(&format!("a{number}"))), change("b", Some(&format!("b{number}")))];
                commit(&root, "test", &texts).expect("it waits for the others")
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().expect("it ends").is_some());
    }
    let standing = standing(root);
    assert_eq!(standing["a"][1..], standing["b"][1..]);
    assert_eq!(transaction::history(root).expect("it is kept").len(), 8);
    // Whoever only looks does not wait for one that is still writing.
    let lock = fs::File::options().write(true).open(root.join(".hive/transactions/lock")).expect("it is there");
    lock.lock().expect("nobody has it");
    fs::create_dir(root.join(".hive/transactions/9.staged")).expect("it is ours");
    assert_eq!(transaction::recover(root).expect("somebody else is about it"), []);
    drop(lock);
    // A program that another test is starting may hold the lock's file for a moment longer.
    let recovered = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let recovered = transaction::recover(root).expect("nobody is");
        (!recovered.is_empty()).then_some(recovered)
    });
    assert_eq!(recovered, Some(vec![Recovered::Forgotten]));
}
