//! What a mirror of a git repository holds, and what it fetches.

use std::fs;
use std::path::PathBuf;

use hive::io::git;
use hive::io::git::mirror::Error;
use hive::io::git::mirror::Mirror;
use hive::io::progress::NoProgress;
use tempfile::TempDir;

use super::drawn;
use super::repository;
use super::repository::Repository;
use super::server::Server;

/// A repository and a cache for its mirror.
struct Fixture {
    repository: Repository,
    cache: TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { repository: Repository::new(), cache: TempDir::new().expect("a temporary folder") }
    }

    fn open(&self, is_offline: bool) -> Result<Mirror<'static>, Error> {
        let mirror = Mirror::open(&self.repository.url(), self.cache.path(), is_offline, &NoProgress);
        let entries = fs::read_dir(self.cache.path().join("git")).into_iter().flatten().flatten();
        let left: Vec<_> = entries.map(|entry| entry.path()).filter(|path| *path != self.folder()).collect();
        assert!(left.is_empty(), "nothing may be left behind: {left:?}");
        mirror
    }

    fn folder(&self) -> PathBuf {
        let name = hive::io::files::sha256_hex(self.repository.url().as_bytes());
        self.cache.path().join("git").join(format!("{name}.git"))
    }

    /// Returns how many files' objects the mirror holds.
    fn blob_count(&self) -> usize {
        let arguments = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype)"];
        repository::git(&self.folder(), &arguments).lines().filter(|kind| *kind == "blob").count()
    }

    fn drawn(&self, error: &Error) -> String {
        let text = drawn(error).replace(&self.folder().display().to_string(), "MIRROR");
        text.replace(&self.repository.url(), "REPOSITORY").replace(&self.repository.path("").display().to_string(), "")
    }
}

/// Returns the text of each file at a tag, by path.
fn texts(mirror: &mut Mirror<'_>, tag: &str) -> Vec<(String, String)> {
    let files = mirror.files(tag).expect("the tag is there");
    mirror.obtain(&files.values().cloned().collect()).expect("the repository is there");
    let mut text = |id: &str| String::from_utf8(mirror.read(id).expect("obtained")).expect("text");
    files.iter().map(|(path, id)| (path.clone(), text(id))).collect()
}

fn check(mirror: &mut Mirror<'_>, tag: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    assert_eq!(texts(mirror, tag), expected, "{tag}");
}

#[test]
fn each_tag_has_its_files() {
    let fixture = Fixture::new();
    let repository = &fixture.repository;
    repository.release("1.9.0", &[("a/one.py", "one"), ("two.py", "two\r\n"), ("empty.py", "")]);
    repository.git(&["mv", "a/one.py", "a b.py"]);
    repository.git(&["commit", "--quiet", "--message", "a new name"]);
    repository.git(&["tag", "--annotate", "--message", "a tag with a message", "v2.0.0"]);
    repository.remove("two.py");
    repository.release("v2.1.0", &[("caf\u{e9}.py", "three"), (".gitattributes", "*.py text eol=crlf\n")]);
    let blob = repository.git(&["hash-object", "-w", "empty.py"]);
    repository.git(&["tag", "a-file", blob.trim()]);
    let mut mirror = fixture.open(false).expect("the repository is there");
    assert_eq!(mirror.tags().expect("a mirror"), ["1.9.0", "v2.0.0", "v2.1.0"]);
    check(&mut mirror, "1.9.0", &[("a/one.py", "one"), ("empty.py", ""), ("two.py", "two\r\n")]);
    check(&mut mirror, "v2.0.0", &[("a b.py", "one"), ("empty.py", ""), ("two.py", "two\r\n")]);
    let last = [(".gitattributes", "*.py text eol=crlf\n"), ("a b.py", "one"), ("caf\u{e9}.py", "three")];
    check(&mut mirror, "v2.1.0", &[last.as_slice(), &[("empty.py", "")]].concat());
}

#[test]
#[cfg(unix)]
fn links_count_where_they_lead_to_files_of_the_tree() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new();
    let repository = &fixture.repository;
    repository.release("v1", &[("a/one.py", "one"), ("a/deep/two.py", "two")]);
    for (link, target) in [
        ("a/same", "one.py"),
        ("a/deep/up", "../one.py"),
        ("twice", "./a//same"),
        ("folder", "a"),
        ("through", "folder/one.py"),
        ("nowhere", "missing.py"),
        ("out", "../one.py"),
        ("absolute", "/etc/passwd"),
        ("circle", "circle"),
    ] {
        symlink(target, repository.path(link)).expect("a free place");
    }
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},module", commit.trim())]);
    repository.git(&["add", "--all", "--ignore-removal", "."]);
    repository.git(&["commit", "--quiet", "--message", "links"]);
    repository.git(&["tag", "v2"]);
    assert!(repository.git(&["ls-tree", "v2"]).contains("160000 commit"), "the submodule is part of the test");
    let mut mirror = fixture.open(false).expect("the repository is there");
    let files = [("a/deep/two.py", "two"), ("a/deep/up", "one"), ("a/one.py", "one"), ("a/same", "one")];
    check(&mut mirror, "v2", &[files.as_slice(), &[("twice", "one")]].concat());
}

#[test]
fn files_are_fetched_when_they_are_asked_for() {
    let fixture = Fixture::new();
    let repository = &fixture.repository;
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    repository.release("v1", &[("one.py", "1"), ("two.py", "2")]);
    repository.release("v2", &[("one.py", "3")]);
    let mut mirror = fixture.open(false).expect("the repository is there");
    assert_eq!(fixture.blob_count(), 0);
    let files = mirror.files("v2").expect("the tag is there");
    let one = files["one.py"].clone();
    assert_eq!(fixture.blob_count(), 0);
    mirror.obtain(&[one.clone()].into()).expect("the repository is there");
    assert_eq!(fixture.blob_count(), 1);
    assert_eq!(mirror.read(&one).expect("obtained"), b"3");

    fs::rename(repository.path(".git"), repository.path("gone")).expect("a free place");
    let mut offline = fixture.open(true).expect("the mirror is there");
    assert_eq!(offline.read(&one).expect("obtained before"), b"3");
    let all = files.values().cloned().collect();
    insta::assert_snapshot!("mirror_offline_files", fixture.drawn(&offline.obtain(&all).expect_err("offline")));
    let error = mirror.obtain(&all).expect_err("the repository is gone");
    assert!(matches!(error, Error::Fetch { .. }), "{error}");
    assert!(matches!(mirror.read(&files["two.py"]), Err(Error::Read { .. })), "never obtained");
    assert_eq!(mirror.read(&one).expect("another process answers"), b"3");
}

#[test]
fn a_mirror_is_fetched_again_only_when_asked() {
    let fixture = Fixture::new();
    fixture.repository.release("v1", &[("one.py", "1")]);
    fixture.open(false).expect("the repository is there");
    fixture.repository.release("v2", &[("one.py", "2")]);
    let mut mirror = fixture.open(false).expect("the mirror is there");
    assert_eq!(mirror.tags().expect("a mirror"), ["v1"]);
    check(&mut mirror, "v1", &[("one.py", "1")]);
    mirror.refresh().expect("the repository is there");
    assert_eq!(mirror.tags().expect("a mirror"), ["v1", "v2"]);
    check(&mut mirror, "v2", &[("one.py", "2")]);
}

#[test]
fn refusals() {
    let fixture = Fixture::new();
    insta::assert_snapshot!("mirror_offline", fixture.drawn(&fixture.open(true).expect_err("never fetched")));
    fixture.repository.release("v1", &[("one.py", "1")]);
    fixture.open(false).expect("the repository is there");
    fs::remove_file(fixture.folder().join("HEAD")).expect("the mirror is there");
    let mut mirror = fixture.open(false).expect("the mirror is made anew");
    let error = mirror.files("v2").expect_err("no such tag");
    assert!(matches!(error, Error::Read { .. }), "{error}");
    fs::remove_dir_all(fixture.folder().join("objects")).expect("the mirror is there");
    insta::assert_snapshot!("mirror_broken", fixture.drawn(&mirror.files("v1").expect_err("nothing is left")));
    let open = |url: &str| Mirror::open(url, fixture.cache.path(), false, &NoProgress).expect_err(url);
    insta::assert_snapshot!("mirror_dash", drawn(&open("--upload-pack=touch evil")));
    insta::assert_snapshot!("mirror_program", drawn(&open("ext::touch evil")));
    let gone = fixture.repository.path("gone").display().to_string();
    insta::assert_snapshot!("mirror_nowhere", drawn(&open(&gone)).replace(&gone, "FOLDER/gone"));
}

#[test]
fn credentials_are_neither_shown_nor_kept() {
    let server = Server::start();
    let cache = TempDir::new().expect("a temporary folder");
    let url = server.url("/h.git").replace("http://", "http://ann:secret@");
    let error = Mirror::open(&url, cache.path(), false, &NoProgress).expect_err("no repository there");
    insta::assert_snapshot!("mirror_credentials", server.named(&drawn(&error)));
    let error = git::tag(&url, "v1", cache.path(), false).expect_err("no repository there");
    insta::assert_snapshot!("tag_credentials", server.named(&drawn(&error)));
    assert_eq!(fs::read_dir(cache.path().join("git")).expect("a folder").count(), 0);
}

#[test]
fn the_address_is_not_written_into_the_mirror() {
    let fixture = Fixture::new();
    fixture.repository.release("v1", &[("one.py", "1")]);
    let mut mirror = fixture.open(false).expect("the repository is there");
    texts(&mut mirror, "v1");
    let address = fixture.repository.path("").display().to_string();
    for entry in walkdir::WalkDir::new(fixture.cache.path()).into_iter().flatten() {
        let bytes = fs::read(entry.path()).unwrap_or_default();
        let holds = bytes.windows(address.len()).any(|window| window == address.as_bytes());
        assert!(!holds, "{}", entry.path().display());
    }
}
