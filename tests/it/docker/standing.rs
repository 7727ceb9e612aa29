//! A container that stands while somebody edits what it runs.

use std::cell::Cell;
use std::fs;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::io::docker::Bind;
use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::docker::Request;
use hive::io::script::Ended;
use tempfile::TempDir;

use crate::docker::base;
use crate::docker::engine;

const GRACE: Duration = Duration::from_secs(5);

fn request(engine: &Engine, name: &str, text: &str, folder: &TempDir) -> Request {
    Request {
        image: base::shell(engine),
        name: name.to_owned(),
        command: ["sh", "-c", text].map(str::to_owned).into(),
        environment: vec!["GREETING=hello".to_owned()],
        binds: vec![Bind {
            host: folder.path().canonicalize().expect("it is there"),
            container: "/edited".to_owned(),
            is_read_only: true,
        }],
        network: "none".to_owned(),
    }
}

#[test]
fn a_change_is_seen_after_a_restart_and_nothing_is_left() {
    let Some(engine) = engine() else { return };
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("text"), "before").expect("a file");
    let text = "trap 'echo bye; exit 0' TERM; echo $GREETING; cat /edited/text; echo; echo ready; \
                touch /edited/x 2>/dev/null && echo writable; while true; do sleep 0.1; done";
    let request = request(&engine, "hive-test-standing", text, &folder);
    let standing = engine.stand(&request).expect("it starts");
    let until_ready = |count: usize| {
        let (mut lines, ready) = (Vec::new(), Cell::new(0));
        let ended = standing.follow(&|| ready.get() < count, &mut |line| {
            ready.set(ready.get() + usize::from(line == "ready"));
            lines.push(line.to_owned());
        });
        assert_eq!(ended.expect("it answers"), None, "it stands");
        lines
    };
    assert_eq!(until_ready(1), ["hello", "before", "ready"]);
    fs::write(folder.path().join("text"), "after").expect("a file");
    standing.restart(GRACE).expect("it answers");
    assert_eq!(until_ready(2)[3..], ["bye", "hello", "after", "ready"], "the log goes on");
    // Another hive takes the place of one that was killed.
    let second = engine.stand(&request).expect("it takes the name over");
    assert!(second.stop(GRACE).expect("it answers") < GRACE, "it has heard that it is to stop");
    drop(standing);
    // Other tests have containers of that kind for a while; one that was left here would stay.
    let end = Instant::now() + Duration::from_mins(3);
    while !engine.containers("hive.container=dev").expect("it answers").is_empty() {
        assert!(Instant::now() < end, "a container was left");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn an_end_is_told_with_its_status() {
    let Some(engine) = engine() else { return };
    let folder = TempDir::new().expect("a temporary folder");
    let standing = engine.stand(&request(&engine, "hive-test-ends", "echo one; exit 3", &folder)).expect("it starts");
    let mut lines = Vec::new();
    let ended = standing.follow(&|| true, &mut |line| lines.push(line.to_owned())).expect("it answers");
    assert_eq!((ended, lines), (Some(Ended::Exit(3)), vec!["one".to_owned()]));
}

#[test]
fn a_container_of_somebody_else_is_left_alone() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let opened = engine.look_into(&image).expect("it is there");
    let folder = TempDir::new().expect("a temporary folder");
    // A container that was made for something else, under the ID as its name.
    let name = opened.container().to_owned();
    let error = engine.stand(&request(&engine, &name, "true", &folder)).map(|_| ()).expect_err("it is taken");
    assert!(matches!(error, Error::NameTaken { .. }), "{error:?}");
    assert!(engine.containers("hive.container=look").expect("it answers").contains(&name));
}
