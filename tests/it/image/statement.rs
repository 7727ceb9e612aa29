//! The statement of how an image was made: in-toto's and SLSA's required fields, its subjects the image's digests.

use std::collections::BTreeMap;

use hive::image::statement;
use hive::image::statement::Checksum;
use hive::image::statement::Making;
use hive::image::statement::Material;
use serde_json::Value;

fn making() -> Making {
    Making {
        name: "hive/demo:latest".to_owned(),
        config_digest: format!("sha256:{}", "a".repeat(64)),
        manifest_digest: Some(format!("sha256:{}", "b".repeat(64))),
        recipe: "demo".to_owned(),
        kind: "overlay".to_owned(),
        hive_version: "0.1.0".to_owned(),
        facts: BTreeMap::from([("form".to_owned(), "1".to_owned())]),
        materials: vec![
            Material { uri: "pkg:pypi/hummingbot@1".to_owned(), digest: Some(Checksum::Sha256("c".repeat(64))) },
            Material { uri: "git+https://host/x".to_owned(), digest: Some(Checksum::Commit("d".repeat(40))) },
            Material { uri: "file:upstream".to_owned(), digest: None },
        ],
    }
}

#[test]
fn it_has_what_the_formats_ask_for() {
    let statement: Value = serde_json::from_slice(&statement::provenance(&making())).expect("a statement is JSON");
    insta::assert_snapshot!("statement", format!("{statement:#}"));
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let subjects = statement["subject"].as_array().expect("subjects");
    let digests: Vec<&str> = subjects.iter().filter_map(|subject| subject["digest"]["sha256"].as_str()).collect();
    assert_eq!(digests, ["b".repeat(64), "a".repeat(64)]);
    let predicate = &statement["predicate"];
    assert!(predicate["buildDefinition"]["buildType"].as_str().is_some_and(|kind| kind.starts_with("urn:")));
    assert!(predicate["buildDefinition"]["externalParameters"].is_object());
    assert_eq!(predicate["runDetails"]["builder"]["id"], "urn:hive");
    assert_eq!(statement::provenance(&making()), statement::provenance(&making()));
}

#[test]
fn without_a_manifest_the_configuration_is_the_subject() {
    let making = Making { manifest_digest: None, ..making() };
    let statement: Value = serde_json::from_slice(&statement::provenance(&making)).expect("a statement is JSON");
    assert_eq!(statement["subject"].as_array().map(Vec::len), Some(1));
}
