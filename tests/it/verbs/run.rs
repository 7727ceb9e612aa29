//! `hive run`: one scenario, whole, without upstream and without a network.

use hive::market::synthetic::Walk;

use super::project::CANDLES;
use super::project::Project;

#[test]
fn one_object_with_the_documented_keys() {
    let project = Project::new();
    let run = project.hive(&["run", "demo", "walk", "--format", "json"]).json(0);
    let keys: Vec<&String> = run.as_object().expect("a run is an object").keys().collect();
    assert_eq!(
        keys,
        [
            "recipe",
            "scenario",
            "upstream",
            "profile",
            "mode",
            "engine",
            "candles",
            "start",
            "end",
            "resolution_s",
            "trade_cost",
            "results",
            "n_executors",
            "executors",
            "position_holds",
            "position_held_timeseries",
            "pnl_timeseries",
        ]
    );
    assert_eq!(
        run["executors"].as_array().map(Vec::len).map(serde_json::Value::from),
        Some(run["n_executors"].clone())
    );
    insta::assert_snapshot!("run_results", format!("{:#}", run["results"]));
    insta::assert_snapshot!("run_executor", format!("{:#}", run["executors"][0]));
    insta::assert_snapshot!("run_human", project.hive(&["run", "demo", "walk"]).with(0));
}

/// A scenario in causal mode, with costs of its own.
fn causal() -> Project {
    let project = Project::new();
    let costs = "mode = \"causal\"\nmaker-fee = 0.0002\ntaker-fee = 0.0005\nslippage-bps = 2.0\n";
    project.replace("recipes/demo.toml", "[scenario.walk]\n", &format!("[scenario.walk]\n{costs}"));
    project
}

#[test]
fn a_causal_run_reports_what_is_open_and_the_figures_of_its_own() {
    let project = causal();
    let run = project.hive(&["run", "demo", "walk", "--format", "json"]).json(0);
    assert_eq!(run["mode"], "causal");
    assert_eq!(run["costs"], serde_json::json!({ "maker_fee": 0.0002, "taker_fee": 0.0005, "slippage_bps": 2.0 }));
    insta::assert_snapshot!("run_causal_results", format!("{:#}", run["results"]));
    insta::assert_snapshot!("run_causal_open", format!("{:#}", run["open_executors"][0]));
    insta::assert_snapshot!("run_causal_human", project.hive(&["run", "demo", "walk"]).with(0));
}

#[test]
fn a_causal_scenario_has_a_golden() {
    let project = causal();
    project.accept();
    insta::assert_snapshot!("run_causal_test", project.hive(&["test", "--offline"]).with(0));
    // What trading costs is part of it.
    project.replace("recipes/demo.toml", "taker-fee = 0.0005", "taker-fee = 0.0006");
    project.hive(&["test", "--offline"]).with(3);
}

#[test]
fn gaps_are_counted() {
    let project = Project::new();
    insta::assert_snapshot!("run_gaps", project.hive(&["run", "demo", "file"]).with(0));
    let run = project.hive(&["run", "recipes/demo.toml", "file", "--format", "json"]).json(0);
    assert_eq!(run["candles"]["count"], 7);
    assert_eq!(run["candles"]["missing_count"], 1);
    assert_eq!(run["candles"]["gap_count"], 1);
}

#[test]
fn candles_from_the_cache_are_those_of_the_file() {
    let project = Project::new();
    let walk = |seed| Walk {
        seed,
        rows: 12_000,
        start: 1_767_225_600,
        interval: 60,
        price: 100.0,
        tick: 0.01,
        volume: 2.0,
        volatility_bps: 9.0,
    };
    let write = |seed| {
        let candles = walk(seed).candles();
        let line = |row: usize| {
            let [open, high, low] = [candles.open[row], candles.high[row], candles.low[row]];
            format!("{},{open},{high},{low},{},{}\n", candles.time[row], candles.close[row], candles.volume[row])
        };
        let rows: String = (0..candles.len()).map(line).collect();
        project.write("recipes/candles/small.csv", &format!("timestamp,open,high,low,close,volume\n{rows}"));
    };
    let run = || project.hive(&["run", "demo", "file", "--format", "json"]).json(0);
    let folder = ".hive/cache/candles/sha256";
    write(1);
    let parsed = run();
    let kept = project.files(folder);
    assert_eq!(kept.len(), 1, "a file of many rows is kept");
    assert_eq!(run(), parsed, "the columns give what the file gave");
    let name = format!("{folder}/{}", kept.keys().next().expect("one"));
    project.write(&name, "not columns");
    assert_eq!(run(), parsed, "what is not whole is parsed again");
    assert_eq!(project.files(folder), kept, "and kept again");
    write(2);
    assert_ne!(run()["executors"], parsed["executors"], "another file has other candles");
    assert_eq!(project.files(folder).len(), 2);
}

#[test]
fn a_release_on_the_index_is_not_needed() {
    let project = Project::with_upstream("[upstream.pypi]\npackage = \"hummingbot\"\nversion = \"20250609\"\n");
    project.hive(&["run", "demo", "walk"]).with(0);
    let project = Project::with_upstream("[upstream.git]\nurl = \"https://git.test/h\"\ntag = \"v2.6.0\"\n");
    project.hive(&["run", "demo", "walk"]).with(0);
}

#[test]
fn a_local_tree_that_is_not_there() {
    let project = Project::new();
    project.remove("upstream");
    insta::assert_snapshot!("run_no_tree", project.hive(&["run", "demo", "walk"]).with(2));
    project.replace("recipes/demo.toml", "[scenario.walk]\n", "[scenario.walk]\nreplay-profile = \"2.6\"\n");
    project.hive(&["run", "demo", "walk"]).with(0);
}

#[test]
fn a_window_without_candles_is_all_zeros() {
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    project.write(
        "recipes/demo.toml",
        &recipe.replace(
            "start = 2026-01-01T00:00:00Z\nend = 2026-01-01T00:07:00Z",
            "start = 2025-01-01T00:00:00Z\nend = 2025-01-01T00:07:00Z",
        ),
    );
    let run = project.hive(&["run", "demo", "file", "--format", "json"]).json(0);
    assert_eq!(run["n_executors"], 0);
    assert_eq!(run["results"]["close_types"], serde_json::json!({}));
    assert_eq!(run["results"]["net_pnl_quote"], 0.0);
    insta::assert_snapshot!("run_empty", project.hive(&["run", "demo", "file"]).with(0));
}

#[test]
fn unknown_names() {
    let project = Project::new();
    insta::assert_snapshot!("run_unknown_recipe", project.hive(&["run", "dmeo", "walk"]).with(2));
    insta::assert_snapshot!("run_far_recipe", project.hive(&["run", "something", "walk"]).with(2));
    insta::assert_snapshot!("run_unknown_scenario", project.hive(&["run", "demo", "wlak"]).with(2));
    insta::assert_snapshot!("run_far_scenario", project.hive(&["run", "demo", "something"]).with(2));
    insta::assert_snapshot!("run_path", project.hive(&["run", "recipes/none.toml", "walk"]).with(2));
    let said = project.hive(&["run", "demo", "wlak", "--format", "json"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    let error: serde_json::Value = serde_json::from_str(&said.err).expect("the error is JSON");
    assert_eq!(error["code"], "HV0161");
}

#[test]
fn candles_that_cannot_be_replayed() {
    let project = Project::new();
    let rows: Vec<&str> = CANDLES.lines().collect();
    let joined = |rows: &[&str]| rows.join("\n");
    let swapped = [rows[0], rows[1], rows[3], rows[2]];
    let repeated = [rows[0], rows[1], rows[2], rows[2]];
    for (name, text) in [
        ("duplicate", joined(&repeated)),
        ("unsorted", joined(&swapped)),
        ("nan", CANDLES.replace("99.6,99.8,2", "nan,99.8,2")),
        ("milliseconds", CANDLES.replace("1767225840,", "1767225840000,")),
        ("header", CANDLES.replace("timestamp", "time")),
        ("no_rows", format!("{}\n", rows[0])),
        ("nothing", String::new()),
        ("fields", CANDLES.replace(",99.8,2", ",99.8")),
        ("not_positive", CANDLES.replace("99.6,99.8,2", "-1,99.8,2")),
    ] {
        project.write("recipes/candles/small.csv", &text);
        insta::assert_snapshot!(format!("candles_{name}"), project.hive(&["run", "demo", "file"]).with(2));
    }
    // The other scenario has candles of its own, and is not kept from its result.
    insta::assert_snapshot!("candles_in_test", project.hive(&["test"]).with(2));
    project.write("recipes/candles/small.csv", CANDLES);
    project.replace(
        "recipes/demo.toml",
        "end = 2026-01-01T00:07:00Z\nresolution = \"1m\"",
        "end = 2026-01-01T00:07:00Z\nresolution = \"1s\"",
    );
    insta::assert_snapshot!("candles_too_coarse", project.hive(&["run", "demo", "file"]).with(2));
}

#[test]
fn what_is_not_replayed() {
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    let with = |line: &str| {
        let recipe = recipe.replace("[scenario.walk]\n", &format!("[scenario.walk]\n{line}\n"));
        project.write("recipes/demo.toml", &recipe);
    };
    with("engine = \"upstream\"");
    insta::assert_snapshot!("run_upstream", project.hive(&["run", "demo", "walk"]).with(2));
    with("replay-profile = \"2.7\"");
    insta::assert_snapshot!("run_profile", project.hive(&["run", "demo", "walk"]).with(2));
    project.write("recipes/demo.toml", &recipe);
    for (name, version) in [("unproven", "2.13.0"), ("old", "1.20.0"), ("no_version", "main")] {
        project.write("upstream/hummingbot/VERSION", version);
        insta::assert_snapshot!(format!("run_{name}"), project.hive(&["run", "demo", "walk"]).with(2));
    }
    with("replay-profile = \"2.16\"");
    project.hive(&["run", "demo", "walk"]).with(0);
}

/// Adds a scenario like `walk`, with some lines more and some lines otherwise, that is compared with it.
fn beside(project: &Project, lines: &str, from: &str, to: &str) {
    let recipe = project.read("recipes/demo.toml");
    let start = recipe.find("[scenario.walk]").expect("the recipe has it");
    let end = recipe.find("[scenario.file]").expect("the recipe has it");
    let like = recipe[start..end].replace("[scenario.walk", "[scenario.like").replace(from, to);
    let like = like.replace("[scenario.like]\n", &format!("[scenario.like]\nagainst = \"walk\"\n{lines}"));
    project.write("recipes/demo.toml", &format!("{recipe}\n{like}"));
}

#[test]
fn a_scenario_is_compared_with_another() {
    let project = Project::new();
    beside(&project, "replay-profile = \"2.6\"\n", "", "");
    let run = project.hive(&["run", "demo", "like", "--format", "json"]).json(0);
    assert_eq!(run["against"]["verdict"], "exact");
    assert_eq!(run["against"]["executor_count"], run["n_executors"]);
    assert_eq!(run["against"]["inputs"], serde_json::json!([]));
}

#[test]
fn another_result_is_drift_and_its_first_difference_is_named() {
    let project = Project::new();
    // Fees for entry and exit instead of one for both.
    beside(&project, "replay-profile = \"2.16\"\n", "", "");
    let run = project.hive(&["run", "demo", "like", "--format", "json"]).json(3);
    assert_eq!(run["against"]["verdict"], "drift");
    let human = project.hive(&["run", "demo", "like"]).with(3);
    let told = human.split_once("\nagainst").expect("the comparison is told").1;
    insta::assert_snapshot!("run_against", told);
    project.accept();
    insta::assert_snapshot!("test_against", project.hive(&["test", "demo"]).with(3));
}

#[test]
fn other_inputs_are_told_first() {
    let project = Project::new();
    beside(&project, "", "stop_loss = \"0.003\"", "stop_loss = \"0.9\"");
    let run = project.hive(&["run", "demo", "like", "--format", "json"]).json(3);
    let inputs = serde_json::json!([{ "input": "controller.stop_loss", "this": "0.9", "other": "0.003" }]);
    assert_eq!(run["against"]["inputs"], inputs);
}

#[test]
fn a_comparison_needs_no_golden() {
    let project = Project::accepted();
    beside(&project, "replay-profile = \"2.6\"\n", "", "");
    let tested = project.hive(&["test", "demo", "--format", "json"]).json(0);
    let like = &tested["recipes"][0]["scenarios"][2];
    assert_eq!((&like["scenario"], &like["verdict"]), (&"like".into(), &"no-golden".into()));
    assert_eq!(like["against"]["verdict"], "exact");
}

#[test]
fn an_upstream_scenario_without_python_does_not_keep_others_from_running() {
    let project = Project::accepted();
    beside(&project, "engine = \"upstream\"\n", "", "");
    insta::assert_snapshot!("test_without_python", project.hive(&["test", "demo"]).with(2));
    insta::assert_snapshot!("audit_upstream", project.hive(&["audit", "demo", "like"]).with(2));
}

#[test]
fn a_report_is_a_page_of_its_own() {
    let project = Project::new();
    let said = project.hive(&["run", "demo", "walk", "--report", "out/run.html"]);
    assert_eq!((said.code, said.err.as_str()), (0, "wrote out/run.html\n"));
    let page = project.read("out/run.html");
    assert!(page.contains("<title>demo/walk") && page.contains("\"verdict\":\"no-golden\""));
    project.accept();
    project.hive(&["run", "demo", "walk", "--report", "out/run.html", "--quiet"]).with(0);
    assert!(project.read("out/run.html").contains("\"verdict\":\"identical\""));
}
