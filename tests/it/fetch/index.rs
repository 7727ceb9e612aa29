//! What an index's page lists, and which file is chosen.

use hive::io::download::Page;
use hive::io::index;
use hive::io::index::Wanted;
use hive::io::index::page;
use hive::io::index::page::Link;
use hive::io::index::wheel::Os;
use hive::io::index::wheel::Platform;
use hive::recipe::resolve::Artifact;
use url::Url;

use super::drawn;

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const OTHER_HASH: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

fn page(content_type: Option<&str>, body: &str) -> Page {
    Page {
        url: Url::parse("https://index.test/simple/hummingbot/").expect("an address"),
        content_type: content_type.map(str::to_owned),
        body: body.as_bytes().to_vec(),
    }
}

fn shown(link: &Link) -> String {
    let sha256 = link.sha256.as_ref().map_or("-", |digest| &digest[..4]);
    let python = link.requires_python.as_deref().unwrap_or("-");
    let yanked = link.yanked.as_deref().unwrap_or("-");
    format!("{} {} {sha256} {python} {yanked} {:?}", link.file_name, link.url, link.byte_count)
}

fn check(content_type: Option<&str>, body: &str, expected: &[&str]) {
    let links = page::parse(&page(content_type, body)).expect("the page lists files");
    assert_eq!(links.iter().map(shown).collect::<Vec<_>>(), expected, "{body}");
}

#[test]
fn html_pages() {
    let html = Some("text/html; charset=utf-8");
    check(html, "<!DOCTYPE html><h1>Links</h1>", &[]);
    check(
        html,
        &format!("<a href=\"../../files/hummingbot-1.tar.gz#sha256={HASH}\">hummingbot-1.tar.gz</a>"),
        &["hummingbot-1.tar.gz https://index.test/files/hummingbot-1.tar.gz 0123 - - None"],
    );
    check(
        html,
        "<A HREF='https://files.test/hummingbot-1%2B2.zip?x=1#md5=00' data-requires-python='&gt;=3.10' data-yanked=''>x",
        &["hummingbot-1+2.zip https://files.test/hummingbot-1%2B2.zip?x=1 - >=3.10  None"],
    );
    check(
        html,
        "<base href=\"/mirror/\"><a href=x.zip>x</a><a name=top>y</a><a href='http://['>z</a><a href='file:///etc/passwd'>",
        &["x.zip https://index.test/mirror/x.zip - - - None"],
    );
    check(
        Some("application/vnd.pypi.simple.v1+html"),
        &format!("<a href=x.zip#egg=x&sha256={}>", HASH.to_uppercase()),
        &["x.zip https://index.test/simple/hummingbot/x.zip 0123 - - None"],
    );
    check(None, "\n<a href=x.zip>", &["x.zip https://index.test/simple/hummingbot/x.zip - - - None"]);
}

#[test]
fn json_pages() {
    let body = format!(
        r#"{{"meta": {{"api-version": "1.1"}}, "name": "hummingbot", "files": [
            {{"filename": "a.zip", "url": "a.zip", "hashes": {{"sha256": "{HASH}"}}, "size": 7, "yanked": false}},
            {{"filename": "b.zip", "url": "https://files.test/b", "hashes": {{}}, "requires-python": ">=3", "yanked": true}},
            {{"filename": "c.zip", "url": "/c#sha256={HASH}", "hashes": {{"sha256": "short"}}, "yanked": "broken"}},
            {{"filename": "d.zip", "url": "http://["}}
        ]}}"#
    );
    let expected = [
        "a.zip https://index.test/simple/hummingbot/a.zip 0123 - - Some(7)",
        "b.zip https://files.test/b - >=3  None",
        "c.zip https://index.test/c 0123 - broken None",
    ];
    for content_type in [None, Some("application/json"), Some("application/vnd.pypi.simple.v1+json")] {
        check(content_type, &body, &expected);
    }
}

#[test]
fn pages_that_list_nothing() {
    for (name, content_type, body) in [
        ("page_of_other_kind", Some("application/pdf"), "%PDF"),
        ("page_of_no_kind", None, "hello"),
        ("page_of_other_json", Some("application/json"), r#"{"message": "sign in"}"#),
    ] {
        let error = page::parse(&page(content_type, body)).expect_err("the page lists no files");
        insta::assert_snapshot!(name, drawn(&error));
    }
}

/// Returns the links of `NAME SHA256` lines.
fn links(lines: &[&str]) -> Vec<Link> {
    let link = |line: &&str| {
        let (file_name, sha256) = line.split_once(' ').unwrap_or((line, HASH));
        Link {
            url: Url::parse("https://files.test/x").expect("an address"),
            file_name: file_name.to_owned(),
            sha256: (sha256 != "-").then(|| sha256.to_owned()),
            requires_python: None,
            yanked: None,
            byte_count: None,
        }
    };
    lines.iter().map(link).collect()
}

fn wanted(version: &str, artifact: Artifact) -> Wanted {
    let (package, version) = Wanted::release("Hummingbot", version).expect("a release");
    let platform = Platform { os: Os::Linux, arch: "x86_64".to_owned(), glibc: Some((2, 36)), python: (3, 12) };
    Wanted { package, version, artifact, platform: Some(platform), any_platform: false, sha256: None }
}

fn check_choice(offered: &[&str], wanted: &Wanted, expected: &str) {
    let links = links(offered);
    assert_eq!(index::choose(&links, wanted).expect("a file fits").file_name, expected);
}

const WHEELS: [&str; 4] = [
    "hummingbot-20251215-cp313-cp313-manylinux2014_x86_64.whl",
    "hummingbot-20251215-cp312-cp312-manylinux_2_39_x86_64.whl",
    "hummingbot-20251215-cp312-cp312-macosx_11_0_arm64.whl",
    "hummingbot-20251215.tar.gz",
];

#[test]
fn choices() {
    let sdist = wanted("20250609", Artifact::Sdist);
    let wheel = wanted("20250609.0", Artifact::Wheel);
    check_choice(
        &["hummingbot-20250609.zip", "hummingbot-20250609.tar.gz", "hummingbot-20250610.tar.gz"],
        &sdist,
        "hummingbot-20250609.tar.gz",
    );
    check_choice(
        &[
            "hummingbot-20250609-py3-none-any.whl",
            "hummingbot-20250609-cp312-cp312-manylinux2014_x86_64.whl",
            "hummingbot-20250609-2-cp312-cp312-manylinux2014_x86_64.whl",
            "hummingbot-20250609-cp312-cp312-manylinux2014_aarch64.whl",
        ],
        &wheel,
        "hummingbot-20250609-2-cp312-cp312-manylinux2014_x86_64.whl",
    );
    // The hash that the lock names decides between files that would all do.
    let locked = Wanted { sha256: Some(OTHER_HASH.to_owned()), ..sdist };
    let zip = format!("hummingbot-20250609.zip {OTHER_HASH}");
    check_choice(&["hummingbot-20250609.tar.gz", &zip], &locked, "hummingbot-20250609.zip");
    check_choice(&["hummingbot-20250609.tar.gz -"], &locked, "hummingbot-20250609.tar.gz");
    let lenient = Wanted { any_platform: true, ..wanted("20251215", Artifact::Wheel) };
    check_choice(&WHEELS, &lenient, "hummingbot-20251215-cp312-cp312-macosx_11_0_arm64.whl");
}

#[test]
fn a_release_may_refuse_the_python() {
    let mut links = links(&["hummingbot-1-py3-none-any.whl"]);
    for (required, fits) in [
        (">=3.10.12", true),
        (">=3.12.5", true),
        ("<3.12.5", true),
        ("not a specifier", true),
        (">=3.13", false),
        ("<3.12", false),
    ] {
        links[0].requires_python = Some(required.to_owned());
        let choice = index::choose(&links, &wanted("1", Artifact::Wheel));
        assert_eq!(choice.is_ok(), fits, "{required}");
    }
}

#[test]
fn refusals() {
    let sdists = ["1", "2", "2.1.dev1", "3", "5", "6", "7", "8"].map(|version| format!("hummingbot-{version}.tar.gz"));
    let sdists: Vec<&str> = sdists.iter().map(String::as_str).collect();
    let locked = Wanted { sha256: Some(OTHER_HASH.to_owned()), ..wanted("3", Artifact::Sdist) };
    for (name, lines, wanted) in [
        ("version_missing", sdists.as_slice(), wanted("4", Artifact::Sdist)),
        ("version_beyond_all", &sdists, wanted("20250611", Artifact::Sdist)),
        ("version_of_nothing", &["other-1.tar.gz"], wanted("4", Artifact::Sdist)),
        ("artifact_missing_wheel", &sdists, wanted("3", Artifact::Wheel)),
        ("artifact_missing_sdist", &WHEELS[..3], wanted("20251215", Artifact::Sdist)),
        ("wheel_missing", &WHEELS, wanted("20251215", Artifact::Wheel)),
        ("hash_missing", &["hummingbot-3.tar.gz -"], wanted("3", Artifact::Sdist)),
        ("hash_differs_on_the_index", &sdists, locked),
    ] {
        let links = links(lines);
        let error = index::choose(&links, &wanted).expect_err("no file fits");
        insta::assert_snapshot!(name, drawn(&error));
    }
}

#[test]
fn names_that_cannot_be_asked_for() {
    for (name, package, version) in
        [("name_unfit", "../hummingbot", "1"), ("version_unfit", "hummingbot", "v2.6.0-final-x")]
    {
        let error = Wanted::release(package, version).expect_err("no such release can be");
        insta::assert_snapshot!(name, drawn(&error));
    }
}
