//! Programs of ours inside a Python: alone in a folder, without a network, within bounds.

use std::path::PathBuf;

use hive::io::sandbox;
use hive::io::script::Ended;
use hive::io::script::Output;
use hive::io::script::Script;
use hive::recipe::resolve::Limits;

/// Returns a Python of this machine, if it has one that works.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(super) fn python() -> Option<PathBuf> {
    let found = ["/usr/bin/python3", "/usr/local/bin/python3"].map(PathBuf::from).into_iter().find(|it| it.is_file());
    if found.is_none() {
        eprintln!("skipped: this machine has no Python");
    }
    found
}

fn script(text: &str) -> Script {
    Script {
        files: [("program.py".to_owned(), text.as_bytes().to_vec())].into(),
        entry: "program.py".to_owned(),
        arguments: vec!["argument".to_owned()],
        limits: Limits { timeout_s: 60, memory_mb: 256 },
    }
}

/// Runs a script; `None` where there is no Python.
fn ran(text: &str) -> Option<Output> {
    let output = sandbox::run(&python()?, &script(text), &mut |_| {}).expect("Python starts");
    Some(output)
}

#[track_caller]
fn check(text: &str, ended: Ended, stdout: &str) {
    let Some(output) = ran(text) else { return };
    assert_eq!(output.ended, ended, "{}", output.talk);
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout);
}

#[test]
fn it_sees_its_arguments_and_its_files() {
    check(
        "import os, sys\nprint(sys.argv, __name__, os.path.samefile(os.environ['HOME'], 'home'), os.listdir('tmp'))",
        Ended::Exit(0),
        "['program.py', 'argument'] __main__ True []\n",
    );
}

#[test]
fn an_exit_status_is_its_own() {
    check("import sys\nsys.exit(7)", Ended::Exit(7), "");
    check("raise RuntimeError('no')", Ended::Exit(1), "");
}

#[test]
fn nothing_of_the_users_python_leaks_in() {
    check(
        "import os, site, sys\nprint(sorted(k for k in os.environ if k.startswith('PYTHON')), site.ENABLE_USER_SITE)",
        Ended::Exit(0),
        "['PYTHONHASHSEED'] False\n",
    );
}

#[test]
fn there_is_no_network() {
    let refused = "\
import socket
for ask in (lambda: socket.create_connection(('127.0.0.1', 9), 2), lambda: socket.getaddrinfo('localhost', 80)):
    try:
        ask()
    except ConnectionRefusedError as error:
        print(str(error)[:30])
";
    check(refused, Ended::Exit(0), "there is no network in here: s\nthere is no network in here: s\n");
    // What asyncio needs is no network.
    check("import asyncio\nasync def main():\n    return 5\nprint(asyncio.run(main()))", Ended::Exit(0), "5\n");
}

#[test]
fn memory_has_an_end() {
    let Some(output) = ran("a = []\nwhile True:\n    a.append(bytearray(b'x') * 4_000_000)") else { return };
    assert_eq!(output.ended, Ended::OutOfMemory, "{}", output.talk);
    let Some(output) = ran("a = bytearray(8_000_000_000)\nprint(len(a))") else { return };
    assert_eq!(output.ended, Ended::OutOfMemory, "{}", output.talk);
}

#[test]
fn time_has_an_end() {
    let Some(python) = python() else { return };
    let mut script = script("import time\ntime.sleep(60)");
    script.limits.timeout_s = 1;
    let output = sandbox::run(&python, &script, &mut |_| {}).expect("Python starts");
    assert_eq!(output.ended, Ended::TimedOut);
}
