//! Archives that mean harm, and those that only look odd.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hive::io::archive;
use hive::io::archive::Kind;
use hive::io::archive::Limits;
use hive::io::archive::layout;
use hive::io::inside;
use hive::io::progress::NoProgress;
use hive::io::tree::Tree;
use hive::recipe::resolve::Artifact;
use tar::EntryType;
use tar::Header;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::drawn;
use super::tar_gz;
use super::zip;

const LIMITS: Limits = Limits { entry_count_max: 8, byte_count_max: 1000 };

/// Unpacks bytes and returns the folder.
fn unpack(bytes: &[u8]) -> Result<(Kind, TempDir), archive::Error> {
    let outside = TempDir::new().expect("a temporary folder");
    let file = outside.path().join("archive");
    fs::write(&file, bytes).expect("a fresh folder");
    let into = outside.path().join("a/b/into");
    fs::create_dir_all(&into).expect("a fresh folder");
    let kind = archive::unpack(&file, "hummingbot-1.tar.gz", &into, LIMITS, &NoProgress);
    let places = ["a", "a/b"].map(|place| fs::read_dir(outside.path().join(place)).expect("a folder").count());
    assert_eq!(places, [1, 1], "nothing may be written outside of the folder");
    let moved = TempDir::new().expect("a temporary folder");
    fs::rename(&into, moved.path()).expect("an empty folder is replaced");
    kind.map(|kind| (kind, moved))
}

/// A tar entry as raw as it can be: the library would not write most of these.
fn raw(path: &str, kind: EntryType, link: &str, content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o6755);
    header.set_size(content.len() as u64);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn file(path: &str) -> Vec<u8> {
    raw(path, EntryType::Regular, "", b"x")
}

fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = entries.concat();
    bytes.extend_from_slice(&[0; 1024]);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes the end")
}

/// A zip archive with a symbolic link.
fn zip_with_link(path: &str, target: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.start_file("a.py", options.unix_permissions(0o755)).expect("memory takes every entry");
    writer.write_all(b"x").expect("memory takes every content");
    writer.add_symlink(path, target, options).expect("memory takes every entry");
    writer.finish().expect("memory takes the archive's end").into_inner()
}

#[cfg(unix)]
fn shown(folder: &TempDir) -> Vec<String> {
    let tree = Tree::open(folder.path()).expect("a folder");
    let files = tree.files().expect("no link is unpacked");
    files.into_iter().map(|file| if file.is_executable { format!("{} (x)", file.path) } else { file.path }).collect()
}

#[test]
#[cfg(unix)]
fn kinds_by_content() {
    let link = raw("b/c.py", EntryType::Symlink, "../a.py", b"");
    let hard = raw("d.py", EntryType::Link, "a.py", b"");
    let folder = raw("./e/", EntryType::Directory, "", b"");
    let root = raw("./", EntryType::Directory, "", b"");
    let plain = tar(&[root, folder.clone(), folder, link, file("./a.py"), hard]);
    let unpacked = ["a.py (x)", "b/c.py (x)", "d.py (x)"];
    for (bytes, kind, expected) in [
        (gzip(&plain), Kind::TarGz, unpacked.as_slice()),
        (plain, Kind::Tar, &unpacked),
        (zip(&[("a.py", "x"), ("b/c.py", "y")]), Kind::Zip, &["a.py", "b/c.py"]),
        (zip_with_link("b/c.py", "../a.py"), Kind::Zip, &["a.py (x)", "b/c.py (x)"]),
        (zip(&[]), Kind::Zip, &[]),
    ] {
        let (found, folder) = unpack(&bytes).expect("the archive is harmless");
        assert_eq!((found, shown(&folder)), (kind, expected.iter().map(ToString::to_string).collect()));
    }
}

#[test]
#[cfg(unix)]
fn no_permission_but_executable_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let (_, folder) = unpack(&tar(&[file("a.py")])).expect("the archive is harmless");
    let mode = fs::metadata(folder.path().join("a.py")).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o7000, 0, "{mode:o}");
    assert_eq!(mode & 0o100, 0o100, "{mode:o}");
}

#[test]
fn entries_that_mean_harm() {
    for (name, bytes) in [
        ("unsafe_climbs", tar(&[file("a/../../evil")])),
        ("unsafe_absolute", gzip(&tar(&[file("/tmp/evil")]))),
        ("unsafe_backslash", tar(&[file("..\\evil")])),
        ("unsafe_drive", tar(&[file("C:/evil")])),
        ("unsafe_control", tar(&[file("\x1b[2J/../../evil")])),
        ("unsafe_twice", tar(&[file("a"), file("./a")])),
        ("unsafe_below_file", tar(&[file("a"), file("a/b")])),
        ("unsafe_file_over_folder", tar(&[file("a/b"), file("a")])),
        ("unsafe_link_out", tar(&[raw("a/l", EntryType::Symlink, "../../etc", b"")])),
        ("unsafe_link_absolute", tar(&[raw("l", EntryType::Symlink, "/etc/passwd", b"")])),
        ("unsafe_through_link", tar(&[raw("l", EntryType::Symlink, "/tmp", b""), file("l/evil")])),
        ("unsafe_through_inner_link", tar(&[raw("l", EntryType::Symlink, "a", b""), file("a/x"), file("l/evil")])),
        ("unsafe_link_to_folder", tar(&[file("a/x"), raw("l", EntryType::Symlink, "a", b"")])),
        ("unsafe_link_to_link", tar(&[raw("l", EntryType::Symlink, "m", b""), raw("m", EntryType::Symlink, "l", b"")])),
        ("unsafe_hard_link_out", tar(&[raw("l", EntryType::Link, "../passwd", b"")])),
        ("unsafe_device", tar(&[raw("null", EntryType::Char, "", b"")])),
        ("unsafe_pipe", tar(&[raw("pipe", EntryType::Fifo, "", b"")])),
        ("unsafe_zip_climbs", zip(&[("../evil", "x")])),
        ("unsafe_zip_link_out", zip_with_link("l", "../../etc/passwd")),
        ("unsafe_zip_twice", twice(&zip(&[("a1", "x"), ("a2", "y")]))),
        ("limit_bytes", tar_gz(&[("bomb", &"0".repeat(100_000))])),
        ("limit_bytes_of_zip", zip(&[("bomb", &"0".repeat(100_000))])),
        (
            "limit_bytes_of_copies",
            tar(&[raw("a", EntryType::Regular, "", &[0; 600]), raw("b", EntryType::Link, "a", b"")]),
        ),
        ("limit_entries", tar(&(0..9).map(|number| file(&format!("a{number}"))).collect::<Vec<_>>())),
        ("limit_entries_of_zip", zip(&["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(|name| (name, "")))),
        ("limit_headers", gzip(&tar(&[raw("x", EntryType::GNULongName, "", &vec![b'a'; 2_000_000]), file("a")]))),
        ("archive_unknown", b"<!DOCTYPE html>\n<title>Sign in</title>".to_vec()),
        ("archive_empty", Vec::new()),
        ("archive_damaged", gzip(&tar(&[file("a")]))[..40].to_vec()),
        ("archive_damaged_zip", zip(&[("a", "x")])[..40].to_vec()),
        ("archive_no_tar", gzip(b"hello, this is no tar archive at all")),
    ] {
        let error = unpack(&bytes).err().unwrap_or_else(|| panic!("{name} is refused"));
        insta::assert_snapshot!(name, drawn(&error));
    }
}

/// Gives two entries of a zip archive one name, which no library would.
fn twice(archive: &[u8]) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    while let Some(place) = bytes.windows(2).position(|pair| pair == b"a2") {
        bytes[place + 1] = b'1';
    }
    bytes
}

#[test]
fn archives_cut_anywhere_never_panic() {
    let archives = [gzip(&tar(&[file("a"), file("b/c")])), tar(&[file("a")]), zip(&[("a", "x"), ("b/c", "y")])];
    for archive in archives {
        for length in (0..archive.len()).step_by(7) {
            // Some prefixes are whole archives; all that counts is that none does harm.
            let _ = unpack(&archive[..length]);
        }
    }
}

#[test]
fn paths() {
    for (path, expected) in [
        ("a/b", Ok("a/b")),
        ("./a//b/", Ok("a/b")),
        ("a..b/...", Ok("a..b/...")),
        ("é", Ok("é")),
        ("", Err(inside::Fault::Empty)),
        ("./", Err(inside::Fault::Empty)),
        ("..", Err(inside::Fault::Climbs)),
        ("a/..", Err(inside::Fault::Climbs)),
        ("/a", Err(inside::Fault::Absolute)),
        ("a\\b", Err(inside::Fault::Backslash)),
        ("c:a", Err(inside::Fault::Drive)),
        ("./c:/a", Err(inside::Fault::Drive)),
        ("a\0b", Err(inside::Fault::Nul)),
    ] {
        assert_eq!(inside::check(path.as_bytes()), expected.map(str::to_owned), "{path:?}");
    }
    assert_eq!(inside::check(b"\xff"), Err(inside::Fault::NotUtf8));
}

fn find(paths: &[&str], artifact: Artifact) -> Result<String, archive::Error> {
    let folder = TempDir::new().expect("a temporary folder");
    for path in paths {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a fresh folder");
        fs::write(path, "").expect("a fresh folder");
    }
    let version = "20250609".parse().expect("a version");
    let (layout, root) = layout::find(folder.path(), "hummingbot.tar.gz", "hummingbot", &version, artifact)?;
    let root = root.strip_prefix(folder.path()).expect("the root is inside").display().to_string();
    Ok(format!("{layout:?} in {root:?}"))
}

#[test]
fn layouts() {
    let sdist = Artifact::Sdist;
    for (paths, artifact, expected) in [
        (
            ["hummingbot-20250609/PKG-INFO"].as_slice(),
            sdist,
            "Sdist { top: \"hummingbot-20250609\" } in \"hummingbot-20250609\"",
        ),
        (&["Hummingbot-20250609.0/x"], sdist, "Sdist { top: \"Hummingbot-20250609.0\" } in \"Hummingbot-20250609.0\""),
        (&["hummingbot/VERSION", "setup.py"], sdist, "Bare in \"\""),
        (&["hummingbot/VERSION"], sdist, "Bare in \"\""),
        (&["hummingbot/x", "hummingbot-20250609.dist-info/METADATA"], Artifact::Wheel, "Wheel in \"\""),
    ] {
        assert_eq!(find(paths, artifact).expect("a known layout"), expected);
    }
    for (name, paths, artifact) in [
        ("layout_other_release", ["hummingbot-20250610/x"].as_slice(), sdist),
        ("layout_of_files", &["a", "b", "c", "d", "e", "f", "g"], sdist),
        ("layout_empty", &[], sdist),
        ("layout_no_wheel", &["hummingbot/x", "hummingbot-20250610.dist-info/METADATA"], Artifact::Wheel),
    ] {
        let error = find(paths, artifact).expect_err("an unknown layout");
        insta::assert_snapshot!(name, drawn(&error));
    }
}
