//! How long a predicted digest and an overlay take, and in how much memory: `cargo bench --bench image`.
//!
//! The release is generated: 900 files of 20 KB, ten of which a series of patches changes. Its digest is predicted from the
//! resolved recipe and what is known of the base, and CPU time of this process is measured: the median of several runs after
//! a warm-up. With a Docker engine (else that row says so), the base is made and loaded by hive's own archives, and `hive
//! build` is measured as a process, wall time, the shortest of several runs: the image is removed before each. The last row
//! writes a layer of 600 MB, whose content is never in memory, and tells the most memory that this process ever had.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use cpu_time::ProcessTime;
use hive::image::archive;
use hive::image::assemble::Added;
use hive::image::assemble::assemble;
use hive::image::base::Base;
use hive::image::layer::Content;
use hive::image::layer::Entry;
use hive::image::layer::Layer;
use hive::image::reference::Reference;
use hive::io::docker::Engine;
use hive::io::progress::NoProgress;
use hive::workflow::Options;
use hive::workflow::Project;
use hive::workflow::environment;
use hive::workflow::image::base::Knowledge;
use hive::workflow::image::planned;
use hive::workflow::upstream;
use mimalloc::MiMalloc;

// That of the `hive` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const RUNS: usize = 15;
const FILES: usize = 900;
const FUNCTIONS: usize = 200;
const PATCHES: usize = 10;
const ROOT: &str = "usr/local/lib/python3.12/site-packages";
const BASE: &str = "hive-bench/base:1";
const NAME: &str = "hive-bench/image:latest";
/// What a predicted digest may take, in milliseconds of CPU time.
const PREDICTED_MS: f64 = 100.0;
/// What an image on a present base may take, in milliseconds.
const BUILT_MS: f64 = 500.0;
/// What any of it may take, in MiB.
const MEMORY_MIB: u64 = 200;
/// The size of the large layer, in bytes.
const LARGE_BYTES: u64 = 600_000_000;

fn main() {
    // `cargo test --benches` passes `--test`: one run of each shows that it works.
    let quick = std::env::args().any(|argument| argument == "--test");
    let runs = if quick { 1 } else { RUNS };
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_project(folder.path());
    match Engine::connect() {
        Ok(engine) => with_engine(&engine, folder.path(), runs),
        Err(error) => say(&format!("predicted digest, overlay: not measured, {error}")),
    }
    large_layer(if quick { 1_000_000 } else { LARGE_BYTES });
}

#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn say(text: &str) {
    println!("{text}");
}

fn tell(name: &str, time: Duration, goal_ms: f64) {
    let ms = time.as_secs_f64() * 1e3;
    let verdict = if ms < goal_ms { "below" } else { "above" };
    say(&format!("{name:<44} {ms:8.1} ms   {verdict} {goal_ms} ms"));
}

/// Writes a recipe, its series, and the release as a tree.
fn write_project(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is ours");
        fs::write(path, text).expect("the folder is ours");
    };
    let mut recipe = format!(
        "schema = 1\n[recipe]\nname = \"bench\"\n[upstream.path]\npath = \"tree\"\n[image]\nbase = \"{BASE}\"\ntag = \"{NAME}\"\n"
    );
    for (path, text) in release() {
        write(&format!("tree/{path}"), &text);
    }
    for at in 0..PATCHES {
        let path = format!("hummingbot/part_{at}/module_{at}.py");
        let before = file(at);
        let after = before.replace("price * 0.0050\n", "price * amount * 0.0050\n");
        let mut options = diffy::DiffOptions::new();
        options.set_original_filename(format!("a/{path}")).set_modified_filename(format!("b/{path}"));
        let formatter = diffy::PatchFormatter::new().suppress_blank_empty(false);
        write(
            &format!("patches/bench/{at:02}.patch"),
            &formatter.fmt_patch(&options.create_patch(&before, &after)).to_string(),
        );
        let _ = write!(
            recipe,
            "[[patch]]\nfile = \"patches/bench/{at:02}.patch\"\nwhy = \"it is\"\ntouches = [\"{path}\"]\n"
        );
    }
    write("recipes/bench.toml", &recipe);
}

fn release() -> BTreeMap<String, String> {
    let modules = (0..FILES).map(|at| (format!("hummingbot/part_{}/module_{at}.py", at % 30), file(at)));
    modules
        .chain([
            ("hummingbot/__init__.py".to_owned(), String::new()),
            ("hummingbot/VERSION".to_owned(), "2.6.0\n".to_owned()),
        ])
        .collect()
}

/// Returns a Python file of about 20 KB.
fn file(at: usize) -> String {
    let functions = (0..FUNCTIONS).map(|function| {
        format!("def module_{at}_function_{function}(price, amount):\n    fee = price * 0.00{function}\n    return price * amount - fee\n\n\n")
    });
    functions.collect()
}

fn with_engine(engine: &Engine, folder: &Path, runs: usize) {
    load_base(engine);
    let build = |name: &str| {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_hive"))
            .args(["build", "bench", "-q", "--unproven"])
            .current_dir(folder)
            .output()
            .expect("the binary is built with the benchmark");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        start.elapsed()
    };
    engine.remove_image(NAME).expect("nobody uses it");
    tell("hive build, the base never looked into (wall)", build("first"), BUILT_MS);
    let again = (0..runs).map(|_| {
        engine.remove_image(NAME).expect("nobody uses it");
        build("again")
    });
    tell("hive build, the image removed (wall)", again.min().expect("there are runs"), BUILT_MS);
    tell(
        "hive build, the image there (wall)",
        (0..runs).map(|_| build("there")).min().expect("there are runs"),
        BUILT_MS,
    );
    let project = Project::at(folder);
    let loaded = project.load("recipes/bench.toml").expect("the recipe is sound");
    let predict = || {
        let recipe = &loaded.recipe;
        let release =
            upstream::obtain(&project, recipe, None, Options::default(), &NoProgress).expect("the tree is there");
        let environment = environment::prepare(&project, recipe, &release).expect("the series is sound");
        let mut knowledge = Knowledge::remembered(&project, BASE).expect("it was looked into");
        let planned =
            planned::overlay(&project, recipe, &release, &environment, &mut knowledge).expect("the base fits");
        planned.image.config_digest
    };
    let expected = predict();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = ProcessTime::now();
            assert_eq!(predict(), expected);
            start.elapsed()
        })
        .collect();
    times.sort();
    tell("predicted digest (CPU)", times[runs / 2], PREDICTED_MS);
    let there = engine.image(NAME).expect("the engine answers").expect("it was built");
    assert_eq!(there.id, expected, "predicted is what was built");
    for name in [NAME, BASE] {
        engine.remove_image(name).expect("nobody uses it");
    }
}

/// Loads a base with the release, as hive writes images.
fn load_base(engine: &Engine) {
    let mut layer = Layer::default();
    for (path, text) in release() {
        let entry = Entry::File { content: Content::Bytes(text.into_bytes()), is_executable: false };
        layer.add(&format!("{ROOT}/{path}"), entry).expect("the paths differ");
    }
    let (bytes, measured) = layer.bytes().expect("all content is in memory");
    let size = measured.byte_count;
    let nothing = Base::new("linux", "amd64", None, &serde_json::Map::new(), &[]);
    let image = assemble(&nothing, None, &[Added { name: "release".to_owned(), measured }], &BTreeMap::new());
    let name = Reference::parse(BASE).expect("it is a name");
    let write = |into: &mut dyn io::Write| {
        archive::thin(&image, Some(&name), &[size], into, &mut |_, into| into.write_all(&bytes))
    };
    engine.load(write, None, &NoProgress).expect("the engine takes it");
}

fn large_layer(byte_count: u64) {
    let mut layer = Layer::default();
    let files = 60;
    for at in 0..files {
        let content = Content::Elsewhere { byte_count: byte_count / files };
        layer
            .add(&format!("{ROOT}/large_{at}.so"), Entry::File { content, is_executable: false })
            .expect("the paths differ");
    }
    let start = ProcessTime::now();
    let mut open = |_: &str| -> io::Result<Box<dyn Read>> { Ok(Box::new(io::repeat(7).take(byte_count / files))) };
    let measured = layer.write(&mut io::sink(), &mut open).expect("nothing refuses");
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("a layer of {} MB (CPU)                        {seconds:8.2} s", measured.byte_count / 1_000_000));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    match peak.map(|kb| kb / 1024) {
        Some(mib) => {
            let verdict = if mib < MEMORY_MIB { "below" } else { "above" };
            say(&format!("most memory of this process                  {mib:8} MiB  {verdict} {MEMORY_MIB} MiB"));
        }
        None => say("this system does not tell the memory of a process"),
    }
}
