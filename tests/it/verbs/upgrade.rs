//! `hive upgrade`: a recipe on another release, nothing written until it is asked for, then all of it or none.

use std::collections::BTreeMap;

use hive::io::progress::NoProgress;
use hive::patch::walk::Decided;
use hive::workflow::Options;
use hive::workflow::patch::probe::Answer;
use hive::workflow::patch::probe::Outcome;
use hive::workflow::patch::probe::Probed;
use hive::workflow::patch::probe::Verdict;
use hive::workflow::patch::walk;
use hive::workflow::upgrade::fate;
use hive::workflow::upgrade::fate::Fate;
use hive::workflow::upgrade::fate::Probes;
use hive::workflow::upgrade::fate::Proof;
use hive::workflow::upgrade::report::Check;
use serde_json::Value;

use super::project::ENGINE;
use super::project::Project;
use super::project::release;
use crate::fetch::repository::Repository;

/// What the ratio looks like where upstream rewrote it.
const REWRITTEN: &str = "    return profit / deviation if deviation else None";

const APPLY: [&str; 5] = ["upgrade", "demo", "--to", "v2.14.0", "--apply"];

/// Publishes releases in which upstream adds a line, fixes the fee, comes to another replay profile, and rewrites the ratio.
pub(super) fn repository() -> Repository {
    let repository = Repository::new();
    let publish = |tag: &str, engine: String| {
        let mut files = release(tag.trim_start_matches('v'));
        files.retain(|(path, _)| path != "hummingbot/engine.py");
        files.push(("hummingbot/engine.py".to_owned(), engine));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        repository.release(tag, &files);
    };
    let fixed = ENGINE.replace("0.01", "0.1");
    publish("v2.6.1", ENGINE.to_owned());
    publish("v2.7.0", format!("import math\n{ENGINE}"));
    publish("v2.8.0", format!("import math\n{fixed}"));
    publish("v2.14.0", format!("import json\nimport math\n{fixed}"));
    publish("v2.16.0", fixed.replace("    return profit / deviation", REWRITTEN));
    repository
}

/// Makes a project with accepted results and a lock on the first of the releases.
pub(super) fn project(repository: &Repository) -> Project {
    accepted(repository, |_| {})
}

/// Makes such a project, changed before its results are accepted.
fn accepted(repository: &Repository, change: impl FnOnce(&Project)) -> Project {
    let upstream = format!("[upstream.git]\nurl = \"{}\"\ntag = \"v2.6.1\" # the first\n", repository.url());
    let project = Project::with_upstream(&upstream);
    change(&project);
    project.accept();
    project.hive(&["lock"]).with(0);
    project
}

/// Returns every file but hive's own.
fn standing(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut files = project.files("");
    files.retain(|path, _| !path.starts_with(".hive"));
    files
}

fn json(project: &Project, arguments: &[&str], code: i32) -> Value {
    let arguments = [arguments, &["--format", "json"]].concat();
    project.hive(&arguments).json(code)
}

#[test]
fn everything_is_told_and_nothing_is_written() {
    let repository = repository();
    let project = project(&repository);
    let before = standing(&project);
    let report = project.hive(&["upgrade", "demo", "--to", "v2.14.0"]).with(3);
    insta::assert_snapshot!("upgrade_report", report.replace(&repository.url(), "URL"));
    let told = json(&project, &["upgrade", "demo", "--to", "v2.14.0", "--dry-run"], 3);
    let upgrade = &told["upgrades"][0];
    assert_eq!((&upgrade["from"], &upgrade["to"]), (&"v2.6.1".into(), &"v2.14.0".into()));
    assert_eq!(upgrade["releases"], serde_json::json!(["v2.7.0", "v2.8.0", "v2.14.0"]));
    let file = &upgrade["upstream_files"][0];
    assert_eq!(file["changed_in"], serde_json::json!(["v2.7.0", "v2.8.0", "v2.14.0"]));
    assert_eq!((&file["added"], &file["removed"]), (&3.into(), &1.into()));
    let [fee, ratio] = [0, 1].map(|index| &upgrade["patches"][index]);
    assert_eq!((&fee["fate"], &fee["by"], &fee["release"]), (&"obsolete".into(), &"text".into(), &"v2.8.0".into()));
    assert_eq!((&ratio["fate"], &ratio["state"]), (&"carried".into(), &"offset".into()));
    assert_eq!(upgrade["series"][0]["is_rewritten"], true);
    assert_eq!(upgrade["packages"]["check"], "not-checked");
    assert_eq!(upgrade["registration"]["result"]["controllers"].as_array().map(Vec::len), Some(1));
    let walk = &upgrade["scenarios"][0];
    assert_eq!((&walk["profile_before"], &walk["profile_after"]), (&"2.6".into(), &"2.14".into()));
    assert_eq!((&walk["verdict"], &walk["compared_with"]), (&"drift".into(), &"its golden".into()));
    assert!(walk["comparison"]["metrics"].as_array().is_some_and(|metrics| !metrics.is_empty()));
    assert!(walk["first_event"].is_object(), "{walk}");
    assert_eq!(walk["upstream_engine"]["check"], "not-checked");
    assert_eq!(standing(&project), before);
}

/// Returns the groups of the axes that cause the drift of a scenario.
fn causes(told: &Value, scenario: usize) -> Vec<String> {
    let attribution = &told["upgrades"][0]["scenarios"][scenario]["attribution"]["result"];
    let causes = attribution["causes"].as_array().unwrap_or_else(|| panic!("{told}"));
    let named = causes.iter().flat_map(|cause| cause["axes"].as_array().into_iter().flatten());
    let group = |name: &Value| {
        let all = attribution["axes"].as_array().expect("axes");
        let axis = all.iter().find(|axis| axis["name"] == *name).expect("a cause is an axis");
        axis["group"].as_str().expect("a group").to_owned()
    };
    let mut groups: Vec<String> = named.map(group).collect();
    groups.sort();
    groups.dedup();
    groups
}

#[test]
fn the_cause_of_a_drift_is_what_was_changed() {
    let repository = repository();
    let project = project(&repository);
    assert_eq!(causes(&json(&project, &["upgrade", "demo", "--to", "v2.14.0"], 3), 0), ["profile"]);
    // The same profile on the way, and nothing drifts.
    let told = json(&project, &["upgrade", "demo", "--to", "v2.7.0"], 0);
    assert_eq!(told["upgrades"][0]["scenarios"][0]["verdict"], "identical");
    let recipe = project.read("recipes/demo.toml");
    project.replace("recipes/demo.toml", "seed = 7", "seed = 8");
    assert_eq!(causes(&json(&project, &["upgrade", "demo", "--to", "v2.7.0"], 3), 0), ["candles"]);
    project.write("recipes/demo.toml", &recipe.replacen("time_limit = 1800", "time_limit = 600", 1));
    assert_eq!(causes(&json(&project, &["upgrade", "demo", "--to", "v2.7.0"], 3), 0), ["controller"]);
}

#[test]
fn it_is_applied_and_taken_back() {
    let repository = repository();
    let project = project(&repository);
    let before = standing(&project);
    let said = project.hive(&APPLY).with(3);
    assert!(said.contains("hive upgrade --undo"), "{said}");
    let after = standing(&project);
    let mut changed: Vec<&str> =
        after.iter().filter(|(path, text)| before.get(*path) != Some(text)).map(|(path, _)| path.as_str()).collect();
    changed.retain(|path| !path.ends_with(".pending.toml"));
    assert_eq!(changed, ["hive.lock", "patches/demo/02_ratio.patch", "recipes/demo.toml"]);
    assert!(after.contains_key("snapshots/demo/walk.pending.toml"));
    assert!(!after.contains_key("patches/demo/01_fee.patch"));
    let recipe = project.read("recipes/demo.toml").replace(&repository.url(), "URL");
    insta::assert_snapshot!("upgrade_recipe", recipe.split("[[controller]]").next().expect("text"));
    // The accepted goldens are what they were, and what waits is what a test would keep: it writes nothing new.
    let tested = json(&project, &["test", "demo"], 3);
    assert_eq!(standing(&project), after);
    assert_eq!(tested["recipes"][0]["lock"]["state"], "fresh", "{tested}");
    assert_eq!(tested["recipes"][0]["patches"][0]["state"], "clean");
    let undone = project.hive(&["upgrade", "--undo"]).with(0);
    assert!(undone.contains("undo: upgrade `demo` to v2.14.0"), "{undone}");
    assert_eq!(standing(&project), before);
    insta::assert_snapshot!("upgrade_nothing_to_undo", project.hive(&["upgrade", "--undo"]).with(2));
}

#[test]
fn what_changed_since_is_not_undone() {
    let repository = repository();
    let project = project(&repository);
    project.hive(&APPLY).with(3);
    project.replace("recipes/demo.toml", "two patches", "a patch");
    let before = standing(&project);
    insta::assert_snapshot!("upgrade_changed_since", project.hive(&["upgrade", "--undo"]).with(2));
    assert_eq!(standing(&project), before);
}

#[test]
fn a_conflict_without_proof_is_in_the_way() {
    let repository = repository();
    let project = project(&repository);
    let before = standing(&project);
    let told = json(&project, &["upgrade", "demo", "--to", "v2.16.0"], 1);
    let ratio = &told["upgrades"][0]["patches"][1];
    assert_eq!((&ratio["fate"], &ratio["since"]), (&"conflict".into(), &"v2.16.0".into()));
    assert!(ratio["conflicts"][0]["text"].as_str().is_some_and(|text| text.contains(REWRITTEN)));
    let applied = project.hive(&["upgrade", "demo", "--to", "v2.16.0", "--apply"]);
    assert!(applied.out.contains("<<<<<<<"), "the report is shown all the same: {}", applied.out);
    assert_eq!(applied.code, 1);
    insta::assert_snapshot!("upgrade_in_the_way", applied.err);
    assert_eq!(standing(&project), before);
}

#[cfg(unix)]
#[test]
fn killed_after_any_step_it_leaves_the_old_state_or_the_new_one() {
    const KILL: &str = "HIVE_TEST_KILL_AFTER_STEPS";
    let repository = repository();
    // Many runs, and each of them replays.
    let mut project = accepted(&repository, |project| project.replace("recipes/demo.toml", "rows = 240", "rows = 12"));
    let before = standing(&project);
    project.hive(&APPLY).with(3);
    let after = standing(&project);
    project.hive(&["upgrade", "--undo"]).with(0);
    assert_eq!(standing(&project), before);
    let (mut old, mut new) = (0, 0);
    for step in 1.. {
        project.set(KILL, &step.to_string());
        let killed = project.hive(&APPLY);
        project.unset(KILL);
        if killed.code == 3 {
            assert!(step > 12, "only {step} steps");
            break;
        }
        assert_eq!(killed.code, -1, "step {step}: {}", killed.err);
        let told = project.hive(&["plan"]).err;
        let now = standing(&project);
        if now == before {
            old += 1;
        } else {
            assert_eq!(now, after, "step {step}: {told}");
            new += 1;
            project.hive(&["upgrade", "--undo"]).with(0);
            assert_eq!(standing(&project), before, "step {step}");
        }
    }
    assert!(old >= 4 && new >= 4, "{old} times the old state, {new} times the new one");
}

#[test]
fn several_releases_make_a_matrix() {
    let repository = repository();
    let project = project(&repository);
    let both = ["upgrade", "demo", "--to", "v2.7.0", "--to", "v2.14.0"];
    let said = project.hive(&both).with(3);
    let matrix = said.lines().skip_while(|line| !line.trim_start().starts_with("recipe  to")).collect::<Vec<_>>();
    insta::assert_snapshot!("upgrade_matrix", matrix.join("\n"));
    assert_eq!(json(&project, &both, 3)["upgrades"].as_array().map(Vec::len), Some(2));
    let refused = project.hive(&[&both[..], &["--apply"]].concat());
    insta::assert_snapshot!("upgrade_several", refused.with(2));
}

#[test]
fn all_go_to_the_newest_release_with_a_proven_profile() {
    let repository = repository();
    repository.release("v2.99.0", &[]);
    let project = project(&repository);
    project.write(
        "recipes/tree.toml",
        "schema = 1\n\n[recipe]\nname = \"tree\"\ndescription = \"on a tree\"\n\n[upstream.path]\npath = \"upstream\"\n",
    );
    let told = json(&project, &["upgrade", "--all"], 1);
    assert_eq!(told["upgrades"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["upgrades"][0]["to"], "v2.16.0");
    assert_eq!(told["skipped"][0]["recipe"], "tree");
    project.replace("recipes/demo.toml", "v2.6.1", "v2.99.0");
    let told = json(&project, &["upgrade", "demo"], 0);
    assert_eq!(told["upgrades"], serde_json::json!([]));
    assert_eq!(told["skipped"][0]["recipe"], "demo");
}

#[test]
fn what_is_asked_wrongly_is_told() {
    let repository = repository();
    let mut project = project(&repository);
    insta::assert_snapshot!("upgrade_same", project.hive(&["upgrade", "demo", "--to", "v2.6.1"]).with(2));
    let unknown = project.hive(&["upgrade", "demo", "--to", "v2.7.1"]).with(2);
    assert!(unknown.contains("HV0362"), "{unknown}");
    project.set("CI", "1");
    insta::assert_snapshot!("upgrade_in_ci", project.hive(&APPLY).with(2));
    project.hive(&["upgrade", "demo", "--to", "v2.7.0"]).with(0);
}

#[test]
fn a_patch_that_others_name_stays_as_it_is() {
    let repository = repository();
    let project = project(&repository);
    let other = project.read("recipes/demo.toml").replace("name = \"demo\"", "name = \"other\"");
    project.write("recipes/other.toml", &other);
    let told = json(&project, &["upgrade", "demo", "--to", "v2.14.0"], 1);
    let blocks = told["upgrades"][0]["blocks"].to_string();
    assert!(blocks.contains("02_ratio.patch") && blocks.contains("other"), "{blocks}");
    assert!(!blocks.contains("01_fee.patch"), "a patch that only leaves stays for the other: {blocks}");
}

#[test]
fn a_release_without_a_profile_cannot_be_locked() {
    let repository = repository();
    repository.release("v2.99.0", &[("hummingbot/engine.py", ENGINE)]);
    let project = project(&repository);
    let told = json(&project, &["upgrade", "demo", "--to", "v2.99.0"], 1);
    let upgrade = &told["upgrades"][0];
    assert_eq!(upgrade["scenarios"][0]["verdict"], "failed");
    assert_eq!(upgrade["scenarios"][0]["profile_after"], Value::Null);
    assert!(upgrade["blocks"].to_string().contains("no replay profile is proven"), "{upgrade}");
}

#[test]
fn a_report_is_written_as_markdown() {
    let repository = repository();
    let project = project(&repository);
    project.hive(&["upgrade", "demo", "--to", "v2.14.0", "--report", "report.md"]).with(3);
    insta::assert_snapshot!("upgrade_markdown", project.read("report.md"));
}

/// Returns what becomes of both patches on a release, where the probes say this.
fn fates(to: &str, answers: [Option<Outcome>; 2]) -> Vec<Fate> {
    let repository = repository();
    let project = project(&repository);
    let place = hive::workflow::Project::discover(&project.path(""));
    let loaded = place.load("recipes/demo.toml").expect("the recipe is right");
    let walked = walk::walk(&place, &loaded, to, &Decided::default(), Options::default(), &NoProgress).expect("a way");
    let answers = answers.map(|outcome| match outcome {
        None => Check::NotChecked("nobody asked".to_owned()),
        Some(outcome) => Check::Checked(Probed {
            patch: String::new(),
            probe: None,
            verdict: Verdict::Undecided,
            pristine: Some(Answer { outcome, reason: None }),
            patched: None,
        }),
    });
    let probes = Probes { answers: answers.into(), environment_of: None };
    fate::fates(&loaded, &walked, &probes, to)
}

#[test]
fn the_probe_has_the_last_word() {
    use Outcome::Fails;
    use Outcome::Passes;
    use Outcome::Undecided;
    let by = |fate: &Fate| match fate {
        Fate::Obsolete { by, .. } => Some(*by),
        _ => None,
    };
    // On v2.16.0 the text of the first is absorbed, that of the second conflicts.
    for unknown in [None, Some(Undecided)] {
        let found = fates("v2.16.0", [unknown, unknown]);
        assert_eq!(by(&found[0]), Some(Proof::Text));
        assert!(matches!(&found[1], Fate::Conflict { state: "conflict", .. }));
    }
    let found = fates("v2.16.0", [Some(Passes), Some(Passes)]);
    assert_eq!([by(&found[0]), by(&found[1])], [Some(Proof::Text), Some(Proof::Probe)]);
    let found = fates("v2.16.0", [Some(Fails), Some(Fails)]);
    assert!(matches!(&found[0], Fate::Contradicted { release, .. } if release == "v2.8.0"));
    assert!(matches!(&found[1], Fate::Conflict { .. }));
    assert!(found.iter().all(|fate| fate.block("a.patch").is_some()));
    // On v2.7.0 the text of both goes along, and a probe that passes without a patch shows that nobody needs it.
    let found = fates("v2.7.0", [Some(Passes), Some(Fails)]);
    assert_eq!(by(&found[0]), Some(Proof::Probe));
    assert!(matches!(found[1], Fate::Carried { state: "offset" }));
}
