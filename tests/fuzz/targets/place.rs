//! Is what is placed placed once, and can it be undone, whatever the texts?
//!
//! The input is three texts over a small alphabet, so that blocks repeat: a base, what a patch makes of it, and the text
//! that the patch is put onto. The patch is their difference, with as much context as the first byte says.

#![no_main]

use hive_fuzz::patch::Consent;
use hive_fuzz::patch::Patch;
use hive_fuzz::patch::State;
use hive_fuzz::patch::apply_with;
use hive_fuzz::patch::carry::apply_onto;
use hive_fuzz::patch::merge::Merge;
use hive_fuzz::patch::merge::Names;
use hive_fuzz::patch::merge::merge;
use hive_fuzz::patch::parse;
use hive_fuzz::patch::state::Outcome;
use libfuzzer_sys::fuzz_target;

const NAMES: Names<'_> = Names { ours: "ours", base: "base", theirs: "theirs" };

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let mut texts = rest.splitn(3, |byte| *byte == 0xff).map(text);
    let (Some(base), Some(made), Some(other)) = (texts.next(), texts.next(), texts.next()) else { return };
    let Some(patch) = between(&base, &made, usize::from(first % 4)) else { return };
    let consents = [(0, false), (2, false), (0, true), (2, true)];
    for (fuzz, nearest) in consents {
        let consent = Consent { fuzz, nearest };
        for target in [&base, &made, &other, &[other.clone(), base.clone()].concat()] {
            let outcome = apply_with(&patch, consent, &mut |_| Some(target.clone()));
            let after = check(&outcome, target);
            assert_eq!(outcome.error(&patch).is_none(), outcome.is_fine());
            if outcome.writes() && !nearest {
                let again = apply_with(&patch, consent, &mut |_| Some(after.clone()));
                assert_eq!((again.state, check(&again, &after)), (State::Applied, after.clone()), "twice");
                let undone = apply_with(&patch.reversed(), Consent { fuzz, nearest }, &mut |_| Some(after.clone()));
                assert!(!undone.writes() || check(&undone, &after) == *target, "undone");
            }
        }
        // On its base a patch gives what it was made from, or says that it cannot be told.
        let outcome = apply_with(&patch, consent, &mut |_| Some(base.clone()));
        assert!(!outcome.writes() || check(&outcome, &base) == made, "on its base");
        // With the base, what is written is what the merge says, unless each hunk is at its line.
        let merged = merge(&base, &made, &other, NAMES);
        let onto = apply_onto(&patch, consent, NAMES, &mut |_| Some(base.clone()), &mut |_| Some(other.clone()));
        if let Ok(onto) = onto
            && onto.writes()
            && onto.state != State::Clean
        {
            assert_eq!(merged, Merge::Clean(check(&onto, &other)), "onto");
        }
    }
    // Who changes nothing leaves the other's change; both changes alike are one.
    assert_eq!(merge(&base, &base, &other, NAMES), Merge::Clean(other.clone()));
    assert_eq!(merge(&base, &other, &base, NAMES), Merge::Clean(other.clone()));
    assert_eq!(merge(&base, &made, &made, NAMES), Merge::Clean(made.clone()));
});

/// Returns the text after an outcome, which is as it was where nothing is written.
fn check(outcome: &Outcome, before: &[u8]) -> Vec<u8> {
    let after = outcome.changes().remove("f").and_then(|change| change.after).unwrap_or_else(|| before.to_vec());
    assert!(outcome.writes() || after == before);
    assert!(outcome.state != State::Applied || after == before);
    after
}

/// Makes lines of bytes: one of six for each, the last one open where the last byte is odd.
fn text(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(24)];
    let mut text: Vec<u8> = bytes.iter().flat_map(|byte| [b'a' + byte % 6, b'\n']).collect();
    if bytes.last().is_some_and(|last| last & 0x40 != 0) {
        text.pop();
    }
    text
}

fn between(before: &[u8], after: &[u8], context: usize) -> Option<Patch> {
    let [before, after] = [before, after].map(|text| std::str::from_utf8(text).expect("made of letters"));
    let patch = diffy::DiffOptions::new().set_context_len(context).create_patch(before, after).to_string();
    let hunks = &patch[patch.find("@@")?..];
    Some(parse("f.patch", format!("--- a/f\n+++ b/f\n{hunks}").as_bytes()).expect("diffy writes unified diffs"))
}
