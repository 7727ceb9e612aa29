//! Names of images, as engines take them.

use hive::image::reference::Reference;

#[test]
fn names() {
    let cases = [
        ("alpine", "alpine:latest", "docker.io/library/alpine:latest"),
        ("hive/api", "hive/api:latest", "docker.io/hive/api:latest"),
        ("hive/api:2.6.0-rc_1", "hive/api:2.6.0-rc_1", "docker.io/hive/api:2.6.0-rc_1"),
        ("localhost/api", "localhost/api:latest", "localhost/api:latest"),
        ("localhost:5000/bots/api:1", "localhost:5000/bots/api:1", "localhost:5000/bots/api:1"),
        ("ghcr.io/a__b/c--d.e", "ghcr.io/a__b/c--d.e:latest", "ghcr.io/a__b/c--d.e:latest"),
    ];
    for (text, short, full) in cases {
        let name = Reference::parse(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((name.short().as_str(), name.full().as_str()), (short, full), "{text}");
    }
}

#[test]
fn no_names() {
    let long = "a".repeat(256);
    let tag = format!("a:{}", "t".repeat(129));
    let id = "0123456789abcdef".repeat(4);
    let cases: [&str; 14] = [
        "",
        ":1",
        "a:",
        "Hive/api",
        "hive//api",
        "/api",
        "hive/",
        "a b",
        "a:b c",
        "a..b",
        "a@sha256:00",
        &long,
        &tag,
        &id,
    ];
    for text in cases {
        assert!(Reference::parse(text).is_err(), "{text}");
    }
}
