//! Looking into images of a real engine.

use std::collections::BTreeMap;
use std::panic;
use std::panic::AssertUnwindSafe;

use hive::io::docker::Engine;
use hive::io::docker::Kind;

use crate::docker::base;
use crate::docker::base::Root;
use crate::docker::engine;

/// An image with files, folders and links to look at.
fn filled(engine: &Engine) -> String {
    base::obtain(engine, "hive-test/look:1", || {
        let mut root = Root::default();
        root.text("data/one.txt", "one\n");
        root.text("data/below/two.txt", "two\n");
        root.link("data/link", "below/two.txt");
        root.link("far", "/data/link");
        root.link("data/lost", "nowhere");
        root.link("data/loop", "loop");
        root.folder("data/empty", 0o700);
        root
    })
}

#[test]
fn files_are_read_through_links() {
    let Some(engine) = engine() else { return };
    let image = filled(&engine);
    let opened = engine.look_into(&image).expect("it is there");
    let read = |path: &str| opened.read(path).expect("it answers").map(|bytes| String::from_utf8(bytes).expect("text"));
    assert_eq!(read("/data/one.txt").as_deref(), Some("one\n"));
    assert_eq!(read("/data/link").as_deref(), Some("two\n"));
    assert_eq!(read("/far").as_deref(), Some("two\n"));
    assert_eq!(read("/data/nothing"), None);
    assert_eq!(read("/data/lost"), None);
    assert_eq!(read("/data"), None, "a folder is no file");
    assert_eq!(read("/data/one.txt/below"), None);
    // The engine itself looks for the end of a link, and gives up.
    let error = opened.read("/data/loop").expect_err("it leads nowhere");
    assert!(error.to_string().contains("too many links"), "{error}");
}

#[test]
fn what_stands_at_a_path_is_told() {
    let Some(engine) = engine() else { return };
    let image = filled(&engine);
    let opened = engine.look_into(&image).expect("it is there");
    let stat = |path: &str| opened.stat(path).expect("it answers");
    let file = stat("/data/one.txt").expect("it is there");
    assert_eq!((file.size, file.mode, file.is_folder, file.link), (4, 0o644, false, None));
    let folder = stat("/data/empty").expect("it is there");
    assert_eq!((folder.mode, folder.is_folder), (0o700, true));
    assert_eq!(stat("/data/link").expect("it is there").link.as_deref(), Some("/data/below/two.txt"));
    assert_eq!(stat("/nothing"), None);
    // Asked at once, the answers come in the order of the questions, however many there are.
    let paths = ["/data/one.txt", "/nothing", "/data/empty", "/data/link"];
    let paths: Vec<String> = paths.iter().cycle().take(50).map(|path| (*path).to_owned()).collect();
    let expected: Vec<_> = paths.iter().map(|path| stat(path)).collect();
    assert_eq!(opened.stats(&paths).expect("it answers"), expected);
}

#[test]
fn a_folder_is_listed_with_its_bytes() {
    let Some(engine) = engine() else { return };
    let image = filled(&engine);
    let opened = engine.look_into(&image).expect("it is there");
    let mut found = BTreeMap::new();
    let is_there = opened.archive("/data", &mut |entry, content| {
        let mut text = String::new();
        content.read_to_string(&mut text)?;
        found.insert(entry.path.clone(), (entry.kind.clone(), text));
        Ok(true)
    });
    assert!(is_there.expect("it answers"));
    let folder = || (Kind::Folder, String::new());
    let link = |target: &str| (Kind::Link(target.to_owned()), String::new());
    let expected = [
        ("", folder()),
        ("below", folder()),
        ("below/two.txt", (Kind::File, "two\n".to_owned())),
        ("empty", folder()),
        ("link", link("below/two.txt")),
        ("loop", link("loop")),
        ("lost", link("nowhere")),
        ("one.txt", (Kind::File, "one\n".to_owned())),
    ];
    assert_eq!(found, expected.map(|(path, found)| (path.to_owned(), found)).into());
    assert!(!opened.archive("/nothing", &mut |_, _| Ok(true)).expect("it answers"));
}

#[test]
fn the_container_behind_is_removed_even_by_a_panic() {
    let Some(engine) = engine() else { return };
    let image = filled(&engine);
    let mut id = String::new();
    let panicked = panic::catch_unwind(AssertUnwindSafe(|| {
        let opened = engine.look_into(&image).expect("it is there");
        id = opened.container().to_owned();
        assert!(engine.containers("hive.container=look").expect("it answers").contains(&id));
        panic!("on purpose");
    }));
    assert!(panicked.is_err() && !id.is_empty());
    assert!(!engine.containers("hive.container=look").expect("it answers").contains(&id));
}
