//! Does the GitHub Action say what it means? It cannot be run here, so its parts are held against each other, and what it
//! calls against the command line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_yaml_ng::Mapping;
use serde_yaml_ng::Value;

const ACTION: &str = ".github/actions/hive/action.yml";
const WORKFLOW: &str = ".github/workflows/hive.yml";

fn read(file: &str) -> (String, Value) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("it is part of the project");
    let value = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    (text, value)
}

fn table<'v>(value: &'v Value, key: &str) -> &'v Mapping {
    value[key].as_mapping().unwrap_or_else(|| panic!("`{key}` is a table"))
}

fn keys(table: &Mapping) -> BTreeSet<String> {
    table.keys().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Returns the names behind `prefix` in a text, `inputs.NAME`.
fn named(text: &str, prefix: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let ends = text.match_indices(prefix).map(|(start, _)| start + prefix.len());
    ends.map(|start| text[start..].chars().take_while(|letter| is_name(*letter)).collect()).collect()
}

fn steps(value: &Value) -> &Vec<Value> {
    value.as_sequence().expect("steps are a list")
}

#[test]
fn every_input_is_declared_and_used() {
    let (text, action) = read(ACTION);
    assert_eq!(named(&text, "inputs."), keys(table(&action, "inputs")));
    for (name, input) in table(&action, "inputs") {
        assert!(input["description"].is_string() && input["default"].is_string(), "{name:?}");
    }
    for (name, output) in table(&action, "outputs") {
        assert!(output["description"].is_string(), "{name:?}");
    }
}

#[test]
fn steps_are_what_the_runner_takes() {
    let (text, action) = read(ACTION);
    assert_eq!(action["runs"]["using"], "composite");
    let steps = steps(&action["runs"]["steps"]);
    let known: BTreeSet<&str> = ["name", "id", "if", "uses", "with", "shell", "env", "run", "working-directory"].into();
    let mut names = BTreeSet::new();
    for step in steps {
        let keys = keys(step.as_mapping().expect("a step is a table"));
        assert!(keys.iter().all(|key| known.contains(key.as_str())), "{keys:?}");
        assert_ne!(step["run"].is_string(), step["uses"].is_string(), "{step:?}");
        // A composite action has no shell by itself.
        assert_eq!(step["run"].is_string(), step["shell"] == "bash", "{step:?}");
        // An input within a script could be code.
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step:?}");
        names.extend(step["id"].as_str().map(str::to_owned));
    }
    let outputs = named(&text, "steps.");
    assert!(outputs.iter().all(|name| names.contains(name)), "{outputs:?} of {names:?}");
    // What is written to `$GITHUB_OUTPUT` is what is read.
    let script =
        steps.iter().find(|step| step["id"] == "test").and_then(|step| step["run"].as_str()).expect("a script");
    for output in named(&text, ".outputs.") {
        assert!(script.contains(&format!("\"{output}=$")), "{output} is never written");
    }
}

#[test]
fn scripts_use_the_variables_that_their_steps_have() {
    let (_, action) = read(ACTION);
    let given = ["RUNNER_TEMP", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];
    for step in steps(&action["runs"]["steps"]) {
        let Some(script) = step["run"].as_str() else { continue };
        let is_capital =
            |name: &String| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
        let used: BTreeSet<String> = named(script, "$").into_iter().filter(is_capital).collect();
        let declared = step["env"].as_mapping().map(keys).unwrap_or_default();
        let missing: Vec<_> =
            used.iter().filter(|name| !declared.contains(*name) && !given.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?} in {script}");
        let unused: Vec<_> =
            declared.iter().filter(|name| !used.contains(*name) && *name != "CARGO_TARGET_DIR").collect();
        assert!(unused.is_empty(), "{unused:?} in {script}");
    }
}

#[test]
fn what_is_called_is_there() {
    let (_, action) = read(ACTION);
    let scripts: Vec<&str> = steps(&action["runs"]["steps"]).iter().filter_map(|step| step["run"].as_str()).collect();
    let calls: Vec<&str> = scripts
        .iter()
        .flat_map(|script| script.lines())
        .map(str::trim)
        .filter(|line| line.starts_with("hive "))
        .collect();
    assert_eq!(calls.len(), 1, "{calls:?}");
    let script = scripts.iter().find(|script| script.contains(calls[0])).expect("it was found there");
    // The command as it is when every option is on: what is quoted stands for itself.
    let options = script
        .lines()
        .filter_map(|line| Some(line.split_once("options=(").or_else(|| line.split_once("options+=("))?.1));
    let options: Vec<String> = options
        .filter_map(|line| line.split(')').next())
        .flat_map(|line| line.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect::<Vec<_>>())
        .collect();
    assert!(options.len() > 8, "{options:?}");
    let verb = calls[0].split_whitespace().nth(1).expect("a verb").to_owned();
    let words = ["hive".to_owned(), verb].into_iter().chain(options).chain(["--".to_owned(), "demo".to_owned()]);
    if let Err(error) = hive::cli::command().try_get_matches_from(words) {
        panic!("{error}");
    }
}

#[test]
fn the_workflow_gives_what_the_action_takes() {
    let (_, action) = read(ACTION);
    let (_, workflow) = read(WORKFLOW);
    let declared = keys(table(&action, "inputs"));
    let jobs = table(&workflow, "jobs");
    let mut count = 0;
    for step in jobs.values().flat_map(|job| steps(&job["steps"])) {
        if step["uses"] == "./.github/actions/hive" {
            let given = step["with"].as_mapping().map(keys).unwrap_or_default();
            assert!(given.is_subset(&declared), "{given:?} of {declared:?}");
            count += 1;
        }
    }
    assert_eq!(count, 1);
    assert_eq!(workflow["permissions"]["contents"], "read");
    assert!(jobs.values().all(|job| job["timeout-minutes"].is_u64() && job["runs-on"].is_string()));
}
