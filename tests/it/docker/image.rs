//! Images in a real engine: what it knows about them, in and out.

use std::io;

use hive::io::docker::Error;
use hive::io::progress::NoProgress;

use crate::docker::base;
use crate::docker::engine;

#[test]
fn the_engine_says_what_it_is() {
    let Some(engine) = engine() else { return };
    assert!(engine.version().api.starts_with("1."), "{:?}", engine.version());
    assert_eq!(engine.version().os, "linux");
    assert!(!engine.storage().expect("it answers").driver.is_empty());
}

#[test]
fn an_image_is_known_by_its_facts() {
    let Some(engine) = engine() else { return };
    let name = base::shell(&engine);
    let facts = engine.image(&name).expect("it answers").expect("it was just loaded");
    assert!(facts.id.starts_with("sha256:"));
    assert!(facts.tags.contains(&name), "{facts:?}");
    assert_eq!((facts.os.as_str(), facts.architecture.as_str()), ("linux", "amd64"));
    assert_eq!(facts.diff_ids.len(), 1);
    assert_eq!(facts.config.to_string(), r#"{"Cmd":["/bin/sh"]}"#, "what is empty is left out");
    assert_eq!(facts.created.as_deref(), Some("1970-01-01T00:00:00Z"));
    let by_id = engine.image(&facts.id).expect("it answers").expect("it is known by its ID, too");
    assert_eq!((by_id.id, by_id.diff_ids), (facts.id, facts.diff_ids));
    assert_eq!(engine.image("hive-test/there-is-none:1").expect("it answers"), None);
}

#[test]
fn an_image_is_saved_named_removed_and_loaded_again() {
    let Some(engine) = engine() else { return };
    let base = base::shell(&engine);
    let name = "hive-test/again:of-load";
    engine.tag(&base, name).expect("it answers");
    let id = engine.image(name).expect("it answers").expect("it has a name now").id;
    let mut archive = Vec::new();
    engine.save(name, &mut archive, &NoProgress).expect("it answers");
    engine.remove_image(name).expect("it answers");
    assert_eq!(engine.image(name).expect("it answers"), None);
    engine.remove_image(name).expect("what is not there is as good as removed");
    let loaded = engine.load(|into| into.write_all(&archive), Some(archive.len() as u64), &NoProgress);
    assert_eq!(loaded.expect("it answers"), [name]);
    assert_eq!(engine.image(name).expect("it answers").expect("it is back").id, id);
    engine.remove_image(name).expect("it answers");
}

#[test]
fn an_archive_that_breaks_off_loads_nothing() {
    let Some(engine) = engine() else { return };
    let error = engine.load(
        |into| {
            into.write_all(&vec![0; 5 << 20])?;
            Err(io::Error::other("the tree is gone"))
        },
        None,
        &NoProgress,
    );
    match error.expect_err("it broke off") {
        Error::Local { source, .. } => assert_eq!(source.to_string(), "the tree is gone"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_archive_that_is_none_is_refused() {
    let Some(engine) = engine() else { return };
    let error = engine.load(|into| into.write_all(&vec![b'x'; 4 << 20]), None, &NoProgress);
    let error = error.expect_err("it is no archive");
    assert!(matches!(error, Error::Refused { status: 500, .. } | Error::Failed { .. }), "{error:?}");
}

#[test]
fn an_image_that_is_not_there_is_named() {
    let Some(engine) = engine() else { return };
    let none = "hive-test/there-is-none:1";
    let errors = [
        engine.save(none, &mut Vec::new(), &NoProgress).expect_err("it is not there"),
        engine.tag(none, "hive-test/other:1").expect_err("it is not there"),
        engine.look_into(none).map(|_| ()).expect_err("it is not there"),
    ];
    for error in errors {
        assert!(matches!(&error, Error::NoImage { reference } if reference == none), "{error:?}");
    }
}

#[test]
fn a_full_disk_of_this_machine_is_its_own_fault() {
    let Some(engine) = engine() else { return };
    let name = base::shell(&engine);
    let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    match engine.save(&name, &mut full, &NoProgress).expect_err("it is full") {
        Error::Local { source, .. } => assert_eq!(source.kind(), io::ErrorKind::StorageFull),
        other => panic!("{other:?}"),
    }
}
