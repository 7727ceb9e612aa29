//! The patches that ship with hive.

use hive::patch::Patch;
use hive::patch::State;
use hive::patch::apply;
use hive::patch::lint;
use hive::patch::lint::Context;
use hive::patch::parse;
use hive::patch::series;

use super::Tree;
use super::reader;

const SERIES: [(&str, &str); 3] = [
    ("01_async_dca.patch", include_str!("../../../patches/backtesting-api/01_async_dca.patch")),
    ("02_guard_no_positions.patch", include_str!("../../../patches/backtesting-api/02_guard_no_positions.patch")),
    ("03_guard_sharpe.patch", include_str!("../../../patches/backtesting-api/03_guard_sharpe.patch")),
];

fn patches() -> Vec<Patch> {
    SERIES.iter().map(|(name, text)| parse(name, text.as_bytes()).expect("shipped patches are sound")).collect()
}

/// The lines of the release that the patches quote, at their line numbers, with fillers between them.
fn upstream() -> Tree {
    let mut tree = Tree::new();
    for excerpt in include_str!("../../data/patch/upstream-20250609.txt").split(">>> ").skip(1) {
        let (heading, lines) = excerpt.split_once('\n').expect("an excerpt has a heading");
        let (start, path) = heading.split_once(' ').expect("a heading has a line and a path");
        let start: usize = start.parse().expect("the line is a number");
        let text: &mut String = tree.entry(path.to_owned()).or_default();
        text.push_str(&"# filler\n".repeat(start - 1 - text.lines().count()));
        text.push_str(lines);
    }
    for text in tree.values_mut() {
        text.push_str("# the file goes on\n");
    }
    tree
}

fn after(tree: &Tree, changes: &std::collections::BTreeMap<String, hive::patch::state::Change>) -> Tree {
    let mut tree = tree.clone();
    for (path, change) in changes {
        let text = change.after.clone().expect("the series deletes nothing");
        tree.insert(path.clone(), String::from_utf8(text).expect("made of text"));
    }
    tree
}

#[test]
fn the_series_applies_once() {
    let (patches, upstream) = (patches(), upstream());
    let outcome = series::apply(&patches, &mut reader(&upstream));
    let states: Vec<State> = outcome.outcomes.iter().map(|outcome| outcome.state).collect();
    assert_eq!(states, [State::Clean; 3]);
    let result = after(&upstream, &outcome.changes);
    let again = series::apply(&patches, &mut reader(&result));
    assert!(again.outcomes.iter().all(|outcome| outcome.state == State::Applied));
    assert!(again.changes.is_empty());
}

#[test]
fn each_patch_alone_is_recognised() {
    for patch in patches() {
        let upstream = upstream();
        let outcome = apply(&patch, &mut reader(&upstream));
        assert!(outcome.state.writes(), "{}", patch.name);
        let result = after(&upstream, &outcome.changes());
        assert_eq!(apply(&patch, &mut reader(&result)).state, State::Applied, "{}", patch.name);
    }
}

#[test]
fn a_broken_context_names_the_lines() {
    let text = SERIES[1].1.replace("            # Additional metrics", "            # More metrics");
    let patch = parse(SERIES[1].0, text.as_bytes()).expect("only its words changed");
    let outcome = apply(&patch, &mut reader(&upstream()));
    assert_eq!(outcome.state, State::Fuzzy);
    insta::assert_snapshot!("broken_context", super::drawn(&outcome.error(&patch).expect("a conflict")));
}

#[test]
fn the_linter_has_nothing_to_say() {
    for (name, text) in SERIES {
        let touches: Vec<String> =
            text.lines().filter_map(|line| line.strip_prefix("+++ b/")).map(str::to_owned).collect();
        let context = Context { touches: Some(&touches), ..Context::default() };
        assert_eq!(lint(name, text.as_bytes(), &context), []);
    }
}
