//! A socket that plays a Docker engine: it notes what it is asked for, and answers from a table, or breaks off, or is silent.

use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;

use hive::io::docker::Address;
use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::docker::Patience;
use tempfile::TempDir;

/// How a healthy engine greets.
const GREETING: &str =
    r#"{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}"#;

/// What the socket does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// Answers with a status and a body.
    Body(u16, &'static str),
    /// Answers with pieces, one after the other.
    Pieces(&'static [&'static str]),
    /// Answers with pieces, and closes the connection where more was promised.
    BrokenPieces(&'static [&'static str]),
    /// Agrees to hand the connection over, as for the output of a container; then writes this and closes.
    HandedOver(&'static [u8]),
    /// Closes the connection without an answer, before the request's body is read.
    Closed,
    /// Never answers.
    Silence,
}

/// An engine that is played.
pub(crate) struct Fake {
    folder: TempDir,
    noted: Arc<Mutex<Vec<String>>>,
    is_silent: bool,
    is_silent_at_first: bool,
}

impl Fake {
    /// Plays an engine. A request is answered by the first row whose text its first line begins with.
    pub(crate) fn new(rows: &[(&'static str, Answer)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let listener = UnixListener::bind(folder.path().join("docker.sock")).expect("a socket");
        let noted = Arc::new(Mutex::new(Vec::new()));
        let table: Arc<[(&'static str, Answer)]> =
            rows.iter().copied().chain([("GET /version ", Answer::Body(200, GREETING))]).collect();
        let journal = Arc::clone(&noted);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (table, journal) = (Arc::clone(&table), Arc::clone(&journal));
                // A client that goes away is no fault of the player's.
                thread::spawn(move || serve(&stream, &table, &journal).ok());
            }
        });
        let is_silent = |row: &&(&str, Answer)| matches!(row.1, Answer::Silence);
        let mut silent = rows.iter().filter(is_silent);
        let is_silent_at_first = silent.clone().any(|(start, _)| start.starts_with("GET /version"));
        Self { folder, noted, is_silent: silent.next().is_some(), is_silent_at_first }
    }

    /// Returns the address.
    pub(crate) fn address(&self) -> Address {
        Address::Socket(self.folder.path().join("docker.sock"))
    }

    /// Connects; with little patience where the table says that nothing will come.
    pub(crate) fn connect(&self) -> Result<Engine, Error> {
        let (short, long) = (Duration::from_millis(300), Duration::from_mins(1));
        let patience = if self.is_silent { short } else { long };
        let first = if self.is_silent_at_first { short } else { long };
        Engine::open(self.address(), Patience { first, quick: patience, piece: patience })
    }

    /// Returns the first lines of the requests so far.
    pub(crate) fn noted(&self) -> Vec<String> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(stream: &UnixStream, rows: &[(&'static str, Answer)], journal: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_lowercase());
        if let [_] = head.as_slice() {
            let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
            journal.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
    let asked = journal.lock().unwrap_or_else(PoisonError::into_inner).last().cloned().unwrap_or_default() + " ";
    let answer = rows.iter().find(|(start, _)| asked.starts_with(start)).map(|(_, answer)| *answer);
    let answer = answer.unwrap_or(Answer::Body(404, r#"{"message":"page not found"}"#));
    if matches!(answer, Answer::Closed) {
        return Ok(());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse::<u64>().ok());
    if let Some(length) = length {
        io::copy(&mut (&mut reader).take(length), &mut io::sink())?;
    } else if head.iter().any(|line| line == "transfer-encoding: chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            io::copy(&mut (&mut reader).take(size + 2), &mut io::sink())?;
            if size == 0 {
                break;
            }
        }
    }
    write(stream, answer)
}

fn write(mut stream: &UnixStream, answer: Answer) -> io::Result<()> {
    match answer {
        Answer::Body(status, body) => write!(
            stream,
            "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
        Answer::Pieces(pieces) => {
            write_pieces(stream, pieces)?;
            stream.write_all(b"0\r\n\r\n")
        }
        Answer::BrokenPieces(pieces) => write_pieces(stream, pieces),
        Answer::HandedOver(bytes) => {
            let head = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n\
                        Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
            stream.write_all(head.as_bytes())?;
            stream.write_all(bytes)
        }
        Answer::Closed => Ok(()),
        Answer::Silence => {
            // Until the client has lost its patience and closes.
            io::copy(&mut stream, &mut io::sink()).map(|_| ())
        }
    }
}

fn write_pieces(mut stream: &UnixStream, pieces: &[&str]) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    for piece in pieces {
        write!(stream, "{:x}\r\n{piece}\r\n", piece.len())?;
        stream.flush()?;
    }
    Ok(())
}
