//! `hive golden blame`: who moved which metric, from a repository's history.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::project::Project;

const RECIPE: &str = "recipes/demo.toml";
const GOLDEN: &str = "snapshots/demo/walk.golden.toml";

/// A project in a repository, in which each commit is an hour later than the one before.
pub(super) struct Repository {
    pub(super) project: Project,
    hour: u32,
}

impl Repository {
    /// Makes a repository whose first commit has the first goldens and a lock.
    pub(super) fn new() -> Self {
        let project = Project::new();
        project.write(".gitignore", ".hive/\n");
        let mut repository = Self { project, hour: 0 };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.accept("first run");
        repository.project.hive(&["lock", "demo"]).with(0);
        repository.commit("demo: first goldens");
        repository
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let date = format!("2026-02-01T{:02}:00:00+01:00", self.hour);
        let output = Command::new("git")
            .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.project.path(""))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .expect("git is there");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn accept(&self, reason: &str) {
        self.project.hive(&["golden", "accept", "demo", "--reason", reason]).with(0);
    }

    /// Commits all that is there, and returns the commit's short name.
    fn commit(&mut self, subject: &str) -> String {
        self.hour += 1;
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", subject]);
        self.git(&["log", "-1", "--format=%h"])
    }

    /// Changes the first place that has a text in the recipe.
    fn change(&self, from: &str, to: &str) {
        let recipe = self.project.read(RECIPE);
        assert!(recipe.contains(from), "{from}");
        self.project.write(RECIPE, &recipe.replacen(from, to, 1));
    }

    fn blame(&self, more: &[&str]) -> Value {
        let arguments = [&["golden", "blame", "demo/walk", "--format", "json"], more].concat();
        self.project.hive(&arguments).json(0)
    }

    /// Returns what is blamed for a value: the short name of its commit, or `None` for what is not committed.
    fn blamed(&self, metric: &str) -> Option<String> {
        by(&self.blame(&["--metric", metric]), metric)["commit"]["short"].as_str().map(str::to_owned)
    }
}

/// Returns the change that is blamed for a value.
fn by<'a>(blame: &'a Value, metric: &str) -> &'a Value {
    let values = blame["values"].as_array().expect("values");
    let value = values.iter().find(|value| value["name"] == metric).expect("the metric is blamed");
    &blame["moves"][usize::try_from(value["by"].as_u64().expect("a place")).expect("it is small")]
}

#[test]
fn each_metric_is_blamed_on_the_commit_that_moved_it_last() {
    let mut repository = Repository::new();
    repository.change("stop_loss = \"0.003\"", "stop_loss = \"0.001\"");
    repository.accept("a tighter stop");
    let stop = repository.commit("demo: stop earlier");
    // The lock is committed before the golden that it explains.
    repository.change("total_amount_quote = 1000", "total_amount_quote = 2000");
    repository.project.replace("patches/demo/01_fee.patch", "+    share = 0.1\n", "+    share = 0.2\n");
    repository.project.hive(&["lock", "demo"]).with(0);
    let lock = repository.commit("demo: more money");
    repository.accept("twice the money");
    let money = repository.commit("demo: accept it");

    // Money moves no order: how many there are is as the stop left it.
    assert_eq!(repository.blamed("total_executors"), Some(stop.clone()));
    assert_eq!(repository.blamed("net_pnl_quote"), Some(money.clone()));
    assert_eq!(repository.blamed("ledger"), Some(money.clone()));

    let blame = repository.blame(&[]);
    let moved = by(&blame, "net_pnl_quote");
    assert_eq!(moved["reasons"], serde_json::json!(["twice the money"]));
    assert_eq!(moved["since"], stop.as_str());
    assert_eq!(moved["commit"]["subject"], "demo: accept it");
    assert_eq!(moved["commit"]["author_date"], "2026-02-01T04:00:00+01:00");
    assert_eq!(
        moved["inputs"],
        serde_json::json!([{ "name": "controller.total_amount_quote", "from": "1000", "to": "2000" }])
    );
    let facts = moved["lock"].as_array().expect("facts");
    assert!(
        facts.iter().any(|fact| fact["name"].as_str().is_some_and(|name| name.contains("01_fee.patch"))),
        "{facts:?}"
    );
    assert_eq!(moved["lock_commits"][0]["short"], lock.as_str());
    assert_eq!(moved["lock_commits"].as_array().map(Vec::len), Some(1));
    let before = by(&blame, "total_executors");
    assert_eq!(before["inputs"][0]["name"], "controller.stop_loss");
    assert_eq!(before["lock"], serde_json::json!([]));

    let page = repository.project.hive(&["golden", "blame", "demo", "walk"]).with(0);
    let first = repository.git(&["log", "--max-parents=0", "--format=%h"]);
    let page =
        page.replace(&first, "FIRSTFI").replace(&stop, "STOPSTO").replace(&money, "MONEYMO").replace(&lock, "LOCKLOC");
    // Hashes of the project's own files are as long as ever.
    let hidden: Vec<String> = page.lines().filter(|line| !line.starts_with("  lock: ")).map(str::to_owned).collect();
    insta::assert_snapshot!("blame", hidden.join("\n"));
}

#[test]
fn what_is_not_committed_is_told() {
    let mut repository = Repository::new();
    let first = repository.git(&["log", "-1", "--format=%h"]);
    repository.change("total_amount_quote = 1000", "total_amount_quote = 2000");
    repository.accept("twice the money");
    let blame = repository.blame(&[]);
    let moved = by(&blame, "net_pnl_quote");
    assert_eq!((&moved["commit"], &moved["since"]), (&Value::Null, &Value::from(first.as_str())));
    assert_eq!(moved["inputs"][0]["name"], "controller.total_amount_quote");
    assert_eq!(repository.blamed("total_executors"), Some(first));
    let page = repository.project.hive(&["golden", "blame", "demo/walk"]).with(0);
    assert!(page.contains("\nnot committed\n  reason: twice the money\n"), "{page}");
    // A golden that no commit has at all.
    repository.git(&["rm", "--quiet", "--cached", "-r", "snapshots"]);
    repository.project.write(".gitignore", ".hive/\nsnapshots/\n");
    repository.commit("demo: no goldens any more");
    assert_eq!(repository.blamed("total_executors"), None);
}

#[test]
fn a_merge_is_not_blamed_for_what_one_of_its_sides_moved() {
    let mut repository = Repository::new();
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.change("stop_loss = \"0.003\"", "stop_loss = \"0.001\"");
    repository.accept("a tighter stop");
    let stop = repository.commit("demo: stop earlier");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.change("total_amount_quote = 1000", "total_amount_quote = 2000");
    repository.accept("twice the money");
    let money = repository.commit("demo: more money");
    repository.hour += 1;
    repository.git(&["merge", "--quiet", "--no-commit", "--strategy=ours", "side"]);
    repository.change("stop_loss = \"0.003\"", "stop_loss = \"0.001\"");
    repository.accept("both");
    let merge = repository.commit("Merge branch 'side'");
    assert_eq!(repository.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3, "it is a merge");
    assert_eq!(repository.blamed("total_executors"), Some(stop));
    assert_eq!(repository.blamed("net_pnl_quote"), Some(merge));
    assert_ne!(repository.blamed("total_executors"), Some(money));
}

#[test]
fn a_version_that_cannot_be_read_is_passed_over() {
    let mut repository = Repository::new();
    let first = repository.git(&["log", "-1", "--format=%h"]);
    let golden = repository.project.read(GOLDEN);
    repository.project.write(GOLDEN, &format!("<<<<<<< ours\n{golden}"));
    repository.commit("demo: half a merge");
    repository.project.write(GOLDEN, &golden);
    repository.commit("demo: mend it");
    assert_eq!(repository.blamed("total_executors"), Some(first));
}

#[test]
fn a_project_below_the_root_of_a_repository() {
    let repository = Repository::new();
    let nested = Project::empty();
    let (from, into) = (repository.project.path(""), nested.path("deep/down"));
    fs::create_dir_all(nested.path("deep")).expect("the folder is ours");
    let copied = Command::new("cp").arg("-r").arg(from).arg(&into).status().expect("cp is there");
    assert!(copied.success());
    fs::remove_dir_all(into.join(".git")).expect("it was copied");
    let outer = Repository { project: nested, hour: 7 };
    outer.git(&["init", "--quiet", "--initial-branch=main"]);
    outer.git(&["add", "--all"]);
    outer.git(&["commit", "--quiet", "-m", "all: move down"]);
    let output = outer
        .project
        .command(&["golden", "blame", "demo/walk", "--metric", "net_pnl", "--format", "json"])
        .current_dir(into)
        .output()
        .expect("the binary starts");
    let blame: Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    assert_eq!(by(&blame, "net_pnl")["commit"]["subject"], "all: move down");
}

#[test]
fn refusals() {
    let project = Project::accepted();
    insta::assert_snapshot!("blame_no_repository", project.hive(&["golden", "blame", "demo/walk"]).with(2));
    insta::assert_snapshot!("blame_which", project.hive(&["golden", "blame", "demo"]).with(2));
    let unknown = ["golden", "blame", "demo/walk", "--metric", "net_pln"];
    insta::assert_snapshot!("blame_unknown_metric", project.hive(&unknown).with(2));
    insta::assert_snapshot!("blame_unknown_scenario", project.hive(&["golden", "blame", "demo/wlk"]).with(2));
    project.remove(GOLDEN);
    insta::assert_snapshot!("blame_no_golden", project.hive(&["golden", "blame", "demo/walk"]).with(3));
    // A folder that only looks like a repository.
    let broken = Project::accepted();
    broken.write(".git/HEAD", "nonsense");
    insta::assert_snapshot!("blame_broken_repository", broken.hive(&["golden", "blame", "demo/walk"]).with(2));
    // A repository without a commit.
    let repository = Repository { project: Project::accepted(), hour: 0 };
    repository.git(&["init", "--quiet"]);
    assert_eq!(repository.blamed("net_pnl"), None);
}
