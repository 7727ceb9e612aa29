//! An engine that goes away while an image is sent to it: no name, no record, and the next build is as if nothing had been.

use std::env;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use crate::docker;
use crate::image::engine::base;
use crate::image::engine::named;
use crate::image::engine::project;

/// Passes everything on to a real engine, but breaks off in the middle of a loaded image.
fn breaking_off(real: PathBuf, at: &Path) {
    let listener = UnixListener::bind(at).expect("the folder is ours");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let real = real.clone();
            thread::spawn(move || pass(client, &real));
        }
    });
}

fn pass(mut client: UnixStream, real: &Path) {
    let mut server = UnixStream::connect(real).expect("the engine listens");
    let (mut answers, mut back) = (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    thread::spawn(move || drop(io::copy(&mut answers, &mut back)));
    let mut chunk = vec![0; 2048];
    while let Ok(count @ 1..) = client.read(&mut chunk) {
        if chunk.starts_with(b"POST") && contains(&chunk[..count], b"/images/load") {
            // The engine has seen the beginning of an archive, and then nothing.
            let _ = server.write_all(&chunk[..count]);
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = server.shutdown(std::net::Shutdown::Both);
            return;
        }
        if server.write_all(&chunk[..count]).is_err() {
            return;
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn an_engine_that_goes_away_leaves_nothing_half_done() {
    let Some(engine) = docker::engine() else { return };
    let host = env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    let Some(real) = host.strip_prefix("unix://") else {
        return docker::skip("the engine does not listen on a socket of this machine");
    };
    let base = base(&engine, "broken", &|root| root.text("etc/of", "broken"));
    let (mut project, name) = (project(&base, "broken"), named("broken"));
    engine.remove_image(&name).expect("nobody uses it");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let socket = folder.path().join("docker.sock");
    breaking_off(PathBuf::from(real), &socket);
    project.set("DOCKER_HOST", &format!("unix://{}", socket.display()));
    let said = project.hive(&["build", "demo"]).with(7);
    assert!(said.contains("went away"), "{said}");
    assert!(engine.image(&name).expect("the engine answers").is_none(), "nothing is named");
    assert!(!project.path(".hive/images").exists(), "nothing is recorded");
    project.set("DOCKER_HOST", &host);
    project.hive(&["build", "demo"]).with(0);
    project.hive(&["verify", "demo"]).with(0);
}
