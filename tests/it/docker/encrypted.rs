//! An encrypted connection to an engine: a server that asks for a certificate, played by Python with keys of OpenSSL's.

use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use hive::io::docker::Address;
use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::docker::Patience;
use tempfile::TempDir;

use crate::docker::skip;
use crate::fetch::drawn;

/// Answers as an engine does, to those alone who have a certificate of the authority's.
const SERVER: &str = r#"
import http.server, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"Version":"26.1.5","ApiVersion":"1.45","Os":"linux","Arch":"amd64"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
context.load_verify_locations("ca.pem")
context.verify_mode = ssl.CERT_REQUIRED
print(server.server_port, flush=True)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"#;

/// A server that ends with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours, and nothing is lost with it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Makes an authority, and certificates of it for the server and for hive; `None` where there is no OpenSSL.
fn authority(folder: &Path) -> Option<()> {
    let run = |line: &str| {
        let output = Command::new("openssl").args(line.split(' ')).current_dir(folder).output().ok()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "openssl {line}: {text}");
        Some(())
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    run(&format!("req -x509 {key} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"))?;
    for (name, certificate, text) in [
        ("server.key", "server.pem", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"),
        ("key.pem", "cert.pem", "extendedKeyUsage=clientAuth\n"),
    ] {
        fs::write(folder.join("extensions"), text).expect("a file");
        run(&format!("req -new {key} -subj /CN=one -keyout {name} -out request.pem"))?;
        run(&format!(
            "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out {certificate}"
        ))?;
    }
    Some(())
}

#[test]
fn both_sides_of_an_encrypted_connection_are_proven() {
    let (ours, theirs) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let (Some(()), Some(())) = (authority(ours.path()), authority(theirs.path())) else {
        return skip("there is no `openssl`");
    };
    let mut command = Command::new("python3");
    command.args(["-c", SERVER]).current_dir(ours.path()).stdout(Stdio::piped());
    let Ok(child) = command.spawn() else { return skip("there is no `python3`") };
    let mut server = Server(child);
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().expect("it is piped")).read_line(&mut port).expect("it says its port");
    let open = |folder: &Path| {
        let host = format!("127.0.0.1:{}", port.trim());
        Engine::open(Address::Tcp { host, certificates: Some(folder.to_owned()) }, Patience::default())
    };
    assert_eq!(open(ours.path()).expect("it answers").version().engine, "26.1.5");
    // An authority of somebody else's: neither side trusts the other.
    let error = open(theirs.path()).expect_err("it is not trusted");
    assert!(matches!(error, Error::NoEngine { .. }), "{error:?}");
    assert!(drawn(&error).contains("certificate"), "{}", drawn(&error));
    // The server's authority is trusted, and hive's certificate is of somebody else's.
    fs::copy(ours.path().join("ca.pem"), theirs.path().join("ca.pem")).expect("a copy");
    let error = open(theirs.path()).expect_err("hive is not trusted");
    assert!(matches!(error, Error::NoEngine { .. }), "{error:?}");
    // Without encryption, the server is no engine.
    let host = format!("127.0.0.1:{}", port.trim());
    let error =
        Engine::open(Address::Tcp { host, certificates: None }, Patience::default()).expect_err("it is encrypted");
    assert!(matches!(error, Error::NoEngine { .. }), "{error:?}");
}
