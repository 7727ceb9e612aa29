//! Properties: what holds for every patch and every file.

use hive::patch::Consent;
use hive::patch::Patch;
use hive::patch::State;
use hive::patch::apply;
use hive::patch::apply_with;
use hive::patch::lint;
use hive::patch::lint::Context;
use hive::patch::lint::Severity;
use hive::patch::lint::context::Earlier;
use hive::patch::lint::context::Series;
use hive::patch::lint::context::Target;
use hive::patch::lint::fix::fix;
use hive::patch::lint::lint_series;
use hive::patch::merge::Merge;
use hive::patch::merge::Names;
use hive::patch::merge::merge;
use hive::patch::parse;
use hive::patch::print;
use hive::patch::series;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Lines out of a small alphabet, so that blocks repeat and places are hard to tell apart.
pub(super) fn text(alphabet: usize, length: usize) -> impl Strategy<Value = String> {
    (vec(0..alphabet, 0..length), any::<bool>()).prop_map(|(lines, is_open)| {
        let mut text = lines.iter().fold(String::new(), |text, line| text + &format!("line {line}\n"));
        if is_open {
            text.pop();
        }
        text
    })
}

/// A text, and the text after a few edits.
pub(super) fn edited(alphabet: usize, length: usize) -> impl Strategy<Value = (String, String)> {
    (text(alphabet, length), vec((0..length.max(1), 0..3_usize, 0..alphabet), 1..4)).prop_map(|(before, edits)| {
        let mut lines: Vec<String> = before.split_inclusive('\n').map(str::to_owned).collect();
        for (at, kind, line) in edits {
            let at = at.min(lines.len());
            match kind {
                0 => lines.insert(at, format!("line {line}\n")),
                1 if at < lines.len() => lines[at] = format!("line {line}\n"),
                _ if at < lines.len() => drop(lines.remove(at)),
                _ => {}
            }
        }
        (before, lines.concat())
    })
}

/// The patch between two texts; `None` where they are equal.
pub(super) fn between(before: &str, after: &str, context: usize) -> Option<Patch> {
    let body = diffy::DiffOptions::new().set_context_len(context).create_patch(before, after).to_string();
    let hunks = body.split_once("@@").map(|(_, hunks)| format!("--- a/f\n+++ b/f\n@@{hunks}"))?;
    Some(parse("f.patch", hunks.as_bytes()).expect("diffy writes unified diffs"))
}

fn applied(patch: &Patch, text: &str) -> (State, Vec<u8>) {
    let outcome = apply(patch, &mut |_| Some(text.as_bytes().to_vec()));
    (outcome.state, outcome.files[0].after.clone().expect("the file was there"))
}

/// Checks what holds where the user agrees to fuzz: what is written is undone to the byte, and made only once.
fn check_undone(patch: &Patch, consent: Consent, text: &str) {
    let on = |patch: &Patch, text: &[u8]| {
        let outcome = apply_with(patch, consent, &mut |_| Some(text.to_vec()));
        let after = outcome.changes().remove("f").and_then(|change| change.after).unwrap_or_else(|| text.to_vec());
        (outcome, after)
    };
    let (outcome, after) = on(patch, text.as_bytes());
    if !outcome.writes() {
        assert_eq!(after, text.as_bytes());
    } else if !consent.nearest {
        let (second, again) = on(patch, &after);
        assert_eq!((second.state, &again), (State::Applied, &after), "twice");
        let (undoing, undone) = on(&patch.reversed(), &after);
        // Among lines that look alike nothing may tell the way back from the way there; then nothing is written.
        assert!(undoing.writes() || undoing.state == State::Ambiguous, "{:?}", undoing.state);
        assert!(!undoing.writes() || undone == text.as_bytes(), "undone");
    }
}

/// Returns what `git merge-file` makes of three texts; `None` where they conflict.
///
/// # Errors
///
/// Returns an error where there is no git.
fn merged_by_git(base: &str, ours: &str, theirs: &str) -> std::io::Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        std::fs::write(folder.path().join(name), text)?;
    }
    let mut git = std::process::Command::new("git");
    let output = git.args(["merge-file", "-p", "ours", "base", "theirs"]).current_dir(folder.path()).output()?;
    match output.status.code() {
        Some(0) => Ok(Some(String::from_utf8(output.stdout).expect("made of text"))),
        Some(1..128) => Ok(None),
        other => Err(std::io::Error::other(format!("git ended with {other:?}"))),
    }
}

#[test]
fn changes_meet_where_they_meet_for_git() {
    // Which of several equal lines changed is a matter of taste; a merge needs git's.
    for (base, ours, theirs) in
        [("aabc", "dabc", "abc"), ("abba", "aaba", "aba"), ("aabca", "aacca", "aaca"), ("aaaaba", "caaaba", "aaaba")]
    {
        let line = |letter: char| format!("{letter}\n");
        let text = |letters: &str| letters.chars().map(line).collect::<Vec<_>>().concat();
        let names = Names { ours: "ours", base: "base", theirs: "theirs" };
        let merged = merge(text(base).as_bytes(), text(ours).as_bytes(), text(theirs).as_bytes(), names);
        if let Ok(git) = merged_by_git(&text(base), &text(ours), &text(theirs)) {
            assert_eq!(matches!(merged, Merge::Clean(_)), git.is_some(), "{base} {ours} {theirs}");
        }
    }
}

/// Checks what holds for any patch on any text: it is written at most once, and a failure changes nothing.
fn check_twice(patch: &Patch, text: &str) -> State {
    let (state, after) = applied(patch, text);
    let after = String::from_utf8(after).expect("made of text");
    if state.writes() {
        assert_eq!(applied(patch, &after), (State::Applied, after.into_bytes()), "first time {state:?}");
    } else {
        assert_eq!(after, text, "{state:?} changes nothing");
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_applied_twice_equals_once((before, after) in edited(6, 14), other in text(6, 14), context in 0..4_usize) {
        if let Some(patch) = between(&before, &after, context) {
            check_twice(&patch, &before);
            check_twice(&patch, &other);
            check_twice(&patch, &format!("{other}\n{before}"));
            check_twice(&patch, &format!("{before}\n{before}"));
        }
    }

    #[test]
    fn a_patch_on_its_base_gives_the_new_text_or_is_ambiguous((before, after) in edited(6, 14), context in 1..4_usize) {
        if let Some(patch) = between(&before, &after, context) {
            let (state, result) = applied(&patch, &before);
            prop_assert!(matches!(state, State::Clean | State::Ambiguous), "{state:?}");
            prop_assert!(state == State::Ambiguous || result == after.as_bytes());
        }
    }

    #[test]
    fn a_patch_between_unlike_lines_is_clean((before, after) in edited(10_000, 60)) {
        if let Some(patch) = between(&before, &after, 3) {
            prop_assert_eq!(applied(&patch, &before), (State::Clean, after.clone().into_bytes()));
            prop_assert_eq!(applied(&patch.reversed(), &after), (State::Clean, before.into_bytes()));
        }
    }

    #[test]
    fn a_series_applied_twice_equals_once(texts in vec(text(10_000, 12), 2..5), edits in vec(edited(40, 30), 1..2)) {
        let mut steps: Vec<String> = vec![edits[0].0.clone(), edits[0].1.clone()];
        steps.extend(texts.into_iter().map(|text| format!("{}{text}", edits[0].1)));
        let patches: Vec<Patch> = steps.windows(2).filter_map(|pair| between(&pair[0], &pair[1], 3)).collect();
        let first = series::apply(&patches, &mut |_| Some(steps[0].clone().into_bytes()));
        if first.is_fine() {
            let result = first.changes.get("f").map_or(steps[0].clone().into_bytes(), |change| {
                change.after.clone().expect("nothing deletes the file")
            });
            let second = series::apply(&patches, &mut |_| Some(result.clone()));
            prop_assert!(second.outcomes.iter().all(|outcome| outcome.state == State::Applied));
            prop_assert!(second.changes.is_empty());
        }
    }

    #[test]
    fn whatever_cannot_be_parsed_has_a_finding((before, after) in edited(6, 14), damage in vec((0..40_usize, 0..6_usize), 0..3)) {
        let body = diffy::create_patch(&before, &after).to_string();
        let text = body.replacen("--- original\n+++ modified\n", "--- a/f\n+++ b/f\n", 1);
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for (at, kind) in damage {
            let at = at % (lines.len() + 1);
            match kind {
                0 => lines.insert(at, "\n".to_owned()),
                1 => lines.insert(at, "words\n".to_owned()),
                2 => lines.insert(at, "@@ -1 +1 @@\n".to_owned()),
                3 if at < lines.len() => drop(lines.remove(at)),
                4 if at < lines.len() => drop(lines[at].remove(0)),
                5 if at < lines.len() => lines[at] = lines[at].replace('\n', "\r\n"),
                _ => {}
            }
            lines.retain(|line| !line.is_empty());
        }
        let text = lines.concat();
        let findings = lint("f.patch", text.as_bytes(), &Context::default());
        let is_faulty = findings.iter().any(|finding| finding.severity == Severity::Error);
        match parse("f.patch", text.as_bytes()) {
            Err(error) => prop_assert!(is_faulty, "no finding for {error}: {text}"),
            Ok(patch) => {
                let hunk_count: usize = patch.files.iter().map(|file| file.hunks.len()).sum();
                prop_assert_eq!(hunk_count, lines.iter().filter(|line| line.starts_with("@@")).count());
                check_twice(&patch, &before);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200), seams in vec(0..12_usize, 0..20)) {
        const PIECES: [&str; 12] = [
            "--- a/f\n", "+++ b/f\n", "@@ -1,2 +1 @@\n", "@@ -0,0 +1 @@\n", "diff --git a/f b/f\n", "\\ No newline\n", " x\n",
            "-x\n", "+y\n", "\n", "rename from f\n", "rename to g\n",
        ];
        let mut text: Vec<u8> = seams.iter().flat_map(|piece| PIECES[*piece].bytes()).collect();
        let target = Target { read: &|path| path.starts_with('f').then(|| b"x\r\ny\n".to_vec()), syntax: &|_| Some(1) };
        for _ in 0..2 {
            drop(lint("f.patch", &text, &Context::default()));
            let earlier = parse("f.patch", &text).map(|patch| Earlier { patch, outcome: None, after: Vec::new() });
            let earlier: Vec<Earlier> = earlier.into_iter().collect();
            let series = Some(Series { earlier: &earlier, after: &[] });
            let context = Context { target: Some(target), series, ..Context::default() };
            let fixed = fix("f.patch", &text, &context);
            prop_assert_eq!(&fix("f.patch", &fixed.text, &context).text, &fixed.text);
            drop(lint_series("series", &text, &[]));
            if let Ok(patch) = parse("f.patch", &text) {
                let outcome = apply(&patch, &mut |_| Some(b"x\n".to_vec()));
                prop_assert_eq!(outcome.error(&patch).is_none(), outcome.state.is_fine());
            }
            text.extend(&bytes);
        }
    }

    #[test]
    fn what_is_applied_can_be_undone((before, after) in edited(6, 14), other in text(6, 14), context in 0..4_usize, fuzz in 0..3_usize, nearest: bool) {
        if let Some(patch) = between(&before, &after, context) {
            let consent = Consent { fuzz, nearest };
            for text in [before.clone(), other.clone(), format!("{other}\n{before}"), format!("{before}\n{other}")] {
                check_undone(&patch, consent, &text);
            }
        }
    }

    #[test]
    fn what_is_parsed_is_printed_as_it_was((before, after) in edited(6, 14), words in "[a-z\n]{0,20}", context in 0..4_usize, returns: bool) {
        if let Some(patch) = between(&before, &after, context) {
            let text = format!("{words}\nIndex: f\n{}-- \n2.47.3\n", String::from_utf8_lossy(&patch.text));
            let text = if returns { text.replace('\n', "\r\n") } else { text };
            let patch = parse("f.patch", text.as_bytes()).expect("remarks and a signature are no part of the change");
            let printed = print(&patch);
            prop_assert_eq!(String::from_utf8_lossy(&printed), text);
            let reversed = patch.reversed();
            let printed = parse("f.patch", &print(&reversed)).expect("an inverse can be read");
            prop_assert_eq!(print(&printed), print(&reversed));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_is_clean_only_where_gits_is((base, ours) in edited(40, 12), edits in vec((0..12_usize, 0..3_usize, 0..40_usize), 1..4)) {
        let mut lines: Vec<String> = base.split_inclusive('\n').map(str::to_owned).collect();
        for (at, kind, line) in edits {
            let at = at.min(lines.len());
            match kind {
                0 => lines.insert(at, format!("line {line}\n")),
                1 if at < lines.len() => lines[at] = format!("line {line}\n"),
                _ if at < lines.len() => drop(lines.remove(at)),
                _ => {}
            }
        }
        let theirs = lines.concat();
        let names = Names { ours: "ours", base: "base", theirs: "theirs" };
        let merged = merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), names);
        if let (Merge::Clean(text), Ok(git)) = (merged, merged_by_git(&base, &ours, &theirs)) {
            prop_assert_eq!(git, Some(String::from_utf8(text).expect("made of text")));
        }
    }
}
