//! Trees: what they hold, their hash, and how they get onto the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use hive::io::files;
use hive::io::materialise::Error;
use hive::io::materialise::Materialised;
use hive::io::materialise::Outcome;
use hive::io::materialise::materialise;
use hive::io::materialise::replace_folder;
use hive::io::tree;
use hive::io::tree::Tree;
use tempfile::TempDir;

use super::drawn;
use super::sha256;

struct Fixture {
    folder: TempDir,
}

impl Fixture {
    /// Returns a folder with a tree of the given files in `source`.
    fn new(files: &[(&str, &str)]) -> Self {
        let fixture = Self { folder: TempDir::new().expect("a temporary folder") };
        fs::create_dir(fixture.path("source")).expect("a fresh folder");
        for (path, content) in files {
            fixture.write(&format!("source/{path}"), content);
        }
        fixture
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        files::write_atomic(&self.path(path), content.as_bytes()).expect("a temporary folder");
    }

    fn tree(&self) -> Tree {
        Tree::open(&self.path("source")).expect("the source is a folder")
    }

    fn materialise(&self, changes: &[(&str, Option<&str>)]) -> Result<Materialised, Error> {
        let changes: BTreeMap<String, Option<Vec<u8>>> = changes
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.map(|text| text.as_bytes().to_vec())))
            .collect();
        let outcome = materialise(&self.tree(), &changes, &self.path("into"));
        let left = fs::read_dir(self.folder.path()).expect("a folder").flatten();
        let left: Vec<_> =
            left.map(|entry| entry.file_name()).filter(|name| name != "source" && name != "into").collect();
        assert!(left.is_empty(), "nothing may be left behind: {left:?}");
        outcome
    }

    fn drawn(&self, error: &dyn miette::Diagnostic) -> String {
        drawn(error).replace(&self.folder.path().display().to_string(), "FOLDER")
    }
}

fn paths(tree: &Tree) -> Vec<String> {
    tree.files().expect("a tree without links").into_iter().map(|file| file.path).collect()
}

#[test]
fn files_are_sorted_by_their_bytes_and_only_source() {
    let fixture = Fixture::new(&[
        ("a/x.py", ""),
        ("a-b/x.py", ""),
        ("a.py", ""),
        ("a/__pycache__/x.pyc", ""),
        ("a/y.pyc", ""),
        ("a/.git", "not at the root"),
        (".git/HEAD", ""),
        (".hive-tree", ""),
    ]);
    assert_eq!(paths(&fixture.tree()), ["a-b/x.py", "a.py", "a/.git", "a/x.py"]);
}

#[test]
fn the_hash_is_what_its_documentation_says() {
    let fixture = Fixture::new(&[("b.py", "two\n"), ("a/x.py", "one\n"), ("a/x.pyc", "no source")]);
    let lines = format!("a/x.py\0{}\nb.py\0{}\n", sha256(b"one\n"), sha256(b"two\n"));
    assert_eq!(fixture.tree().hash().expect("a tree without links"), sha256(lines.as_bytes()));
    assert_eq!(Fixture::new(&[]).tree().hash().expect("an empty tree"), sha256(b""));
}

#[test]
fn reads_stay_inside() {
    let fixture = Fixture::new(&[("a/x.py", "one")]);
    fixture.write("secret", "outside");
    let tree = fixture.tree();
    let read =
        |path: &str| tree.read(path).map(|found| found.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    for (path, expected) in
        [("a/x.py", Some("one")), ("./a//x.py", Some("one")), ("a/y.py", None), ("a", None), ("a/x.py/z", None)]
    {
        assert_eq!(read(path).expect("inside the tree").as_deref(), expected, "{path}");
    }
    for path in ["../secret", "/etc/passwd", "a/../../secret", "a\\x.py", ""] {
        assert!(matches!(read(path), Err(tree::Error::Path { .. })), "{path}");
    }
    insta::assert_snapshot!("tree_path_climbs", drawn(&read("../secret").expect_err("outside the tree")));
    let error = Tree::open(&fixture.path("secret")).expect_err("a file is no tree");
    insta::assert_snapshot!("tree_no_folder", fixture.drawn(&error));
}

#[test]
#[cfg(unix)]
fn links() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new(&[("a/x.py", "one")]);
    fixture.write("secret", "outside");
    let link = fixture.path("source/l");
    for (name, target) in [("tree_link_out", "../secret"), ("tree_link_folder", "a"), ("tree_link_nowhere", "missing")]
    {
        symlink(target, &link).expect("a fresh link");
        insta::assert_snapshot!(name, drawn(&fixture.tree().hash().expect_err("a link that is no file of the tree")));
        fs::remove_file(&link).expect("the link is there");
    }
    symlink("..", &link).expect("a fresh link");
    insta::assert_snapshot!("tree_read_through_link", drawn(&fixture.tree().read("l/secret").expect_err("outside")));
    fs::remove_file(&link).expect("the link is there");
    symlink("a/x.py", &link).expect("a fresh link");
    assert_eq!(paths(&fixture.tree()), ["a/x.py", "l"]);
    assert_eq!(fixture.tree().read("l").expect("inside").as_deref(), Some(b"one".as_slice()));
}

#[test]
fn a_tree_is_written_once() {
    let fixture = Fixture::new(&[("a/x.py", "one"), ("b.py", "two"), ("c/d.py", "three")]);
    let changes = [("a/x.py", Some("ONE")), ("c/d.py", None), ("new/e.py", Some("four")), ("gone.py", None)];
    let first = fixture.materialise(&changes).expect("an empty place");
    assert_eq!((first.file_count, first.outcome), (3, Outcome::Written));
    let into = Tree::open(&fixture.path("into")).expect("the tree is there");
    assert_eq!(paths(&into), ["a/x.py", "b.py", "new/e.py"]);
    assert_eq!(into.read("a/x.py").expect("inside").as_deref(), Some(b"ONE".as_slice()));
    assert_eq!(into.hash().expect("no links"), first.hash);
    assert_eq!(fixture.tree().read("a/x.py").expect("inside").as_deref(), Some(b"one".as_slice()));

    // What Python leaves behind does not make it another tree.
    fixture.write("into/a/__pycache__/x.pyc", "");
    let second = fixture.materialise(&changes).expect("the same tree");
    assert_eq!(second, Materialised { outcome: Outcome::Unchanged, ..first });
    let third = fixture.materialise(&[]).expect("hive wrote what is there");
    assert_eq!((third.file_count, third.outcome), (3, Outcome::Written));
    assert_eq!(paths(&into), ["a/x.py", "b.py", "c/d.py"]);
    assert_eq!(third.hash, fixture.tree().hash().expect("no links"));
}

#[test]
#[cfg(unix)]
fn executables_stay_executable() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new(&[("run.sh", "one"), ("read.txt", "two")]);
    let set = |path: &str, mode| {
        fs::set_permissions(fixture.path(path), fs::Permissions::from_mode(mode)).expect("ours");
    };
    set("source/run.sh", 0o700);
    set("source/read.txt", 0o400);
    fixture.materialise(&[("run.sh", Some("ONE"))]).expect("an empty place");
    let mode = |path: &str| fs::metadata(fixture.path(path)).expect("written").permissions().mode();
    assert_eq!(mode("into/run.sh") & 0o700, 0o700);
    assert_eq!(mode("into/read.txt") & 0o700, 0o600);
}

#[test]
fn work_of_others_is_not_overwritten() {
    let fixture = Fixture::new(&[("a.py", "one"), ("b.py", "two")]);
    fixture.write("into/mine.txt", "work");
    let error = fixture.materialise(&[]).expect_err("hive did not write the folder");
    insta::assert_snapshot!("tree_not_ours", fixture.drawn(&error));
    fs::remove_dir_all(fixture.path("into")).expect("the folder is there");
    fixture.write("into", "a file");
    assert!(matches!(fixture.materialise(&[]), Err(Error::NotOurs { .. })));
    fs::remove_file(fixture.path("into")).expect("the file is there");
    fs::create_dir(fixture.path("into")).expect("a free place");
    fixture.materialise(&[]).expect("an empty folder is welcome");

    fixture.write("into/mine.txt", "work");
    fixture.write("into/a.py", "edited");
    fs::remove_file(fixture.path("into/b.py")).expect("the file is there");
    let error = fixture.materialise(&[("a.py", Some("three"))]).expect_err("somebody has worked there");
    insta::assert_snapshot!("tree_edited", fixture.drawn(&error));
    assert_eq!(fs::read_to_string(fixture.path("into/a.py")).expect("left alone"), "edited");

    fixture.write("into/.hive-tree", "not hive's");
    assert!(matches!(fixture.materialise(&[]), Err(Error::NotOurs { .. })));
}

#[test]
fn changes_stay_inside() {
    let fixture = Fixture::new(&[("a.py", "one")]);
    for path in ["../evil", "/evil", "a/../../evil"] {
        assert!(
            matches!(fixture.materialise(&[(path, Some("x"))]), Err(Error::Tree(tree::Error::Path { .. }))),
            "{path}"
        );
    }
    // A file below a file: the disk refuses, and no half-written tree is seen.
    assert!(matches!(fixture.materialise(&[("a.py/b.py", Some("x"))]), Err(Error::Files(_))));
    assert!(!fixture.path("into").exists());
}

#[test]
fn a_swap_that_fails_restores_what_was_there() {
    let fixture = Fixture::new(&[("a.py", "one")]);
    fixture.write("into/a.py", "before");
    let error = replace_folder(&fixture.path("missing"), &fixture.path("into")).expect_err("nothing to move");
    assert!(matches!(error, files::Error::Write { .. }));
    assert_eq!(fs::read_to_string(fixture.path("into/a.py")).expect("restored"), "before");
    assert_eq!(fs::read_dir(fixture.folder.path()).expect("a folder").count(), 2);
}

#[test]
fn files_are_replaced_whole() {
    let fixture = Fixture::new(&[]);
    let path = fixture.path("a/b/c.txt");
    files::write_atomic(&path, b"one").expect("folders are made");
    files::write_atomic(&path, b"two").expect("the file is replaced");
    assert_eq!(files::read_to_string(&path).expect("text"), "two");
    assert_eq!(files::sha256_of_file(&path).expect("a file"), sha256(b"two"));
    assert_eq!(fs::read_dir(fixture.path("a/b")).expect("a folder").count(), 1);
    fs::create_dir(fixture.path("folder")).expect("a free place");
    fs::write(fixture.path("folder/x"), "").expect("a fresh folder");
    let error = files::write_atomic(&fixture.path("folder"), b"x").expect_err("a folder is no file");
    insta::assert_snapshot!("file_unwritable", fixture.drawn(&error));
    files::write_atomic(&path, b"\xff").expect("the file is replaced");
    insta::assert_snapshot!("file_not_utf8", fixture.drawn(&files::read_to_string(&path).expect_err("no text")));
    assert!(files::read(Path::new("missing")).is_err());
}
