//! Who needs whom in a series: lines followed to the patch that wrote them.

use std::collections::BTreeSet;

use hive::patch::Patch;
use hive::patch::State;
use hive::patch::depend::Because;
use hive::patch::depend::Graph;
use hive::patch::depend::graph;
use hive::patch::series;
use hive::patch::state::Outcome;
use proptest::collection::vec;
use proptest::prelude::*;

use super::Tree;
use super::parsed;
use super::property::between;
use super::property::edited;
use super::reader;
use super::tree;

/// Applies patches in order and returns who needs whom, as `LATER needs EARLIER FILE:LINE BECAUSE`, counted from 1.
fn needs(files: &Tree, texts: &[&str]) -> Vec<String> {
    let patches: Vec<Patch> = texts.iter().map(|text| parsed(text)).collect();
    let graph = of(files, &patches);
    let all = graph.needs.iter().enumerate().flat_map(|(later, needs)| needs.iter().map(move |need| (later, need)));
    all.map(|(later, need)| {
        let because = serde_json::to_value(need.because).expect("it is a word");
        let because = because.as_str().expect("it is a word");
        format!("{} needs {} {}:{} {because}", later + 1, need.patch + 1, need.target, need.line)
    })
    .collect()
}

fn of(files: &Tree, patches: &[Patch]) -> Graph {
    let outcome = series::apply(patches, &mut reader(files));
    graph(patches, &outcome.outcomes)
}

/// Twenty lines, `1` to `20`.
fn numbers() -> String {
    (1..=20).fold(String::new(), |text, line| text + &format!("{line}\n"))
}

/// A patch of the numbers that replaces one, with three lines of context.
fn replacing(number: usize, by: &str) -> String {
    let line = format!("\n{number}\n");
    let before = format!("\n{}", numbers());
    let after = before.replacen(&line, &format!("\n{by}"), 1);
    let patch = between(&before[1..], &after[1..], 3).expect("they differ");
    String::from_utf8(patch.text).expect("made of text")
}

#[test]
fn patches_far_apart_need_nobody() {
    assert_eq!(needs(&tree(&[("f", &numbers())]), &[&replacing(4, "x\n"), &replacing(15, "y\n")]), [""; 0]);
}

#[test]
fn context_that_an_earlier_patch_wrote() {
    let second = "--- a/f\n+++ b/f\n@@ -4,5 +4,5 @@\n x\n 5\n-6\n+y\n 7\n 8\n";
    assert_eq!(needs(&tree(&[("f", &numbers())]), &[&replacing(4, "x\n"), second]), ["2 needs 1 f:4 wrote"]);
}

#[test]
fn lines_that_an_earlier_patch_wrote_are_taken_away() {
    let second = "--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-x\n+y\n 5\n";
    assert_eq!(needs(&tree(&[("f", &numbers())]), &[&replacing(4, "x\n"), second]), ["2 needs 1 f:4 wrote"]);
}

#[test]
fn a_line_has_one_owner() {
    // The second patch replaced what the first one wrote: the third needs the second alone.
    let second = "--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-x\n+y\n 5\n";
    let third = "--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-y\n+z\n 5\n";
    let found = needs(&tree(&[("f", &numbers())]), &[&replacing(4, "x\n"), second, third]);
    assert_eq!(found, ["2 needs 1 f:4 wrote", "3 needs 2 f:4 wrote"]);
}

#[test]
fn lines_that_are_neighbours_since_others_went() {
    let first = replacing(10, "");
    let beside = "--- a/f\n+++ b/f\n@@ -8,4 +8,4 @@\n 8\n 9\n-11\n+x\n 12\n";
    let above = "--- a/f\n+++ b/f\n@@ -6,4 +6,4 @@\n 6\n 7\n-8\n+x\n 9\n";
    let files = tree(&[("f", &numbers())]);
    assert_eq!(needs(&files, &[&first, beside]), ["2 needs 1 f:10 deleted"]);
    assert_eq!(needs(&files, &[&first, above]), [""; 0], "it ends where the gap begins");
}

#[test]
fn an_end_that_moved_is_needed_where_it_shows() {
    let last = "--- a/f\n+++ b/f\n@@ -17,4 +17,3 @@\n 17\n 18\n 19\n-20\n";
    let at_end = "--- a/f\n+++ b/f\n@@ -17,3 +17,4 @@\n 17\n 18\n 19\n+x\n";
    let first = "--- a/f\n+++ b/f\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n";
    let at_top = "--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n+x\n 2\n 3\n 4\n";
    let files = tree(&[("f", &numbers())]);
    assert_eq!(needs(&files, &[last, at_end]), ["2 needs 1 f:20 deleted"]);
    assert_eq!(needs(&files, &[first, at_top]), ["2 needs 1 f:1 deleted"]);
    // Some context below is enough at the expected line.
    let near_end = "--- a/f\n+++ b/f\n@@ -17,3 +17,4 @@\n 17\n 18\n+x\n 19\n";
    assert_eq!(needs(&files, &[last, near_end]), [""; 0]);
    let emptied = "--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-1\n";
    let filled = "--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+2\n";
    assert_eq!(needs(&tree(&[("f", "1\n")]), &[emptied, filled]), ["2 needs 1 f:1 deleted"]);
    let halved = "--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n 1\n-2\n";
    assert_eq!(needs(&tree(&[("f", "1\n2\n")]), &[halved, emptied]), ["2 needs 1 f:2 deleted"]);
}

#[test]
fn files_that_an_earlier_patch_put_there() {
    let create = "--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+one\n+two\n";
    let change = "--- a/new\n+++ b/new\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n";
    let mode = "diff --git a/new b/new\nold mode 100644\nnew mode 100755\n";
    let delete = "--- a/new\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-1\n-two\n";
    let again = "--- /dev/null\n+++ b/new\n@@ -0,0 +1,1 @@\n+three\n";
    let found = needs(&tree(&[]), &[create, change, mode, delete, again]);
    assert_eq!(
        found,
        [
            "2 needs 1 new:0 created",
            "3 needs 1 new:0 created",
            "4 needs 1 new:0 created",
            "4 needs 2 new:1 wrote",
            "5 needs 4 new:0 cleared",
        ]
    );
}

#[test]
fn files_that_an_earlier_patch_moved() {
    let first = replacing(4, "x\n");
    let rename = "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n";
    let change = first.replace("a/f", "a/g").replace("b/f", "b/g").replace("-4\n", "-x\n").replace("+x\n", "+y\n");
    let found = needs(&tree(&[("f", &numbers())]), &[&first, rename, &change]);
    assert_eq!(found, ["3 needs 1 g:4 wrote", "3 needs 2 g:0 moved"]);
}

#[test]
fn a_patch_that_fails_is_presumed_to_need_what_failed_before() {
    let first = replacing(4, "x\n").replace(" 3\n", " three\n").replace(" 2\n", " two\n").replace(" 1\n", " one\n");
    let second = "--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-x\n+y\n 5\n";
    let other = "--- a/f\n+++ b/f\n@@ -13,3 +13,3 @@\n 13\n-q\n+y\n 15\n";
    let files = tree(&[("f", &numbers())]);
    let patches: Vec<Patch> = [&*first, second, other].iter().map(|text| parsed(text)).collect();
    let outcome = series::apply(&patches, &mut reader(&files));
    assert!(outcome.outcomes.iter().all(|outcome| outcome.state > State::Offset), "{:?}", outcome.outcomes);
    let graph = graph(&patches, &outcome.outcomes);
    assert_eq!(graph.needs[1].iter().map(|need| need.patch).collect::<Vec<_>>(), [0]);
    assert_eq!(graph.needs[2], [], "the third one fails by itself");
}

#[test]
fn why_a_patch_fails() {
    let second = "--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-x\n+y\n 5\n";
    let third = "--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-y\n+z\n 5\n";
    let first = replacing(4, "x\n");
    let patches: Vec<Patch> = [&*first, second, third, &replacing(15, "w\n")].iter().map(|text| parsed(text)).collect();
    let graph = of(&tree(&[("f", &numbers())]), &patches);
    let chain = graph.why(2, &BTreeSet::from([0])).expect("it needs the first by way of the second");
    assert_eq!(chain.iter().map(|need| need.patch).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(chain[1].because, Because::Wrote);
    assert_eq!(graph.why(3, &BTreeSet::from([0, 1, 2])), None);
    assert_eq!(graph.why(0, &BTreeSet::from([2])), None, "nobody needs what comes later");
    assert_eq!(graph.needed_by(0).iter().map(|(later, _)| *later).collect::<Vec<_>>(), [1]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The graph says what happens: without a patch that nobody needs all others apply as before, at lines of their own.
    #[test]
    fn a_patch_that_nobody_needs_can_go(length in 8..40_usize, edits in vec(edited(40, 40), 3), seed in 0..3_usize) {
        let mut texts = vec![(0..length).fold(String::new(), |text, line| text + &format!("line {line}\n"))];
        for (index, (_, words)) in edits.iter().enumerate() {
            let last = texts.last().expect("one is there");
            let mut lines: Vec<String> = last.split_inclusive('\n').map(str::to_owned).collect();
            let at = words.len() * 7 % (lines.len() + 1);
            if words.len() % 3 == 0 && at < lines.len() {
                lines.remove(at);
            } else {
                lines.insert(at, format!("patch {index} {}\n", words.len()));
            }
            texts.push(lines.concat());
        }
        let patches: Vec<Patch> = texts.windows(2).filter_map(|pair| between(&pair[0], &pair[1], 3)).collect();
        let files = tree(&[("f", &texts[0])]);
        let whole = series::apply(&patches, &mut reader(&files));
        if whole.is_fine() && seed < patches.len() && whole.outcomes.iter().all(Outcome::writes) {
            let graph = graph(&patches, &whole.outcomes);
            let mut rest = patches.clone();
            rest.remove(seed);
            let without = series::apply(&rest, &mut reader(&files));
            let needing: BTreeSet<usize> = graph.needed_by(seed).into_iter().map(|(later, _)| later).collect();
            if needing.is_empty() {
                prop_assert!(without.is_fine(), "{patches:?} without {seed}");
            } else {
                let first = needing.first().expect("it is not empty") - 1;
                prop_assert!(!without.outcomes[first].writes(), "{graph:?} without {seed}: {:?}", without.outcomes);
            }
        }
    }
}
