//! Layers: the same content gives the same bytes, whatever its order, and every entry survives somebody else's reader.

use std::io::Read as _;

use hive::image::digest;
use hive::image::layer::Content;
use hive::image::layer::Entry;
use hive::image::layer::Error;
use hive::image::layer::Layer;
use hive::image::layer::Owner;
use hive::image::listing;

fn file(text: &str) -> Entry {
    Entry::File { content: Content::Bytes(text.as_bytes().to_vec()), is_executable: false }
}

fn layer(entries: &[(&str, Entry)]) -> Layer {
    let mut layer = Layer::default();
    for (path, entry) in entries {
        layer.add(path, entry.clone()).expect("the entries fit together");
    }
    layer
}

fn sample() -> Vec<(&'static str, Entry)> {
    vec![
        ("usr/lib/python3/hummingbot/engine.py", file("share = 0.1\n")),
        ("usr/lib/python3/hummingbot/__pycache__/engine.cpython-312.pyc", Entry::Whiteout),
        ("usr/bin/run", Entry::File { content: Content::Bytes(b"#!/bin/sh\n".to_vec()), is_executable: true }),
        ("usr/bin/walk", Entry::Link("run".to_owned())),
    ]
}

/// Returns path, kind, mode and content of every entry, as the `tar` crate reads them.
fn read(bytes: &[u8]) -> Vec<(String, u8, u32, String)> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().expect("it is an archive");
    entries
        .map(|entry| {
            let mut entry = entry.expect("the entry is whole");
            let header = entry.header();
            assert_eq!(header.mtime().ok(), Some(0));
            assert_eq!((header.uid().ok(), header.gid().ok()), (Some(0), Some(0)));
            assert_eq!((header.username().ok().flatten(), header.groupname().ok().flatten()), (Some(""), Some("")));
            let (kind, mode) = (header.entry_type().as_byte(), header.mode().expect("a number"));
            let path = String::from_utf8(entry.path_bytes().into_owned()).expect("the paths are ours");
            let mut content = String::new();
            entry.read_to_string(&mut content).expect("the content is text");
            (path, kind, mode, content)
        })
        .collect()
}

#[test]
fn the_bytes_never_change() {
    let (bytes, measured) = layer(&sample()).bytes().expect("all content is in memory");
    assert_eq!(measured.digest, digest::of(&bytes));
    assert_eq!(measured.byte_count, bytes.len() as u64);
    assert_eq!(measured.byte_count, 7168);
    // Whoever changes this changes the digest of every image: raise `hive::image::FORM`, too.
    assert_eq!(measured.digest, "sha256:7e2318df7423c5dbf47e9a9721bb21a7578814fa7a3704c730d70fb40ce384bf");
}

#[test]
fn entries_are_sorted_below_their_folders() {
    let (bytes, _) = layer(&sample()).bytes().expect("all content is in memory");
    let read = read(&bytes);
    let expected = [
        ("usr/", b'5', 0o755, ""),
        ("usr/bin/", b'5', 0o755, ""),
        ("usr/bin/run", b'0', 0o755, "#!/bin/sh\n"),
        ("usr/bin/walk", b'2', 0o777, ""),
        ("usr/lib/", b'5', 0o755, ""),
        ("usr/lib/python3/", b'5', 0o755, ""),
        ("usr/lib/python3/hummingbot/", b'5', 0o755, ""),
        ("usr/lib/python3/hummingbot/__pycache__/", b'5', 0o755, ""),
        ("usr/lib/python3/hummingbot/__pycache__/.wh.engine.cpython-312.pyc", b'0', 0o644, ""),
        ("usr/lib/python3/hummingbot/engine.py", b'0', 0o644, "share = 0.1\n"),
    ];
    let expected: Vec<_> =
        expected.map(|(path, kind, mode, text)| (path.to_owned(), kind, mode, text.to_owned())).into();
    assert_eq!(read, expected);
}

#[test]
fn the_order_of_adding_does_not_matter() {
    let mut entries = sample();
    let forward = layer(&entries).bytes().expect("all content is in memory");
    entries.reverse();
    assert_eq!(layer(&entries).bytes().expect("all content is in memory"), forward);
}

#[test]
fn content_elsewhere_gives_the_same_bytes() {
    let here = layer(&[("a/big.bin", file("many bytes"))]).bytes().expect("all content is in memory");
    let elsewhere = Entry::File { content: Content::Elsewhere { byte_count: 10 }, is_executable: false };
    let mut bytes = Vec::new();
    let measured = layer(&[("a/big.bin", elsewhere.clone())])
        .write(&mut bytes, &mut |path| {
            assert_eq!(path, "a/big.bin");
            Ok(Box::new(b"many bytes".as_slice()))
        })
        .expect("the content is as long as it is said to be");
    assert_eq!((bytes, measured), here);
    for wrong in [b"many".as_slice(), b"many many bytes"] {
        let written = layer(&[("a/big.bin", elsewhere.clone())]).write(&mut Vec::new(), &mut |_| Ok(Box::new(wrong)));
        let error = written.expect_err("the content has another length").to_string();
        assert!(error.starts_with("`a/big.bin` changed while it was read"), "{error}");
    }
}

#[test]
fn long_names_are_whole() {
    let deep = format!("{}/{}.py", ["deep"; 40].join("/"), "n".repeat(60));
    let wide = format!("a/{}.py", "w".repeat(150));
    let accented = format!("a/{}.py", "é".repeat(80));
    let entries: Vec<(&str, Entry)> = vec![
        (&deep, file("1")),
        (&wide, file("2")),
        (&accented, file("3")),
        ("a/to", Entry::Link(format!("{}/there", "f".repeat(150)))),
    ];
    let (bytes, measured) = layer(&entries).bytes().expect("all content is in memory");
    let read = read(&bytes);
    for (path, content) in [(&deep, "1"), (&wide, "2"), (&accented, "3")] {
        assert!(read.iter().any(|entry| entry.0 == *path && entry.3 == content), "{path}");
    }
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut entries = archive.entries().expect("it is an archive").map(|entry| entry.expect("the entry is whole"));
    let link = entries.find(|entry| entry.path_bytes().as_ref() == b"a/to").expect("the link is there");
    assert_eq!(link.link_name_bytes().map(|name| name.len()), Some(156));
    assert_eq!(measured.digest, "sha256:f28d1ac1b18079a3edc03525a55feffafbf9ac25fa926dd73edb7999652eb2f4");
}

#[test]
fn what_cannot_stand_together_is_refused() {
    let mut layer = Layer::default();
    layer.add("a/b", file("1")).expect("nothing is there yet");
    assert_eq!(layer.add("a/b", file("2")), Err(Error::Twice { path: "a/b".to_owned() }));
    assert_eq!(layer.add("a", file("2")), Err(Error::Twice { path: "a".to_owned() }));
    assert_eq!(
        layer.add("a/b/c", file("2")),
        Err(Error::BelowFile { path: "a/b/c".to_owned(), above: "a/b".to_owned() })
    );
    layer.add("a/b", Entry::Whiteout).expect("what is below may go, and something else come");
}

#[test]
fn folders_of_the_base_keep_their_owner() {
    let mut layer = layer(&[("home/bot/x.py", file(""))]);
    assert_eq!(layer.folders().collect::<Vec<_>>(), ["home", "home/bot"]);
    layer.own("home/bot", Owner { user: 1000, group: 100, mode: 0o2775 });
    layer.own("nowhere", Owner { user: 1, group: 1, mode: 0 });
    let (bytes, _) = layer.bytes().expect("all content is in memory");
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut entries = archive.entries().expect("it is an archive").map(|entry| entry.expect("the entry is whole"));
    let folder = entries.find(|entry| entry.path_bytes().as_ref() == b"home/bot/").expect("the folder is there");
    let header = folder.header();
    assert_eq!((header.uid().ok(), header.gid().ok(), header.mode().ok()), (Some(1000), Some(100), Some(0o2775)));
}

#[test]
fn an_archive_lists_as_it_was_written() {
    let (bytes, _) = layer(&sample()).bytes().expect("all content is in memory");
    let listing = listing::list(&mut bytes.as_slice()).expect("it is an archive");
    assert_eq!(listing.len(), 10);
    assert!(listing.contains_key("usr/lib/python3/hummingbot/engine.py"));
}
