//! Files are watched through whatever an editor does to them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use hive::io::watch::Watch;
use tempfile::TempDir;

/// Long enough for the slowest machine; a change ends the wait at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// Long enough for a change that must not come.
const MOMENT: Duration = Duration::from_millis(200);

fn watched(names: &[&str]) -> (TempDir, Watch, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let root = folder.path().canonicalize().expect("it is there");
    fs::write(root.join("a.py"), "A = 1\n").expect("a file can be written");
    let mut watch = Watch::new().expect("the system has watches");
    watch.follow(names.iter().map(|name| folder.path().join(name))).expect("the folder is there");
    (folder, watch, root)
}

fn check(change: fn(&Path)) {
    let (_folder, watch, root) = watched(&["a.py"]);
    change(&root);
    assert_eq!(watch.wait(PATIENCE), BTreeSet::from([root.join("a.py")]));
    assert_eq!(watch.wait(MOMENT), BTreeSet::new(), "a change is told once");
}

#[test]
fn a_file_that_is_written_to_has_changed() {
    check(|root| fs::write(root.join("a.py"), "A = 2\n").expect("it can be written"));
}

#[test]
fn a_file_that_is_replaced_has_changed() {
    check(|root| {
        fs::write(root.join(".a.py.swp"), "A = 2\n").expect("it can be written");
        fs::rename(root.join(".a.py.swp"), root.join("a.py")).expect("it can be renamed");
    });
}

#[test]
fn a_file_that_goes_has_changed() {
    check(|root| fs::remove_file(root.join("a.py")).expect("it can be removed"));
}

#[test]
fn other_files_are_not_told_of() {
    let (_folder, mut watch, root) = watched(&["a.py"]);
    fs::write(root.join("b.py"), "B = 1\n").expect("it can be written");
    assert_eq!(watch.wait(MOMENT), BTreeSet::new());
    watch.follow([root.join("b.py")]).expect("the folder is there");
    fs::write(root.join("a.py"), "A = 2\n").expect("it can be written");
    assert_eq!(watch.wait(MOMENT), BTreeSet::new());
    fs::write(root.join("b.py"), "B = 2\n").expect("it can be written");
    assert_eq!(watch.wait(PATIENCE), BTreeSet::from([root.join("b.py")]));
}
