//! A series on its way through releases.

use hive::patch::Patch;
use hive::patch::State;
use hive::patch::State::Absorbed;
use hive::patch::State::Clean;
use hive::patch::State::Conflict;
use hive::patch::State::Offset;
use hive::patch::merge::Names;
use hive::patch::walk::Decided;
use hive::patch::walk::Standing;
use hive::patch::walk::Trees;
use hive::patch::walk::fate;
use hive::patch::walk::step;

use super::Tree;
use super::parsed;
use super::reader;
use super::tree;

/// Twelve lines in which nothing repeats.
const BASE: &str = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";

/// Changes line `e`.
const CHANGE: &str = "--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n";

/// Changes line `f`, upon [`CHANGE`].
const NEXT: &str = "--- a/f\n+++ b/f\n@@ -3,7 +3,7 @@\n c\n d\n E\n-f\n+F\n g\n h\n i\n";

fn carried(patches: &[Patch], base: &Tree, target: &Tree) -> Vec<Standing> {
    let names = Names { ours: "patch", base: "old", theirs: "new" };
    let added: Vec<String> = target.keys().filter(|path| !base.contains_key(*path)).cloned().collect();
    let trees = Trees { base: &mut reader(base), target: &mut reader(target), added: &added };
    step(patches, names, &Decided::default(), trees)
}

/// Carries patches of `f` from the base to a text, and checks the states and the text of `f` in the end.
fn check(patches: &[&str], target: &str, states: &[State], after: &str) {
    let patches: Vec<Patch> = patches.iter().map(|text| parsed(text)).collect();
    let standings = carried(&patches, &tree(&[("f", BASE)]), &tree(&[("f", target)]));
    let found: Vec<State> = standings.iter().map(|standing| standing.state).collect();
    assert_eq!(found, states);
    let mut text = target.to_owned();
    for change in standings.iter().filter_map(|standing| standing.changes.get("f")) {
        text = String::from_utf8(change.after.clone().expect("nothing deletes the file")).expect("made of text");
    }
    assert_eq!(text, after);
}

#[test]
fn what_upstream_left_alone_is_clean() {
    check(&[CHANGE], BASE, &[Clean], &BASE.replace('e', "E"));
    check(&[CHANGE, NEXT], BASE, &[Clean; 2], &BASE.replace('e', "E").replace('f', "F"));
}

#[test]
fn what_moved_is_found() {
    let moved = format!("0\n{BASE}");
    check(&[CHANGE], &moved, &[Offset], &moved.replace('e', "E"));
}

#[test]
fn what_upstream_took_is_absorbed() {
    let taken = BASE.replace('e', "E");
    check(&[CHANGE], &taken, &[Absorbed], &taken);
    check(&[CHANGE, NEXT], &taken, &[Absorbed, Clean], &taken.replace('f', "F"));
    // The context is another by now, so that the text alone could not tell.
    let further = taken.replace('c', "C").replace('h', "H");
    check(&[CHANGE], &further, &[Absorbed], &further);
}

#[test]
fn other_lines_around_a_change_are_the_merges_to_know() {
    let around = BASE.replace('c', "C").replace('g', "G");
    check(&[CHANGE], &around, &[State::Fuzzy], &around.replace('e', "E"));
}

#[test]
fn the_same_lines_changed_otherwise_conflict() {
    let other = BASE.replace('e', "other");
    check(&[CHANGE], &other, &[Conflict], &other);
    // The patch behind it is tried without it.
    check(&[CHANGE, NEXT], &other, &[Conflict, Conflict], &other);
}

#[test]
fn a_twin_is_not_taken_for_the_place() {
    // Upstream changed the block that the patch is for; a copy of the old one stands elsewhere.
    let base = "x\nb\nc\nd\ne\nf\ng\nh\n1\n2\n3\n4\n5\nend\n";
    let target = "x\nb\nc\nD2\ne2\nf\ng\nh\n1\n2\n3\n4\n5\nb\nc\nd\ne\nf\ng\nh\nend\n";
    let patches = [parsed(CHANGE)];
    let standings = carried(&patches, &tree(&[("f", base)]), &tree(&[("f", target)]));
    assert_eq!(standings[0].text.state, Offset, "the text alone would be wrong");
    assert_eq!(standings[0].state, Conflict);
    assert!(standings[0].changes.is_empty());
}

#[test]
fn a_part_that_upstream_took_is_left_out() {
    let two = format!("{CHANGE}--- a/g\n+++ b/g\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n");
    let base = tree(&[("f", BASE), ("g", "1\n2\n3\n")]);
    let target = tree(&[("f", &BASE.replace('e', "E")), ("g", "1\n2\n3\n")]);
    let standings = carried(&[parsed(&two)], &base, &target);
    assert_eq!(standings[0].state, State::PartlyAbsorbed);
    assert_eq!(standings[0].changes.keys().collect::<Vec<_>>(), ["g"]);
}

#[test]
fn a_file_is_followed_to_its_new_name() {
    let text = BASE.replace('l', "L");
    let target = tree(&[("new/f", &text), ("other", "1\n2\n")]);
    let standings = carried(&[parsed(CHANGE)], &tree(&[("f", BASE)]), &target);
    let standing = &standings[0];
    assert_eq!((standing.state, standing.moved["f"].path.as_str()), (State::FileMoved, "new/f"));
    assert!(standing.is_fine());
    assert_eq!(standing.changes["new/f"].after.as_deref(), Some(text.replace('e', "E").as_bytes()));
    let gone = carried(&[parsed(CHANGE)], &tree(&[("f", BASE)]), &tree(&[("other", "1\n2\n")]));
    assert_eq!((gone[0].state, gone[0].is_fine()), (State::MissingTarget, false));
}

#[test]
fn a_fate_is_told_from_the_states() {
    let told = |states: &[State]| {
        let is_fine: Vec<bool> = states.iter().map(|state| *state != Conflict).collect();
        let fate = fate(states, &is_fine);
        (fate.state, fate.absorbed_in, fate.turned_in)
    };
    assert_eq!(told(&[Clean, Offset]), (Offset, None, None));
    assert_eq!(told(&[Clean, Absorbed, Absorbed]), (Absorbed, Some(1), None));
    assert_eq!(told(&[Clean, Conflict, Conflict]), (Conflict, None, Some(1)));
    assert_eq!(told(&[Conflict, Clean, Conflict]), (Conflict, None, Some(2)));
    // Rewritten after it was absorbed.
    assert_eq!(told(&[Clean, Absorbed, Conflict]), (Absorbed, Some(1), None));
    // Taken back.
    assert_eq!(told(&[Absorbed, Absorbed, Clean, Offset]), (State::NeededAgain, Some(0), Some(2)));
}
