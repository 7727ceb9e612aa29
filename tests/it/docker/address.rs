//! Where an engine is: what the environment and the docker program's contexts say.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use hive::io::docker::Address;
use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::docker::Patience;
use hive::io::files;
use tempfile::TempDir;

use crate::fetch::drawn;

fn address(variables: &[(&str, &str)], home: Option<&Path>) -> Result<Address, Error> {
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Address::of(&value, home)
}

fn host(text: &str) -> Result<Address, Error> {
    address(&[("DOCKER_HOST", text)], None)
}

fn tcp(host: &str) -> Address {
    Address::Tcp { host: host.to_owned(), certificates: None }
}

#[test]
fn the_environment_names_an_engine() {
    let usual = Address::Socket(PathBuf::from("/var/run/docker.sock"));
    assert_eq!(address(&[], None).expect("it is one"), usual);
    assert_eq!(host("").expect("it is one"), usual, "an empty variable is none");
    assert_eq!(host("unix:///run/d.sock").expect("it is one"), Address::Socket(PathBuf::from("/run/d.sock")));
    assert_eq!(host("tcp://10.0.0.1:80").expect("it is one"), tcp("10.0.0.1:80"));
    assert_eq!(host("tcp://example.org/").expect("it is one"), tcp("example.org:2375"));
    assert_eq!(host("tcp://[::1]:2375").expect("it is one"), tcp("[::1]:2375"));
    let encrypted = [("DOCKER_HOST", "tcp://h"), ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/certs")];
    let expected = Address::Tcp { host: "h:2376".to_owned(), certificates: Some(PathBuf::from("/certs")) };
    assert_eq!(address(&encrypted, None).expect("it is one"), expected);
    let expected = Address::Tcp { host: "h:2376".to_owned(), certificates: Some(PathBuf::from("/home/x/.docker")) };
    assert_eq!(address(&encrypted[..2], Some(Path::new("/home/x"))).expect("it is one"), expected);
}

#[test]
fn what_is_no_address_is_refused_with_what_to_write() {
    let texts = [
        "/var/run/docker.sock",
        "unix://run/d.sock",
        "docker",
        "ssh://me@host",
        "fd://",
        "tcp://",
        "tcp://a b",
        "tcp://h:99999",
    ];
    let drawings: Vec<String> = texts.map(|text| drawn(&host(text).expect_err(text))).into();
    insta::assert_snapshot!("no_address", drawings.join("\n"));
}

#[test]
fn the_context_of_the_docker_program_is_followed() {
    let home = TempDir::new().expect("a temporary folder");
    let folder = home.path().join(".docker");
    let meta = folder.join("contexts/meta").join(files::sha256_hex(b"mine"));
    fs::create_dir_all(&meta).expect("a folder");
    fs::write(folder.join("config.json"), r#"{"currentContext":"mine"}"#).expect("a file");
    fs::write(meta.join("meta.json"), r#"{"Endpoints":{"docker":{"Host":"unix:///run/mine.sock"}}}"#).expect("a file");
    let found = |variables: &[(&str, &str)]| address(variables, Some(home.path()));
    assert_eq!(found(&[]).expect("it is one"), Address::Socket(PathBuf::from("/run/mine.sock")));
    let usual = Address::Socket(PathBuf::from("/var/run/docker.sock"));
    assert_eq!(found(&[("DOCKER_CONTEXT", "default")]).expect("it is one"), usual);
    assert_eq!(found(&[("DOCKER_HOST", "tcp://h")]).expect("it is one"), tcp("h:2375"), "DOCKER_HOST comes first");
    let error = found(&[("DOCKER_CONTEXT", "other")]).expect_err("there is none of that name");
    assert!(matches!(&error, Error::Context { name, .. } if name == "other"), "{error:?}");
    fs::write(meta.join("meta.json"), r#"{"Endpoints":{}}"#).expect("a file");
    assert!(matches!(found(&[]).expect_err("it names no host"), Error::Context { .. }));
    fs::write(meta.join("meta.json"), r#"{"Endpoints":{"docker":{"Host":"h"}}}"#).expect("a file");
    assert!(matches!(found(&[]).expect_err("it is no address"), Error::Address { .. }));
}

#[test]
fn certificates_are_looked_at_before_they_are_used() {
    let folder = TempDir::new().expect("a temporary folder");
    let address = Address::Tcp { host: "127.0.0.1:2376".to_owned(), certificates: Some(folder.path().to_owned()) };
    let open = || drawn(&Engine::open(address.clone(), Patience::default()).expect_err("they are no good"));
    let missing = open();
    for name in ["key.pem", "cert.pem", "ca.pem"] {
        fs::write(folder.path().join(name), "nonsense").expect("a file");
    }
    let text = format!("{missing}\n{}", open()).replace(&folder.path().display().to_string(), "CERTIFICATES");
    insta::assert_snapshot!("certificates", text);
}
