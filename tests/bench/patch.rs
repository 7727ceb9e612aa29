//! CPU time of linting a hundred patches: `cargo bench --bench patch`.
//!
//! Wall time on shared machines says little, so CPU time of this process is measured: the median of several runs after a
//! warm-up. The patches are generated: each changes three places of a Python file of 400 lines of its own, as `git diff`
//! writes it, and is one of a series. The first row looks at texts and their order, the second at the release as well, the
//! third parses the Python that comes of it, too; the fourth mends what an editor did to every patch. The last two are the
//! wall time of `hive lint` as a process, the shortest of several runs, on a hundred patches that no recipe names and on a
//! recipe with a hundred patches and its release.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use cpu_time::ProcessTime;
use hive::patch::lint::Context;
use hive::patch::lint::context::Earlier;
use hive::patch::lint::context::Series;
use hive::patch::lint::context::Target;
use hive::patch::lint::fix::fix;
use hive::patch::lint::report;
use hive::registration;
use mimalloc::MiMalloc;

// That of the `hive` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const RUNS: usize = 15;
const PATCHES: usize = 100;
const LINES: usize = 400;
/// What a hundred patches may take, in milliseconds.
const GOAL_MS: f64 = 50.0;

fn main() {
    // `cargo test --benches` passes `--test`: one run of each shows that it works.
    let quick = std::env::args().any(|argument| argument == "--test");
    let runs = if quick { 1 } else { RUNS };
    let files: Vec<String> = (0..PATCHES).map(file).collect();
    let patches: Vec<(String, Vec<u8>)> = files.iter().enumerate().map(|(at, text)| patch(at, text)).collect();
    let read = |path: &str| {
        let at: usize = path.strip_prefix("hummingbot/module_")?.strip_suffix(".py")?.parse().ok()?;
        files.get(at).map(|text| text.clone().into_bytes())
    };
    let unread = |_: &[u8]| None;
    let syntax = |text: &[u8]| std::str::from_utf8(text).ok().and_then(registration::broken_line);
    let placed = Target { read: &read, syntax: &unread };
    let parsed = Target { read: &read, syntax: &syntax };
    row("lint, texts and order", runs, || lint(&patches, None));
    row("lint, on the release", runs, || lint(&patches, Some(placed)));
    row("lint, and its Python parsed", runs, || lint(&patches, Some(parsed)));
    let damaged: Vec<(String, Vec<u8>)> = patches.iter().map(|(name, text)| (name.clone(), damaged(text))).collect();
    row("fix, texts", runs, || {
        let fixed = damaged.iter().map(|(name, text)| fix(name, text, &Context::default()).fixed.len());
        assert!(fixed.min() > Some(1), "each patch has something to mend");
    });
    if !quick {
        processes(&patches);
        against_gnu(&patches, &files);
    }
}

/// Applies the series by one `hive patch apply`, and by GNU `patch` run once for each patch, and tells how much less CPU
/// time the one process takes; silent about it where there is no GNU patch.
#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn against_gnu(patches: &[(String, Vec<u8>)], files: &[String]) {
    if Command::new("patch").arg("--version").output().is_err() {
        println!("there is no GNU patch here to compare with");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names: Vec<std::path::PathBuf> =
        (0..patches.len()).map(|at| folder.path().join(format!("{at:03}.patch"))).collect();
    for (name, (_, text)) in names.iter().zip(patches) {
        fs::write(name, text).expect("the folder is ours");
    }
    let tree = || {
        let tree = tempfile::tempdir_in(folder.path()).expect("a temporary folder");
        fs::create_dir(tree.path().join("hummingbot")).expect("the folder is ours");
        for (at, text) in files.iter().enumerate() {
            fs::write(tree.path().join(format!("hummingbot/module_{at}.py")), text).expect("the folder is ours");
        }
        tree
    };
    let timed = |work: &dyn Fn(&Path)| -> Option<f64> {
        let trees: Vec<_> = (0..RUNS).map(|_| tree()).collect();
        let start = children_seconds()?;
        for tree in &trees {
            work(tree.path());
        }
        Some((children_seconds()? - start) / RUNS as f64)
    };
    let run = |command: &mut Command| {
        let output = command.output().expect("the program is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let hive = timed(&|tree| {
        run(Command::new(env!("CARGO_BIN_EXE_hive")).args(["patch", "apply", "-q", "--root"]).arg(tree).args(&names));
    });
    let gnu = timed(&|tree| {
        for name in &names {
            run(Command::new("patch").args(["-p1", "-s", "-d"]).arg(tree).arg("-i").arg(name));
        }
    });
    match (hive, gnu) {
        (Some(hive), Some(gnu)) if hive > 0.0 => {
            let (hive_ms, gnu_ms) = (hive * 1e3, gnu * 1e3);
            println!("apply, one hive                      {PATCHES} patches {hive_ms:8.2} ms CPU");
            println!(
                "apply, a GNU patch each              {PATCHES} patches {gnu_ms:8.2} ms CPU   {:.1} x",
                gnu / hive
            );
        }
        _ => println!("this system does not tell the CPU time of child processes"),
    }
}

/// Returns the CPU time of all child processes that have ended, in seconds; `None` where the system does not tell it.
fn children_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the command's name, which may hold blanks, the 14th and 15th field are ticks of a hundredth of a second.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// Lints the patches as a series, and checks that there is nothing to find.
fn lint(patches: &[(String, Vec<u8>)], target: Option<Target<'_>>) {
    let mut earlier: Vec<Earlier> = Vec::new();
    for (name, text) in patches {
        let series = Some(Series { earlier: &earlier, after: &[] });
        let context = Context { why: Some("for the benchmark"), target, series, ..Context::default() };
        let report = report(name, text, &context);
        assert_eq!(report.findings, [], "the patches are well made");
        let patch = report.patch.expect("the patches are sound");
        earlier.push(Earlier { patch, outcome: report.outcome, after: Vec::new() });
    }
}

fn row(name: &str, runs: usize, work: impl Fn()) {
    work();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = ProcessTime::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    tell(name, times[runs / 2]);
}

#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn tell(name: &str, time: Duration) {
    let ms = time.as_secs_f64() * 1e3;
    let verdict = if ms < GOAL_MS { "below" } else { "above" };
    println!("{name:<36} {PATCHES} patches {ms:8.2} ms   {verdict} {GOAL_MS} ms");
}

/// Measures `hive lint` as a process.
fn processes(patches: &[(String, Vec<u8>)]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is ours");
        fs::write(path, bytes).expect("the folder is ours");
    };
    for (name, text) in patches {
        write(name, text);
    }
    let names: Vec<&str> = patches.iter().map(|(name, _)| name.as_str()).collect();
    process("hive lint, a hundred patches", folder.path(), &[&["lint", "-q"], names.as_slice()].concat());
    let mut recipe = "schema = 1\n[recipe]\nname = \"bench\"\n[upstream.path]\npath = \"tree\"\n".to_owned();
    for (at, (name, _)) in patches.iter().enumerate() {
        write(&format!("tree/hummingbot/module_{at}.py"), file(at).as_bytes());
        let _ = write!(
            recipe,
            "[[patch]]\nfile = \"{name}\"\nwhy = \"it is\"\ntouches = [\"hummingbot/module_{at}.py\"]\n"
        );
    }
    write("recipes/bench.toml", recipe.as_bytes());
    process("hive lint, a recipe on its release", folder.path(), &["lint", "-q"]);
}

fn process(name: &str, folder: &Path, arguments: &[&str]) {
    let run = || {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_hive")).args(arguments).current_dir(folder).output();
        let output = output.expect("the binary is built with the benchmark");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        start.elapsed()
    };
    run();
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort();
    // The shortest run is the least disturbed by other processes.
    tell(&format!("{name} (wall)"), times[0]);
}

/// Returns a Python file in which no block of lines stands twice.
fn file(at: usize) -> String {
    let functions = (0..LINES / 8).map(|function| {
        format!(
            "def module_{at}_function_{function}(price, amount):\n    \"\"\"Does step {function} of module {at}.\"\"\"\n    \
             fee_{function} = price * 0.00{function}\n    total_{function} = price * amount - fee_{function}\n    \
             if total_{function} < {function}:\n        return None\n    return total_{function}\n\n"
        )
    });
    functions.collect()
}

/// Returns a patch of three places of a file, as git writes it.
fn patch(at: usize, text: &str) -> (String, Vec<u8>) {
    let mut after = text.to_owned();
    for function in [5, 20, 40] {
        let line = format!("    fee_{function} = price * 0.00{function}\n");
        after = after.replace(&line, &format!("    fee_{function} = price * amount * 0.00{function}\n"));
    }
    let path = format!("hummingbot/module_{at}.py");
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(format!("a/{path}")).set_modified_filename(format!("b/{path}"));
    let formatter = diffy::PatchFormatter::new().suppress_blank_empty(false);
    let body = formatter.fmt_patch(&options.create_patch(text, &after)).to_string();
    assert_eq!(body.matches("\n@@ ").count(), 3, "three places are changed");
    let text = format!("diff --git a/{path} b/{path}\nindex 0123456..89abcde 100644\n{body}");
    (format!("patches/bench/{at:03}.patch"), text.into_bytes())
}

/// Returns a patch as a careless editor leaves it.
fn damaged(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text).replace("\n \n", "\n\n").replace("\n@@", "\n\n@@").replace('\n', "\r\n");
    text.trim_end().as_bytes().to_vec()
}
