//! A fresh project on a release from a package index: the network is used once.

use hive::io::files;

use super::project::Project;
use super::project::release;
use crate::fetch::server::Answer;
use crate::fetch::server::Server;
use crate::fetch::tar_gz;

const VERSION: &str = "20250609";
const FILE_NAME: &str = "hummingbot-20250609.tar.gz";
const PAGE: &str = "/simple/hummingbot/";

/// An index with one sdist, and a project that builds on it.
fn fresh() -> (Project, Server) {
    let top = |path: &str| format!("hummingbot-{VERSION}/{path}");
    let mut members: Vec<(String, String)> =
        release("2.6.0").into_iter().map(|(path, text)| (top(&path), text)).collect();
    members.push((top("PKG-INFO"), format!("Metadata-Version: 2.1\nName: hummingbot\nVersion: {VERSION}\n")));
    let members: Vec<(&str, &str)> = members.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let archive = tar_gz(&members);
    let server = Server::start();
    let sha256 = files::sha256_hex(&archive);
    server.on(PAGE, &[Answer::html(format!("<a href=\"../../files/{FILE_NAME}#sha256={sha256}\">{FILE_NAME}</a>"))]);
    server.on(&format!("/files/{FILE_NAME}"), &[Answer::bytes(archive)]);
    let upstream =
        format!("[upstream.pypi]\npackage = \"hummingbot\"\nversion = \"{VERSION}\"\nartifact = \"sdist\"\n");
    let mut project = Project::with_upstream(&upstream);
    project.set("PIP_INDEX_URL", &server.url("/simple"));
    (project, server)
}

/// Replaces hashes: an archive's depends on the library that packed it.
fn without_hashes(text: &str) -> String {
    let is_hash = |part: &str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let redacted = parts.map(|part| {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if is_hash(word) { format!("HASH{}", &part[word.len()..]) } else { part.to_owned() }
    });
    redacted.collect()
}

#[test]
fn the_network_is_needed_once() {
    let (project, server) = fresh();
    insta::assert_snapshot!("fresh_offline", project.hive(&["test", "--offline"]).with(8));
    insta::assert_snapshot!("fresh_plan", project.hive(&["plan"]).with(0));
    assert_eq!(server.requests(), Vec::<String>::new());
    // Results need no release.
    project.hive(&["run", "demo", "walk"]).with(0);
    project.accept();
    assert_eq!(server.requests(), Vec::<String>::new());

    insta::assert_snapshot!("fresh_first", project.hive(&["test"]).with(0));
    let requests = server.requests().len();
    assert_eq!(requests, 2, "the page and the archive");
    server.on(PAGE, &[Answer::status(500)]);
    insta::assert_snapshot!("fresh_second", project.hive(&["test"]).with(0));
    project.hive(&["test", "--offline"]).with(0);
    insta::assert_snapshot!("fresh_fetch_again", without_hashes(&project.hive(&["fetch"]).with(0)));
    project.hive(&["lock", "--offline"]).with(0);
    project.hive(&["test", "--frozen"]).with(0);
    project.hive(&["build", "demo", "--into", "tree", "--frozen"]).with(0);
    insta::assert_snapshot!("fresh_plan_again", without_hashes(&project.hive(&["plan"]).with(0)));
    assert_eq!(server.requests().len(), requests, "the network is not needed again");
}

#[test]
fn a_fetch_says_what_it_did() {
    let (project, _server) = fresh();
    insta::assert_snapshot!("fresh_fetch", without_hashes(&project.hive(&["fetch"]).with(0)));
    let fetched = project.hive(&["fetch", "--format", "json"]).json(0);
    let mut keys: Vec<&String> = fetched[0].as_object().expect("a release is an object").keys().collect();
    keys.sort();
    assert_eq!(keys, ["byte_count", "checksum", "from_cache", "oddity", "recipe", "tree", "upstream"]);
    assert_eq!(fetched[0]["from_cache"], true);
}

#[test]
fn downloads_that_fail() {
    let (project, server) = fresh();
    let redacted = |text: String| without_hashes(&server.named(&text));
    server.on(PAGE, &[Answer::html("<a href=\"hummingbot-20240101.tar.gz\">x</a>")]);
    insta::assert_snapshot!("fresh_no_release", redacted(project.hive(&["test"]).with(8)));
    let hash = "0".repeat(64);
    let page = format!("<a href=\"../../files/{FILE_NAME}#sha256={hash}\">x</a>");
    server.on(PAGE, &[Answer::html(page)]);
    insta::assert_snapshot!("fresh_hash", redacted(project.hive(&["test"]).with(8)));
    // A failure is an object, too, and the exit code is that of the shell.
    let tested = project.hive(&["test", "--format", "json"]).json(8);
    assert_eq!(tested["exit"], 8);
    assert!(tested["recipes"][0]["error"]["code"].is_string());
}

#[test]
fn a_release_that_was_replaced_is_told_from_the_locked_one() {
    let (project, server) = fresh();
    project.accept();
    project.hive(&["lock"]).with(0);
    project.remove(".hive");
    let archive =
        tar_gz(&[("hummingbot-20250609/hummingbot/VERSION", "2.6.0\n"), ("hummingbot-20250609/PKG-INFO", "")]);
    let sha256 = files::sha256_hex(&archive);
    server.on(PAGE, &[Answer::html(format!("<a href=\"../../files/{FILE_NAME}#sha256={sha256}\">x</a>"))]);
    server.on(&format!("/files/{FILE_NAME}"), &[Answer::bytes(archive)]);
    let said = project.hive(&["test"]).with(8);
    insta::assert_snapshot!("fresh_replaced", without_hashes(&server.named(&said)));
}
