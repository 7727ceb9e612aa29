//! Goldens: accepted, compared, missing, extra, broken, and never written where `CI` is set.

use serde_json::Value;

use super::project::Project;

const GOLDEN: &str = "snapshots/demo/walk.golden.toml";

#[test]
fn a_fresh_project_passes_once_its_results_are_accepted() {
    let project = Project::new();
    insta::assert_snapshot!("goldens_missing", project.hive(&["test"]).with(3));
    let accept = ["golden", "accept", "demo", "--reason", "first run"];
    insta::assert_snapshot!("goldens_accept_new", project.hive(&accept).with(0));
    insta::assert_snapshot!("goldens_accept_again", project.hive(&accept).with(0));
    insta::assert_snapshot!("goldens_pass", project.hive(&["test"]).with(0));
    insta::assert_snapshot!("goldens_pass_json", format!("{:#}", project.hive(&["test", "--format", "json"]).json(0)));
    insta::assert_snapshot!(
        "golden_file",
        project
            .read("snapshots/demo/file.golden.toml")
            .replace(concat!("hive ", env!("CARGO_PKG_VERSION")), "hive VERSION",)
    );
}

#[test]
fn a_changed_parameter_drifts() {
    let project = Project::accepted();
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/demo.toml", &recipe.replacen("stop_loss = \"0.003\"", "stop_loss = \"0.001\"", 1));
    insta::assert_snapshot!("goldens_drift", project.hive(&["test"]).with(3));

    let tested = project.hive(&["test", "--format", "json"]).json(3);
    let scenario = &tested["recipes"][0]["scenarios"][0];
    assert_eq!(scenario["scenario"], "walk");
    assert_eq!(scenario["verdict"], "drift");
    let divergence = &scenario["first_divergence"];
    let columns = divergence["columns"].as_array().expect("a ledger has columns");
    for side in ["golden", "now"] {
        assert_eq!(divergence[side].as_array().map(Vec::len), Some(columns.len()), "{side}");
    }
    assert!(divergence["fields"].as_array().is_some_and(|fields| fields.contains(&Value::from("closed"))));
    assert!(scenario["metrics"].as_array().is_some_and(|metrics| !metrics.is_empty()));
    let stop = &scenario["made_differently"][0];
    assert_eq!((&stop["name"], &stop["now"]), (&Value::from("controller.stop_loss"), &Value::from("\"0.001\"")));
    assert_eq!(tested["recipes"][0]["scenarios"][1]["verdict"], "identical");

    let accept = ["golden", "accept", "demo/walk", "--reason", "a tighter stop"];
    insta::assert_snapshot!("goldens_accept_drift", project.hive(&accept).with(0));
    project.hive(&["test"]).with(0);
    let golden = project.read(GOLDEN);
    let reasons = "    { why = \"first run\" },\n    { why = \"a tighter stop\", verdict = \"drift\", first_row = ";
    assert!(golden.contains(reasons), "{golden}");
}

#[test]
fn a_tolerance_is_for_metrics_alone() {
    let project = Project::accepted();
    project.replace(
        "recipes/demo.toml",
        "[scenario.walk]\n",
        "[tolerance]\ndefault = { rel = 1e-6 }\n\n[scenario.walk]\n",
    );
    let golden = project.read(GOLDEN);
    let line = golden.lines().find(|line| line.starts_with("total_volume = ")).expect("there is a volume");
    let volume: f64 = line.rsplit(' ').next().and_then(|text| text.parse().ok()).expect("a volume is a number");
    project.replace(GOLDEN, line, &format!("total_volume = {:?}", volume * (1.0 + 1e-8)));
    insta::assert_snapshot!("goldens_within", project.hive(&["test"]).with(0));
    let row = golden.lines().find(|line| line.starts_with("buy_0 ")).expect("something was bought").to_owned();
    let moved = row.replacen("STOP_LOSS", "EARLY_STOP", 1);
    assert_ne!(row, moved);
    project.replace(GOLDEN, &row, &moved);
    insta::assert_snapshot!("goldens_ledger", project.hive(&["test"]).with(3));
}

#[test]
fn metrics_that_are_missing_or_extra_fail() {
    let project = Project::accepted();
    let golden = project.read(GOLDEN);
    let line = golden.lines().find(|line| line.starts_with("sharpe_ratio = ")).expect("there is a ratio");
    project.write(GOLDEN, &golden.replace(&format!("{line}\n"), ""));
    insta::assert_snapshot!("goldens_metric_missing", project.hive(&["test"]).with(3));
    project.write(GOLDEN, &golden.replace(line, &format!("{line}\nsortino_ratio = 1.5")));
    insta::assert_snapshot!("goldens_metric_extra", project.hive(&["test"]).with(3));
}

#[test]
fn files_that_are_missing_or_extra_fail() {
    let project = Project::accepted();
    project.write("snapshots/demo/old.golden.toml", "");
    project.write("snapshots/gone/walk.golden.toml", "");
    project.remove("snapshots/demo/file.golden.toml");
    insta::assert_snapshot!("goldens_extra", project.hive(&["test"]).with(3));
    let tested = project.hive(&["test", "--format", "json"]).json(3);
    assert_eq!(tested["extra_goldens"][0], "snapshots/gone");
    assert_eq!(tested["recipes"][0]["extra_goldens"][0], "snapshots/demo/old.golden.toml");
    assert_eq!(tested["recipes"][0]["scenarios"][1]["verdict"], "no-golden");
    // Each alone is enough.
    project.hive(&["golden", "accept", "demo/file", "--reason", "first run"]).with(0);
    project.hive(&["test"]).with(3);
    project.remove("snapshots/demo/old.golden.toml");
    project.hive(&["test"]).with(3);
    project.hive(&["test", "demo"]).with(0);
    project.remove("snapshots/gone");
    project.hive(&["test"]).with(0);
}

#[test]
fn goldens_that_cannot_be_read() {
    let project = Project::accepted();
    let golden = project.read(GOLDEN);
    for (name, text) in [
        ("conflict", golden.replace("[made]\n", "<<<<<<< HEAD\n[made]\n=======\n[made]\n>>>>>>> other\n")),
        ("not_toml", golden.replace("[made]", "[made")),
        ("format", golden.replace("format = 2", "format = 3")),
        ("not_finite", {
            let line = golden.lines().find(|line| line.starts_with("sharpe_ratio = ")).expect("there is a ratio");
            golden.replace(line, "sharpe_ratio = nan")
        }),
        ("row", golden.replacen("buy_0 ", "", 1)),
        ("empty", String::new()),
    ] {
        project.write(GOLDEN, &text);
        insta::assert_snapshot!(format!("golden_{name}"), project.hive(&["test", "-q"]).with(3));
    }
}

#[test]
fn reasons_outlive_a_golden_that_cannot_be_read() {
    let project = Project::accepted();
    let (golden, first) = (project.read(GOLDEN), "    { why = \"first run\" },\n");
    assert!(golden.contains(first));
    let sides = format!("{first}<<<<<<< HEAD\n    'a \"quoted\" fee',\n=======\n    \"ours\",\n>>>>>>> other\n");
    project.write(GOLDEN, &golden.replace(first, &sides).replace("[made]", "[made"));
    project.hive(&["golden", "accept", "demo", "--reason", "merged"]).with(0);
    let [fee, ours, merged] =
        [r#"a \"quoted\" fee"#, "ours", "merged"].map(|why| format!("    {{ why = \"{why}\" }},\n"));
    let all = format!("{first}{fee}{ours}{merged}");
    assert_eq!(project.read(GOLDEN), golden.replace(first, &all));
    project.hive(&["test"]).with(0);
}

#[test]
fn nothing_is_accepted_in_ci() {
    let mut project = Project::new();
    project.set("CI", "true");
    let before = project.files("");
    let accept = ["golden", "accept", "demo", "--reason", "first run"];
    insta::assert_snapshot!("goldens_accept_in_ci", project.hive(&accept).with(2));
    assert_eq!(project.files(""), before);
    project.hive(&["test"]).with(3);
    assert_eq!(project.files(""), before);

    project.set("CI", "");
    project.accept();
    project.hive(&["lock"]).with(0);
    project.set("CI", "true");
    let before = project.files("");
    project.hive(&["test", "--locked"]).with(0);
    assert_eq!(project.files(""), before);
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/demo.toml", &recipe.replace("0.003", "0.001"));
    project.hive(&["test"]).with(3);
    project.write("recipes/demo.toml", &recipe);
    assert_eq!(project.files(""), before);
}

#[test]
fn what_cannot_be_accepted() {
    let project = Project::new();
    for (name, target, reason) in
        [("unknown_scenario", "demo/wlak", "x"), ("unknown_recipe", "dmeo", "x"), ("no_reason", "demo", "")]
    {
        let said = project.hive(&["golden", "accept", target, "--reason", reason]);
        insta::assert_snapshot!(format!("goldens_accept_{name}"), said.with(2));
    }
    project.hive(&["golden", "accept", "demo"]).with(2);
    assert!(!project.path("snapshots").exists());
    let accepted = project.hive(&["golden", "accept", "demo", "--reason", "x", "--format", "json"]).json(0);
    insta::assert_snapshot!("goldens_accept_json", format!("{accepted:#}"));
}
