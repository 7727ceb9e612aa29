//! What no real engine can be made to do on demand: each fault is told for what it is.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;
use std::time::Instant;

use hive::io::docker::Address;
use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::docker::Patience;
use hive::io::progress::NoProgress;
use hive::io::script::Script;
use hive::recipe::resolve::Limits;
use tempfile::TempDir;

use crate::docker::fake::Answer;
use crate::docker::fake::Fake;
use crate::fetch::drawn;

const IMAGE: &str = "GET /images/base:1/json ";
const LOAD: &str = "POST /images/load";
const FULL: &str = "write /var/lib/docker/overlay2/1/diff/x: no space left on device";

/// Returns the error of a connection, drawn; the socket's folder has another name each time.
fn refused(fake: &Fake) -> String {
    let error = fake.connect().expect_err("it is no engine");
    drawn(&error).replace(&fake.address().to_string(), "unix:///SOCKET")
}

fn image(answer: Answer) -> Error {
    let fake = Fake::new(&[(IMAGE, answer)]);
    fake.connect().expect("it greets").image("base:1").expect_err("it fails")
}

fn load(answer: Answer) -> Error {
    let fake = Fake::new(&[(LOAD, answer)]);
    let engine = fake.connect().expect("it greets");
    // More than fits into what waits to be sent: who writes must not be left waiting.
    engine.load(|into| into.write_all(&vec![7; 20 << 20]), None, &NoProgress).expect_err("it fails")
}

#[test]
fn who_does_not_answer_as_an_engine_is_none() {
    let mut text = String::new();
    let cases = [
        ("an older engine", Answer::Body(200, r#"{"Version":"18.9","ApiVersion":"1.39"}"#)),
        ("no version of the API", Answer::Body(200, "{}")),
        ("another server", Answer::Body(404, "<h1>Not found</h1>")),
        ("not JSON", Answer::Body(200, "hello")),
        ("JSON that breaks off", Answer::Body(200, r#"{"Version":"20"#)),
        ("it closes", Answer::Closed),
        ("it is silent", Answer::Silence),
    ];
    for (name, answer) in cases {
        let fake = Fake::new(&[("GET /version ", answer)]);
        writeln!(text, "--- {name}\n{}", refused(&fake)).expect("writing to a text cannot fail");
    }
    insta::assert_snapshot!("no_engine", text);
}

#[test]
fn no_socket_and_a_dead_socket_are_no_engine() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("docker.sock");
    let open = || Engine::open(Address::Socket(path.clone()), Patience::default()).expect_err("nobody is there");
    assert!(matches!(open(), Error::NoEngine { .. }));
    // A socket that nobody listens at any more.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    assert!(matches!(open(), Error::NoEngine { .. }), "{:?}", open());
    fs::remove_file(&path).expect("it is there");
    fs::write(&path, "no socket").expect("a file");
    assert!(matches!(open(), Error::NoEngine { .. }), "{:?}", open());
}

#[test]
fn a_port_that_nobody_listens_at_is_no_engine() {
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let address = Address::Tcp { host: format!("127.0.0.1:{port}"), certificates: None };
    let error = Engine::open(address, Patience::default()).expect_err("nobody is there");
    assert!(matches!(error, Error::NoEngine { .. }), "{error:?}");
}

#[test]
fn every_fault_of_a_quick_call_is_told_apart() {
    let mut text = String::new();
    let cases = [
        ("gone", Answer::Closed),
        ("silent", Answer::Silence),
        ("garbled", Answer::Body(200, r#"{"Id": "sha256:1", "#)),
        ("of another shape", Answer::Body(200, r#"{"Id": 5}"#)),
        ("conflict", Answer::Body(409, r#"{"message":"container 4d1 is using it"}"#)),
        ("refused", Answer::Body(500, r#"{"message":"layer does not exist"}"#)),
        ("refused without JSON", Answer::Body(502, "Bad Gateway")),
        (
            "too new",
            Answer::Body(400, r#"{"message":"client version 1.53 is too new. Maximum supported API version is 1.41"}"#),
        ),
        ("full", Answer::Body(500, r#"{"message":"mkdir /var/lib/docker/tmp/1: no space left on device"}"#)),
    ];
    for (name, answer) in cases {
        writeln!(text, "--- {name}\n{}", drawn(&image(answer))).expect("writing to a text cannot fail");
    }
    insta::assert_snapshot!("quick_call", text);
}

#[test]
fn every_fault_of_a_load_is_told_apart() {
    assert!(matches!(load(Answer::Closed), Error::Gone { .. }));
    assert!(matches!(load(Answer::Silence), Error::Silent { .. }));
    let broken = load(Answer::BrokenPieces(&["{\"stream\":\"Loaded image: base:1\\n\"}\n"]));
    assert!(matches!(broken, Error::Gone { .. }), "{broken:?}");
    let failed = load(Answer::Pieces(&[
        "{\"status\":\"Loading layer\"}\n",
        "{\"errorDetail\":{\"message\":\"invalid tar header\"},\"error\":\"invalid tar header\"}\n",
    ]));
    assert!(matches!(&failed, Error::Failed { message, .. } if message == "invalid tar header"), "{failed:?}");
    let nameless = load(Answer::Pieces(&["{\"errorDetail\":{\"code\":1}}\n"]));
    assert!(matches!(nameless, Error::Failed { .. }), "{nameless:?}");
    let full = load(Answer::Pieces(&[
        "{\"errorDetail\":{\"message\":\"write /x: no space left on device\"},\"error\":\"no space\"}\n",
    ]));
    assert!(matches!(full, Error::NoSpace { .. }), "{full:?}");
    let quota = load(Answer::Body(500, r#"{"message":"write /x: disk quota exceeded"}"#));
    assert!(matches!(quota, Error::NoSpace { .. }), "{quota:?}");
    let garbled = load(Answer::Pieces(&["{\"stream\":}\n"]));
    assert!(matches!(garbled, Error::Unreadable { .. }), "{garbled:?}");
}

#[test]
fn an_image_that_breaks_off_while_it_is_saved_is_told() {
    let fake = Fake::new(&[("GET /images/base:1/get", Answer::BrokenPieces(&["half of it"]))]);
    let mut into = Vec::new();
    let error = fake.connect().expect("it greets").save("base:1", &mut into, &NoProgress).expect_err("it breaks off");
    assert!(matches!(error, Error::Gone { .. }), "{error:?}");
}

#[test]
fn an_engine_that_is_killed_while_a_script_runs_is_told() {
    let rows = [
        ("POST /containers/create", Answer::Body(201, r#"{"Id":"c1","Warnings":[]}"#)),
        ("PUT /containers/c1/archive", Answer::Body(200, "")),
        ("POST /containers/c1/attach", Answer::HandedOver(b"\x02\0\0\0\0\0\0\x05work\n")),
        ("POST /containers/c1/start", Answer::Body(204, "")),
        ("POST /containers/c1/wait", Answer::Closed),
        ("DELETE /containers/c1", Answer::Closed),
    ];
    let fake = Fake::new(&rows);
    let engine = fake.connect().expect("it greets");
    let script = Script {
        files: [("main.py".to_owned(), Vec::new())].into(),
        entry: "main.py".to_owned(),
        arguments: Vec::new(),
        limits: Limits { timeout_s: 10, memory_mb: 64 },
    };
    let mut lines = Vec::new();
    let error = engine.run_script("base:1", &["python3".to_owned()], &script, &mut |line| lines.push(line.to_owned()));
    assert!(matches!(error.expect_err("it was killed"), Error::Gone { .. }));
    assert_eq!(lines, ["work"], "what was said before is told");
    insta::assert_snapshot!("asked_for_a_script", fake.noted().join("\n"));
}

#[test]
fn patience_has_an_end_while_pieces_come() {
    let fake = Fake::new(&[("GET /images/base:1/get", Answer::Silence)]);
    let before = Instant::now();
    let error =
        fake.connect().expect("it greets").save("base:1", &mut Vec::new(), &NoProgress).expect_err("it is silent");
    assert!(matches!(error, Error::Silent { .. }), "{error:?}");
    assert!(before.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_full_disk_is_told_wherever_it_is_met() {
    let fake = Fake::new(&[(
        "POST /containers/create",
        Answer::Body(500, r#"{"message":"write /var/lib/docker/overlay2/1/diff/x: no space left on device"}"#),
    )]);
    let error = fake.connect().expect("it greets").look_into("base:1").map(|_| ()).expect_err("it is full");
    assert!(matches!(&error, Error::NoSpace { message, .. } if message == FULL), "{error:?}");
}

#[test]
fn a_container_that_is_not_there_names_the_image() {
    let fake = Fake::new(&[("POST /containers/create", Answer::Body(404, r#"{"message":"No such image: base:1"}"#))]);
    let error = fake.connect().expect("it greets").look_into("base:1").map(|_| ()).expect_err("there is none");
    assert!(matches!(error, Error::NoImage { .. }), "{error:?}");
}
