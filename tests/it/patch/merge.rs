//! Three-way merges: what two changes of one text make together.

use hive::patch::merge::Merge;
use hive::patch::merge::Names;
use hive::patch::merge::merge;

const NAMES: Names<'_> = Names { ours: "ours", base: "base", theirs: "theirs" };

/// Merges texts of one-letter lines and checks the result, conflicts drawn in one line: `a<b|c=d>e`.
fn check(base: &str, ours: &str, theirs: &str, expected: &str) {
    let text = |letters: &str| letters.chars().flat_map(|letter| [letter, '\n']).collect::<String>();
    let (base, ours, theirs) = (text(base), text(ours), text(theirs));
    let merged = match merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), NAMES) {
        Merge::Clean(text) => text,
        Merge::Conflict { marked, count } => {
            assert_eq!(marked.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"<<<<<<< ")).count(), count);
            marked
        }
    };
    let drawn = String::from_utf8(merged).expect("made of text");
    let drawn = drawn
        .replace("<<<<<<< ours", "<")
        .replace("||||||| base", "|")
        .replace("=======", "=")
        .replace(">>>>>>> theirs", ">");
    assert_eq!(drawn.replace('\n', ""), expected, "{base:?} {ours:?} {theirs:?}");
}

#[test]
fn changes_apart_are_both_taken() {
    check("abcdefg", "aBcdefg", "abcdeFg", "aBcdeFg");
    check("abcdefg", "abcdefgh", "0abcdefg", "0abcdefgh");
    check("abcdefg", "acdefg", "abcdexfg", "acdexfg");
}

#[test]
fn the_same_change_is_taken_once() {
    check("abc", "aBc", "aBc", "aBc");
    check("abc", "abxc", "abxc", "abxc");
    check("abc", "ac", "ac", "ac");
    check("", "ab", "ab", "ab");
}

#[test]
fn one_sided_changes_are_taken() {
    check("abc", "abc", "aBc", "aBc");
    check("abc", "aBc", "abc", "aBc");
    check("abc", "abc", "", "");
}

#[test]
fn changes_that_meet_conflict() {
    check("abc", "aBc", "aXc", "a<B|b=X>c");
    check("abc", "abxc", "abyc", "ab<x|=y>c");
    check("abc", "ac", "aBc", "a<|b=B>c");
    // What both begin and end with alike stands outside the markers.
    check("abc", "aPxQc", "aPyQc", "aP<x|b=y>Qc");
}

#[test]
fn changes_that_touch_conflict() {
    // Nobody can say whether the two belong together.
    check("abcd", "aBcd", "abCd", "a<Bc|bc=bC>d");
    check("abcd", "abxcd", "abd", "ab<xc|c=>d");
}

#[test]
fn a_change_that_one_side_has_among_others_is_not_doubled() {
    check("abcdef", "aBcdef", "aBcdeF", "aBcdeF");
    check("abcdef", "aBcdef", "axBcdef", "a<|b=x>Bcdef");
}

#[test]
fn open_ends_stay_open() {
    let merged = merge(b"a\nb\nc", b"A\nb\nc", b"a\nb\nc", NAMES);
    assert_eq!(merged, Merge::Clean(b"A\nb\nc".to_vec()));
    let Merge::Conflict { marked, .. } = merge(b"a", b"b", b"c", NAMES) else {
        panic!("both sides change the only line");
    };
    assert_eq!(marked, b"<<<<<<< ours\nb\n||||||| base\na\n=======\nc\n>>>>>>> theirs\n");
}
