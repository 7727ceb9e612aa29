//! What is mended, and that nothing else changes by it.

use hive::patch::Patch;
use hive::patch::apply;
use hive::patch::lint::Context;
use hive::patch::lint::context::Target;
use hive::patch::lint::fix::fix;
use hive::patch::lint::lint;
use hive::patch::parse;
use proptest::prelude::*;

use super::REASONED;

const FILE: &str = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
const HEADER: &str = "--- a/d/x\n+++ b/d/x\n";
const HUNK: &str = "@@ -2,7 +2,7 @@ def x():\n b\n c\n d\n-e\n+E\n f\n g\n h\n";

fn parsed(text: &[u8]) -> Patch {
    parse("x.patch", text).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(text)))
}

/// Checks which rules a text is mended for, and what it is then; that nothing is left to mend; and, where a file is given,
/// that the mended patch changes its `e` to `E` and nothing else.
fn check(text: &str, file: Option<&str>, rules: &[&str], expected: &str) {
    let read = |path: &str| file.filter(|_| path == "d/x").map(|text| text.as_bytes().to_vec());
    let target = file.map(|_| Target { read: &read, syntax: &|_| None });
    let context = Context { target, ..REASONED };
    let fixed = fix("x.patch", text.as_bytes(), &context);
    assert_eq!(String::from_utf8_lossy(&fixed.text), expected);
    let mut mended: Vec<_> = fixed.fixed.iter().map(|finding| finding.rule).collect();
    // Headers and hunks are told apart where the release is known.
    mended.dedup();
    assert_eq!(mended, rules);
    assert_eq!(fixed.refused, []);
    let again = fix("x.patch", &fixed.text, &context);
    assert_eq!((again.text, again.fixed), (fixed.text.clone(), Vec::new()), "a second time");
    let left: Vec<_> = lint("x.patch", &fixed.text, &context).into_iter().map(|finding| finding.rule).collect();
    assert!(!left.iter().any(|rule| rules.contains(rule)), "{left:?}");
    if let Some(file) = file {
        let outcome = apply(&parsed(&fixed.text), &mut |path| read(path));
        let after = outcome.changes().remove("d/x").and_then(|change| change.after);
        assert_eq!(after, Some(file.replace('e', "E").into_bytes()));
    }
}

fn sound() -> String {
    format!("{HEADER}{HUNK}")
}

#[test]
fn each_rule_mends_its_pattern() {
    let sound = sound();
    for file in [None, Some(FILE)] {
        check(&sound, file, &[], &sound);
        check(&sound.replace('\n', "\r\n"), file, &["carriage-return"], &sound);
        check(&format!("{HEADER}\n\n{HUNK}"), file, &["text-before-hunk"], &sound);
        check(&sound.replace("2,7 +2,7", "2,9 +2,6"), file, &["wrong-hunk-count"], &sound);
        check(sound.trim_end(), file, &["missing-final-newline"], &sound);
        let stamped = sound.replace("--- a/d/x", "--- a/d/x\t2025-06-09 12:00:00.0 +0000");
        check(&stamped, file, &["header-churn"], &sound);
        check(&format!("Index: d/x\n====================\n{sound}"), file, &["header-churn"], &sound);
    }
    let blank = "a\nb\n\nd\ne\nf\ng\nh\n";
    let whole = sound.replace(" c\n", " \n");
    check(&sound.replace(" c\n", "\n"), Some(blank), &["stripped-context"], &whole);
    let spaced = sound.replace("d/x\n", "d/my x\t\n");
    check(&sound.replace("d/x\n", "d/my x\n"), None, &["name-mismatch"], &spaced);
}

#[test]
fn several_rules_mend_one_patch() {
    let text = format!("{HEADER}\n{}", HUNK.replace("2,7 +2,7", "2,3 +2,3")).replace('\n', "\r\n");
    let rules = ["carriage-return", "text-before-hunk", "wrong-hunk-count", "missing-final-newline"];
    check(text.trim_end(), Some(FILE), &rules, &sound());
}

#[test]
fn hunks_are_sorted_unless_they_overlap() {
    let (first, second) = ("@@ -1,2 +1,2 @@\n-a\n+A\n b\n", "@@ -5,3 +5,3 @@\n e\n-f\n+F\n g\n");
    let sorted = format!("{HEADER}{first}{second}");
    check(&format!("{HEADER}{second}{first}"), None, &["hunk-overlap"], &sorted);
    let overlapping = format!("{HEADER}{first}{first}");
    check(&overlapping, None, &[], &overlapping);
}

#[test]
fn the_release_decides() {
    let sound = sound();
    let returns = |text: &str| text.replace('\n', "\r\n");
    let converted = format!("{HEADER}{}", returns(HUNK).replacen('\r', "", 1));
    check(&converted, Some(FILE), &["carriage-return"], &sound);
    check(&converted, None, &[], &converted);
    check(&converted, Some(&returns(FILE)), &[], &converted);
    for other in ["--- d/x\n+++ d/x\n", "--- a/src/d/x\n+++ b/src/d/x\n"] {
        check(&format!("{other}{HUNK}"), Some(FILE), &["wrong-strip-level"], &sound);
    }
    let git = "diff --git a/d/x b/d/x\nindex 0123456..89abcde 100644\n";
    let bare = format!("{}{}", git.replace("a/", "").replace("b/", ""), sound.replace("a/", "").replace("b/", ""));
    check(&bare, Some(FILE), &["wrong-strip-level"], &format!("{git}{sound}"));
    check(&bare, None, &[], &bare);
}

#[test]
fn the_last_newline_is_taken_from_the_release() {
    let end = "\\ No newline at end of file\n";
    let (file, hunk) = ("a\nb\nc\ne\n", "@@ -1,4 +1,4 @@\n a\n b\n c\n-e\n+E\n");
    let plain = format!("{HEADER}{hunk}");
    let marked = format!("{HEADER}{hunk}{end}").replace("-e\n", &format!("-e\n{end}"));
    check(&plain, Some(file), &[], &plain);
    check(&marked, Some(file), &["end-of-file-newline"], &plain);
    check(&plain, Some(file.trim_end()), &["end-of-file-newline"], &marked);
    check(&marked, Some(file.trim_end()), &[], &marked);
    check(&marked, None, &[], &marked);
}

#[test]
fn what_only_a_person_can_mend_stays() {
    for text in [
        format!("{HEADER}a note\n{HUNK}"),
        format!("{HEADER}{}", HUNK.replace(" c\n", "c\n")),
        format!("{HEADER}{}", HUNK.replace("+E", "+e")),
        HUNK.to_owned(),
        "words\n".to_owned(),
        String::new(),
    ] {
        check(&text, None, &[], &text);
    }
}

#[test]
fn a_fix_that_would_do_something_else_is_refused() {
    // Both files have their own line ends, so that stripping all of them breaks the second.
    let text = format!("{HEADER}{HUNK}--- a/d/y\r\n+++ b/d/y\r\n{}", HUNK.replace('\n', "\r\n"));
    let read = |path: &str| match path {
        "d/x" => Some(FILE.as_bytes().to_vec()),
        "d/y" => Some(FILE.replace('\n', "\r\n").into_bytes()),
        _ => None,
    };
    let context = Context { target: Some(Target { read: &read, syntax: &|_| None }), ..REASONED };
    let fixed = fix("x.patch", text.as_bytes(), &context);
    // Known files keep what they have; only headers are mended.
    let kept = format!("{HEADER}{HUNK}--- a/d/y\n+++ b/d/y\n{}", HUNK.replace('\n', "\r\n"));
    let kept = kept.replacen("def x():\r\n b\r", "def x():\n b\r", 1);
    assert_eq!(String::from_utf8_lossy(&fixed.text), kept);
    // Without the release nobody knows, and the text says that all of it was converted.
    let refused = fix("x.patch", text.replacen(" b\n", "x\n", 1).as_bytes(), &context);
    assert!(refused.fixed.iter().all(|finding| finding.rule != "wrong-hunk-count"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a patch is damaged: mending twice is mending once, and what applied before does the same afterwards.
    #[test]
    fn mending_changes_nothing_else(damage in prop::collection::vec((0..12_usize, 0..7_usize), 0..4), is_known in any::<bool>()) {
        let mut lines: Vec<String> = sound().split_inclusive('\n').map(str::to_owned).collect();
        for (at, kind) in damage {
            let at = at % (lines.len() + 1);
            match kind {
                0 => lines.insert(at, "\n".to_owned()),
                1 if at < lines.len() => lines[at] = lines[at].replace('\n', "\r\n"),
                2 => lines.iter_mut().for_each(|line| *line = line.replace('\n', "\r\n")),
                3 if at < lines.len() => drop(lines.remove(at)),
                4 => lines.iter_mut().for_each(|line| *line = line.replace("2,7", "2,5")),
                5 if at < lines.len() => lines[at] = lines[at].trim_end_matches('\n').to_owned(),
                6 => lines.iter_mut().for_each(|line| *line = line.replace("a/d/", "d/").replace("b/d/", "d/")),
                _ => {}
            }
        }
        let text = lines.concat();
        let read = |path: &str| (path == "d/x").then(|| FILE.as_bytes().to_vec());
        let target = is_known.then_some(Target { read: &read, syntax: &|_| None });
        let context = Context { target, ..REASONED };
        let fixed = fix("x.patch", text.as_bytes(), &context);
        let again = fix("x.patch", &fixed.text, &context);
        prop_assert_eq!(&again.text, &fixed.text);
        prop_assert_eq!(again.fixed, []);
        if let Ok(before) = parse("x.patch", text.as_bytes()) {
            let after = parse("x.patch", &fixed.text);
            prop_assert!(after.is_ok(), "{:?}", after);
            let changes = |patch: &Patch| apply(patch, &mut |path| read(path)).changes();
            let (old, new) = (changes(&before), changes(&after.expect("it was just looked at")));
            prop_assert!(old.is_empty() || old == new);
        }
    }
}
