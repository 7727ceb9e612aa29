//! From a release's name to a tree, over the network once.

use std::fs;
use std::path::Path;
use std::thread;

use hive::io::archive::Kind;
use hive::io::archive::layout::Layout;
use hive::io::cache::Cache;
use hive::io::fetch::Error;
use hive::io::fetch::Fetched;
use hive::io::fetch::Request;
use hive::io::fetch::fetch;
use hive::io::progress::NoProgress;
use hive::recipe::resolve::Artifact;
use tempfile::TempDir;

use super::drawn;
use super::sdist;
use super::server::Answer;
use super::server::Server;
use super::sha256;
use super::zip;

const VERSION: &str = "20250609";
const FILE_NAME: &str = "hummingbot-20250609.tar.gz";

/// An index with one sdist, and a project's cache.
struct Fixture {
    server: Server,
    folder: TempDir,
    cache: Cache,
    sha256: String,
}

impl Fixture {
    fn new(archive: &[u8]) -> Self {
        let server = Server::start();
        let sha256 = sha256(archive);
        server.on(
            "/simple/hummingbot/",
            &[Answer::html(format!("<a href=\"../../files/{FILE_NAME}#sha256={sha256}\">x</a>"))],
        );
        server.on(&format!("/files/{FILE_NAME}"), &[Answer::bytes(archive)]);
        let folder = TempDir::new().expect("a temporary folder");
        let cache = Cache::new(folder.path().join("cache"));
        Self { server, folder, cache, sha256 }
    }

    fn request(&self) -> Request {
        Request {
            package: "Hummingbot".to_owned(),
            version: VERSION.to_owned(),
            artifact: Artifact::Sdist,
            python: (3, 12),
            any_platform: false,
            expected_sha256: None,
            offline: false,
            index: Some(self.server.url("/simple")),
        }
    }

    fn fetch(&self, request: &Request) -> Result<Fetched, Error> {
        let fetched = fetch(request, &self.cache, &NoProgress);
        let work = self.folder.path().join("cache/work");
        let left = fs::read_dir(work).map_or(0, Iterator::count);
        assert_eq!(left, 0, "nothing may be left behind");
        fetched
    }

    fn drawn(&self, error: &Error) -> String {
        self.server.named(&drawn(error))
    }
}

fn version_in(tree: &Path) -> String {
    fs::read_to_string(tree.join("hummingbot/VERSION")).expect("the tree holds the package")
}

#[test]
fn an_sdist_is_fetched_once() {
    let fixture = Fixture::new(&sdist(VERSION));
    let request = fixture.request();
    let first = fixture.fetch(&request).expect("the index offers the release");
    assert_eq!(first.sha256, fixture.sha256);
    assert_eq!(first.file_name, FILE_NAME);
    assert_eq!(first.kind, Kind::TarGz);
    assert_eq!(first.layout, Layout::Sdist { top: "hummingbot-20250609".to_owned() });
    assert_eq!((first.from_cache, first.oddity()), (false, None));
    assert_eq!(version_in(&first.tree), VERSION);
    let requests = fixture.server.requests().len();
    let cached = Fetched { from_cache: true, ..first };
    assert_eq!(fixture.fetch(&request).expect("the tree is cached"), cached);
    let offline = Request { offline: true, index: Some("http://elsewhere.test/".to_owned()), ..request.clone() };
    assert_eq!(fixture.fetch(&offline).expect("offline, any index's answer will do"), cached);
    let other_spelling =
        Request { version: "20250609.0".to_owned(), expected_sha256: Some(cached.sha256.clone()), ..request };
    assert_eq!(fixture.fetch(&other_spelling).expect("the same release"), cached);
    assert_eq!(fixture.server.requests().len(), requests, "the network is not needed again");
}

#[test]
fn json_redirects_and_other_indexes() {
    let fixture = Fixture::new(&sdist(VERSION));
    let json = format!(
        r#"{{"files": [{{"filename": "{FILE_NAME}", "url": "{FILE_NAME}", "hashes": {{"sha256": "{}"}}}}]}}"#,
        fixture.sha256
    );
    fixture.server.on("/json/hummingbot/", &[Answer::redirect("/files/")]);
    fixture.server.on("/files/", &[Answer::json(json)]);
    let request = Request { index: Some(fixture.server.url("/json/")), ..fixture.request() };
    assert!(!fixture.fetch(&request).expect("the index answers in JSON").from_cache);
    // Another index is asked for itself, but what it offers is already here.
    assert!(fixture.fetch(&fixture.request()).expect("the index answers in HTML").from_cache);
    let pages = fixture.server.requests().iter().filter(|head| head.contains("/simple/hummingbot/")).count();
    assert_eq!(pages, 1);
}

#[test]
fn a_zip_named_tar_gz_is_taken_for_what_it_is() {
    let fixture = Fixture::new(&zip(&[("hummingbot/VERSION", VERSION), ("setup.py", "")]));
    let fetched = fixture.fetch(&fixture.request()).expect("the content is an archive");
    assert_eq!((fetched.kind, &fetched.layout), (Kind::Zip, &Layout::Bare));
    assert_eq!(version_in(&fetched.tree), VERSION);
    assert_eq!(fetched.oddity().as_deref(), Some("`hummingbot-20250609.tar.gz` is a zip archive without a top folder"));
}

#[test]
fn a_wheel_is_fetched_from_a_folder() {
    let wheel = zip(&[("hummingbot/VERSION", VERSION), ("hummingbot-20250609.dist-info/METADATA", "")]);
    let fixture = Fixture::new(&sdist(VERSION));
    let project = fixture.folder.path().join("index/hummingbot");
    fs::create_dir_all(&project).expect("a fresh folder");
    fs::write(project.join("hummingbot-20250609-py3-none-any.whl"), &wheel).expect("a fresh folder");
    let page = "<a href='hummingbot-20250609-py3-none-any.whl'>x</a>";
    fs::write(project.join("index.html"), page).expect("a fresh folder");
    let index = url::Url::from_directory_path(fixture.folder.path().join("index")).expect("an absolute path");
    let request = Request {
        artifact: Artifact::Wheel,
        index: Some(index.to_string()),
        expected_sha256: Some(sha256(&wheel)),
        ..fixture.request()
    };
    let fetched = fixture.fetch(&request).expect("the folder is an index");
    assert_eq!((fetched.layout, fetched.bytes), (Layout::Wheel, wheel.len() as u64));
}

#[test]
fn what_is_lost_is_fetched_again() {
    let fixture = Fixture::new(&sdist(VERSION));
    let request = fixture.request();
    let offline = Request { offline: true, ..request.clone() };
    let tree = fixture.fetch(&request).expect("the index offers the release").tree;
    let tree_folder = tree.parent().expect("the tree stands in a folder");
    let archive = fixture.cache.archive_path(&fixture.sha256);

    fs::remove_dir_all(tree_folder).expect("the tree is there");
    let fetched = fixture.fetch(&offline).expect("the archive is still there");
    assert_eq!(version_in(&fetched.tree), VERSION);

    fs::remove_dir_all(&tree).expect("the tree is there");
    fs::write(&archive, "damaged").expect("the archive is there");
    let error = fixture.fetch(&offline).expect_err("the archive is damaged");
    insta::assert_snapshot!("offline_damaged", fixture.drawn(&error).replace(&fixture.sha256, "SHA256"));
    assert!(!fixture.fetch(&request).expect("the archive is fetched again").from_cache);

    fs::remove_dir_all(&tree).expect("the tree is there");
    fs::remove_file(&archive).expect("the archive is there");
    let error = fixture.fetch(&offline).expect_err("the archive is gone");
    insta::assert_snapshot!("offline_lost", fixture.drawn(&error).replace(&fixture.sha256, "SHA256"));
    assert_eq!(version_in(&fixture.fetch(&request).expect("the archive is fetched again").tree), VERSION);
}

#[test]
fn a_hash_never_hands_out_another_release() {
    let fixture = Fixture::new(&sdist(VERSION));
    fixture.fetch(&fixture.request()).expect("the index offers the release");
    // The recipe was bumped, but its hash was forgotten.
    let bumped = sdist("20250610");
    let page = format!("<a href='/files/hummingbot-20250610.tar.gz#sha256={}'>", sha256(&bumped));
    fixture.server.on("/simple/hummingbot/", &[Answer::html(page)]);
    let expected_sha256 = Some(fixture.sha256.clone());
    let request = Request { version: "20250610".to_owned(), expected_sha256, ..fixture.request() };
    let error = fixture.fetch(&request).expect_err("the hash is that of the old release");
    let text = fixture.drawn(&error).replace(&fixture.sha256, "SHA256-EXPECTED");
    insta::assert_snapshot!("hash_forgotten", text.replace(&sha256(&bumped), "SHA256-FOUND"));
}

#[test]
fn failures_leave_nothing_in_the_cache() {
    let fixture = Fixture::new(&sdist(VERSION));
    let evil = zip(&[("hummingbot/VERSION", VERSION), ("../evil", "")]);
    let page = |sha256: &str| Answer::html(format!("<a href='/files/{FILE_NAME}#sha256={sha256}'>"));
    let other = "0".repeat(64);
    for (name, page, archive, request) in [
        ("release_mismatch", page(&other), sdist(VERSION), fixture.request()),
        ("release_unsafe", page(&sha256(&evil)), evil, fixture.request()),
        ("release_unknown_package", Answer::status(404), Vec::new(), fixture.request()),
        ("release_index_down", Answer::status(500), Vec::new(), fixture.request()),
        ("release_offline", Answer::status(404), Vec::new(), Request { offline: true, ..fixture.request() }),
        ("release_archive_gone", page(&other), Vec::new(), Request { version: "1".to_owned(), ..fixture.request() }),
    ] {
        fixture.server.on("/simple/hummingbot/", &[page]);
        fixture.server.on(&format!("/files/{FILE_NAME}"), &[Answer::bytes(archive)]);
        let error = fixture.fetch(&request).expect_err(name);
        insta::assert_snapshot!(name, fixture.drawn(&error).replace(&fixture.sha256, "SHA256"));
        for place in ["archives/sha256", "trees/sha256", "index"] {
            let kept = fs::read_dir(fixture.folder.path().join("cache").join(place)).map_or(0, Iterator::count);
            assert_eq!(kept, 0, "{name} leaves something in {place}");
        }
    }
}

#[test]
fn processes_may_race() {
    let fixture = Fixture::new(&sdist(VERSION));
    let (request, cache) = (fixture.request(), &fixture.cache);
    thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| fetch(&request, cache, &NoProgress))).collect();
        for racer in racers {
            let fetched = racer.join().expect("no racer panics").expect("every racer gets the tree");
            assert_eq!(version_in(&fetched.tree), VERSION);
        }
    });
    assert!(fixture.fetch(&request).expect("the tree is cached").from_cache);
}

#[test]
fn credentials_stay_with_their_host() {
    let fixture = Fixture::new(&sdist(VERSION));
    let index = fixture.server.url("/simple").replace("http://", "http://ann:secret@");
    fixture.fetch(&Request { index: Some(index), ..fixture.request() }).expect("the index offers the release");
    let requests = fixture.server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|head| head.to_lowercase().contains("authorization: basic")), "{requests:?}");
    for entry in walkdir::WalkDir::new(fixture.folder.path()) {
        let entry = entry.expect("the cache can be walked");
        if entry.file_type().is_file() {
            let bytes = fs::read(entry.path()).expect("the cache can be read");
            assert!(!bytes.windows(6).any(|window| window == b"secret"), "{}", entry.path().display());
        }
    }
}
