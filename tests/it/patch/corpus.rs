//! The corpus: small cases in `tests/data/patch`, a folder each, with what is right and what GNU patch makes of it.
//!
//! `case.toml` says what a case shows and what is expected; `before/` becomes `after/`, with `base/` where the tree is
//! known that the patch was made for. `gnu/` holds GNU patch's bytes where they are other ones (`record.sh` writes it).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use hive::patch::Consent;
use hive::patch::Patch;
use hive::patch::State;
use hive::patch::apply_with;
use hive::patch::carry::apply_onto;
use hive::patch::diff::Operation;
use hive::patch::lint;
use hive::patch::lint::Context;
use hive::patch::lint::Finding;
use hive::patch::lint::context::Checksum;
use hive::patch::lint::context::Earlier;
use hive::patch::lint::context::Series;
use hive::patch::lint::context::Target;
use hive::patch::lint::lint_series;
use hive::patch::lint::registry::RULES;
use hive::patch::merge::Names;
use hive::patch::parse_stripped;
use hive::patch::print;
use hive::patch::state::FileOutcome;
use hive::patch::state::HunkOutcome;
use hive::patch::state::Outcome;
use miette::Diagnostic;
use serde::Deserialize;
use walkdir::WalkDir;

/// Files by path.
type Tree = BTreeMap<String, Vec<u8>>;

/// What `case.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    shows: String,
    #[serde(default = "one")]
    strip: usize,
    #[serde(default)]
    fuzz: usize,
    #[serde(default)]
    nearest: bool,
    #[serde(default)]
    reverse: bool,
    /// The patch's state; `unreadable` for a text that is refused.
    state: String,
    /// The code of the reason why nothing is written.
    code: Option<String>,
    /// The hunks: `PATH:LINE STATE`, then offset, fuzz and places where they are not 0, 0 and 1.
    #[serde(default)]
    hunks: Vec<String>,
    /// The lines of the patch that are noted.
    #[serde(default)]
    notes: Vec<usize>,
    /// The files that are made executable.
    #[serde(default)]
    executable: Vec<String>,
    /// The state on the result: `applied` unless said otherwise; `again` where the change is made once more.
    #[serde(default = "applied")]
    twice: String,
    /// Findings that the linter has, `RULE:LINE`, among others.
    #[serde(default)]
    lint: Vec<String>,
    /// The paths that a recipe says the patch touches.
    touches: Option<Vec<String>>,
    /// What a lock has for the patch.
    locked: Option<String>,
    /// Findings in the folder's `series`, `RULE:LINE`, among others.
    #[serde(default, rename = "series-lint")]
    series_lint: Vec<String>,
    /// `same`, or why GNU patch's bytes are other ones.
    gnu: String,
}

fn one() -> usize {
    1
}

fn applied() -> String {
    "applied".to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/patch")
}

/// Returns all cases by name, in order.
fn cases() -> BTreeMap<String, Case> {
    let mut cases = BTreeMap::new();
    for entry in fs::read_dir(root()).expect("the corpus is there") {
        let path = entry.expect("a folder of ours can be listed").path();
        if let Ok(text) = fs::read_to_string(path.join("case.toml")) {
            let name = path.file_name().expect("it was listed").to_string_lossy().into_owned();
            let case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            cases.insert(name, case);
        }
    }
    cases
}

/// Returns the files below a folder; none where there is no such folder.
fn tree(folder: &Path) -> Tree {
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let file = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(folder).expect("the walk stays inside").to_string_lossy().into_owned();
        (path, fs::read(entry.path()).expect("a file of ours can be read"))
    };
    files.map(file).collect()
}

fn run(patch: &Patch, case: &Case, base: Option<&Tree>, tree: &Tree) -> Outcome {
    let consent = Consent { fuzz: case.fuzz, nearest: case.nearest };
    let mut read = |path: &str| tree.get(path).cloned();
    match base {
        Some(base) => {
            let names = Names { ours: "patched base", base: "base", theirs: "tree" };
            apply_onto(patch, consent, names, &mut |path| base.get(path).cloned(), &mut read)
                .expect("the patch was made for its base")
        }
        None => apply_with(patch, consent, &mut read),
    }
}

/// Returns a tree after what an outcome says.
fn written(outcome: &Outcome, tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    for (path, change) in outcome.changes() {
        assert_eq!(change.before, tree.get(&path).cloned(), "{path}");
        match change.after {
            Some(text) => drop(tree.insert(path, text)),
            None => drop(tree.remove(&path)),
        }
    }
    tree
}

/// Returns a hunk as `case.toml` writes it.
fn hunk(file: &FileOutcome, hunk: &HunkOutcome) -> String {
    let line = hunk.line.map_or("-".to_owned(), |line| line.to_string());
    let part = |is_said: bool, text: String| if is_said { text } else { String::new() };
    let offset = part(hunk.offset != 0, format!(" offset {:+}", hunk.offset));
    let fuzz = part(hunk.fuzz != 0, format!(" fuzz {}", hunk.fuzz));
    let places = part(hunk.candidate_count() != 1, format!(" places {}", hunk.candidate_count()));
    format!("{}:{line} {}{offset}{fuzz}{places}", file.path, hunk.state.name())
}

fn code(error: &dyn Diagnostic) -> Option<String> {
    error.code().map(|code| code.to_string())
}

/// Checks what the linter says about a case's patch, on its tree, and about its series.
fn check_lint(name: &str, case: &Case, text: &[u8], before: &Tree) {
    let folder = root().join(name);
    let read = |path: &str| before.get(path).cloned();
    let target = Target { read: &read, syntax: &|_| None };
    let earlier = fs::read(folder.join("earlier.patch")).ok().map(|text| {
        let patch = parse_stripped("earlier.patch", &text, 1).expect("a patch of ours can be read");
        Earlier { patch, outcome: None, after: Vec::new() }
    });
    let earlier: Vec<Earlier> = earlier.into_iter().collect();
    let series = Series { earlier: &earlier, after: &[] };
    let checksum = |locked| Checksum { locked, now: "sha256:another", is_binding: true };
    let context = Context {
        touches: case.touches.as_deref(),
        target: Some(target),
        series: Some(series),
        checksum: case.locked.as_deref().map(checksum),
        ..Context::default()
    };
    // Some rules ask the tree where they can, and the text alone where they cannot.
    let alone = Context { target: None, ..context };
    let rule = |finding: &Finding| format!("{}:{}", finding.rule, finding.line);
    let contexts = [context, alone];
    let found = contexts.iter().flat_map(|context| lint("x.patch", text, context));
    let found: BTreeSet<String> = found.map(|finding| rule(&finding)).collect();
    for finding in &case.lint {
        assert!(found.contains(finding), "{name}: no finding `{finding}` in {found:?}");
    }
    let beside: Vec<String> = tree(&folder).into_keys().collect();
    let series = fs::read(folder.join("series")).unwrap_or_default();
    let found: BTreeSet<String> = lint_series("series", &series, &beside).iter().map(rule).collect();
    for finding in &case.series_lint {
        assert!(found.contains(finding), "{name}: no finding `{finding}` in {found:?}");
    }
}

fn check(name: &str, case: &Case) {
    let folder = root().join(name);
    let text = fs::read(folder.join("x.patch")).expect("each case has a patch");
    let (before, after) = (tree(&folder.join("before")), tree(&folder.join("after")));
    let base = folder.join("base").is_dir().then(|| tree(&folder.join("base")));
    assert!(!case.shows.is_empty(), "{name}: what it shows");
    assert_eq!(case.gnu == "same", !folder.join("gnu").is_dir(), "{name}: what GNU patch makes of it");
    assert!(tree(&folder.join("gnu")) != after || after.is_empty(), "{name}: GNU patch's bytes are the same");
    check_lint(name, case, &text, &before);
    let patch = match parse_stripped("x.patch", &text, case.strip) {
        Ok(patch) => patch,
        Err(error) => {
            assert_eq!((case.state.as_str(), &case.code), ("unreadable", &code(&error)), "{name}: {error}");
            assert_eq!(before, after, "{name}");
            return;
        }
    };
    let printed = print(&patch);
    let whole = if text.ends_with(b"\n") { text } else { [&text[..], b"\n"].concat() };
    if case.notes.is_empty() {
        assert_eq!(String::from_utf8_lossy(&printed), String::from_utf8_lossy(&whole), "{name}: printed");
    }
    let again = parse_stripped("x.patch", &printed, case.strip).expect("what is printed can be read");
    assert_eq!(print(&again), printed, "{name}: printed twice");
    assert_eq!(patch.notes.iter().map(|note| note.line).collect::<Vec<_>>(), case.notes, "{name}: notes");
    let patch = if case.reverse { patch.reversed() } else { patch };
    let outcome = run(&patch, case, base.as_ref(), &before);
    assert_eq!(outcome.state.name(), case.state, "{name}");
    assert_eq!(outcome.error(&patch).and_then(|error| code(&error)), case.code, "{name}");
    let hunks = outcome.files.iter().flat_map(|file| file.hunks.iter().map(|one| hunk(file, one)));
    assert_eq!(hunks.collect::<Vec<_>>(), case.hunks, "{name}");
    let result = written(&outcome, &before);
    assert_eq!(result, after, "{name}");
    let changes = outcome.changes();
    let executable = changes.iter().filter(|(_, change)| change.mode.is_some_and(|mode| mode & 0o100 != 0));
    assert_eq!(executable.map(|(path, _)| path.clone()).collect::<Vec<_>>(), case.executable, "{name}");
    if outcome.is_fine() {
        let second = run(&patch, case, base.as_ref(), &after);
        let again = if second.writes() && written(&second, &after) != after { "again" } else { second.state.name() };
        assert_eq!(again, case.twice, "{name}: the second time");
    }
    if outcome.is_fine() && outcome.state != State::Applied && base.is_none() {
        let mut undone = written(&run(&patch.reversed(), case, None, &after), &after);
        for copy in patch.files.iter().filter(|file| file.operation == Operation::Copy) {
            undone.remove(copy.path());
        }
        // Without git's words a new file and an empty one look alike.
        let with_text = |tree: Tree| tree.into_iter().filter(|(_, text)| !text.is_empty()).collect::<Tree>();
        assert_eq!(with_text(undone), with_text(before), "{name}: undone");
    }
}

#[test]
fn every_case_is_as_it_says() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    for (name, case) in &cases {
        check(name, case);
    }
}

#[test]
fn every_state_that_a_tree_can_give_has_a_case() {
    let states: BTreeSet<String> = cases().into_values().map(|case| case.state).collect();
    for state in [
        State::Applied,
        State::Clean,
        State::Offset,
        State::Fuzzy,
        State::PartlyAbsorbed,
        State::Ambiguous,
        State::MissingTarget,
        State::Conflict,
    ] {
        assert!(states.contains(state.name()), "{}", state.name());
    }
}

#[test]
fn every_lint_rule_has_a_case() {
    let cases = cases();
    let findings = cases.values().flat_map(|case| case.lint.iter().chain(&case.series_lint));
    let met: BTreeSet<&str> = findings.filter_map(|finding| Some(finding.split_once(':')?.0)).collect();
    let missing: Vec<&str> = RULES.iter().map(|rule| rule.name).filter(|rule| !met.contains(rule)).collect();
    assert_eq!(missing, [""; 0]);
}

/// The command line, its exit code and its codes.
#[test]
fn the_command_does_what_the_library_does() {
    for (name, case) in cases() {
        let folder = root().join(&name);
        let scratch = tempfile::tempdir().expect("a folder can be made");
        let work = scratch.path().join("tree");
        fs::create_dir(&work).expect("a folder can be made");
        for (path, text) in tree(&folder.join("before")) {
            let path = work.join(path);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(["patch", "apply", "--color", "never", "--root"]).arg(&work);
        command.arg(format!("-p{}", case.strip)).arg(format!("--fuzz={}", case.fuzz));
        command.args(case.nearest.then_some("--nearest")).args(case.reverse.then_some("--reverse"));
        if folder.join("base").is_dir() {
            command.arg("--base").arg(folder.join("base"));
        }
        let output = command.arg(folder.join("x.patch")).output().expect("the command starts");
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(i32::from(case.code.is_some())), "{name}: {talk}");
        if let Some(code) = &case.code {
            assert!(talk.contains(code.as_str()), "{name}: {talk}");
        }
        assert_eq!(tree(&work), tree(&folder.join("after")), "{name}");
        #[cfg(unix)]
        for path in &case.executable {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(work.join(path)).expect("it was written").permissions().mode();
            assert_eq!(mode & 0o100, 0o100, "{name}: {path}");
        }
    }
}
