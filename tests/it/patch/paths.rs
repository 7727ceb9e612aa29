//! Where a patch may write, and how much it may hold.

use hive::patch::Error;
use hive::patch::State;
use hive::patch::apply;
use hive::patch::apply::TARGET_BYTES_MAX;
use hive::patch::parse;
use hive::patch::parse::FILE_COUNT_MAX;
use hive::patch::parse::HUNK_COUNT_MAX;
use hive::patch::parse::TEXT_BYTES_MAX;

use super::drawn;
use super::parsed;

fn error(text: &str) -> Error {
    parse("x.patch", text.as_bytes()).expect_err("the patch is refused")
}

/// Returns a patch that creates some files.
fn creating(paths: &[&str]) -> String {
    let create = |path: &&str| format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+1\n");
    paths.iter().map(create).collect::<Vec<_>>().concat()
}

#[test]
fn the_repository_has_many_names() {
    for part in [
        ".git",
        ".GIT",
        ".Git ",
        ".git.",
        ".git . .",
        "git~1",
        "GIT~1",
        ".g\u{200c}it",
        "\u{feff}.git",
        ".git\u{202e}",
        ".git::$INDEX_ALLOCATION",
        ".git:x",
    ] {
        let found = error(&creating(&[&format!("{part}/hooks/post-checkout")]));
        assert!(matches!(found, Error::UnsafePath { .. }), "{part:?}: {found}");
    }
    for part in [".github", ".gitignore", "git", "x.git", "git~10", ".gitx"] {
        parsed(&creating(&[&format!("{part}/x")]));
    }
}

#[test]
fn two_names_of_one_file_are_refused() {
    insta::assert_snapshot!("same_but_for_case", drawn(&error(&creating(&["d/readme", "D/README"]))));
    assert!(matches!(error(&creating(&["ä", "Ä"])), Error::SameButForCase { .. }));
    // A file may get another name, and one may go while the other comes.
    parsed("diff --git a/readme b/README\nrename from readme\nrename to README\n");
    parsed(&format!("--- a/readme\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n{}", creating(&["README"])));
    parsed(&creating(&["x", "y"]));
}

#[test]
fn a_patch_has_limits() {
    let too_large = |text: &[u8]| match parse("x.patch", text) {
        Err(error @ Error::TooLarge { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        too_large(&vec![b'\n'; TEXT_BYTES_MAX + 1]),
        "patch `x.patch` has 67108865 bytes, and 67108864 are the most that hive reads"
    );
    let files: String = (0..=FILE_COUNT_MAX).map(|number| creating(&[&number.to_string()])).collect();
    assert_eq!(too_large(files.as_bytes()), "patch `x.patch` has 10001 files, and 10000 are the most that hive reads");
    let hunk = |number: usize| format!("@@ -{number} +{number} @@\n-1\n+2\n");
    let hunks: String = (1..=HUNK_COUNT_MAX + 1).map(hunk).collect();
    assert_eq!(
        too_large(format!("--- a/f\n+++ b/f\n{hunks}").as_bytes()),
        "patch `x.patch` has 100001 hunks, and 100000 are the most that hive reads"
    );
}

#[test]
fn a_target_has_a_limit() {
    let patch = parsed("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\n");
    let outcome = apply(&patch, &mut |_| Some(vec![0; TARGET_BYTES_MAX + 1]));
    assert_eq!((outcome.state, outcome.changes().len()), (State::Conflict, 0));
    let error = outcome.error(&patch).expect("the patch fails");
    insta::assert_snapshot!("target_too_large", drawn(&error));
}

/// The command on trees whose links lead elsewhere.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_links() {
    use std::fs;
    use std::os::unix::fs::symlink;
    let scratch = tempfile::tempdir().expect("a folder can be made");
    let (outside, root) = (scratch.path().join("outside"), scratch.path().join("root"));
    for folder in [&outside, &root] {
        fs::create_dir(folder).expect("a folder can be made");
    }
    fs::write(outside.join("f"), "1\n").expect("a file can be written");
    fs::write(root.join("plain"), "1\n").expect("a file can be written");
    symlink(&outside, root.join("folder")).expect("a link can be made");
    symlink(outside.join("f"), root.join("file")).expect("a link can be made");
    symlink("plain", root.join("within")).expect("a link can be made");
    let change = |path: &str| format!("--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-1\n+2\n");
    let patches =
        [creating(&["folder/new"]), change("folder/f"), change("file"), change("within"), creating(&["plain/x"])];
    for (number, text) in patches.iter().enumerate() {
        let patch = scratch.path().join(format!("{number}.patch"));
        fs::write(&patch, text).expect("a file can be written");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hive"));
        let output = command.args(["patch", "apply", "--root"]).arg(&root).arg(&patch).output().expect("it starts");
        assert!(!output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!outside.join("new").exists(), "{text}");
        assert_eq!(fs::read(outside.join("f")).expect("it is there"), b"1\n", "{text}");
        assert_eq!(fs::read(root.join("plain")).expect("it is there"), b"1\n", "{text}");
    }
}
