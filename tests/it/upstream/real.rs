//! The real Hummingbot: both engines on the same inputs, and the probes of the bundled patches. It downloads some hundred
//! megabytes and compiles one release, so it runs where `HIVE_REQUIRE_UPSTREAM=1` asks for it.
//!
//! The project of `tests/data/parity` is copied to the build folder, where its environments stay from run to run.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Instant;

use serde_json::Value;
use walkdir::WalkDir;

/// Environments are made once, by whoever comes first.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[allow(
    clippy::print_stderr,
    reason = "a test that is skipped says so, and how long each step takes is its other result"
)]
fn say(text: &str) {
    eprintln!("{text}");
}

/// The project, where these tests are asked for.
struct Real {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Real {
    fn new() -> Option<Self> {
        if env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
            say("skipped: HIVE_REQUIRE_UPSTREAM=1 is not set, so the real Hummingbot is not downloaded");
            return None;
        }
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&shipped.join("tests/data/parity/recipes"), &root.join("recipes"));
        copy(&shipped.join("patches"), &root.join("patches"));
        fs::copy(shipped.join("tests/data/parity/hive.lock"), root.join("hive.lock")).expect("the lock is there");
        Some(Self { root, _alone: alone })
    }

    /// Runs hive, says how long it took, and returns the one object that it says.
    #[track_caller]
    fn hive(&self, arguments: &[&str], code: i32) -> Value {
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(arguments).args(["--format", "json"]).current_dir(&self.root);
        let output = command.output().expect("the binary starts");
        say(&format!("hive {}: {:.1} s", arguments.join(" "), started.elapsed().as_secs_f64()));
        let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"))
    }

    /// Tests a recipe whose scenarios each have a twin on upstream's engine, and checks that all are equal and none is empty.
    #[track_caller]
    fn check_parity(&self, recipe: &str) {
        // The native scenarios have no goldens here: upstream is what they are held against.
        let tested = self.hive(&["test", recipe], 3);
        let scenarios = tested["recipes"][0]["scenarios"].as_array().expect("a list").clone();
        let twins: Vec<&Value> = scenarios.iter().filter(|it| it["engine"] == "upstream").collect();
        assert_eq!(twins.len(), 4, "{tested:#}");
        for twin in twins {
            assert_eq!(twin["against"]["verdict"], "exact", "{recipe}: {:#}", twin["against"]);
            assert_eq!(twin["against"]["inputs"], Value::Array(Vec::new()));
            assert!(twin["against"]["executor_count"].as_u64().is_some_and(|count| count >= 6), "{twin:#}");
        }
    }
}

/// Copies a folder's files over those that are there.
fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let target = to.join(entry.path().strip_prefix(from).expect("it is below"));
        fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("the build folder is ours");
        fs::copy(entry.path(), target).expect("the build folder is ours");
    }
}

#[test]
fn both_engines_agree_on_20250609() {
    let Some(real) = Real::new() else { return };
    real.check_parity("v20250609");
}

#[test]
fn both_engines_agree_on_20251103() {
    let Some(real) = Real::new() else { return };
    real.check_parity("v20251103");
}

#[test]
fn both_engines_agree_on_20260922() {
    let Some(real) = Real::new() else { return };
    real.check_parity("v20260922");
}

#[test]
fn without_the_patch_a_backtest_without_positions_raises() {
    let Some(real) = Real::new() else { return };
    let tested = real.hive(&["test", "v20250609-pristine"], 2);
    let scenario = tested["recipes"][0]["scenarios"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["scenario"] == "idle-upstream");
    let error = &scenario.expect("the recipe has it")["error"];
    assert_eq!(error["code"], "HV0415");
    assert_eq!(error["message"], "scenario `idle-upstream` stopped: Hummingbot raised `IndexError`");
    let help = error["help"].as_str().expect("the frames are shown");
    assert!(
        help.contains("hummingbot/strategy_v2/backtesting/backtesting_engine_base.py:283 in summarize_results"),
        "{help}"
    );
    assert!(!help.contains("asyncio"), "{help}");
}

/// Checks what the probes of the bundled patches show.
#[track_caller]
fn check_probes(arguments: &[&str], verdict: &str) {
    let Some(real) = Real::new() else { return };
    let report = real.hive(&[&["patch", "probe", "v20250609"], arguments].concat(), 0);
    let patches = report["patches"].as_array().expect("a list");
    assert_eq!(patches.len(), 3);
    for patch in patches {
        assert_eq!(patch["verdict"], verdict, "{patch:#}");
    }
}

#[test]
fn the_bundled_patches_are_needed_on_20250609() {
    check_probes(&[], "needed");
}

#[test]
fn the_bundled_patches_are_obsolete_on_20260922() {
    check_probes(&["--version", "20260922"], "obsolete");
}
