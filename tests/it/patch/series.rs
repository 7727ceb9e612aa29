//! What becomes of a tree when patches are applied in order.

use hive::patch::State;
use hive::patch::series;

use super::Tree;
use super::parsed;
use super::reader;
use super::tree;

const TEXT: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// A patch of the file `f` that replaces one of the lines `1` to `9`.
fn replacing(number: usize, old: &str, new: &str) -> String {
    let context = |range: std::ops::Range<usize>| range.fold(String::new(), |text, line| text + &format!(" {line}\n"));
    let (before, after) = (context(number - 2..number), context(number + 1..number + 3));
    format!("--- a/f\n+++ b/f\n@@ -{0},5 +{0},5 @@\n{before}-{old}\n+{new}\n{after}", number - 2)
}

fn check(patches: &[&str], before: &str, states: &[State], after: &str) -> Tree {
    let patches: Vec<_> = patches.iter().map(|patch| parsed(patch)).collect();
    let outcome = series::apply(&patches, &mut reader(&tree(&[("f", before)])));
    let found: Vec<State> = outcome.outcomes.iter().map(|outcome| outcome.state).collect();
    assert_eq!(found, states, "{:#?}", outcome.outcomes);
    let text = match outcome.changes.get("f") {
        Some(change) => String::from_utf8(change.after.clone().expect("not deleted")).expect("made of text"),
        None => before.to_owned(),
    };
    assert_eq!(text, after);
    tree(&[("f", &text)])
}

#[test]
fn each_patch_sees_the_results_of_those_before() {
    let (first, second) = (replacing(4, "4", "four"), replacing(4, "four", "vier"));
    let after = check(&[&first, &second], TEXT, &[State::Clean; 2], &TEXT.replace('4', "vier"));
    check(&[&first, &second], &after["f"], &[State::Applied; 2], &after["f"]);
}

#[test]
fn a_standing_series_is_recognised_though_patches_overlap() {
    // The first patch's context is changed by the second, so in the patched tree its result is not to be seen.
    let (first, second) = (replacing(4, "4", "four"), replacing(5, "5", "five").replace(" 4\n", " four\n"));
    let after = check(&[&first, &second], TEXT, &[State::Clean; 2], &TEXT.replace('4', "four").replace('5', "five"));
    check(&[&first, &second], &after["f"], &[State::Applied; 2], &after["f"]);
    // And a tree that holds only the beginning gets the rest.
    let third = replacing(7, "7", "seven");
    let whole = after["f"].replace('7', "seven");
    let third = third.replace(" 5\n", " five\n");
    check(&[&first, &second, &third], &after["f"], &[State::Applied, State::Applied, State::Clean], &whole);
}

#[test]
fn a_failing_patch_changes_nothing_and_the_others_go_on() {
    let (first, second, third) = (replacing(4, "four", "x"), replacing(4, "4", "four"), replacing(7, "7", "seven"));
    let states = [State::Conflict, State::Clean, State::Clean];
    check(&[&first, &second, &third], TEXT, &states, &TEXT.replace('4', "four").replace('7', "seven"));
}

#[test]
fn a_series_that_ends_where_it_began_changes_nothing() {
    let (there, back) = (replacing(4, "4", "four"), replacing(4, "four", "4"));
    check(&[&there, &back], TEXT, &[State::Applied; 2], TEXT);
}

#[test]
fn a_file_made_by_one_patch_is_changed_by_the_next() {
    let patches = [
        parsed("--- /dev/null\n+++ b/new\n@@ -0,0 +1,3 @@\n+1\n+2\n+3\n"),
        parsed("--- a/new\n+++ b/new\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"),
    ];
    let outcome = series::apply(&patches, &mut |_| None);
    assert!(outcome.is_fine());
    let change = &outcome.changes["new"];
    assert_eq!((&change.before, change.after.as_deref()), (&None, Some(&b"1\ntwo\n3\n"[..])));
    let again = series::apply(&patches, &mut |_| change.after.clone());
    assert!(again.outcomes.iter().all(|outcome| outcome.state == State::Applied));
}
