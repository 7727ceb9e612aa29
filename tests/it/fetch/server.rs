//! A package index on this machine, for tests.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

/// One answer to a request.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    announced: Option<usize>,
}

impl Answer {
    pub(crate) fn bytes(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), announced: None }
    }

    pub(crate) fn html(body: impl Into<String>) -> Self {
        Self::bytes(body.into()).with("Content-Type", "text/html; charset=utf-8")
    }

    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self::bytes(body.into()).with("Content-Type", "application/vnd.pypi.simple.v1+json")
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::bytes("") }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).with("Location", location)
    }

    /// Announces more bytes than it sends.
    pub(crate) fn announcing(mut self, length: usize) -> Self {
        self.announced = Some(length);
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

type Routes = Arc<Mutex<BTreeMap<String, Vec<Answer>>>>;

/// A server that answers until the tests end, and remembers what it was asked.
pub(crate) struct Server {
    port: u16,
    routes: Routes,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let routes = Routes::default();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (served, noted) = (Arc::clone(&routes), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (served, noted) = (Arc::clone(&served), Arc::clone(&noted));
                // A client that hangs up early is part of some tests.
                thread::spawn(move || answer(&stream, &served, &noted).ok());
            }
        });
        Self { port, routes, requests }
    }

    /// Answers a path, the last answer again and again.
    pub(crate) fn on(&self, path: &str, answers: &[Answer]) {
        self.routes.lock().expect("no test panics here").insert(path.to_owned(), answers.to_vec());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Returns the requests so far, each with its head.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panics here").clone()
    }

    /// Returns the text with a stable name for this server.
    pub(crate) fn named(&self, text: &str) -> String {
        text.replace(&format!("127.0.0.1:{}", self.port), "SERVER")
    }
}

fn answer(stream: &TcpStream, routes: &Routes, requests: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    requests.lock().expect("no test panics here").push(head);
    let answer = {
        let mut routes = routes.lock().expect("no test panics here");
        match routes.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::status(404),
        }
    };
    let mut stream = stream;
    let length = answer.announced.unwrap_or(answer.body.len());
    write!(stream, "HTTP/1.1 {} X\r\nContent-Length: {length}\r\nConnection: close\r\n", answer.status)?;
    for (name, value) in answer.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(&answer.body)
}
