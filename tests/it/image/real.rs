//! Images of the real Hummingbot. They download some hundred megabytes once, so they run where `HIVE_REQUIRE_UPSTREAM=1`
//! asks for them, and say how long each step takes.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use hive::io::cache::Cache;
use hive::io::docker::Engine;
use hive::io::fetch;
use hive::io::fetch::Request;
use hive::io::progress::NoProgress;
use hive::recipe::resolve::Artifact;
use serde_json::Value;
use walkdir::WalkDir;

use crate::docker;
use crate::docker::base::Root;
use crate::verbs::project::Project;

/// The base that the shipped recipe names.
const BASE: &str = "hive/hummingbot:20250609";

/// Where it has Hummingbot.
const ROOT: &str = "usr/local/lib/python3.12/site-packages";

/// What hive may take, in KiB.
const MEMORY_KB_MAX: u64 = 200 * 1024;

/// Returns the engine, where these tests are asked for.
fn engine() -> Option<Engine> {
    if env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
        say("skipped: HIVE_REQUIRE_UPSTREAM=1 is not set, so the real Hummingbot is not downloaded");
        return None;
    }
    let engine = Engine::connect();
    Some(engine.unwrap_or_else(|error| panic!("HIVE_REQUIRE_UPSTREAM=1, but no Docker engine: {error}")))
}

#[expect(clippy::print_stderr, reason = "a test has no other way to say how long something took")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn shipped() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Makes the base of the shipped recipe: Python, and the published wheel's files.
fn base(engine: &Engine) {
    let prefix = docker::base::python_prefix().expect("HIVE_REQUIRE_UPSTREAM=1, but there is no Python 3.12");
    let request = Request {
        package: "hummingbot".to_owned(),
        version: "20250609".to_owned(),
        artifact: Artifact::Wheel,
        python: (3, 12),
        any_platform: true,
        expected_sha256: None,
        offline: false,
        index: None,
    };
    let wheel =
        fetch::fetch(&request, &Cache::new(shipped().join(".hive/cache")), &NoProgress).expect("the wheel is there");
    docker::base::obtain(engine, BASE, || {
        let mut root = Root::with_python(&prefix);
        root.tree(&wheel.tree, ROOT, |_| true);
        root
    });
}

/// Copies the shipped project. What was downloaded is shared with it; what is learnt and built is not.
fn project() -> Project {
    let mut project = Project::empty();
    for folder in ["recipes", "patches", "snapshots"] {
        for entry in
            WalkDir::new(shipped().join(folder)).into_iter().flatten().filter(|entry| entry.file_type().is_file())
        {
            let path = entry.path().strip_prefix(shipped()).expect("it is below");
            let to = project.path(&path.display().to_string());
            fs::create_dir_all(to.parent().expect("a file is in a folder")).expect("the folder is ours");
            fs::copy(entry.path(), to).expect("the folder is ours");
        }
    }
    fs::copy(shipped().join("hive.lock"), project.path("hive.lock")).expect("the folder is ours");
    fs::create_dir_all(project.path(".hive/cache")).expect("the folder is ours");
    for folder in ["archives", "trees", "index", "work", "closures", "uv", "tools"] {
        let shared = shipped().join(".hive/cache").join(folder);
        fs::create_dir_all(&shared).expect("the folder is ours");
        symlink(shared, project.path(".hive/cache").join(folder)).expect("the folder is ours");
    }
    for name in ["DOCKER_HOST", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "HIVE_PYTHON", "UV_CACHE_DIR"] {
        match env::var(name) {
            Ok(value) => project.set(name, &value),
            // The index is that of pip's own configuration where nobody names one.
            Err(_) if name == "PIP_INDEX_URL" => project.unset(name),
            Err(_) => {}
        }
    }
    if let Some(home) = env::home_dir() {
        project.set("HOME", &home.display().to_string());
    }
    project
}

/// Starts the binary, and returns what it says with how long it took and the most memory it had, in KiB.
fn timed(project: &Project, arguments: &[&str]) -> (Value, Duration, u64) {
    let start = Instant::now();
    let mut command = project.command(arguments);
    let out = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut child = command.stdout(out.reopen().expect("it is there")).spawn().expect("the binary starts");
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    let code = loop {
        if let Some(code) = child.try_wait().expect("the child is ours") {
            break code;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        memory = memory.max(peak.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = start.elapsed();
    assert!(code.success(), "{arguments:?}: {code}");
    let said = fs::read_to_string(out.path()).expect("it is there");
    (serde_json::from_str(&said).expect("the output is JSON"), took, memory)
}

#[test]
fn the_shipped_recipe_has_one_digest_on_the_real_wheel() {
    let Some(engine) = engine() else { return };
    base(&engine);
    let project = project();
    let arguments = ["build", "backtesting-api", "--format", "json", "--unproven"];
    let name = "hive/backtesting-api:latest";
    engine.remove_image(name).expect("nobody uses it");
    let mut ids = Vec::new();
    for what in [
        "first, the base looked into",
        "again, already there",
        "after the image and the records are gone",
        "after the image is gone",
    ] {
        if what.starts_with("after") {
            engine.remove_image(name).expect("nobody uses it");
            project.remove(".hive/images");
            if what.contains("records") {
                project.remove(".hive/cache/bases");
            }
        }
        let (built, took, memory) = timed(&project, &arguments);
        say(&format!(
            "overlay, {what}: {:.3} s, {} MiB, loaded {}",
            took.as_secs_f64(),
            memory / 1024,
            built["loaded"]
        ));
        assert!(memory < MEMORY_KB_MAX, "{memory} KiB");
        ids.push(built["id"].as_str().expect("an id").to_owned());
    }
    let plan = project.hive(&["plan", "backtesting-api"]).with(0);
    assert!(plan.contains(&format!("{}, as it was built", ids[0])), "{plan}");
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let (verified, took, memory) = timed(&project, &["verify", "backtesting-api", "--format", "json"]);
    say(&format!("verify: {:.3} s, {} MiB", took.as_secs_f64(), memory / 1024));
    assert_eq!(verified["id"].as_str(), Some(ids[0].as_str()));
    dockerfile(&engine, name);
    say(&project.hive(&["build", "backtesting-api"]).with(0));
}

/// Builds the same content with a Dockerfile, where there is a `docker` to do it, and says how long that takes.
fn dockerfile(engine: &Engine, image: &str) {
    let context = tempfile::tempdir().expect("a temporary folder");
    let opened = engine.look_into(image).expect("the image is there");
    let paths: [&str; 5] = [
        "hummingbot/strategy_v2/executors/dca_executor/dca_executor.py",
        "hummingbot/strategy_v2/executors/twap_executor/twap_executor.py",
        "hummingbot/strategy_v2/backtesting/backtesting_engine_base.py",
        "controllers/market_making/pmm_dynamic_2.py",
        "controllers/__init__.py",
    ];
    for path in paths {
        let to: PathBuf = context.path().join("files").join(path);
        fs::create_dir_all(to.parent().expect("a file is in a folder")).expect("the folder is ours");
        let bytes = opened.read(&format!("/{ROOT}/{path}")).expect("the engine answers").expect("the file is there");
        fs::write(to, bytes).expect("the folder is ours");
    }
    drop(opened);
    fs::write(
        context.path().join("Dockerfile"),
        format!("FROM {BASE}\nCOPY files /{ROOT}/\nLABEL recipe=backtesting-api\n"),
    )
    .expect("the folder is ours");
    let mut ids = Vec::new();
    for cache in ["--no-cache", "--no-cache", "--quiet"] {
        let start = Instant::now();
        let output = Command::new("docker")
            .env("DOCKER_BUILDKIT", "0")
            .args(["build", "--quiet", cache, "--tag", "hive-image-test/dockerfile"])
            .arg(context.path())
            .output();
        let Ok(output) = output.as_ref().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()) else {
            say("there is no `docker` here to build the same content with a Dockerfile");
            return;
        };
        let cached = if cache == "--quiet" { ", cached" } else { "" };
        say(&format!("Dockerfile with the same content{cached}: {:.3} s, {output}", start.elapsed().as_secs_f64()));
        ids.push(output);
    }
    engine.remove_image("hive-image-test/dockerfile").expect("nobody uses it");
    assert_ne!(ids[0], ids[1], "what a Dockerfile gives differs from time to time");
}

#[test]
fn a_plain_python_gets_hummingbot_and_its_closure() {
    let Some(engine) = engine() else { return };
    let prefix = docker::base::python_prefix().expect("HIVE_REQUIRE_UPSTREAM=1, but there is no Python 3.12");
    let base = docker::base::obtain(&engine, "hive-image-test/python:3.12", || {
        let mut root = Root::with_python(&prefix);
        // What compiled packages want of every system, and a real base has.
        for library in [
            "libstdc++.so.6",
            "libgcc_s.so.1",
            "libgomp.so.1",
            "libpthread.so.0",
            "libdl.so.2",
            "librt.so.1",
            "libutil.so.1",
        ] {
            let places =
                ["/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"].map(|folder| Path::new(folder).join(library));
            if let Some(place) = places.iter().find(|place| place.is_file()) {
                root.program(place, &format!("lib/x86_64-linux-gnu/{library}"));
            }
        }
        root
    });
    let project = project();
    let name = "hive-image-test/installed:latest";
    project.replace("recipes/backtesting-api.toml", &format!("base = \"{BASE}\""), &format!("base = \"{base}\""));
    project.replace("recipes/backtesting-api.toml", "tag = \"hive/backtesting-api\"", &format!("tag = \"{name}\""));
    engine.remove_image(name).expect("nobody uses it");
    let arguments = ["build", "backtesting-api", "--format", "json"];
    let mut ids = Vec::new();
    for what in ["first", "again", "after the image and the layers are gone"] {
        if what.starts_with("after") {
            engine.remove_image(name).expect("nobody uses it");
            project.remove(".hive/cache/layers");
        }
        let (built, took, memory) = timed(&project, &arguments);
        say(&format!(
            "installed, {what}: {:.1} s, {} MiB, loaded {}",
            took.as_secs_f64(),
            memory / 1024,
            built["loaded"]
        ));
        assert!(memory < MEMORY_KB_MAX, "{memory} KiB");
        assert_eq!(built["kind"], "build");
        assert_eq!(built["layers"].as_array().map(Vec::len), Some(2));
        ids.push(built["id"].as_str().expect("an id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let plan = project.hive(&["plan", "backtesting-api"]).with(0);
    assert!(plan.contains(&format!("{}, as it was built", ids[0])), "{plan}");
    say(&project.hive(&["build", "backtesting-api"]).with(0));
    let (_, took, memory) = timed(&project, &["verify", "backtesting-api", "--format", "json"]);
    say(&format!("verify: {:.1} s, {} MiB", took.as_secs_f64(), memory / 1024));
    assert!(memory < MEMORY_KB_MAX, "{memory} KiB");
    let bill = project.files(".hive/images/backtesting-api");
    let bill = bill.iter().find(|(path, _)| path.ends_with("sbom.cdx.json")).expect("a bill was written").1;
    let bill: Value = serde_json::from_slice(bill).expect("a bill is JSON");
    assert!(bill["components"].as_array().is_some_and(|components| components.len() > 100));
}
