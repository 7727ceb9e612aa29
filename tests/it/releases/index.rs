//! Releases that are versions of a package on an index.

use std::cell::Cell;

use super::Fixture;
use super::drawn;
use super::read;
use crate::fetch::server::Answer;
use crate::fetch::server::Server;
use crate::fetch::sha256;
use crate::fetch::tar_gz;

const VERSION_FILE: &str = "hummingbot/VERSION";

/// What the index lists: each version, and what is odd about it.
const LISTED: [(&str, &str); 10] = [
    ("20251103", ""),
    ("20250601", ""),
    ("20250609", "withdrawn"),
    ("20250610", "withdrawn"),
    ("20250923", "wheel"),
    ("20250715.dev1", ""),
    ("20250612", ""),
    ("20250715", ""),
    ("20251001", "without a hash"),
    ("20251215", "wheel"),
];

struct Index {
    fixture: Fixture,
    server: Server,
    asked: Cell<usize>,
}

impl Index {
    fn new(version: &str) -> Self {
        let server = Server::start();
        let mut page = String::new();
        for (version, oddity) in LISTED {
            let archive = archive(version);
            let ending = if oddity == "wheel" { "-cp310-cp310-macosx_11_0_arm64.whl" } else { ".tar.gz" };
            let yanked = if oddity == "withdrawn" { "data-yanked='broken'" } else { "" };
            let hash = if oddity == "without a hash" { String::new() } else { format!("#sha256={}", sha256(&archive)) };
            page.extend(["<a href='/files/hummingbot-", version, ending, &hash, "' ", yanked, ">x</a>\n"]);
            server.on(&format!("/files/hummingbot-{version}{ending}"), &[Answer::bytes(archive)]);
        }
        server.on("/simple/hummingbot/", &[Answer::html(page)]);
        let mut fixture = Fixture::new(&upstream(version));
        fixture.index = Some(server.url("/simple"));
        Self { fixture, server, asked: Cell::new(0) }
    }

    /// Returns what was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        let requests = self.server.requests();
        let fresh = &requests[self.asked.replace(requests.len())..];
        fresh.iter().map(|head| head.split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    }
}

fn upstream(version: &str) -> String {
    format!("[upstream.pypi]\npackage = \"Hummingbot\"\nversion = \"{version}\"\nartifact = \"sdist\"\n")
}

fn archive(version: &str) -> Vec<u8> {
    let top = format!("hummingbot-{version}");
    tar_gz(&[(&format!("{top}/PKG-INFO"), "Name: hummingbot\n"), (&format!("{top}/{VERSION_FILE}"), version)])
}

#[test]
fn versions_are_in_order() {
    for (base, target, expected) in [
        ("20250609", "20251103", ["20250609", "20250612", "20250715", "20251103"].as_slice()),
        ("20250609", "20250610", &["20250609", "20250610"]),
        ("20250601", "20250612.0", &["20250601", "20250612"]),
        ("20250612", "20250715.dev1", &["20250612", "20250715.dev1"]),
        ("20250715.dev1", "20251103", &["20250715.dev1", "20250715", "20251103"]),
        ("20251103", "20251103", &["20251103"]),
        // It has left the index.
        ("20250608", "20250612", &["20250608", "20250612"]),
    ] {
        let index = Index::new(base);
        let releases = index.fixture.between(target, false).expect("both releases are there");
        assert_eq!(releases.versions(), expected, "{base} to {target}");
        assert_eq!(releases.note(), None);
        assert_eq!(index.asked(), ["/simple/hummingbot/"], "nothing is fetched before it is read");
    }
}

#[test]
fn a_release_is_fetched_when_it_is_read() {
    let index = Index::new("20250609");
    let mut releases = index.fixture.between("20251103", false).expect("both releases are there");
    index.asked();
    assert_eq!(read(&mut releases, "20250612", VERSION_FILE).as_deref(), Some("20250612"));
    assert_eq!(read(&mut releases, "20250612", "hummingbot/missing.py"), None);
    assert_eq!(releases.paths("20250612").expect("fetched"), ["PKG-INFO", VERSION_FILE]);
    assert_eq!(index.asked(), ["/files/hummingbot-20250612.tar.gz"]);
    assert_eq!(read(&mut releases, "20251103", VERSION_FILE).as_deref(), Some("20251103"));
    assert_eq!(index.asked(), ["/files/hummingbot-20251103.tar.gz"]);
    insta::assert_snapshot!("version_not_between", drawn(&releases.paths("20250610").expect_err("left out")));

    let mut again = index.fixture.between("20251103", false).expect("both releases are there");
    assert_eq!(read(&mut again, "20250612", VERSION_FILE).as_deref(), Some("20250612"));
    assert_eq!(index.asked(), ["/simple/hummingbot/"], "what was fetched is in the cache");

    insta::assert_snapshot!("version_offline_base", index.fixture.refused("20251103", true));
    assert_eq!(read(&mut again, "20250609", VERSION_FILE).as_deref(), Some("20250609"));
    index.asked();
    let mut offline = index.fixture.between("20251103", true).expect("both releases are in the cache");
    assert_eq!(offline.versions(), ["20250609", "20250612", "20251103"]);
    assert_eq!(offline.note(), Some("offline: only releases that are in the cache are known"));
    for version in ["20250609", "20250612", "20251103"] {
        assert_eq!(read(&mut offline, version, VERSION_FILE).as_deref(), Some(version));
    }
    insta::assert_snapshot!("version_offline", index.fixture.refused("20250715", true));
    assert_eq!(index.asked(), Vec::<String>::new());
}

#[test]
fn the_first_release_is_the_locked_one() {
    let index = Index::new("20250609");
    let locked = format!("sha256:{}", "0".repeat(64));
    let mut releases =
        index.fixture.locked_between(Some(&locked), "20250612", false).expect("the index was not asked for bytes yet");
    let error = releases.read("20250609", VERSION_FILE).expect_err("the release was replaced");
    insta::assert_snapshot!(
        "version_replaced",
        drawn(&error).replace(&"0".repeat(64), "LOCKED").replace(&sha256(&archive("20250609")), "FOUND")
    );
    assert_eq!(read(&mut releases, "20250612", VERSION_FILE).as_deref(), Some("20250612"));
}

#[test]
fn refusals() {
    let index = Index::new("20250609");
    for (name, target) in [
        ("version_unknown", "20250800"),
        // The tree inside is called so, and the git tag.
        ("version_of_the_tree", "2.10.0"),
        ("version_older", "20250601"),
        ("version_without_the_artifact", "20251215"),
        ("version_without_a_hash", "20251001"),
        ("version_unfit", "latest"),
    ] {
        insta::assert_snapshot!(name, index.server.named(&index.fixture.refused(target, false)));
    }
    index.server.on("/simple/hummingbot/", &[Answer::status(404)]);
    insta::assert_snapshot!("version_no_package", index.server.named(&index.fixture.refused("20251103", false)));
    insta::assert_snapshot!("version_never_fetched", index.fixture.refused("20251103", true));
}
