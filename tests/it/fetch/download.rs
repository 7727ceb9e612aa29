//! Bytes over HTTP and from files, with all that goes wrong on the way.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Mutex;

use hive::io::address;
use hive::io::download;
use hive::io::download::Client;
use hive::io::progress::NoProgress;
use hive::io::progress::Progress;
use tempfile::TempDir;
use url::Url;

use super::drawn;
use super::server::Answer;
use super::server::Server;
use super::sha256;

fn client() -> Client {
    Client::new(None).expect("the system's store needs no file")
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

/// Downloads from a path of the server and returns the bytes.
fn file(server: &Server, path: &str, expected: Option<&str>) -> Result<Vec<u8>, download::Error> {
    let folder = TempDir::new().expect("a temporary folder");
    let received = client().file(&url(&server.url(path)), expected, folder.path(), &NoProgress);
    let bytes = received.map(|received| fs::read(received.file.path()).expect("the file has arrived"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing may be left behind");
    bytes
}

#[derive(Default)]
struct Watch(Mutex<Vec<String>>);

impl Progress for Watch {
    fn begin_steps(&self, _label: &str, _total: u64) {}

    fn begin(&self, label: &str, total: Option<u64>) {
        self.0.lock().expect("one thread").push(format!("{label} {total:?}"));
    }

    fn advance(&self, count: u64) {
        self.0.lock().expect("one thread").push(format!("+{count}"));
    }

    fn end(&self) {
        self.0.lock().expect("one thread").push("end".to_owned());
    }
}

#[test]
fn a_file_arrives_hashed_and_watched() {
    let server = Server::start();
    server.on("/files/a.zip", &[Answer::bytes("hello")]);
    let folder = TempDir::new().expect("a temporary folder");
    let watch = Watch::default();
    let received =
        client().file(&url(&server.url("/files/a.zip")), None, folder.path(), &watch).expect("the server answers");
    assert_eq!((received.byte_count, received.sha256.as_str()), (5, sha256(b"hello").as_str()));
    assert_eq!(watch.0.into_inner().expect("one thread"), ["download a.zip Some(5)", "+5", "end"]);
}

#[test]
fn passing_faults_are_tried_again() {
    let server = Server::start();
    let fine = Answer::bytes("hello");
    for (path, answers) in [
        ("/busy", vec![Answer::status(503), Answer::status(429), fine.clone()]),
        ("/short", vec![Answer::bytes("hel").announcing(5), fine.clone()]),
        ("/there", vec![fine]),
        ("/moved", vec![Answer::redirect("/there")]),
    ] {
        server.on(path, &answers);
        let expected = sha256(b"hello").to_uppercase();
        assert_eq!(file(&server, path, Some(&expected)).expect("the last answer is fine"), b"hello", "{path}");
    }
}

#[test]
fn lasting_faults_are_drawn() {
    let server = Server::start();
    let too_large = usize::try_from(download::FILE_BYTES_MAX).expect("a 64-bit machine") + 1;
    for (name, answer, requests) in [
        ("download_missing", Answer::status(404), 1),
        ("download_forbidden", Answer::status(403), 1),
        ("download_teapot", Answer::status(418), 1),
        ("download_unavailable", Answer::status(503), 3),
        ("download_broken_off", Answer::bytes("hel").announcing(50), 3),
        ("download_too_large", Answer::bytes("").announcing(too_large), 1),
        ("download_mismatch", Answer::bytes("other"), 1),
    ] {
        let path = format!("/{name}");
        server.on(&path, &[answer]);
        let error = file(&server, &path, Some(&sha256(b"hello"))).expect_err(name);
        insta::assert_snapshot!(name, server.named(&drawn(&error)));
        let asked = server.requests().iter().filter(|head| head.starts_with(&format!("GET {path} "))).count();
        assert_eq!(asked, requests, "{name}");
    }
}

#[test]
fn nobody_listens() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        listener.local_addr().expect("a bound socket has an address").port()
    };
    let address = url(&format!("http://user:secret@127.0.0.1:{port}/simple/?key=secret"));
    let error = client().page(&address, "*/*").expect_err("nobody listens");
    insta::assert_snapshot!("download_unreachable", drawn(&error).replace(&port.to_string(), "PORT"));
}

#[test]
fn credentials_go_in_the_header_only() {
    let server = Server::start();
    server.on("/simple/", &[Answer::html("<a href=x>")]);
    let address = server.url("/simple/").replace("http://", "http://ann:p%40ss@");
    let page = client().page(&url(&address), "text/html").expect("the server answers");
    assert_eq!(page.url.as_str(), server.url("/simple/"));
    let head = server.requests().remove(0).to_ascii_lowercase();
    assert!(head.contains(&"authorization: basic YW5uOnBAc3M=".to_ascii_lowercase()), "{head}");
    assert!(head.contains("accept: text/html"), "{head}");
}

#[test]
fn addresses_are_shown_without_secrets() {
    for (address, expected) in [
        ("https://user:pass@index.test/simple?token=1#x", "https://index.test/simple"),
        ("https://token@index.test/", "https://index.test/"),
        ("file:///srv/index", "file:///srv/index"),
    ] {
        assert_eq!(address::shown(&url(address)), expected);
    }
}

#[test]
fn files_are_downloaded_too() {
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("index.html"), "<a href=x.zip>").expect("a fresh folder");
    let address = Url::from_directory_path(folder.path()).expect("an absolute path");
    let page = client().page(&address, "*/*").expect("the folder has a page");
    assert_eq!((page.body.as_slice(), page.content_type), (b"<a href=x.zip>".as_slice(), None));
    let missing = address.join("missing/").expect("an address");
    assert!(matches!(client().page(&missing, "*/*"), Err(download::Error::Missing { .. })));
    assert!(matches!(client().page(&url("data:,x"), "*/*"), Err(download::Error::Scheme { .. })));
}

#[test]
fn trust_needs_certificates() {
    let folder = TempDir::new().expect("a temporary folder");
    let empty = folder.path().join("ca.pem");
    fs::write(&empty, "no certificate\n").expect("a fresh folder");
    let error = Client::new(Some(&empty)).expect_err("there is no certificate");
    let text = drawn(&error).replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!("download_certificates", text);
    let error = Client::new(Some(Path::new("missing.pem"))).expect_err("there is no file");
    insta::assert_snapshot!("file_unreadable", drawn(&error));
}
