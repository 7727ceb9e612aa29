//! Which state a patch is in against a tree, and what it writes.

use hive::patch::State;
use hive::patch::apply;

use super::Tree;
use super::drawn;
use super::parsed;
use super::reader;
use super::tree;

/// A patch of the file `f`.
fn of_f(hunks: &str) -> String {
    format!("--- a/f\n+++ b/f\n{hunks}")
}

/// The lines `1` to `count`, with some replaced.
fn numbers(count: usize, replaced: &[(usize, &str)]) -> String {
    (1..=count).fold(String::new(), |text, number| {
        let line = replaced.iter().find(|(at, _)| *at == number).map(|(_, line)| (*line).to_owned());
        text + &line.unwrap_or_else(|| format!("{number}\n"))
    })
}

/// Applies a patch and checks its state and, where it is fine, the resulting tree; then applies it once more.
fn check_files(patch: &str, before: &Tree, state: State, after: &Tree) {
    let patch = parsed(patch);
    let outcome = apply(&patch, &mut reader(before));
    assert_eq!(outcome.state, state, "{outcome:#?}");
    assert_eq!(outcome.error(&patch).is_none(), state.is_fine());
    let mut tree = before.clone();
    for (path, change) in outcome.changes() {
        assert_eq!(change.before, before.get(&path).map(|text| text.clone().into_bytes()));
        match change.after {
            Some(text) => drop(tree.insert(path, String::from_utf8(text).expect("made of text"))),
            None => drop(tree.remove(&path)),
        }
    }
    assert_eq!(&tree, after);
    if state.is_fine() {
        assert_eq!(apply(&patch, &mut reader(&tree)).state, State::Applied, "the second time");
    }
}

/// As [`check_files`], for one file `f` whose text is given before and afterwards.
fn check(hunks: &str, before: &str, state: State, after: &str) {
    check_files(&of_f(hunks), &tree(&[("f", before)]), state, &tree(&[("f", after)]));
}

const CHANGE: &str = "@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n";

#[test]
fn a_hunk_at_its_line_is_clean() {
    check(CHANGE, &numbers(9, &[]), State::Clean, &numbers(9, &[(5, "five\n")]));
}

#[test]
fn a_hunk_at_another_line_is_offset() {
    let (before, after) = (numbers(9, &[(1, "0\n1\n")]), numbers(9, &[(1, "0\n1\n"), (5, "five\n")]));
    check(CHANGE, &before, State::Offset, &after);
    let outcome = apply(&parsed(&of_f(CHANGE)), &mut reader(&tree(&[("f", &before)])));
    let hunk = &outcome.files[0].hunks[0];
    assert_eq!((hunk.line, hunk.offset, hunk.forward_count, hunk.reverse_count), (Some(5), 1, 1, 0));
}

#[test]
fn a_change_that_stands_is_applied() {
    let after = numbers(9, &[(5, "five\n")]);
    check(CHANGE, &after, State::Applied, &after);
    let moved = format!("0\n{after}");
    check(CHANGE, &moved, State::Applied, &moved);
}

#[test]
fn other_text_is_a_conflict() {
    for line in ["fünf\n", "5 \n", "5\r\n", ""] {
        let before = numbers(9, &[(5, line)]);
        check(CHANGE, &before, State::Conflict, &before);
    }
}

#[test]
fn a_missing_file_is_a_missing_target() {
    check_files(&of_f(CHANGE), &tree(&[]), State::MissingTarget, &tree(&[]));
}

#[test]
fn later_hunks_expect_what_earlier_ones_moved() {
    // The second hunk's text stands twice; with the first one's offset its own place is the expected line.
    let hunks = "@@ -2,3 +2,3 @@\n 2\n-3\n+three\n 4\n@@ -7,3 +7,3 @@\n 7\n-8\n+eight\n 9\n";
    let before = format!("0\n{}7\n8\n9\n", numbers(9, &[]));
    let after = format!("0\n{}7\n8\n9\n", numbers(9, &[(3, "three\n"), (8, "eight\n")]));
    check(hunks, &before, State::Offset, &after);
    let outcome = apply(&parsed(&of_f(hunks)), &mut reader(&tree(&[("f", &before)])));
    let second = &outcome.files[0].hunks[1];
    assert_eq!((second.state, second.line, second.offset, second.forward_count), (State::Clean, Some(8), 1, 2));
}

#[test]
fn the_expected_line_decides_between_repeated_blocks() {
    let block = "{\n  x\n}\n";
    let hunk = "@@ -4,3 +4,3 @@\n {\n-  x\n+  y\n }\n";
    check(hunk, &block.repeat(3), State::Clean, &format!("{block}{}{block}", block.replace('x', "y")));
    // None of two places is the expected one.
    let before = format!("0\n{}", block.repeat(2));
    check(hunk, &before, State::Ambiguous, &before);
    // The one place that is left is not the expected one, where the change already stands.
    let before = format!("{block}{}{block}", block.replace('x', "y"));
    check(hunk, &before, State::Applied, &before);
    // The result stands elsewhere than at the expected line, and so does the text before.
    let before = format!("0\n{}{block}", block.replace('x', "y"));
    check(hunk, &before, State::Ambiguous, &before);
}

#[test]
fn an_insertion_is_not_doubled() {
    let (base, longer) = (numbers(3, &[]), numbers(3, &[(3, "3\nnew\n")]));
    check("@@ -1,3 +1,4 @@\n 1\n 2\n 3\n+new\n", &base, State::Clean, &longer);
    check("@@ -3 +3,2 @@\n 3\n+new\n", &base, State::Clean, &longer);
    check("@@ -1,3 +1,4 @@\n+new\n 1\n 2\n 3\n", &base, State::Clean, &format!("new\n{base}"));
    check("@@ -2,2 +2,3 @@\n 2\n+new\n 3\n", &base, State::Clean, &numbers(3, &[(2, "2\nnew\n")]));
}

#[test]
fn an_insertion_that_looks_like_its_surroundings_is_ambiguous() {
    // One more of many equal lines: afterwards nobody could tell.
    let before = "x\n".repeat(9);
    check("@@ -3,6 +3,7 @@\n x\n x\n x\n+x\n x\n x\n x\n", &before, State::Ambiguous, &before);
    // Without context, nothing shows whether the line stands there because of the patch.
    let before = numbers(9, &[]);
    check("@@ -4,0 +5 @@\n+new\n", &before, State::Ambiguous, &before);
}

#[test]
fn one_of_several_equal_lines_is_not_skipped() {
    // The text before stands one line early, and without its first line it reads like the text afterwards.
    let text = "0\nx\nx\n1\n";
    check("@@ -3,3 +3,2 @@\n x\n-x\n 1\n", text, State::Ambiguous, text);
}

#[test]
fn a_deletion_is_not_repeated() {
    let hunk = "@@ -2,5 +2,4 @@\n 2\n 3\n-4\n 5\n 6\n";
    check(hunk, &numbers(9, &[]), State::Clean, &numbers(9, &[(4, "")]));
    let text = numbers(9, &[(4, "four\n")]);
    check(hunk, &text, State::Conflict, &text);
}

#[test]
fn two_lines_of_context_elsewhere_do_not_prove_a_deletion() {
    let text = "{\n  other\n}\nif {\n}\n0\n}\n}\n";
    check("@@ -1,3 +1,2 @@\n }\n-  x\n }\n", text, State::Ambiguous, text);
}

#[test]
fn less_context_on_one_side_belongs_at_that_end_of_the_file() {
    let text = numbers(9, &[]);
    check("@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+new\n", &text, State::Conflict, &text);
    let text = format!("0\n{text}");
    check("@@ -1,3 +1,4 @@\n+new\n 1\n 2\n 3\n", &text, State::Conflict, &text);
}

#[test]
fn the_newline_at_the_end_counts() {
    let open = "1\n2\n3";
    let hunk = "@@ -1,3 +1,3 @@\n 1\n 2\n-3\n\\ No newline at end of file\n+3\n";
    check(hunk, open, State::Clean, "1\n2\n3\n");
    let hunk = "@@ -1,3 +1,3 @@\n 1\n 2\n-3\n+3\n\\ No newline at end of file\n";
    check(hunk, "1\n2\n3\n", State::Clean, open);
    check("@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n", open, State::Fuzzy, open);
    let hunk = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n\\ No newline at end of file\n";
    check(hunk, "1\n2\n3\n", State::Fuzzy, "1\n2\n3\n");
    check(hunk, open, State::Clean, "1\ntwo\n3");
    // A line without a newline never glues two together.
    check("@@ -2 +2 @@\n-2\n+two\n\\ No newline at end of file\n", "1\n2\n3\n", State::Conflict, "1\n2\n3\n");
}

#[test]
fn carriage_returns_fit_carriage_returns() {
    let patch = "--- a/f\r\n+++ b/f\r\n@@ -1,3 +1,3 @@\r\n 1\r\n-2\r\n+two\r\n 3\r\n";
    check_files(patch, &tree(&[("f", "1\r\n2\r\n3\r\n")]), State::Clean, &tree(&[("f", "1\r\ntwo\r\n3\r\n")]));
    let plain = tree(&[("f", "1\n2\n3\n")]);
    let headers_only = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+two\r\n 3\r\n";
    check_files(headers_only, &plain, State::Conflict, &plain);
}

#[test]
fn a_patch_that_was_converted_as_a_whole_fits_plain_newlines() {
    let patch = "--- a/f\r\n+++ b/f\r\n@@ -1,3 +1,3 @@\r\n 1\r\n-2\r\n+two\r\n 3\r\n";
    check_files(patch, &tree(&[("f", "1\n2\n3\n")]), State::Clean, &tree(&[("f", "1\ntwo\n3\n")]));
}

#[test]
fn files_come_and_go() {
    let create = "--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+1\n+2\n";
    check_files(create, &tree(&[]), State::Clean, &tree(&[("new", "1\n2\n")]));
    check_files(create, &tree(&[("new", "1\n")]), State::Conflict, &tree(&[("new", "1\n")]));
    let delete = "--- a/old\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-1\n-2\n";
    check_files(delete, &tree(&[("old", "1\n2\n")]), State::Clean, &tree(&[]));
    check_files(delete, &tree(&[("old", "1\n2\n3\n")]), State::Conflict, &tree(&[("old", "1\n2\n3\n")]));
    // `diff -N` writes both names and stamps the missing file with the epoch.
    let stamped = "--- x.orig/new\t1970-01-01 00:00:00.000000000 +0000\n+++ x/new\t2024-03-11 10:00:00 +0000\n@@ -0,0 +1 @@\n+1\n";
    check_files(stamped, &tree(&[]), State::Clean, &tree(&[("new", "1\n")]));
    let unstamped = "--- a/new\n+++ b/new\n@@ -0,0 +1 @@\n+1\n";
    check_files(unstamped, &tree(&[]), State::Clean, &tree(&[("new", "1\n")]));
    let empty = "diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n";
    check_files(empty, &tree(&[]), State::Clean, &tree(&[("e", "")]));
    let emptied = "diff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0000000\n";
    check_files(emptied, &tree(&[("e", "")]), State::Clean, &tree(&[]));
}

#[test]
fn files_move() {
    let rename = "diff --git a/old b/new\nsimilarity index 100%\nrename from old\nrename to new\n";
    check_files(rename, &tree(&[("old", "1\n")]), State::Clean, &tree(&[("new", "1\n")]));
    check_files(rename, &tree(&[]), State::MissingTarget, &tree(&[]));
    let both = tree(&[("old", "1\n"), ("new", "2\n")]);
    check_files(rename, &both, State::Conflict, &both);
    let edit = "diff --git a/old b/new\nrename from old\nrename to new\n--- a/old\n+++ b/new\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";
    check_files(edit, &tree(&[("old", "1\n2\n3\n")]), State::Clean, &tree(&[("new", "1\ntwo\n3\n")]));
    let half = tree(&[("new", "1\n2\n3\n")]);
    check_files(edit, &half, State::Conflict, &half);
    let copy =
        "diff --git a/old b/new\ncopy from old\ncopy to new\n--- a/old\n+++ b/new\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";
    let (base, copied) = (tree(&[("old", "1\n2\n3\n")]), tree(&[("old", "1\n2\n3\n"), ("new", "1\ntwo\n3\n")]));
    check_files(copy, &base, State::Clean, &copied);
}

#[test]
fn modes_are_handed_on() {
    let patch = parsed("diff --git a/f b/f\nold mode 100644\nnew mode 100755\n");
    let outcome = apply(&patch, &mut reader(&tree(&[("f", "1\n")])));
    assert_eq!((outcome.state, outcome.changes()["f"].mode), (State::Clean, Some(0o100_755)));
    assert_eq!(apply(&patch, &mut reader(&tree(&[]))).state, State::MissingTarget);
}

#[test]
fn half_a_patch_is_partly_absorbed() {
    let hunks = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n@@ -6,3 +6,3 @@\n 6\n-7\n+seven\n 8\n";
    let text = numbers(9, &[(2, "two\n")]);
    check(hunks, &text, State::PartlyAbsorbed, &text);
    let files = format!("{}{}", of_f(CHANGE), of_f(CHANGE).replace("/f", "/g"));
    let half = tree(&[("f", &numbers(9, &[(5, "five\n")])), ("g", &numbers(9, &[]))]);
    check_files(&files, &half, State::PartlyAbsorbed, &half);
}

/// Checks how the reason for a failure is drawn.
fn check_drawing(name: &str, patch: &str, tree: &Tree) {
    let patch = parsed(patch);
    let error = apply(&patch, &mut reader(tree)).error(&patch).expect("the patch fails");
    insta::assert_snapshot!(name, drawn(&error));
}

#[test]
fn failures_are_drawn() {
    let check_f = |name: &str, hunks: &str, text: &str| {
        check_drawing(name, &of_f(hunks), &tree(&[("f", text)]));
    };
    check_f("conflict", CHANGE, &numbers(9, &[(5, "5  # changed upstream\n")]));
    check_f("conflict_in_line_ends", CHANGE, &numbers(9, &[]).replace('\n', "\r\n"));
    check_f("conflict_at_the_end_of_the_file", "@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+new\n", &numbers(9, &[]));
    check_f("conflict_in_an_empty_file", CHANGE, "");
    check_f("ambiguous_places", "@@ -4,3 +4,3 @@\n {\n-  x\n+  y\n }\n", &format!("0\n{}", "{\n  x\n}\n".repeat(2)));
    check_f("ambiguous_result", "@@ -4,0 +5 @@\n+new\n", &numbers(9, &[]));
    check_f(
        "half_applied",
        "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n@@ -6,3 +6,3 @@\n 6\n-7\n+seven\n 8\n",
        &numbers(9, &[(2, "two\n")]),
    );
    check_drawing("missing_target", &of_f(CHANGE), &tree(&[]));
    let unprefixed = of_f(CHANGE).replace("a/f", "hummingbot/f").replace("b/f", "hummingbot/f");
    check_drawing("missing_target_of_another_level", &unprefixed, &tree(&[("hummingbot/f", "1\n")]));
    check_drawing("target_exists", "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+1\n", &tree(&[("f", "2\n")]));
    check_drawing("remainder", "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n", &tree(&[("f", "1\n2\n")]));
}
