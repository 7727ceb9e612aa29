//! Messages on their way: taken at last, never lost, never under two ids, and never the test's affair.

use std::collections::BTreeSet;
use std::process::Stdio;

use hive::io::post::sign;
use serde_json::Value;

use super::receiver::Act;
use super::receiver::Got;
use super::receiver::Receiver;
use crate::verbs::project::Project;
use crate::verbs::project::Said;

const SECRET: &str = "hush-hush";

const HOOK: &str = "[[webhook]]\nkind = \"generic\"\nurl-from = \"HOOK_URL\"\nsecret-from = \"HOOK_SECRET\"\n";

/// Returns a project whose results are accepted, and that tells a receiver.
fn project(receiver: &Receiver) -> Project {
    let mut project = Project::accepted();
    project.write("hive.toml", HOOK);
    project.set("HOOK_URL", &receiver.url());
    project.set("HOOK_SECRET", SECRET);
    project
}

/// Makes one golden red.
fn redden(project: &Project) {
    project.replace("recipes/demo.toml", "time_limit = 180\n", "time_limit = 60\n");
}

/// Makes it green again.
fn mend(project: &Project) {
    project.replace("recipes/demo.toml", "time_limit = 60\n", "time_limit = 180\n");
}

/// Returns the messages that wait.
fn waiting(project: &Project) -> Vec<Value> {
    let files = project.files(".hive/outbox");
    let messages = files.iter().filter(|(name, _)| name.starts_with('0'));
    messages.map(|(_, bytes)| serde_json::from_slice(bytes).expect("a message is JSON")).collect()
}

/// Checks that nothing of the address and the secret was said.
fn silent(said: &Said) {
    for word in ["S3CRET", SECRET, "127.0.0.1"] {
        assert!(!said.out.contains(word) && !said.err.contains(word), "{}\n{}", said.out, said.err);
    }
}

fn names(got: &Got, key: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(&got.body).expect("it is JSON");
    let list = body[key].as_array().expect("a list").clone();
    list.iter().map(|seen| ["recipe", "scenario"].map(|key| seen[key].as_str().unwrap_or_default()).join("/")).collect()
}

fn ids(receiver: &Receiver) -> BTreeSet<String> {
    receiver.got().iter().map(|got| got.id().to_owned()).collect()
}

#[test]
fn a_receiver_that_fails_twice_has_the_message_in_the_end() {
    let receiver = Receiver::start(&[Act::Status(503), Act::Later(429, 1), Act::Status(204)]);
    let project = project(&receiver);
    let fine = project.hive(&["test"]);
    assert_eq!((fine.code, receiver.got().len()), (0, 0), "nobody is told that all is well");

    redden(&project);
    let said = project.hive(&["test"]);
    assert_eq!((said.code, said.err.as_str()), (3, ""), "taken in the end");
    silent(&said);
    let got = receiver.got();
    assert_eq!(got.len(), 3);
    assert_eq!(ids(&receiver).len(), 1, "one id");
    assert!(got.iter().all(|other| other.body == got[0].body), "the same bytes each time");
    for got in &got {
        let signed = format!("{}.{}", got.headers["x-hive-timestamp"], got.body);
        assert_eq!(got.headers["x-hive-signature"], format!("sha256={}", sign(SECRET, &signed)));
        assert_eq!(got.headers["content-type"], "application/json");
        assert_eq!(got.path, "/hook/T0P-S3CRET?token=T0P-S3CRET");
    }
    assert_eq!(names(&got[0], "turned_red"), ["demo/file"]);
    assert_eq!(names(&got[0], "turned_green"), [""; 0]);
    assert!(waiting(&project).is_empty());

    project.hive(&["test"]).with(3);
    assert_eq!(receiver.got().len(), 3, "what stays red is told once");
    mend(&project);
    project.hive(&["test"]).with(0);
    let got = receiver.got();
    assert_eq!((got.len(), ids(&receiver).len()), (4, 2));
    assert_eq!(names(&got[3], "turned_green"), ["demo/file"]);
}

#[test]
fn a_run_that_is_killed_between_two_attempts_loses_nothing() {
    // The pause that the receiver asks for is longer than the kill takes, and one that the run waits through.
    let receiver = Receiver::start(&[Act::Later(503, 9)]);
    let project = project(&receiver);
    redden(&project);
    let mut child = project.command(&["test"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    receiver.wait(1);
    // SIGKILL: nothing is tidied up.
    child.kill().expect("it runs");
    child.wait().expect("it was started here");
    let kept = waiting(&project);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["id"], receiver.got()[0].id());
    for (name, bytes) in project.files(".hive/outbox") {
        let text = String::from_utf8(bytes).expect("it is text");
        assert!(!text.contains("S3CRET") && !text.contains(SECRET), "{name} holds a secret: {text}");
    }

    let said = project.hive(&["notify", "--now"]);
    assert_eq!((said.code, said.out.as_str()), (0, "1 delivered, 0 waiting, 0 given up\n"));
    assert_eq!((receiver.got().len(), ids(&receiver).len()), (2, 1), "the same id again");
    assert!(waiting(&project).is_empty());
    project.hive(&["test"]).with(3);
    assert_eq!(receiver.got().len(), 2, "nothing is told twice");
}

#[test]
fn a_run_that_is_killed_while_the_receiver_thinks_loses_nothing() {
    let receiver = Receiver::start(&[Act::Silence]);
    let project = project(&receiver);
    redden(&project);
    let mut child = project.command(&["test"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    receiver.wait(1);
    child.kill().expect("it runs");
    child.wait().expect("it was started here");
    // The next run sends it, and sees nothing new.
    project.hive(&["test"]).with(3);
    assert_eq!((receiver.got().len(), ids(&receiver).len()), (2, 1));
}

#[test]
fn messages_of_a_run_that_never_told_are_replaced() {
    let receiver = Receiver::start(&[]);
    let project = project(&receiver);
    redden(&project);
    let offline = project.hive(&["test", "--offline"]);
    assert_eq!(offline.code, 3);
    assert!(offline.err.contains("1 message for webhooks wait"), "{}", offline.err);
    let name = project.files(".hive/outbox").into_keys().find(|name| name.starts_with('0')).expect("one waits");
    let message = project.read(&format!(".hive/outbox/{name}"));
    // As if the run had been killed before its state was written.
    project.remove(".hive/outbox/state.json");
    project
        .write(&format!(".hive/outbox/{name}"), &message.replace(&waiting(&project)[0]["id"].to_string(), "\"stale\""));
    project.hive(&["test"]).with(3);
    assert_eq!(receiver.got().len(), 1);
    assert_ne!(receiver.got()[0].id(), "stale");
    assert!(waiting(&project).is_empty());
}

#[test]
fn what_is_not_taken_is_told_and_changes_no_outcome() {
    let receiver = Receiver::start(&[Act::Status(404), Act::Status(302)]);
    let mut project = project(&receiver);
    redden(&project);
    let said = project.hive(&["test", "--format", "github"]);
    silent(&said);
    assert_eq!(said.code, 3);
    insta::assert_snapshot!("refused", said.err);
    // Its time has not come: nobody is asked.
    let said = project.hive(&["notify"]);
    assert_eq!((said.code, receiver.got().len()), (1, 1));
    assert!(said.err.contains("is tried again in"), "{}", said.err);
    // A redirect is not followed.
    let said = project.hive(&["notify", "--now"]);
    silent(&said);
    assert_eq!((said.code, receiver.got().len()), (1, 2));
    project.set("HOOK_URL", "http://127.0.0.1:1/S3CRET");
    let said = project.hive(&["notify", "--now", "--format", "json"]);
    silent(&said);
    assert_eq!(said.json(1), serde_json::json!({ "delivered_count": 0, "waiting_count": 1, "given_up_count": 0 }));
    project.set("HOOK_URL", "ftp://S3CRET");
    let said = project.hive(&["notify", "--now"]);
    silent(&said);
    insta::assert_snapshot!("no_address", said.with(1));
    project.unset("HOOK_URL");
    insta::assert_snapshot!("unset", project.hive(&["notify", "--now"]).with(1));
    project.set("HOOK_URL", &receiver.url());
    project.hive(&["notify", "--now"]).with(0);
    assert_eq!(ids(&receiver).len(), 1);
}

#[test]
fn one_message_is_given_up_after_thirty_attempts_and_the_next_goes_on() {
    let receiver = Receiver::start(&[Act::Status(410)]);
    let project = project(&receiver);
    redden(&project);
    project.hive(&["test", "--offline"]).with(3);
    let name = project.files(".hive/outbox").into_keys().find(|name| name.starts_with('0')).expect("one waits");
    project.replace(&format!(".hive/outbox/{name}"), "\"attempt_count\": 0", "\"attempt_count\": 29");
    mend(&project);
    let said = project.hive(&["test"]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("HV0904") && said.err.contains("in 30 attempts"), "{}", said.err);
    assert_eq!(project.files(".hive/outbox/given-up").len(), 1);
    assert_eq!(names(&receiver.got()[1], "turned_green"), ["demo/file"]);
}

#[test]
fn a_webhook_that_is_off_hears_later() {
    let receiver = Receiver::start(&[]);
    let mut project = project(&receiver);
    project.unset("HOOK_URL");
    redden(&project);
    let said = project.hive(&["test"]);
    assert_eq!(said.err, "webhook generic (HOOK_URL) is off: the variable with its address is not set\n");
    assert!(waiting(&project).is_empty());
    project.set("HOOK_URL", &receiver.url());
    project.hive(&["test"]).with(3);
    assert_eq!(names(&receiver.got()[0], "turned_red"), ["demo/file"]);
}

#[test]
fn slack_hears_of_what_it_wants_to() {
    let receiver = Receiver::start(&[]);
    let project = project(&receiver);
    project.write(
        "hive.toml",
        "[[webhook]]\nkind = \"slack\"\nurl-from = \"HOOK_URL\"\non = [\"green\"]\nrecipes = [\"demo\"]\n",
    );
    redden(&project);
    project.hive(&["test"]).with(3);
    assert!(receiver.got().is_empty());
    mend(&project);
    project.hive(&["test"]).with(0);
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert!(got[0].body.contains("1 golden is green again") && !got[0].headers.contains_key("x-hive-signature"));
}

#[test]
fn settings_are_read_before_anything_takes_long() {
    let project = Project::accepted();
    project.write("hive.toml", "[[webhook]]\nkind = \"slack\"\nurl-from = \"https://hooks.example/S3CRET\"\n");
    let said = project.hive(&["test"]);
    silent(&said);
    assert!(said.out.is_empty(), "{}", said.out);
    assert!(said.with(2).contains("HV0901"));
}

#[test]
fn a_damaged_outbox_is_told() {
    let receiver = Receiver::start(&[]);
    let project = project(&receiver);
    redden(&project);
    project.write(".hive/outbox/state.json", "{");
    let said = project.hive(&["test"]);
    assert_eq!(said.code, 3);
    insta::assert_snapshot!("damaged", said.err);
    project.remove(".hive/outbox/state.json");
    project.hive(&["test"]).with(3);
    assert_eq!(receiver.got().len(), 1);
    project.write(".hive/outbox/000000000000-000.json", "{");
    let said = project.hive(&["notify"]).with(0);
    assert!(said.contains("is no message of hive's"), "{said}");
}

#[test]
fn runs_at_once_tell_it_once() {
    let receiver = Receiver::start(&[]);
    let project = project(&receiver);
    redden(&project);
    let start = || project.command(&["test"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    for mut child in children {
        assert_eq!(child.wait().expect("it was started here").code(), Some(3));
    }
    assert_eq!(receiver.got().len(), 1);
    assert!(waiting(&project).is_empty());
}
