//! Does the house stand as designed: every floor known, calls only downwards, the domain pure, the files readable?
//!
//! The table of floors below is the truth about who may import whom. To move the design, move the table, and say why in
//! the commit.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

mod cases;
mod code;

/// One entry directly under `src/`.
struct Floor {
    name: &'static str,
    /// What it is, in a few words.
    what: &'static str,
    /// The floors that it may import; its own is understood.
    imports: &'static [&'static str],
    /// Whether it may touch the world: files, the network, processes, the environment, the clock.
    touches_world: bool,
}

const fn hands(name: &'static str, what: &'static str, imports: &'static [&'static str]) -> Floor {
    Floor { name, what, imports, touches_world: true }
}

const fn domain(name: &'static str, what: &'static str, imports: &'static [&'static str]) -> Floor {
    Floor { name, what, imports, touches_world: false }
}

/// The floors from top to bottom: each may import some of those below it.
#[rustfmt::skip]
const FLOORS: [Floor; 20] = [
    hands("main", "the `hive` command: starts the terminal face and returns its exit code", &["cli"]),
    domain("lib", "the map of the house: modules and nothing else", &[]),
    hands("cli", "terminal face: one file a verb; `serve` starts the other face", &["workflow", "service"]),
    hands("service", "HTTP face: listens, answers in JSON, holds the page", &["workflow"]),
    hands("workflow", "use cases, one file each; the only floor that knows all others", &[
        "io", "image", "engine", "runtime", "controller", "metric", "option", "executor", "indicator", "market",
        "recipe", "patch", "registration", "golden", "cause",
    ]),
    hands("io", "the only hands: files, downloads, processes; may name what it carries", &["image", "market", "recipe"]),
    domain("image", "layers, image configuration, predicted digests: plans, never runs", &["recipe"]),
    domain("engine", "replay: the loop, the simulators; a profile names the results' convention, which is a metric's", &[
        "controller", "metric", "executor", "indicator", "market",
    ]),
    domain("runtime", "N strategies on shared data: tick, scheduler, order desk, quotas", &[
        "controller", "executor", "market",
    ]),
    domain("controller", "sees a moment, answers with actions", &["executor", "indicator", "market"]),
    domain("metric", "what a run is worth, one file a metric", &["executor", "market"]),
    domain("option", "Black-Scholes, covered calls, hedged loans", &["market"]),
    domain("executor", "configurations and states of executors: data, no simulation", &["market"]),
    domain("indicator", "moving figures over slices", &[]),
    domain("market", "candles, money, sides, time", &[]),
    domain("recipe", "what the file says, what we will do, what it resolved to", &[]),
    domain("patch", "unified diffs: parsed, placed, linted", &[]),
    domain("registration", "what Hummingbot's loader would load from a controller's file", &[]),
    domain("golden", "accepted results: how they are written and compared", &[]),
    domain("cause", "which of many changes causes a drift, and how much of it belongs to each", &[]),
];

/// Floors that are designed and may not be built yet.
const PLANNED: [&str; 4] = ["service", "runtime", "option", "indicator"];

/// What the domain never names, and why.
const IMPURE: [(&str, &str); 17] = [
    ("Instant::now", "time is an argument"),
    ("SystemTime::now", "time is an argument"),
    ("Timestamp::now", "time is an argument"),
    ("Zoned::now", "time is an argument"),
    ("std::fs", "files belong to `io`"),
    ("std::net", "the network belongs to `io`"),
    ("std::process", "processes belong to `io`"),
    ("std::env", "the environment is an argument"),
    ("tempfile", "files belong to `io`"),
    ("walkdir", "files belong to `io`"),
    ("ureq", "the network belongs to `io`"),
    ("HashMap", "its order differs from run to run; take `BTreeMap` or `IndexMap`"),
    ("HashSet", "its order differs from run to run; take `BTreeSet` or `IndexSet`"),
    ("hash_map", "its order differs from run to run; take `BTreeMap` or `IndexMap`"),
    ("rand", "a seed is an argument"),
    ("fastrand", "a seed is an argument"),
    ("getrandom", "a seed is an argument"),
];

/// Folders that building and fuzzing leave behind.
const MADE: [&str; 4] = ["target", "tests/fuzz/target", "tests/fuzz/corpus", "tests/fuzz/artifacts"];

/// More lines than this and a file answers two questions.
const LINES_MAX: usize = 700;

/// Registries belong to the configuration of cargo and pip. Split, so that this file names none.
const REGISTRIES: [[&str; 2]; 4] =
    [["pypi", "org"], ["crates", "io"], ["registry.npmjs", "org"], ["files.pythonhosted", "org"]];

/// Folders of the machines that hive is built on. Split, so that this file names none.
const MACHINES: [[&str; 2]; 3] = [["/wo", "rk/"], ["/ro", "ot/"], ["/tm", "p/h/"]];

#[test]
fn the_table_goes_down() {
    assert_tidy(&table(&FLOORS));
}

#[test]
fn every_floor_has_a_row() {
    let entries = fs::read_dir(root().join("src")).expect("the source is there");
    let names: BTreeSet<String> = entries
        .map(|entry| entry.expect("a folder of ours can be listed").file_name())
        .map(|name| name.to_string_lossy().trim_end_matches(".rs").to_owned())
        .collect();
    assert_tidy(&standing(&names));
}

#[test]
fn sources_are_tidy() {
    check_files(|file, text| if file.starts_with("src/") && is_rust(file) { source(file, text) } else { Vec::new() });
}

#[test]
fn nothing_is_left_for_later() {
    check_files(|file, text| if is_rust(file) { unfinished(file, text) } else { Vec::new() });
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    check_files(places);
}

#[test]
fn every_dependency_has_a_reason() {
    assert_tidy(&manifest(&fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there")));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_rust(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "rs")
}

/// Checks all text files of the project, test data aside.
fn check_files(problems: impl Fn(&str, &str) -> Vec<String>) {
    let is_ours = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let hidden = name.starts_with('.') && ![".ci", ".github"].contains(&&*name);
        let made = MADE.iter().any(|made| entry.path() == root().join(made));
        let data = entry.path() == root().join("tests/data");
        // In a work tree of its own, `.git` is a file that says where the repository is.
        name != ".git" && (entry.depth() == 0 || !entry.file_type().is_dir() || !(hidden || made || data))
    };
    let mut found = Vec::new();
    let mut count = 0;
    for entry in WalkDir::new(root()).sort_by_file_name().into_iter().filter_entry(is_ours) {
        let entry = entry.expect("a folder of ours can be listed");
        let Some(text) = fs::read(entry.path()).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
        let file = entry.path().strip_prefix(root()).expect("the walk stays inside").to_string_lossy();
        found.extend(problems(&file, &text));
        count += 1;
    }
    assert!(count > 100, "only {count} files were found, so nothing is proven");
    assert_tidy(&found);
}

fn assert_tidy(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns what is wrong with a table of floors.
fn table(floors: &[Floor]) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, floor) in floors.iter().enumerate() {
        let name = floor.name;
        let (above, below) = (&floors[..index], &floors[index + 1..]);
        if floor.what.trim().is_empty() {
            problems.push(format!("floor `{name}`: its row does not say what it is"));
        }
        if above.iter().any(|other| other.name == name) {
            problems.push(format!("floor `{name}` has two rows"));
        }
        for import in floor.imports.iter().filter(|import| !below.iter().any(|other| other.name == **import)) {
            problems.push(format!("floor `{name}` may import `{import}`, which is not below it"));
        }
    }
    problems
}

/// Returns what is wrong with the names directly under `src/`.
fn standing(names: &BTreeSet<String>) -> Vec<String> {
    let rows: BTreeSet<&str> = FLOORS.iter().map(|floor| floor.name).collect();
    let strangers = names.iter().filter(|name| !rows.contains(name.as_str()));
    let missing = rows.iter().filter(|row| !names.contains(**row) && !PLANNED.contains(row));
    strangers
        .map(|name| format!("`src/{name}` has no row in the table of floors"))
        .chain(missing.map(|row| format!("floor `{row}` is not there; remove its row")))
        .collect()
}

/// Returns what is wrong with a file under `src/`.
fn source(file: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.lines().next().is_some_and(|first| first.starts_with("//! ")) {
        problems.push(format!("{file}:1: the first line does not say, after `//! `, what the file answers"));
    }
    let line_count = text.lines().count();
    if line_count > LINES_MAX {
        problems.push(format!("{file}: {line_count} lines, and {LINES_MAX} are the most"));
    }
    let parts: Vec<&str> = file.trim_start_matches("src/").trim_end_matches(".rs").split('/').collect();
    let depth = parts.iter().filter(|part| **part != "mod").count();
    let Some(floor) = FLOORS.iter().find(|floor| floor.name == parts[0]) else {
        problems.push(format!("{file}: `{}` has no row in the table of floors", parts[0]));
        return problems;
    };
    for path in code::paths(&code::without_comments(text)) {
        let line = path.line;
        if let Some(import) = import(&path, floor, depth)
            && import != floor.name
            && !floor.imports.contains(&import)
        {
            problems.push(format!("{file}:{line}: floor `{}` may not import `{import}`", floor.name));
        }
        for (name, why) in IMPURE.iter().filter(|(name, _)| !floor.touches_world && path.contains(name)) {
            problems.push(format!("{file}:{line}: `{name}` in the domain: {why}"));
        }
    }
    problems
}

/// Returns the floor that a path leads to; `None` where it stays.
fn import<'p>(path: &'p code::Path, floor: &Floor, depth: usize) -> Option<&'p str> {
    let mut names = path.names.iter().map(String::as_str).skip_while(|name| *name == "self").peekable();
    let climbed = std::iter::from_fn(|| names.next_if_eq(&"super")).count();
    let leaves = match climbed {
        // The package's own name is how the binary calls the library.
        0 => names.next_if(|name| *name == "crate" || (*name == "hive" && floor.name == "main")).is_some(),
        climbed => climbed >= depth,
    };
    if leaves { names.next() } else { None }
}

/// Returns what a Rust file leaves for later.
fn unfinished(file: &str, text: &str) -> Vec<String> {
    let code = code::without_comments(text);
    let mut problems = Vec::new();
    for path in code::paths(&code) {
        let last = path.names.last().map_or("", String::as_str);
        if ["todo!", "unimplemented!"].contains(&last) {
            problems.push(format!("{file}:{}: `{last}` is not finished", path.line));
        }
    }
    for (index, line) in code.lines().enumerate() {
        let line: String = line.split_whitespace().collect();
        if line.contains("#[ignore") {
            problems.push(format!("{file}:{}: an ignored test; assert what is so today instead", index + 1));
        }
    }
    problems
}

/// Returns the machines and registries that a text names.
fn places(file: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if file.rsplit('/').next() == Some("Cargo.lock") && line.starts_with("source = ") {
            continue;
        }
        for registry in REGISTRIES.map(|parts| parts.join(".")).iter().filter(|name| line.contains(*name)) {
            problems.push(format!("{file}:{}: names the registry `{registry}`", index + 1));
        }
        for machine in MACHINES.map(|parts| parts.concat()).iter().filter(|name| line.contains(*name)) {
            problems.push(format!("{file}:{}: names a folder of one machine, `{machine}`", index + 1));
        }
    }
    problems
}

/// Returns the dependencies of a manifest that nobody has given a reason for.
fn manifest(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut lists_dependencies, mut has_reason) = (false, false);
    for (index, line) in text.lines().enumerate() {
        let mut missing = |name: &str| problems.push(format!("Cargo.toml:{}: `{name}` has no reason", index + 1));
        if line.starts_with('#') {
            has_reason = true;
        } else if line.trim().is_empty() {
            has_reason = false;
        } else if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            lists_dependencies = header.ends_with("dependencies");
            // A dependency with a table of its own has its reason above the header.
            if header.contains("dependencies.") && !has_reason {
                missing(header);
            }
            has_reason = false;
        } else if let Some((name, _)) = line.split_once('=')
            && lists_dependencies
            && !has_reason
            && !line.starts_with(char::is_whitespace)
        {
            missing(name.trim());
        }
    }
    problems
}
