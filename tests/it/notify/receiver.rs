//! A receiver of webhooks on this machine, which refuses as often as a test wants.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// How long a test waits for a message.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the receiver does with a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Answers with a status.
    Status(u16),
    /// Answers with a status, and asks for a pause in seconds.
    Later(u16, u32),
    /// Reads the message and never answers.
    Silence,
}

/// A message as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Got {
    /// Returns the id that the message is known by.
    pub(crate) fn id(&self) -> &str {
        &self.headers["x-hive-delivery"]
    }
}

/// The receiver. It answers as its list says, and with 200 when the list is at its end.
pub(crate) struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    pub(crate) fn start(acts: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&got);
        let mut acts = acts.to_vec();
        thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming().flatten() {
                let act = if acts.is_empty() { Act::Status(200) } else { acts.remove(0) };
                // A sender that is killed is part of some tests.
                let _ = answer(&stream, act, &noted);
                if matches!(act, Act::Silence) {
                    kept.push(stream);
                }
            }
        });
        Self { port, got }
    }

    /// Returns an address here that nobody but its sender may know.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook/T0P-S3CRET?token=T0P-S3CRET", self.port)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().expect("no test panics here").clone()
    }

    /// Waits until so many messages have arrived.
    pub(crate) fn wait(&self, count: usize) {
        let start = Instant::now();
        while self.got().len() < count {
            assert!(start.elapsed() < PATIENCE, "only {} of {count} messages came", self.got().len());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn answer(stream: &TcpStream, act: Act, got: &Mutex<Vec<Got>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let body = String::from_utf8(body).expect("a message is text");
    got.lock().expect("no test panics here").push(Got { path, headers, body });
    let (status, more) = match act {
        Act::Silence => return Ok(()),
        Act::Status(status) => (status, String::new()),
        Act::Later(status, seconds) => (status, format!("Retry-After: {seconds}\r\n")),
    };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} Said\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n")
}
