//! The real binary, serving: started in a project, asked over a socket, and ended by a signal.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread;
use std::thread::JoinHandle;
use std::time::Instant;

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use serde_json::Value;

use super::house::PATIENCE;

/// A service that runs; it is killed where a test does not end it.
pub(super) struct Served {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
    log: Option<JoinHandle<String>>,
}

/// How a service ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) log: String,
}

impl Served {
    /// Starts a service in a project, at a port that is free.
    pub(super) fn start(project: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments).current_dir(project);
        command.env_remove("HIVE_TOKEN").envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary is built");
        let mut errors = child.stderr.take().expect("it is piped");
        let log = thread::spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            text
        });
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().trim_start_matches("http://").to_owned();
        let mut served = Self { child, address, log: Some(log) };
        if served.address.is_empty() {
            let ended = served.wait();
            panic!("it did not start: {}\n{}", ended.status, ended.log);
        }
        served
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request and returns its connection.
    pub(super) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has time limits");
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        if !body.is_empty() {
            text.extend(["Content-Type: application/json\r\nContent-Length: ", &body.len().to_string(), "\r\n"]);
        }
        text.push_str("\r\n");
        text.push_str(body);
        stream.write_all(text.as_bytes()).expect("it reads");
        stream
    }

    /// Sends a request; returns the status and everything that came.
    pub(super) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([("Connection", "close")]).collect();
        let mut text = String::new();
        let read = self.send(method, path, &headers, body).read_to_string(&mut text);
        read.expect("the answer comes whole");
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no status: {text}")), text)
    }

    /// Sends a request and returns the answer's JSON.
    #[track_caller]
    pub(super) fn json(&self, method: &str, path: &str, body: &str, status: u16) -> Value {
        let (found, text) = self.ask(method, path, &[], body);
        assert_eq!(found, status, "{text}");
        let (_, body) = text.split_once("\r\n\r\n").expect("headers end");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    pub(super) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
        kill_process(id, signal).expect("it is ours");
    }

    /// Waits until the service has ended.
    pub(super) fn wait(&mut self) -> Ended {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                break status;
            }
            assert!(since.elapsed() < PATIENCE, "it does not end");
            thread::sleep(std::time::Duration::from_millis(10));
        };
        let log = self.log.take().map(|log| log.join().expect("reading does not panic")).unwrap_or_default();
        Ended { status, log }
    }

    /// Asks the service to end, and waits for it.
    pub(super) fn stop(mut self) -> Ended {
        self.signal(Signal::TERM);
        self.wait()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
