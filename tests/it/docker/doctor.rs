//! What `hive doctor` says of an engine, through the binary.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::docker::engine;
use crate::docker::fake::Fake;
use crate::docker::skip;
use crate::verbs::project::Project;

/// Returns the doctor's line about the engine, and what follows.
fn said(host: &str) -> String {
    let mut project = Project::empty();
    project.set("DOCKER_HOST", host);
    let text = project.hive(&["doctor"]).with(0);
    let start = text.find("Docker engine").expect("it is looked for");
    text[start..].lines().take(3).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_engine_is_shown_with_its_version() {
    let fake = Fake::new(&[]);
    let text = said(&fake.address().to_string());
    assert!(text.contains("Docker Engine 20.10.24, API 1.41, at unix://"), "{text}");
    let Some(engine) = engine() else { return };
    let text = said(&engine.address().to_string());
    assert!(text.contains(&format!("Docker Engine {}", engine.version().engine)), "{text}");
    assert!(text.contains(&engine.storage().expect("it answers").driver), "{text}");
}

#[test]
fn a_wrong_address_is_told_with_its_mend() {
    let text = said("/var/run/docker.sock");
    assert!(text.contains("is no address of a Docker engine"), "{text}");
    assert!(text.contains("did you mean `unix:///var/run/docker.sock`?"), "{text}");
}

#[test]
fn a_socket_that_one_may_not_use_is_told_apart_from_none() {
    let folder = TempDir::new().expect("a temporary folder");
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    allow(folder.path(), 0o755);
    let socket = folder.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    allow(&socket, 0o000);
    // Root may use every socket, so that somebody else has to ask; who cannot read where the binary is gets a copy.
    let binary = folder.path().join("hive");
    fs::copy(env!("CARGO_BIN_EXE_hive"), &binary).expect("a copy");
    allow(&binary, 0o755);
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]).arg(&binary);
        command
    } else {
        Command::new(&binary)
    };
    command.arg("doctor").current_dir(folder.path()).env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let Ok(output) = command.output() else { return skip("there is no `setpriv`") };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("this user may not talk to the Docker engine"), "{text}");
    assert!(text.contains("usermod -aG docker"), "{text}");
}
