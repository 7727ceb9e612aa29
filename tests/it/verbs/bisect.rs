//! `hive bisect`: the planted cause is found and named, alone or together with another one, and nothing else is.

use std::process::Command;

use serde_json::Value;

use super::project::Project;
use crate::fetch::repository::Repository;

const RECIPE: &str = "recipes/demo.toml";

/// A project on a tag of a repository that has these tags.
fn on_tags(tags: &[&str]) -> (Repository, Project) {
    let repository = Repository::new();
    for tag in tags {
        repository.release(tag, &[("hummingbot/VERSION", &format!("{}\n", &tag[1..]))]);
    }
    let upstream = format!("[upstream.git]\nurl = \"{}\"\ntag = \"{}\"\n", repository.url(), tags[0]);
    let project = Project::with_upstream(&upstream);
    (repository, project)
}

/// Replaces a text of the first scenario.
fn change(project: &Project, from: &str, to: &str) {
    let recipe = project.read(RECIPE);
    assert!(recipe.contains(from), "`{from}`");
    project.write(RECIPE, &recipe.replacen(from, to, 1));
}

/// Runs git in a project.
fn git(project: &Project, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
    let mut command = Command::new("git");
    command.args(identity).args(arguments).current_dir(project.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().expect("git is there");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Puts all of a project into a repository of its own.
fn commit(project: &Project) {
    project.write(".gitignore", ".hive/\n");
    git(project, &["init", "-q"]);
    git(project, &["add", "-A"]);
    git(project, &["commit", "-qm", "first"]);
}

/// Returns the causes, each as the names of its axes.
fn causes(bisected: &Value) -> Vec<Vec<&str>> {
    let causes = bisected["causes"].as_array().expect("a list");
    let names = |cause: &'_ Value| -> Vec<String> {
        cause["axes"].as_array().expect("a list").iter().map(|it| it.as_str().expect("a name").to_owned()).collect()
    };
    assert!(causes.iter().all(|cause| cause["is_interaction"] == (names(cause).len() > 1)));
    causes
        .iter()
        .map(|cause| cause["axes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect())
        .collect()
}

/// Checks that the shares of every metric add up to its change.
fn check_shares(bisected: &Value) {
    let metrics = bisected["metrics"].as_array().expect("a list");
    assert!(metrics.len() > 10, "{bisected:#}");
    for metric in metrics {
        let shares = metric["shares"].as_object().unwrap_or_else(|| panic!("{metric:#}"));
        let sum: f64 = shares.values().filter_map(Value::as_f64).sum();
        let whole = match metric["change"].as_str() {
            Some("value") => metric["by"].as_f64().expect("a number"),
            Some("appears") => 1.0,
            Some("disappears") => -1.0,
            _ => 0.0,
        };
        assert!((sum - whole).abs() <= 1e-12 * whole.abs().max(1.0), "{metric:#}");
    }
}

#[test]
fn nothing_differs_from_a_golden_that_was_just_accepted() {
    let project = Project::accepted();
    insta::assert_snapshot!("bisect_identical", project.hive(&["bisect", "demo/walk"]).with(0));
}

#[test]
fn a_parameter_is_found_among_32_mixtures() {
    let project = Project::accepted();
    change(&project, "stop_loss = \"0.003\"", "stop_loss = \"0.001\"");
    // None of these moves anything here.
    change(&project, "buy_amounts_pct = \"\"", "buy_amounts_pct = \"1\"");
    change(&project, "sell_amounts_pct = \"\"", "sell_amounts_pct = \"1\"");
    change(
        &project,
        "trade-cost = 0.0002\n",
        "trade-cost = 0.0002\ntrading-rules = { min_order_size = \"0.00002\" }\n",
    );
    change(&project, "trade-cost = 0.0002\n", "trade-cost = 0.0002\nwall-clock = 2026-02-01T00:00:00Z\n");
    insta::assert_snapshot!("bisect_parameter", project.hive(&["bisect", "demo/walk"]).with(3));
    let bisected = project.hive(&["bisect", "demo/walk", "--format", "json"]).json(3);
    assert_eq!(bisected["axes"].as_array().map(Vec::len), Some(5));
    assert_eq!(causes(&bisected), [["controller.stop_loss"]]);
    assert_eq!(bisected["causes_are_complete"], true);
    assert_eq!(bisected["undo"], serde_json::json!(["controller.stop_loss"]));
    assert_eq!(bisected["is_reproduced"], true);
    assert_eq!(bisected["method"]["name"], "exact");
    // Everything was run before.
    assert_eq!((&bisected["runs"]["count"], &bisected["runs"]["cached_count"]), (&Value::from(32), &Value::from(32)));
    check_shares(&bisected);
}

#[test]
fn one_metric_may_have_another_cause_than_the_ledger() {
    let project = Project::accepted();
    change(&project, "stop_loss = \"0.003\"", "stop_loss = \"0.001\"");
    change(&project, "total_amount_quote = 1000", "total_amount_quote = 2000");
    let bisect =
        |metric: &str, code| project.hive(&["bisect", "demo/walk", "--metric", metric, "--format", "json"]).json(code);
    assert_eq!(causes(&bisect("close_types.STOP_LOSS", 3)), [["controller.stop_loss"]]);
    let profit = bisect("net_pnl_quote", 3);
    assert_eq!(causes(&profit), [["controller.total_amount_quote"], ["controller.stop_loss"]]);
    check_shares(&profit);
    insta::assert_snapshot!(
        "bisect_metric",
        project.hive(&["bisect", "demo/walk", "--metric", "net_pnl_quote"]).with(3)
    );
    insta::assert_snapshot!(
        "bisect_no_metric",
        project.hive(&["bisect", "demo/walk", "--metric", "net_pnl_quot"]).with(2)
    );
    // A tolerance is for metrics, and here for the one that is asked about.
    change(&project, "[scenario.walk]\n", "[tolerance]\ndefault = { abs = 1e6 }\n\n[scenario.walk]\n");
    assert_eq!(bisect("net_pnl_quote", 0)["verdict"], "within-tolerance");
}

#[test]
fn candles_are_found_by_their_hash_in_the_history() {
    let project = Project::accepted();
    commit(&project);
    let (file, candles) = ("recipes/candles/small.csv", project.read("recipes/candles/small.csv"));
    project.write(file, &candles.replace("100.1,100.3,99.8,99.9,4", "100.1,100.9,99.8,99.9,4"));
    // A change of the file in between, which is another one yet.
    git(&project, &["commit", "-qam", "second"]);
    project.write(file, &candles.replace("100.1,100.3,99.8,99.9,4", "100.1,100.3,99.0,99.9,4"));
    change(&project, "resolution = \"1m\"\n", "resolution = \"1m\"\nwall-clock = 2026-02-01T00:00:00Z\n");
    let bisected = project.hive(&["bisect", "demo/file", "--format", "json"]).json(3);
    assert_eq!(causes(&bisected), [["candles"]]);
    assert_eq!(bisected["is_reproduced"], true, "{bisected:#}");
    assert_eq!(bisected["notes"], serde_json::json!([]));
    check_shares(&bisected);
    // From the revision it is the same, without a golden.
    project.remove("snapshots");
    let bisected = project.hive(&["bisect", "demo/file", "--from", "git:HEAD~1", "--format", "json"]).json(3);
    assert_eq!(causes(&bisected), [["candles"]]);
    assert_eq!(bisected["is_reproduced"], Value::Null);
    let between = ["bisect", "demo/file", "--from", "git:HEAD~1", "--to", "git:HEAD", "--format", "json"];
    assert_eq!(causes(&project.hive(&between).json(3)), [["candles"]]);
}

#[test]
fn candles_that_are_lost_are_told_and_the_rest_is_tried() {
    let project = Project::accepted();
    let (file, candles) = ("recipes/candles/small.csv", project.read("recipes/candles/small.csv"));
    project.write(file, &candles.replace("100.1,100.3,99.8,99.9,4", "100.1,100.3,99.0,99.9,4"));
    let recipe = project.read(RECIPE);
    let (first, second) = recipe.split_once("[scenario.file]").expect("the second scenario");
    let second =
        second.replace("cooldown_time = 60", "cooldown_time = 0").replace("time_limit = 180", "time_limit = 60");
    project.write(RECIPE, &format!("{first}[scenario.file]{second}"));
    insta::assert_snapshot!("bisect_lost_candles", project.hive(&["bisect", "demo/file"]).with(3));
    let bisected = project.hive(&["bisect", "demo/file", "--format", "json"]).json(3);
    assert_eq!(bisected["is_reproduced"], false);
    assert!(causes(&bisected).contains(&vec!["controller.time_limit"]), "{bisected:#}");
}

#[test]
fn a_release_is_taken_apart_into_the_switches_of_its_profile() {
    let (_repository, project) = on_tags(&["v2.6.1", "v2.18.0"]);
    project.accept();
    let bisected = project.hive(&["bisect", "demo/walk", "--to", "v2.18.0", "--format", "json"]).json(3);
    assert_eq!(bisected["axes"].as_array().map(Vec::len), Some(12), "{:#}", bisected["axes"]);
    let causes = causes(&bisected);
    for cause in ["fee_sides", "convention"] {
        assert!(causes.contains(&vec![cause]), "{causes:?}");
    }
    assert_eq!(bisected["method"]["name"], "effective");
    assert_eq!(bisected["new"]["profile"], "2.18");
    check_shares(&bisected);
    // With fewer runs the causes stay what they are, and how the shares were found is told.
    let few = ["bisect", "demo/walk", "--to", "v2.18.0", "--runs", "8", "--format", "json"];
    let few = project.hive(&few).json(3);
    assert_eq!((&few["method"]["name"], &few["causes_are_complete"]), (&Value::from("nothing"), &Value::from(false)));
    assert!(few["runs"]["count"].as_u64().is_some_and(|count| count <= 8));
}

#[test]
fn what_keeps_a_new_side_from_having_a_result_is_a_cause_of_two() {
    // Since v2.13 the models of controllers do not know this key any more.
    let (_repository, project) = on_tags(&["v2.6.1", "v2.18.0"]);
    project.accept();
    change(&project, "tag = \"v2.6.1\"", "tag = \"v2.18.0\"");
    change(&project, "time_limit = 1800\n", "time_limit = 1800\ncandles_config = []\n");
    let bisected = project.hive(&["bisect", "demo/walk", "--format", "json"]).json(3);
    assert_eq!(bisected["verdict"], "fails", "{bisected:#}");
    assert_eq!(bisected["axes"].as_array().map(Vec::len), Some(13));
    assert_eq!(causes(&bisected), [["model", "controller.candles_config"]]);
    assert!(bisected["failure"].as_str().is_some_and(|why| why.contains("candles_config")), "{bisected:#}");
    assert_eq!(bisected["method"]["name"], "nothing");
    insta::assert_snapshot!("bisect_fails", project.hive(&["bisect", "demo/walk"]).with(3));
}

#[test]
fn releases_are_walked_profile_by_profile() {
    let tags = ["v2.6.1", "v2.9.0", "v2.12.0", "v2.13.0", "v2.14.0", "v2.15.0", "v2.18.0"];
    let (_repository, project) = on_tags(&tags);
    insta::assert_snapshot!(
        "bisect_releases",
        project.hive(&["bisect", "demo/walk", "--releases", "--to", "v2.18.0"]).with(3)
    );
    let bisect = |to: &str, code| {
        project.hive(&["bisect", "demo/walk", "--releases", "--to", to, "--format", "json"]).json(code)
    };
    let bisected = bisect("v2.18.0", 3);
    let walked = &bisected["releases"];
    assert_eq!((&walked["last_same"], &walked["first_different"]), (&Value::from("v2.12.0"), &Value::from("v2.14.0")));
    assert_eq!(walked["undecided"], serde_json::json!(["v2.13.0"]));
    assert_eq!(
        (&bisected["old"]["name"], &bisected["new"]["name"]),
        (&Value::from("v2.12.0"), &Value::from("v2.14.0"))
    );
    assert!(causes(&bisected).contains(&vec!["fee_sides"]));
    let bisected = bisect("v2.12.0", 0);
    assert_eq!(
        (&bisected["releases"]["first_different"], &bisected["verdict"]),
        (&Value::Null, &Value::from("identical"))
    );
}

#[test]
fn refusals() {
    let project = Project::new();
    for (name, arguments) in [
        ("no_golden", &["bisect", "demo/walk"][..]),
        ("no_scenario", &["bisect", "demo"]),
        ("unknown_scenario", &["bisect", "demo/wlk"]),
        ("local_tree", &["bisect", "demo/walk", "--from", "now", "--to", "20260922"]),
        ("no_walk", &["bisect", "demo/walk", "--releases", "--from", "golden", "--to", "20260922"]),
        ("too_few_runs", &["bisect", "demo/walk", "--runs", "1"]),
    ] {
        insta::assert_snapshot!(format!("bisect_{name}"), project.hive(arguments).with(2));
    }
    commit(&project);
    let revision = |revision: &str| project.hive(&["bisect", "demo/walk", "--from", revision]).with(2);
    insta::assert_snapshot!("bisect_no_revision", revision("git:nowhere"));
    git(&project, &["checkout", "-q", "--orphan", "other"]);
    git(&project, &["rm", "-rqf", "--cached", "."]);
    git(&project, &["add", ".gitignore"]);
    git(&project, &["commit", "-qm", "nothing of it"]);
    insta::assert_snapshot!("bisect_not_in_revision", revision("git:other"));
    // Of two engines there is no mixture.
    project.accept();
    change(&project, "[scenario.walk]\n", "[scenario.walk]\nengine = \"upstream\"\n");
    let said = project.hive(&["bisect", "demo/walk"]);
    assert!(said.code != 0 && said.err.contains("error"), "{said:?}");
}
