//! What a patch's text is understood to say, and what is refused.

use hive::patch::diff::Operation;
use hive::patch::parse;

use super::drawn;
use super::parsed;

/// Checks what each file of a patch is understood to be.
fn check(text: &str, expected: &[(Operation, Option<&str>, Option<&str>, usize)]) {
    let patch = parsed(text);
    let found: Vec<_> = patch
        .files
        .iter()
        .map(|file| (file.operation, file.old_path.as_deref(), file.new_path.as_deref(), file.hunks.len()))
        .collect();
    assert_eq!(found, expected);
}

const HUNK: &str = "@@ -1 +1 @@\n-1\n+one\n";

#[test]
fn headers_of_all_kinds_are_understood() {
    let modify = |path| [(Operation::Modify, Some(path), Some(path), 1)];
    check(&format!("--- a/x/y.py\n+++ b/x/y.py\n{HUNK}"), &modify("x/y.py"));
    check(&format!("Description: why\n\n--- a/x\n+++ b/x\n{HUNK}"), &modify("x"));
    check(&format!("--- ./x/y\t2024-03-11 00:00:00\n+++ ./x/y\t2024-03-11 00:00:01\n{HUNK}"), &modify("x/y"));
    check(&format!("--- a/x y 2024-03-11 00:00:00\n+++ b/x y 2024-03-11 00:00:01\n{HUNK}"), &modify("x y"));
    check(&format!("--- \"a/\\303\\274\\\"x\"\n+++ \"b/\\303\\274\\\"x\"\n{HUNK}"), &modify("ü\"x"));
    check(&format!("Index: x\n=====\n--- a/x\n+++ b/x\n{HUNK}"), &modify("x"));
    check(&format!("diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n{HUNK}-- \n2.47.3\n\n"), &modify("x"));
    check(
        "diff --git a/x y b/x y\nold mode 100644\nnew mode 100755\n",
        &[(Operation::Modify, Some("x y"), Some("x y"), 0)],
    );
    check(
        "diff --git a/x b/y\nrename from x\nrename to y\ndiff --git a/v b/w\ncopy from v\ncopy to w\n",
        &[(Operation::Rename, Some("x"), Some("y"), 0), (Operation::Copy, Some("v"), Some("w"), 0)],
    );
    check(
        &format!(
            "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+1\n--- a/y\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n--- a/z\n+++ b/z\n{HUNK}"
        ),
        &[
            (Operation::Create, None, Some("x"), 1),
            (Operation::Delete, Some("y"), None, 1),
            (Operation::Modify, Some("z"), Some("z"), 1),
        ],
    );
}

#[test]
fn removed_lines_that_look_like_headers_are_lines() {
    check("--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- old\n+++ new\n", &[(Operation::Modify, Some("x"), Some("x"), 1)]);
    let two = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- old\n+++ new\n@@ -5 +5 @@\n-5\n+five\n";
    check(two, &[(Operation::Modify, Some("x"), Some("x"), 2)]);
}

#[test]
fn hunks_know_their_places() {
    let patch = parsed("--- a/x\n+++ b/x\n@@ -10,3 +12,4 @@ def f():\n 1\n\n+new\n 3\n");
    let hunk = &patch.files[0].hunks[0];
    assert_eq!((hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count, hunk.line), (10, 3, 12, 4, 3));
    let lines: Vec<_> = hunk.lines.iter().map(|line| (line.line, &line.text[..], line.stripped)).collect();
    assert_eq!(lines, [(4, &b"1\n"[..], false), (5, b"\n", true), (6, b"new\n", false), (7, b"3\n", false)]);
    assert_eq!(&patch.text[hunk.lines[2].span.start..hunk.lines[2].span.end], b"+new");
}

/// Checks what is noted about a patch that is read nevertheless: the lines, and the notes' first words.
fn check_notes(text: &str, expected: &[(usize, &str)]) {
    let patch = parsed(text);
    let notes: Vec<_> = patch.notes.iter().map(|note| (note.line, note.message.as_str())).collect();
    assert_eq!(notes.len(), expected.len(), "{notes:?}");
    for ((line, message), (expected_line, words)) in notes.iter().zip(expected) {
        assert!(line == expected_line && message.starts_with(words), "{notes:?}");
    }
}

#[test]
fn what_is_odd_but_plain_is_noted() {
    let header = "--- a/x\n+++ b/x\n";
    check_notes(&format!("{header}{HUNK}"), &[]);
    check_notes(&format!("{header}\n{HUNK}"), &[(3, "text stands before a hunk")]);
    check_notes(&format!("{header}{HUNK}\n@@ -5 +5 @@\n-5\n+five\n"), &[(6, "text stands before a hunk")]);
    check_notes(&format!("Binary files a/y and b/y differ\n{header}{HUNK}"), &[(1, "a binary file differs")]);
    check_notes(&format!("--- a/y\n+++ b/y\n{header}{HUNK}"), &[(2, "a file's header has no hunk")]);
    check_notes(&format!("{header}@@ -1,2 +1,2 @@\n-1\n+one\n 2\n 3\n"), &[(3, "a hunk's header counts 2")]);
}

/// Checks how a refusal is drawn.
fn check_refusal(name: &str, text: &str) {
    let error = parse("x.patch", text.as_bytes()).expect_err("the patch is refused");
    insta::assert_snapshot!(name, drawn(&error));
}

#[test]
fn what_would_be_lost_is_refused() {
    let header = "--- a/x\n+++ b/x\n";
    check_refusal("empty", "");
    check_refusal("words_only", "Description: nothing yet\n");
    check_refusal("no_hunks", header);
    check_refusal("hunk_without_file", HUNK);
    check_refusal("half_header", &format!("+++ b/x\n{HUNK}"));
    check_refusal("lost_space", &format!("{header}@@ -1,3 +1,3 @@\ndef f():\n-1\n+one\n 2\n"));
    check_refusal("malformed_header", &format!("{header}@@ -1 +1\n-1\n+one\n"));
    check_refusal("count_too_small", &format!("{header}@@ -1 +1 @@\n-1\n+one\n+two\n"));
    check_refusal("count_too_large", &format!("{header}@@ -1,4 +1,4 @@\n-1\n+one\n 2\n"));
    check_refusal("overlap", &format!("{header}@@ -5 +5 @@\n-5\n+five\n{HUNK}"));
    check_refusal("without_effect", &format!("{header}@@ -1 +1 @@\n-1\n+1\n"));
    check_refusal("misplaced_end", &format!("{header}@@ -1,2 +1,2 @@\n-1\n\\ No newline\n+one\n 2\n"));
    check_refusal("binary", "diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 1\nIc\n\n");
    check_refusal("binary_marker", "Binary files a/x and b/x differ\n");
    check_refusal("link", "diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n");
    check_refusal("context_diff", "*** a/x\n--- b/x\n***************\n*** 1 ****\n! 1\n--- 1 ----\n! one\n");
    check_refusal("no_folder", &format!("--- x\n+++ x\n{HUNK}"));
    check_refusal("unsafe_path", &format!("--- a/../../x\n+++ b/../../x\n{HUNK}"));
}

#[test]
fn paths_never_leave_the_tree() {
    for name in [
        "/etc/x",
        "a/../x",
        "../x",
        "a/x/../../y",
        "a/.git/config",
        "a/.GIT/config",
        "a\\x",
        "a/C:/x",
        "C:/x",
        "\"a/\\001x\"",
        "a//../x",
    ] {
        let text = format!("--- {name}\n+++ {name}\n{HUNK}");
        assert!(matches!(parse("x.patch", text.as_bytes()), Err(hive::patch::Error::UnsafePath { .. })), "{name}");
        let text = format!("diff --git a/x b/x\nrename from x\nrename to {}\n", name.replace("a/", ""));
        let is_safe = ["a/x", "x"].contains(&name);
        assert_eq!(parse("x.patch", text.as_bytes()).is_ok(), is_safe, "{text}");
    }
}
