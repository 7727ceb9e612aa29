//! What takes a process of its own: memory is counted, and Ctrl-C is heard. The test binary plays the other process itself.

use std::env;
use std::fs;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::process::Command;
use std::process::Stdio;

use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::progress::NoProgress;
use hive::io::script::Script;
use hive::recipe::resolve::Limits;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::json;

use crate::docker::base;
use crate::docker::engine;

/// Says which part the child plays.
const PART: &str = "HIVE_TEST_PART";

/// How large the image is that must not be held in memory, in bytes.
const LAYER_BYTES: u64 = 320 << 20;

fn child(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("it is running"));
    command.args(["--exact", "docker::child::the_part_of_the_child", "--nocapture"]);
    command.env(PART, part).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[test]
fn an_image_of_any_size_takes_little_memory() {
    let Some(_) = engine() else { return };
    let output = child("load").output().expect("this binary starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    let peak = text.lines().find_map(|line| line.split_once("VmHWM:")).expect("Linux tells it").1;
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    assert!(peak < 100_000, "{peak} kB for an image of {} MB", LAYER_BYTES >> 20);
}

#[test]
fn no_container_is_left_by_ctrl_c() {
    let Some(engine) = engine() else { return };
    base::shell(&engine);
    let mut playing = child("script").spawn().expect("this binary starts");
    let mut lines = BufReader::new(playing.stdout.take().expect("it is piped")).lines();
    let is_running = lines.by_ref().map_while(Result::ok).any(|line| line.ends_with("the script runs"));
    assert!(is_running, "the script has started");
    let id = Pid::from_child(&playing);
    rustix::process::kill_process(id, Signal::INT).expect("it is ours");
    let said: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(playing.wait().expect("it ends").success(), "{said:?}");
    assert!(said.iter().any(|line| line.contains("interrupted")), "{said:?}");
    let label = format!("hive.process={}", id.as_raw_nonzero());
    assert_eq!(engine.containers(&label).expect("it answers"), Vec::<String>::new());
}

/// Plays what the tests above start; by itself it proves nothing.
#[test]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn the_part_of_the_child() {
    let Ok(part) = env::var(PART) else { return };
    let engine = Engine::connect().expect("the parent has found it");
    match part.as_str() {
        "load" => {
            load(&engine);
            let status = fs::read_to_string("/proc/self/status").expect("Linux tells it");
            println!("\n{}", status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells it"));
        }
        "script" => {
            let script = Script {
                files: [("main.sh".to_owned(), b"echo now >&2; sleep 50".to_vec())].into(),
                entry: "main.sh".to_owned(),
                arguments: Vec::new(),
                limits: Limits { timeout_s: 60, memory_mb: 64 },
            };
            let output = engine.run_script("hive-test/shell:1", &["sh".to_owned()], &script, &mut |_| {
                println!("\nthe script runs");
            });
            assert!(matches!(output, Err(Error::Interrupted { .. })), "{output:?}");
            println!("\ninterrupted");
        }
        other => panic!("there is no part `{other}`"),
    }
}

/// Loads an image with one large layer, which is made while it is sent.
fn load(engine: &Engine) {
    const NAME: &str = "hive-test/large:1";
    let padding = |size: u64| (512 - size % 512) % 512;
    let mut header = tar::Header::new_gnu();
    header.set_path("zeros").expect("a short name");
    header.set_mode(0o644);
    header.set_size(LAYER_BYTES);
    header.set_cksum();
    let head = header.as_bytes().to_vec();
    let layer_size = 512 + LAYER_BYTES + padding(LAYER_BYTES) + 1024;
    let layer = || head.as_slice().chain(io::repeat(0)).take(layer_size);
    let digest = {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut reader = layer();
        loop {
            match reader.read(&mut buffer).expect("memory can be read") {
                0 => break,
                count => hash.update(&buffer[..count]),
            }
        }
        base::digest_hex(&hash.finalize())
    };
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{digest}")] },
    });
    let config = config.to_string();
    let manifest = json!([{ "Config": "config.json", "RepoTags": [NAME], "Layers": ["layer.tar"] }]).to_string();
    let loaded = engine.load(
        |into| {
            let mut archive = tar::Builder::new(into);
            let mut append = |path: &str, size: u64, content: &mut dyn io::Read| {
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o644);
                header.set_size(size);
                archive.append_data(&mut header, path, content)
            };
            append("config.json", config.len() as u64, &mut config.as_bytes())?;
            append("layer.tar", layer_size, &mut layer())?;
            append("manifest.json", manifest.len() as u64, &mut manifest.as_bytes())?;
            archive.finish()
        },
        None,
        &NoProgress,
    );
    assert_eq!(loaded.expect("it is loaded"), [NAME]);
    let mut saved = Counting(0);
    engine.save(NAME, &mut saved, &NoProgress).expect("it is saved");
    assert!(saved.0 > LAYER_BYTES);
    engine.remove_image(NAME).expect("it is removed");
}

struct Counting(u64);

impl io::Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
