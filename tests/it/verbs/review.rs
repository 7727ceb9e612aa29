//! Results that wait: kept, listed, accepted, rejected, taken back, pruned, and decided on in a real terminal.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use super::project::Project;

const GOLDEN: &str = "snapshots/demo/walk.golden.toml";
const PENDING: &str = "snapshots/demo/walk.pending.toml";

/// A project in which one scenario has drifted and waits.
fn drifted() -> Project {
    let project = Project::accepted();
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/demo.toml", &recipe.replacen("stop_loss = \"0.003\"", "stop_loss = \"0.001\"", 1));
    project.hive(&["test"]).with(3);
    project
}

#[test]
fn a_drift_waits_and_one_that_is_gone_does_not() {
    let project = drifted();
    assert!(project.read(PENDING).contains("\"controller.stop_loss\" = \"\\\"0.001\\\"\""));
    insta::assert_snapshot!("pending", project.hive(&["golden", "pending"]).with(3));
    let listed = project.hive(&["golden", "pending", "--format", "json"]).json(3);
    assert_eq!((&listed[0]["scenario"], &listed[0]["state"]), (&"walk".into(), &"drift".into()));
    assert_eq!(listed[0]["made_differently"][0]["name"], "controller.stop_loss");
    assert!(listed[0]["first_event"]["changed_count"].as_u64().is_some_and(|count| count > 0));
    insta::assert_snapshot!("review_without_a_terminal", project.hive(&["golden", "review", "demo/walk"]).with(3));

    project.replace("recipes/demo.toml", "stop_loss = \"0.001\"", "stop_loss = \"0.003\"");
    project.hive(&["test"]).with(0);
    assert!(!project.path(PENDING).exists());
    project.hive(&["golden", "pending"]).with(0);
}

#[test]
fn what_waits_is_accepted_rejected_and_taken_back() {
    let project = drifted();
    let (golden, pending) = (project.read(GOLDEN), project.read(PENDING));
    insta::assert_snapshot!(
        "review_accept_all",
        project.hive(&["golden", "review", "--accept-all", "tighter"]).with(0)
    );
    project.hive(&["test"]).with(0);
    assert!(project.read(GOLDEN).contains("{ why = \"tighter\", verdict = \"drift\""));
    assert!(!project.path(PENDING).exists());
    insta::assert_snapshot!("golden_undo", project.hive(&["golden", "undo"]).with(0));
    assert_eq!((project.read(GOLDEN), project.read(PENDING)), (golden.clone(), pending.clone()));

    insta::assert_snapshot!("golden_reject", project.hive(&["golden", "reject", "demo/walk"]).with(0));
    assert!(!project.path(PENDING).exists());
    assert_eq!(project.read(GOLDEN), golden);
    project.hive(&["golden", "reject", "demo/walk"]).with(4);
    project.hive(&["golden", "undo"]).with(0);
    assert_eq!(project.read(PENDING), pending);

    // Accepted by a replay, it waits no longer either.
    project.hive(&["golden", "accept", "demo/walk", "--reason", "tighter"]).with(0);
    assert!(!project.path(PENDING).exists());
    project.write(GOLDEN, &golden);
    insta::assert_snapshot!("golden_undo_of_what_changed", project.hive(&["golden", "undo"]).with(2));
    assert_eq!(project.read(GOLDEN), golden);
}

#[test]
fn a_new_scenario_waits_as_well() {
    let project = Project::new();
    project.hive(&["test"]).with(3);
    insta::assert_snapshot!("pending_new", project.hive(&["golden", "pending"]).with(3));
    project.hive(&["golden", "review", "demo", "--accept-all", "first run"]).with(0);
    project.hive(&["test"]).with(0);
}

#[test]
fn goldens_without_a_scenario_are_pruned() {
    let project = Project::accepted();
    for file in ["snapshots/demo/old.golden.toml", "snapshots/demo/old.pending.toml", "snapshots/gone/walk.golden.toml"]
    {
        project.write(file, "");
    }
    project.write("snapshots/demo/notes.md", "mine");
    insta::assert_snapshot!("golden_prune_dry", project.hive(&["golden", "prune", "--dry-run"]).with(0));
    assert!(project.path("snapshots/gone/walk.golden.toml").exists());
    insta::assert_snapshot!("golden_prune", project.hive(&["golden", "prune"]).with(0));
    assert!(!project.path("snapshots/gone").exists() && project.path("snapshots/demo/notes.md").exists());
    project.hive(&["golden", "undo"]).with(0);
    assert!(project.path("snapshots/gone/walk.golden.toml").exists());
    // What a broken recipe has for scenarios nobody knows, so nothing goes.
    project.write("recipes/broken.toml", "schema = ");
    project.hive(&["golden", "prune"]).with(2);
    assert!(project.path("snapshots/demo/old.golden.toml").exists());
}

#[test]
fn nothing_is_decided_in_ci() {
    let mut project = drifted();
    project.set("CI", "true");
    for verb in [
        &["golden", "review", "--accept-all", "x"][..],
        &["golden", "review", "--reject-all"],
        &["golden", "reject"],
        &["golden", "undo"],
        &["golden", "prune"],
    ] {
        assert!(project.hive(verb).with(2).contains("HV0505"), "{verb:?}");
    }
    assert!(project.path(PENDING).exists());
    project.hive(&["golden", "pending"]).with(3);
}

#[test]
fn strict_tests_refuse_what_is_near_its_bound() {
    let project = Project::accepted();
    let golden = project.read(GOLDEN);
    let line = golden.lines().find(|line| line.starts_with("total_volume = ")).expect("there is a volume");
    let volume: f64 = line.rsplit(' ').next().and_then(|text| text.parse().ok()).expect("a volume is a number");
    project.replace(GOLDEN, line, &format!("total_volume = {:?}", volume * (1.0 + 0.9e-6)));
    project.replace(
        "recipes/demo.toml",
        "[scenario.walk]\n",
        "[tolerance.metric]\ntotal_volume = { rel = 1e-6 }\n\n[scenario.walk]\n",
    );
    project.hive(&["test"]).with(0);
    insta::assert_snapshot!("strict", project.hive(&["test", "--strict"]).with(3));
    project.replace("recipes/demo.toml", "rel = 1e-6", "rel = 1e-5");
    project.hive(&["test", "--strict"]).with(0);
}

/// A terminal with hive in it.
struct Terminal {
    session: String,
}

impl Terminal {
    /// Starts hive on a screen of a size; `None` where there is no tmux.
    fn start(project: &Project, arguments: &str, width: u32, height: u32) -> Option<Self> {
        let is_there = Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success());
        if !is_there {
            assert!(
                std::env::var("HIVE_REQUIRE_TERMINAL").is_err(),
                "HIVE_REQUIRE_TERMINAL is set, and tmux is not there"
            );
            eprintln!("skipped: tmux is not there; the review was not shown in a terminal");
            return None;
        }
        let terminal = Self { session: format!("hive-review-{}-{width}", std::process::id()) };
        let hive = env!("CARGO_BIN_EXE_hive");
        let root = project.path("");
        let command = format!("cd '{}' && env -u CI '{hive}' {arguments}; echo ended $?; sleep 600", root.display());
        let [width, height] = [width, height].map(|size| size.to_string());
        terminal.tmux(&["new-session", "-d", "-x", &width, "-y", &height, "sh", "-c", &command]);
        Some(terminal)
    }

    /// Runs tmux on a server of its own.
    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux").args(["-L", &self.session]).args(arguments).output().expect("tmux was there");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Presses keys.
    fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Waits until the screen has a text, and returns it.
    fn shows(&self, text: &str) -> String {
        let end = Instant::now() + Duration::from_mins(1);
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < end, "`{text}` never came:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.session, "kill-server"]).output();
    }
}

/// A project with ten scenarios, all accepted and all drifted.
fn ten_drifted() -> Project {
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    let (head, walk) = recipe.split_at(recipe.find("[scenario.walk]").expect("the project has it"));
    let mut text = recipe.clone();
    let end = walk.find("[scenario.file]").unwrap_or(walk.len());
    for index in 1..9 {
        let scenario = walk[..end].replace("scenario.walk", &format!("scenario.walk-{index}"));
        text.push('\n');
        text += &scenario.replace("1800", &(600 * index).to_string());
    }
    assert!(!head.is_empty());
    project.write("recipes/demo.toml", &text);
    project.accept();
    project.write("recipes/demo.toml", &text.replace("0.003", "0.0011"));
    project.hive(&["test"]).with(3);
    project
}

#[test]
fn ten_drifts_are_reviewed_in_a_terminal() {
    let project = ten_drifted();
    let Some(terminal) = Terminal::start(&project, "golden review", 130, 40) else { return };
    let screen = terminal.shows("1 of 10");
    assert!(screen.contains("first event that differs"), "{screen}");
    assert!(screen.contains("made with: controller.stop_loss was"), "{screen}");
    terminal.press(&["?"]);
    terminal.shows("take the last decision back");
    terminal.press(&["x"]);
    // A reason is asked for, and an empty one is none.
    terminal.press(&["a"]);
    terminal.shows("why is demo/file right?");
    terminal.press(&["Enter"]);
    terminal.shows("say why the new result is right");
    terminal.press(&["tighter", "Enter"]);
    terminal.shows("1 accepted, 0 rejected, 9 waiting");
    assert!(!project.path("snapshots/demo/file.pending.toml").exists());
    terminal.press(&["r"]);
    terminal.shows("1 accepted, 1 rejected, 8 waiting");
    terminal.press(&["u"]);
    terminal.shows("1 accepted, 0 rejected, 9 waiting");
    assert!(project.path(PENDING).exists());
    terminal.press(&["s"]);
    terminal.shows("3 of 10");
    // The reason of before stands there already.
    terminal.press(&["A"]);
    terminal.shows("why is 9 results right? tighter");
    terminal.press(&["Enter"]);
    terminal.shows("10 accepted, 0 rejected, 0 waiting");
    terminal.press(&["q"]);
    terminal.shows("ended 0");
    project.hive(&["test"]).with(0);
}

#[test]
fn a_narrow_terminal_shows_one_at_a_time() {
    let project = drifted();
    let Some(terminal) = Terminal::start(&project, "golden review", 80, 24) else { return };
    let screen = terminal.shows("demo/walk  drift");
    assert!(screen.contains("a accept") && screen.contains("more lines: space"), "{screen}");
    terminal.press(&["Space"]);
    terminal.press(&["q"]);
    terminal.shows("ended 3");
    assert!(project.path(PENDING).exists());
}
