//! Refreshed patches: exact on the tree where they were found, and nothing else about them changed.

use hive::patch::Consent;
use hive::patch::Patch;
use hive::patch::State;
use hive::patch::apply;
use hive::patch::apply_with;
use hive::patch::parse;
use hive::patch::refresh::is_exact;
use hive::patch::refresh::refresh;
use hive::patch::state::Outcome;
use proptest::collection::vec;
use proptest::prelude::*;

use super::Tree;
use super::parsed;
use super::property::between;
use super::property::edited;
use super::property::text;
use super::reader;
use super::tree;

const NEAR: Consent = Consent { fuzz: 2, nearest: true };

/// A module with two functions, which starts with so many comments.
fn module(comment_count: usize) -> String {
    let body = "import math\n\n\ndef fee(volume):\n    share = 0.01\n    return volume * share\n\n\ndef name():\n    \
                first = 1\n    second = 2\n    third = 3\n    fourth = 4\n    return 'engine'\n";
    "# a comment\n".repeat(comment_count) + body
}

const FEE: &str = "\
Description: the fee is a tenth of what it should be
Forwarded: no

--- a/m.py\t2024-03-11 00:00:00.000000000 +0000
+++ b/m.py\t2024-03-12 00:00:00.000000000 +0000
@@ -3,5 +3,5 @@
 
 def fee(volume):
-    share = 0.01
+    share = 0.1
     return volume * share
 
";

/// Checks what a patch reads like after it was applied to a tree with a consent, and that this is exact there.
#[track_caller]
fn check(text: &str, tree: &Tree, consent: Consent, expected: &str) {
    let patch = parsed(text);
    let outcome = apply_with(&patch, consent, &mut reader(tree));
    assert!(outcome.writes(), "{:?}", outcome.state);
    let fresh = refresh(&patch, &outcome, 1).expect("some context makes it exact");
    let fresh = String::from_utf8(fresh).expect("made of text");
    assert_eq!(fresh, expected);
    let again = apply(&parsed(&fresh), &mut reader(tree));
    assert!(is_exact(&again), "{again:?}");
    assert_eq!(again.changes(), outcome.changes());
}

fn with_hunks(header: &str, hunks: &str) -> String {
    format!("{}{hunks}", &header[..header.find("@@").expect("the text is a patch")])
}

#[test]
fn lines_that_moved() {
    let hunk = "\
@@ -4,7 +4,7 @@ import math
 
 
 def fee(volume):
-    share = 0.01
+    share = 0.1
     return volume * share
 
 
";
    check(FEE, &tree(&[("m.py", &module(2))]), Consent::default(), &with_hunks(FEE, hunk));
}

#[test]
fn context_that_changed() {
    let hunk = "\
@@ -2,7 +2,7 @@ import math
 
 
 def fee(volume):
-    share = 0.01
+    share = 0.1
     return volume / share
 
 
";
    let target = tree(&[("m.py", &module(0).replace("volume * share", "volume / share"))]);
    assert_eq!(apply(&parsed(FEE), &mut reader(&target)).state, State::Fuzzy);
    let fresh = with_hunks(FEE, hunk);
    check(FEE, &target, Consent { fuzz: 2, nearest: false }, &fresh);
}

#[test]
fn an_exact_patch_stays_as_it_is() {
    // Less context than hive would write, a count that need not be there, and words behind the hunk.
    let text = FEE.replace("-3,5 +3,5 @@", "-3,5 +3,5 @@ words of the author") + "-- \n2.39.0\n";
    check(&text, &tree(&[("m.py", &module(0))]), Consent::default(), &text);
}

#[test]
fn only_the_file_that_drifted_is_written_anew() {
    let other = "--- a/n.py\n+++ b/n.py\n@@ -1,2 +1,2 @@ as it was\n-one\n+1\n two\n";
    let git = "diff --git a/o.sh b/o.sh\nold mode 100644\nnew mode 100755\n";
    let text = format!("{git}{FEE}{other}");
    let target = tree(&[("m.py", &module(1)), ("n.py", "one\ntwo\n"), ("o.sh", "")]);
    let patch = parsed(&text);
    let outcome = apply(&patch, &mut reader(&target));
    let fresh = String::from_utf8(refresh(&patch, &outcome, 1).expect("it is fine")).expect("made of text");
    assert!(fresh.starts_with(git) && fresh.ends_with(other), "{fresh}");
    assert!(fresh.contains("@@ -3,7 +3,7 @@ import math\n"), "{fresh}");
}

#[test]
fn the_lines_that_the_author_chose_stay() {
    // A diff of the two texts would rather have the blank line before the method than behind it.
    let text = "--- a/m.py\n+++ b/m.py\n@@ -1,4 +1,6 @@\n a = 1\n \n+b = 2\n+\n c = 3\n d = 4\n";
    let target = tree(&[("m.py", "# moved\na = 1\n\nc = 3\nd = 4\n")]);
    let expected = "--- a/m.py\n+++ b/m.py\n@@ -1,5 +1,7 @@\n # moved\n a = 1\n \n+b = 2\n+\n c = 3\n d = 4\n";
    check(text, &target, Consent::default(), expected);
}

#[test]
fn hunks_that_now_touch_become_one() {
    let text = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+b\n 3\n@@ -15,3 +15,3 @@\n 7\n-8\n+h\n 9\n";
    let expected = "--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n 1\n-2\n+b\n 3\n 4\n 5\n 6\n 7\n-8\n+h\n 9\n";
    check(text, &tree(&[("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")]), Consent::default(), expected);
}

#[test]
fn wider_context_is_kept() {
    let lines = |first: usize| (first..30).fold(String::new(), |text, line| text + &format!("{line}\n"));
    let patch = between(&lines(1), &lines(1).replace("15\n", "x\n"), 5).expect("they differ");
    let text = String::from_utf8(patch.text.clone()).expect("made of text");
    let expected = text.replace("@@ -10,11 +10,11 @@", "@@ -11,11 +11,11 @@");
    check(&text, &tree(&[("f", &lines(0))]), Consent::default(), &expected);
}

#[test]
fn as_much_context_as_leaves_one_place() {
    // The nearest of two places is asked for: with three lines around it the two blocks still look alike.
    let block = "a\nb\nc\nd\ne\nf\ng\n";
    let target = tree(&[("f", &format!("first\n{block}second\n{block}third\n"))]);
    let text = "--- a/f\n+++ b/f\n@@ -11,3 +11,4 @@\n c\n d\n+new\n e\n";
    let patch = parsed(text);
    assert_eq!(apply(&patch, &mut reader(&target)).state, State::Ambiguous);
    let outcome = apply_with(&patch, NEAR, &mut reader(&target));
    let fresh = String::from_utf8(refresh(&patch, &outcome, 1).expect("the block's neighbours differ"));
    let fresh = fresh.expect("made of text");
    let again = apply(&parsed(&fresh), &mut reader(&target));
    assert!(is_exact(&again));
    assert_eq!(again.changes(), outcome.changes());
}

#[test]
fn no_context_helps_where_all_lines_are_equal() {
    let target = tree(&[("f", &"x\n".repeat(400))]);
    let patch = parsed("--- a/f\n+++ b/f\n@@ -200,2 +200,3 @@\n x\n+x\n x\n");
    let outcome = apply_with(&patch, NEAR, &mut reader(&target));
    assert!(outcome.writes());
    assert_eq!(refresh(&patch, &outcome, 1), None);
}

#[test]
fn carriage_returns_stay_where_they_were() {
    let text = FEE.replace('\n', "\r\n");
    let patch = parsed(&text);
    for (target, is_converted) in [(module(1), true), (module(1).replace('\n', "\r\n"), false)] {
        let target = tree(&[("m.py", &target)]);
        let outcome = apply(&patch, &mut reader(&target));
        assert!(outcome.writes(), "{is_converted}: {:?}", outcome.state);
        let fresh = String::from_utf8(refresh(&patch, &outcome, 1).expect("it is fine")).expect("made of text");
        let (header, hunks) = fresh.split_at(fresh.find("@@").expect("a hunk"));
        assert_eq!(header, &text[..header.len()]);
        let body: Vec<&str> = hunks.split_inclusive('\n').skip(1).collect();
        assert!(body.iter().all(|line| line.ends_with("\r\n")), "{is_converted}: {hunks}");
        assert!(is_exact(&apply(&parsed(&fresh), &mut reader(&target))));
    }
}

#[test]
fn a_last_line_without_a_newline() {
    let text = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n 2\n-3\n\\ No newline at end of file\n+4\n\\ No newline at end of file\n";
    let expected = text.replace("@@ -1,3 +1,3 @@\n 1\n", "@@ -1,4 +1,4 @@\n 0\n 1\n");
    check(text, &tree(&[("f", "0\n1\n2\n3")]), Consent::default(), &expected);
}

#[test]
fn a_heading_is_what_git_writes() {
    let long = format!("def {}(x):", "ä".repeat(60));
    let target = format!("_private = 1\n{long}\n    1\n    2\n    3\n    4\n    5\n    6\n");
    let text = "--- a/f\n+++ b/f\n@@ -9,3 +9,3 @@\n     4\n-    5\n+    five\n     6\n";
    let patch = parsed(text);
    let tree = tree(&[("f", &target)]);
    let outcome = apply(&patch, &mut reader(&tree));
    let fresh = String::from_utf8(refresh(&patch, &outcome, 1).expect("it is fine")).expect("no letter is cut");
    let heading = fresh.lines().find_map(|line| line.strip_prefix("@@ -4,5 +4,5 @@ ")).expect("a heading");
    assert_eq!(heading, format!("def {}", "ä".repeat(38)));
}

#[test]
fn a_rename_with_a_change_and_a_deleted_file() {
    let text = "\
diff --git a/old.py b/new.py
similarity index 90%
rename from old.py
rename to new.py
--- a/old.py
+++ b/new.py
@@ -1,3 +1,3 @@
 start
-one
+1
 two
diff --git a/gone.py b/gone.py
deleted file mode 100644
--- a/gone.py
+++ /dev/null
@@ -1,1 +0,0 @@
-gone
";
    let expected = text.replace("@@ -1,3 +1,3 @@\n", "@@ -1,4 +1,4 @@\n zero\n");
    check(text, &tree(&[("old.py", "zero\nstart\none\ntwo\n"), ("gone.py", "gone\n")]), Consent::default(), &expected);
}

/// Returns the lines that a patch takes away and adds, in order.
fn changed_lines(patch: &Patch) -> Vec<(hive::patch::diff::LineKind, Vec<u8>)> {
    let lines = patch.files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| &hunk.lines);
    let changed = lines.filter(|line| line.kind != hive::patch::diff::LineKind::Context);
    changed.map(|line| (line.kind, line.text.clone())).collect()
}

/// Checks what holds for every patch that is written somewhere, and returns whether it could be refreshed.
fn check_refreshed(patch: &Patch, target: &str, outcome: &Outcome) -> bool {
    let Some(text) = refresh(patch, outcome, 1) else {
        return false;
    };
    let fresh = parse("f.patch", &text).expect("what is written can be read");
    let again = apply(&fresh, &mut |_| Some(target.as_bytes().to_vec()));
    assert!(is_exact(&again), "{again:?}");
    assert_eq!(again.changes(), outcome.changes(), "the result is the same");
    assert_eq!(changed_lines(&fresh), changed_lines(patch), "the change is the same");
    assert_eq!(refresh(&fresh, &again, 1).as_deref(), Some(&text[..]), "once is enough");
    true
}

/// Returns a text with lines put into it.
fn drifted(text: &str, inserts: &[(usize, String)]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for (at, line) in inserts {
        lines.insert(at % (lines.len() + 1), format!("{line}\n"));
    }
    lines.concat()
}

fn inserts() -> impl Strategy<Value = Vec<(usize, String)>> {
    vec((0..60_usize, "[a-z]{12}"), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_between_unlike_lines_is_refreshed((before, after) in edited(10_000, 60), inserts in inserts(), context in 1..5_usize) {
        if let Some(patch) = between(&before, &after, context) {
            let target = drifted(&before, &inserts);
            let outcome = apply(&patch, &mut |_| Some(target.as_bytes().to_vec()));
            if outcome.writes() {
                prop_assert!(check_refreshed(&patch, &target, &outcome), "{patch:?} on {target}");
            }
        }
    }

    #[test]
    fn a_refreshed_patch_does_the_same((before, after) in edited(6, 14), other in text(6, 14), inserts in inserts(), context in 0..4_usize) {
        if let Some(patch) = between(&before, &after, context) {
            for target in [before.clone(), other.clone(), drifted(&before, &inserts), format!("{other}{before}")] {
                for consent in [Consent::default(), NEAR] {
                    let outcome = apply_with(&patch, consent, &mut |_| Some(target.as_bytes().to_vec()));
                    if outcome.writes() {
                        check_refreshed(&patch, &target, &outcome);
                    }
                }
            }
        }
    }
}
