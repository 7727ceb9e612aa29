//! How long an environment takes from warm caches: `cargo bench --bench install`.
//!
//! `hive build backtesting-api --into DIR --install` as a process, in a project that shares the repository's downloads: 119
//! packages from uv's cache, the patched files, and the proof, which imports Hummingbot for the first time. Wall time and CPU
//! time of all programs, the shortest of several runs after a first one that warms the caches; then the same once more, which
//! finds the environment unchanged. Needs Python 3.12, and a network for the first run; says so where they are not.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

const RUNS: usize = 3;
/// What an environment may take, in seconds of wall time on a quiet machine.
const GOAL_S: f64 = 20.0;

fn main() {
    // `cargo test --benches` passes `--test`: nothing is downloaded then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    prepare(folder.path());
    if let Err(said) = build(folder.path(), "first") {
        return say(&format!("environment: not measured, {said}"));
    }
    let mut best = (f64::INFINITY, f64::INFINITY);
    for run in 0..RUNS {
        let (wall, cpu) = measured(|| build(folder.path(), &format!("env{run}")));
        best = (best.0.min(wall), best.1.min(cpu));
        fs::remove_dir_all(folder.path().join(format!("env{run}"))).expect("the environment is ours");
    }
    row("environment from a warm cache", best, Some(GOAL_S));
    row("the same, unchanged", measured(|| build(folder.path(), "first")), None);
}

/// Makes a project of the bundled recipe that shares the repository's downloads.
fn prepare(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["recipes", "patches"] {
        for entry in walkdir::WalkDir::new(root.join(name)) {
            let entry = entry.expect("a folder of ours can be listed");
            let place = folder.join(entry.path().strip_prefix(root).expect("it is below"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(place).expect("the folder is ours");
            } else {
                fs::copy(entry.path(), place).expect("the folder is ours");
            }
        }
    }
    fs::copy(root.join("hive.lock"), folder.join("hive.lock")).expect("the lock is there");
    fs::create_dir_all(root.join(".hive/cache")).expect("the repository can be written");
    fs::create_dir(folder.join(".hive")).expect("the folder is ours");
    #[cfg(unix)]
    std::os::unix::fs::symlink(root.join(".hive/cache"), folder.join(".hive/cache")).expect("the folder is ours");
}

fn build(folder: &Path, into: &str) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
    let output = command
        .args(["build", "backtesting-api", "--install", "--into", into])
        .current_dir(folder)
        .output()
        .expect("the binary is there");
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(said.lines().next().unwrap_or_default().to_owned()) }
}

/// Returns wall time and the CPU time of ended programs, in seconds.
fn measured(work: impl FnOnce() -> Result<(), String>) -> (f64, f64) {
    let (started, before) = (Instant::now(), cpu_of_children());
    work().expect("it worked a moment ago");
    (started.elapsed().as_secs_f64(), cpu_of_children().saturating_sub(before).as_secs_f64())
}

/// Returns the CPU time of all programs that this one has started and waited for; zero where the system does not say.
fn cpu_of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    // Behind the name: state is the first, and the children's user and system time are the 14th and 15th.
    let ticks = fields.split_ascii_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok());
    // Linux counts a hundred ticks a second, whatever its clock.
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

fn row(what: &str, (wall, cpu): (f64, f64), goal: Option<f64>) {
    let goal = goal.map_or(String::new(), |goal| format!("  goal {goal:.0} s"));
    say(&format!("{what:32} {wall:6.2} s wall  {cpu:6.2} s CPU{goal}"));
}

#[allow(clippy::print_stdout, reason = "a benchmark's results")]
fn say(text: &str) {
    println!("{text}");
}
