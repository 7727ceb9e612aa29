//! Scripts in containers of a real engine. The shell stands in for Python where nothing of Python's is asked for.

use std::time::Duration;
use std::time::Instant;

use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::script::Ended;
use hive::io::script::Output;
use hive::io::script::Script;
use hive::recipe::resolve::Limits;

use crate::docker::base;
use crate::docker::engine;
use crate::docker::skip;

fn script(text: &str) -> Script {
    Script {
        files: [("main.sh".to_owned(), text.as_bytes().to_vec()), ("beside.txt".to_owned(), b"beside".to_vec())].into(),
        entry: "main.sh".to_owned(),
        arguments: vec!["one".to_owned(), "two words".to_owned()],
        limits: Limits { timeout_s: 60, memory_mb: 64 },
    }
}

fn run(engine: &Engine, script: &Script) -> (Output, Vec<String>) {
    let image = base::shell(engine);
    let mut lines = Vec::new();
    let output = engine.run_script(&image, &["sh".to_owned()], script, &mut |line| lines.push(line.to_owned()));
    (output.expect("the engine runs it"), lines)
}

#[test]
fn the_answer_is_apart_from_the_talk() {
    let Some(engine) = engine() else { return };
    let text =
        "echo talk >&2; printf 'answer'; cat beside.txt; echo \" $1 $2\"; printf '\\033[31mred\\033[0m\\nend' >&2";
    let (output, lines) = run(&engine, &script(text));
    assert_eq!(output.ended, Ended::Exit(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "answerbeside one two words\n");
    assert_eq!(lines, ["talk", "red", "end"]);
    assert_eq!(output.talk, "talk\nred\nend\n");
}

#[test]
fn a_large_answer_is_whole() {
    let Some(engine) = engine() else { return };
    let (output, lines) = run(&engine, &script("seq 1 500000; seq 1 20000 >&2"));
    assert_eq!(output.stdout.len(), 3_388_895);
    assert_eq!(lines.len(), 20_000);
    assert!(output.talk.ends_with("19999\n20000\n"));
}

#[test]
fn every_end_is_told_apart() {
    let Some(engine) = engine() else { return };
    assert_eq!(run(&engine, &script("exit 3")).0.ended, Ended::Exit(3));
    assert_eq!(run(&engine, &script("kill -SEGV $$")).0.ended, Ended::Exit(0), "the first process has no defaults");
    assert_eq!(run(&engine, &script("sh -c 'kill -SEGV $$'")).0.ended, Ended::Signal(11));
    // A variable that doubles until the limit stops it.
    let greedy = "x=0123456789abcdef; while true; do x=$x$x; done";
    assert_eq!(run(&engine, &script(greedy)).0.ended, Ended::OutOfMemory);
}

#[test]
fn time_is_up_when_it_is_up() {
    let Some(engine) = engine() else { return };
    let limits = Limits { timeout_s: 1, memory_mb: 64 };
    for text in ["echo early; sleep 50", "exec >&- 2>&-; sleep 50"] {
        let before = Instant::now();
        let (output, _) = run(&engine, &Script { limits, ..script(text) });
        assert_eq!(output.ended, Ended::TimedOut, "{text}");
        assert!(before.elapsed() < Duration::from_secs(30), "{text}");
    }
}

#[test]
fn there_is_no_network_and_there_are_no_rights() {
    let Some(engine) = engine() else { return };
    let (output, _) = run(&engine, &script("ls /sys/class/net; cat /proc/self/status"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("lo\n"), "{text}");
    assert!(!text.contains("eth0"), "{text}");
    assert!(text.contains("CapEff:\t0000000000000000"), "{text}");
    assert!(text.contains("NoNewPrivs:\t1"), "{text}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let error = engine.run_script(&image, &["python9".to_owned()], &script(""), &mut |_| {});
    let error = error.expect_err("there is no such program");
    assert!(matches!(&error, Error::NotStarted { command, .. } if command == "python9"), "{error:?}");
}

#[test]
fn a_callback_may_ask_the_engine() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let mut found = None;
    let output = engine.run_script(&image, &["sh".to_owned()], &script("echo now >&2; sleep 1"), &mut |_| {
        found = Some(engine.image(&image).expect("it answers").is_some());
    });
    assert_eq!(output.expect("it runs").ended, Ended::Exit(0));
    assert_eq!(found, Some(true));
}

#[test]
fn python_runs_a_script_with_the_files_beside_it() {
    let Some(engine) = engine() else { return };
    let Some(image) = base::python(&engine) else { return skip("there is no Python 3.12") };
    let text = "import beside, ctypes, json, lzma, sqlite3, ssl, sys\n\
                print(json.dumps([beside.VALUE, sys.version_info[:2], sys.argv[1:]]))\n\
                print(f'done by {sys.executable}', file=sys.stderr)\n";
    let script = Script {
        files: [("main.py".to_owned(), text.into()), ("beside.py".to_owned(), "VALUE = 'ö'".into())].into(),
        entry: "main.py".to_owned(),
        arguments: vec!["a".to_owned()],
        limits: Limits { timeout_s: 60, memory_mb: 256 },
    };
    let output = engine.run_script(&image, &["python3".to_owned()], &script, &mut |_| {}).expect("it runs");
    assert_eq!(output.ended, Ended::Exit(0), "{}", output.talk);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "[\"\\u00f6\", [3, 12], [\"a\"]]\n");
    assert_eq!(output.talk, "done by /usr/local/bin/python3\n");
}
