//! Where two layers differ first, and in what.

use hive::image::layer::Content;
use hive::image::layer::Entry;
use hive::image::layer::Layer;
use hive::image::layer::Owner;
use hive::image::listing;
use hive::image::listing::Listing;

fn listed(entries: &[(&str, Entry)], owner: Owner) -> Listing {
    let mut layer = Layer::default();
    for (path, entry) in entries {
        layer.add(path, entry.clone()).expect("the entries fit together");
    }
    layer.own("a", owner);
    let (bytes, _) = layer.bytes().expect("all content is in memory");
    listing::list(&mut bytes.as_slice()).expect("it is an archive")
}

fn file(text: &str, is_executable: bool) -> Entry {
    Entry::File { content: Content::Bytes(text.as_bytes().to_vec()), is_executable }
}

#[track_caller]
fn check(found: &[(&str, Entry)], expected: Option<&str>) {
    let ours = listed(&[("a/x", file("1", false)), ("a/y", file("2", false))], Owner::ROOT);
    let difference = listing::first_difference(&ours, &listed(found, Owner::ROOT));
    assert_eq!(difference.map(|difference| difference.to_string()).as_deref(), expected);
}

#[test]
fn the_first_difference_is_named() {
    let same = ("a/x", file("1", false));
    check(&[same.clone(), ("a/y", file("2", false))], None);
    check(&[same.clone(), ("a/y", file("3", false))], Some("`a/y` has another content"));
    check(&[same.clone(), ("a/y", file("2", true))], Some("`a/y` has another mode"));
    check(&[same.clone(), ("a/y", Entry::Link("x".to_owned()))], Some("`a/y` has another kind"));
    check(std::slice::from_ref(&same), Some("`a/y` is missing"));
    check(&[same, ("a/y", file("3", false)), ("a/b", file("", false))], Some("`a/b` should not be there"));
}

#[test]
fn a_folder_of_somebody_else_is_a_difference() {
    let entries = [("a/x", file("1", false))];
    let other = listed(&entries, Owner { user: 7, ..Owner::ROOT });
    let difference = listing::first_difference(&listed(&entries, Owner::ROOT), &other).expect("they differ");
    assert_eq!(difference.to_string(), "`a` has another owner");
}
