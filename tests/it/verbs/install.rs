//! `hive build --into DIR --install`: an environment that runs, whole or not at all, and what stands in its way.
//!
//! The release is a tree beside the recipe that asks for no packages, so that no network is needed; uv and Python 3.12 are.

use std::path::PathBuf;
use std::process::Command;

use super::project::Project;

const INSTALL: [&str; 5] = ["build", "demo", "--into", "out/env", "--install"];

const PYTHON: &str =
    "[upstream.path]\npath = \"upstream\"\n\n[python]\nversion = \"3.12\"\ncut-off = 2026-11-01T00:00:00Z\n";

/// Returns an interpreter of Python 3.12 where uv is there, too; says so where they are not, and fails where they have to be.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn interpreter() -> Option<PathBuf> {
    let found = hive::io::python::find("3.12").ok().filter(|_| hive::io::uv::on_path().is_some());
    if found.is_none() {
        assert!(std::env::var_os("HIVE_REQUIRE_UPSTREAM").is_none(), "Python 3.12 and uv on the path have to be there");
        eprintln!("skipped: needs CPython 3.12 and uv");
    }
    Some(found?.program)
}

/// Returns a project with a closure without packages, and the interpreter for it.
fn project() -> Project {
    let project = Project::new();
    project.replace("recipes/demo.toml", "[upstream.path]\npath = \"upstream\"\n", PYTHON);
    project
}

fn ready() -> Option<Project> {
    let python = interpreter()?;
    let mut project = project();
    project.set("HIVE_PYTHON", &python.display().to_string());
    Some(project)
}

/// Runs a line of Python in the environment that was built.
fn answer(project: &Project, line: &str) -> String {
    let mut command = Command::new(project.path("out/env/bin/python"));
    let output = command.args(["-c", line]).current_dir("/").output().expect("the environment has a Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Cuts what differs from machine to machine out of what was said.
fn redacted(said: &str) -> String {
    let mut text = String::new();
    for word in said.split_inclusive([' ', '\n', '"']) {
        let is_version = word.starts_with("3.12.");
        text += if is_version { "3.12.x " } else { word };
    }
    text
}

#[test]
fn an_environment_is_written_once() {
    let Some(project) = ready() else { return };
    insta::assert_snapshot!("install_written", redacted(&project.hive(&INSTALL).with(0)));
    insta::assert_snapshot!("install_unchanged", redacted(&project.hive(&INSTALL).with(0)));
    assert_eq!(answer(&project, "import hummingbot.engine as e; print(e.fee(1), e.ratio(1, 0))"), "0.1 None");
    assert_eq!(answer(&project, "import hummingbot.zero as z; print(z.ZERO)"), "0");
    assert_eq!(
        answer(&project, "import sys; print(sys.prefix)"),
        project.path("out/env").canonicalize().expect("it is there").display().to_string()
    );
    let made = project.hive(&[&INSTALL[..], &["--format", "json"]].concat()).json(0);
    assert_eq!(made["written"], false);
    assert_eq!(made["proofs"].as_array().map(Vec::len), Some(2), "a proof a patch: {made:#}");
    assert_eq!(project.path("out").read_dir().expect("the folder is there").count(), 1, "nothing is left beside it");
    // The tree itself was not touched.
    assert!(!project.path("upstream/hummingbot/zero.py").exists());
}

/// The one test here that reaches a network.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn uv_is_fetched_where_there_is_none() {
    if std::env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
        eprintln!("skipped: uv is fetched where HIVE_REQUIRE_UPSTREAM=1 is set");
        return;
    }
    let Some(mut project) = ready() else { return };
    let index = hive::io::index::configured::configured().expect("pip knows an index");
    project.set("PIP_INDEX_URL", index.urls[0].as_str());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let without = std::env::split_paths(&path).filter(|folder| !folder.join("uv").exists());
    let without = std::env::join_paths(without).expect("they were joined before");
    project.set("PATH", without.to_str().expect("the path is text"));
    // What leads to the index besides: certificates and proxies.
    let variables = std::env::vars().filter(|(name, _)| name.ends_with("_PROXY") || name.contains("CERT"));
    let mut command = project.command(&INSTALL);
    let output = command.envs(variables).output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let fetched = project.files(".hive/cache").into_keys().find(|path| path.ends_with(".data/scripts/uv"));
    assert!(fetched.is_some(), "it is in the cache");
    assert_eq!(answer(&project, "import hummingbot.engine as e; print(e.fee(1))"), "0.1");
}

#[test]
fn stale_bytecode_is_impossible() {
    let Some(project) = ready() else { return };
    project.hive(&INSTALL).with(0);
    assert_eq!(answer(&project, "import hummingbot.engine as e; print(e.fee(1))"), "0.1");
    // As long as before, and in all likelihood within the same second.
    project.replace("patches/demo/01_fee.patch", "+    share = 0.1\n", "+    share = 0.7\n");
    project.hive(&INSTALL).with(0);
    assert_eq!(answer(&project, "import hummingbot.engine as e; print(e.fee(1))"), "0.7");
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let Some(project) = ready() else { return };
    project.write("out/env/notes.txt", "mine\n");
    insta::assert_snapshot!("install_foreign", project.hive(&INSTALL).with(2));
    assert_eq!(project.files("out").len(), 1);
    project.remove("out/env");
    project.hive(&INSTALL).with(0);
    let packages = "out/env/lib/python3.12/site-packages";
    project.write(&format!("{packages}/hummingbot/engine.py"), "mine\n");
    project.write(&format!("{packages}/controllers/mine.py"), "mine\n");
    insta::assert_snapshot!("install_edited", project.hive(&INSTALL).with(2));
    assert_eq!(project.read(&format!("{packages}/hummingbot/engine.py")), "mine\n");
}

#[test]
fn a_tree_that_cannot_be_imported_is_thrown_away() {
    let Some(project) = ready() else { return };
    project.write("upstream/hummingbot/strategy_v2/backtesting/backtesting_engine_base.py", "import no_such_package\n");
    project.write("upstream/hummingbot/strategy_v2/backtesting/__init__.py", "");
    let said = project.hive(&INSTALL).with(1);
    assert!(said.contains("HV0384") && said.contains("No module named 'no_such_package'"), "{said}");
    assert!(project.path("out").read_dir().expect("the folder was made").next().is_none(), "nothing is left");
}

#[test]
fn a_lock_without_a_closure() {
    let Some(project) = ready() else { return };
    // As it was written before there were closures.
    project.hive(&["lock"]).with(0);
    let lock = project.read("hive.lock");
    let old: Vec<&str> = lock.lines().filter(|line| !line.starts_with("\"python ")).collect();
    project.write("hive.lock", &(old.join("\n") + "\n"));
    insta::assert_snapshot!("install_unlocked", redacted(&project.hive(&INSTALL).with(0)));
    project.hive(&[&INSTALL[..], &["--locked"]].concat()).with(6);
    project.hive(&["lock"]).with(0);
    assert_eq!(project.read("hive.lock"), lock, "the same inputs give the same lock");
    project.hive(&[&INSTALL[..], &["--frozen"]].concat()).with(0);
    project.hive(&["lock", "--locked"]).with(0);
    project.replace("recipes/demo.toml", "2026-11-01", "2026-11-02");
    let said = project.hive(&["lock", "--locked"]).with(6);
    assert!(said.contains("python closure"), "{said}");
}

#[test]
fn the_lock_needs_neither_uv_nor_python_again() {
    let Some(mut project) = ready() else { return };
    project.accept();
    project.hive(&["lock"]).with(0);
    project.set("HIVE_PYTHON", "");
    project.set("PATH", "");
    project.hive(&["lock"]).with(0);
    project.hive(&["lock", "--locked", "--offline"]).with(0);
    project.hive(&["test", "--frozen"]).with(0);
}

#[test]
fn indicators_that_the_closure_does_not_compute() {
    let Some(project) = ready() else { return };
    project.accept();
    project.replace("recipes/demo.toml", "[scenario.walk]\n", "[scenario.walk]\nindicators = \"talib-0.8\"\n");
    project.hive(&["lock"]).with(0);
    let said = project.hive(&["test"]);
    assert!(said.err.contains("HV0388") || said.out.contains("HV0388"), "{said:?}");
    insta::assert_snapshot!("install_indicators", said.with(0));
}

#[test]
fn no_python_table() {
    let project = Project::new();
    insta::assert_snapshot!("install_no_table", project.hive(&INSTALL).with(2));
    assert!(!project.path("out").exists());
}

#[test]
fn no_python_of_that_version() {
    let mut project = project();
    project.set("PATH", "");
    insta::assert_snapshot!("install_no_python", project.hive(&INSTALL).with(2));
    project.hive(&["lock"]).with(2);
    project.set("HIVE_PYTHON", "/no/such/python");
    insta::assert_snapshot!("install_named_python", project.hive(&INSTALL).with(2));
    assert!(!project.path("out").exists() && !project.path("hive.lock").exists());
}

#[cfg(unix)]
#[test]
fn a_shim_that_leads_nowhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut project = project();
    project.write("bin/python3.12", "#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(project.path("bin/python3.12"), executable).expect("the file is ours");
    project.set("PATH", &project.path("bin").display().to_string());
    insta::assert_snapshot!("install_broken_shim", project.hive(&INSTALL).with(2));
}

#[test]
fn install_needs_a_folder() {
    let project = project();
    let said = project.hive(&["build", "demo", "--install"]).with(2);
    assert!(said.contains("--into"), "{said}");
}
