//! What the linter finds about the order of a series.

use hive::patch::lint::Context;
use hive::patch::lint::context::Earlier;
use hive::patch::lint::context::Series;
use hive::patch::lint::lint;
use hive::patch::parse;

use super::REASONED;

fn earlier(name: &str, text: &str, after: &[&str]) -> Earlier {
    let patch = parse(name, text.as_bytes()).expect("the earlier patches are sound");
    Earlier { patch, outcome: None, after: after.iter().map(|name| (*name).to_owned()).collect() }
}

/// A hunk of three lines of context around lines that go and lines that come.
fn hunk(start: usize, removed: usize, added: usize) -> String {
    let context = " c\n".repeat(3);
    let body = format!("{context}{}{}{context}", "-r\n".repeat(removed), "+a\n".repeat(added));
    format!("@@ -{start},{} +{start},{} @@\n{body}", removed + 6, added + 6)
}

fn patch(name: &str, hunks: &[String]) -> String {
    format!("--- a/{name}\n+++ b/{name}\n{}", hunks.concat())
}

/// Checks which earlier patches, by number, a patch is found to build on.
fn check(before: &[Earlier], after: &[&str], text: &str, expected: &[&str]) {
    let after: Vec<String> = after.iter().map(|name| (*name).to_owned()).collect();
    let series = Some(Series { earlier: before, after: &after });
    let findings = lint("last.patch", text.as_bytes(), &Context { series, ..REASONED });
    let names = findings.iter().map(|finding| {
        assert_eq!(finding.rule, "undeclared-order", "{}", finding.message);
        finding.message.split('`').nth(1).unwrap_or_default()
    });
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn lines_that_an_earlier_patch_wrote() {
    let one = || earlier("1.patch", &patch("x", &[hunk(10, 1, 2)]), &[]);
    // Line 13 goes, and 13 and 14 come.
    check(&[one()], &[], &patch("x", &[hunk(11, 1, 1)]), &["1.patch"]);
    check(&[one()], &[], &patch("x", &[hunk(14, 1, 1)]), &["1.patch"]);
    check(&[one()], &[], &patch("x", &[hunk(15, 1, 1)]), &[]);
    check(&[one()], &[], &patch("x", &[hunk(5, 1, 1)]), &[]);
    check(&[one()], &[], &patch("x", &[hunk(7, 1, 1)]), &["1.patch"]);
    check(&[one()], &[], &patch("y", &[hunk(11, 1, 1)]), &[]);
    check(&[one()], &["1.patch"], &patch("x", &[hunk(11, 1, 1)]), &[]);
}

#[test]
fn lines_that_go_leave_a_seam() {
    let one = || earlier("1.patch", &patch("x", &[hunk(10, 5, 0)]), &[]);
    // What stood in lines 13 to 17 stood before what is line 13 now.
    check(&[one()], &[], &patch("x", &[hunk(10, 1, 1)]), &["1.patch"]);
    check(&[one()], &[], &patch("x", &[hunk(13, 1, 1)]), &[]);
    check(&[one()], &[], &patch("x", &[hunk(6, 1, 1)]), &[]);
}

#[test]
fn lines_move_with_the_patches_between() {
    let series = || {
        [
            earlier("1.patch", &patch("x", &[hunk(50, 1, 1)]), &[]),
            earlier("2.patch", &patch("x", &[hunk(10, 0, 20)]), &[]),
        ]
    };
    check(&series(), &[], &patch("x", &[hunk(50, 1, 1)]), &[]);
    check(&series(), &[], &patch("x", &[hunk(70, 1, 1)]), &["1.patch"]);
    check(&series(), &[], &patch("x", &[hunk(10, 1, 1)]), &["2.patch"]);
}

#[test]
fn what_a_patch_creates_is_all_its_own() {
    let created = || earlier("1.patch", "--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n", &[]);
    check(&[created()], &[], &patch("x", &[hunk(500, 1, 1)]), &["1.patch"]);
    let renamed = || earlier("1.patch", "diff --git a/w b/x\nrename from w\nrename to x\n", &[]);
    check(&[renamed()], &[], &patch("x", &[hunk(500, 1, 1)]), &["1.patch"]);
    check(&[renamed()], &[], &patch("w", &[hunk(500, 1, 1)]), &[]);
}

#[test]
fn what_one_builds_on_is_declared_with_it() {
    let series = || {
        [
            earlier("1.patch", &patch("x", &[hunk(10, 1, 1)]), &[]),
            earlier("2.patch", &patch("x", &[hunk(10, 1, 1)]), &["1.patch"]),
        ]
    };
    let last = patch("x", &[hunk(11, 1, 1)]);
    check(&series(), &["2.patch"], &last, &[]);
    check(&series(), &["1.patch"], &last, &["2.patch"]);
}
