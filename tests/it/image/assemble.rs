//! Configurations and manifests: the same on every engine, and a change of anything that counts changes the digest.

use std::collections::BTreeMap;

use hive::image::assemble::Added;
use hive::image::assemble::Image;
use hive::image::assemble::assemble;
use hive::image::base::Base;
use hive::image::digest;
use hive::image::digest::Measured;
use hive::image::label;
use hive::image::label::Origin;
use serde_json::Value;
use serde_json::json;

/// Returns a base as an engine of version 20.10 tells it, with all its empty fields.
pub(super) fn base() -> Base {
    let config = json!({
        "Hostname": "", "Domainname": "", "User": "", "AttachStdin": false, "Tty": false,
        "Env": ["PATH=/usr/local/bin:/usr/bin", "LANG=C.UTF-8"], "Cmd": ["python3"], "Image": "sha256:aa",
        "Volumes": null, "WorkingDir": "/home/bot", "Entrypoint": null, "OnBuild": null,
        "Labels": { "vendor": "somebody", "hive.recipe": "older" },
    });
    let diff_ids = [format!("sha256:{}", "1".repeat(64)), format!("sha256:{}", "2".repeat(64))];
    Base::new("linux", "amd64", Some(""), config.as_object().expect("an object"), &diff_ids)
}

pub(super) fn added() -> Vec<Added> {
    let measured = Measured { digest: format!("sha256:{}", "3".repeat(64)), byte_count: 10_240 };
    vec![Added { name: "overlay".to_owned(), measured }]
}

pub(super) fn labels() -> BTreeMap<String, String> {
    BTreeMap::from([("hive.recipe".to_owned(), "demo".to_owned())])
}

pub(super) fn image() -> Image {
    assemble(&base(), Some(&[100, 200]), &added(), &labels())
}

#[test]
fn the_digests_never_change() {
    let image = image();
    assert_eq!(image.config_digest, digest::of(&image.config));
    let manifest = image.manifest.as_ref().expect("the sizes are known");
    assert_eq!(manifest.digest, digest::of(&manifest.bytes));
    insta::assert_snapshot!("config", String::from_utf8_lossy(&image.config));
    insta::assert_snapshot!("manifest", String::from_utf8_lossy(&manifest.bytes));
    assert_eq!(image.config_digest, "sha256:39c361b5e3e864922d7ff7f0dc8a4cf64f07adca9be08e0eb96064fe71c2b457");
}

#[test]
fn engines_that_leave_empty_fields_out_agree() {
    let config = json!({
        "Env": ["PATH=/usr/local/bin:/usr/bin", "LANG=C.UTF-8"], "Cmd": ["python3"], "WorkingDir": "/home/bot",
        "Labels": { "hive.recipe": "older", "vendor": "somebody" },
    });
    let other = Base::new("linux", "amd64", None, config.as_object().expect("an object"), &base().diff_ids);
    assert_eq!(other.digest(), base().digest());
    assert_eq!(assemble(&other, Some(&[100, 200]), &added(), &labels()), image());
}

type Change = dyn Fn(&mut Base, &mut Vec<Added>, &mut BTreeMap<String, String>);

#[test]
fn whatever_counts_changes_the_digest() {
    let changed = |change: &Change| {
        let (mut base, mut added, mut labels) = (base(), added(), labels());
        change(&mut base, &mut added, &mut labels);
        assemble(&base, Some(&[100, 200]), &added, &labels).config_digest
    };
    let before = image().config_digest;
    assert_eq!(changed(&|_, _, _| {}), before);
    assert_ne!(changed(&|base, _, _| base.architecture = "arm64".to_owned()), before);
    assert_ne!(changed(&|base, _, _| base.variant = Some("v2".to_owned())), before);
    assert_ne!(changed(&|base, _, _| base.diff_ids[0] = base.diff_ids[1].clone()), before);
    assert_ne!(changed(&|base, _, _| drop(base.config.insert("User".to_owned(), json!("bot")))), before);
    assert_ne!(changed(&|_, added, _| added[0].measured.digest = format!("sha256:{}", "4".repeat(64))), before);
    assert_ne!(changed(&|_, _, labels| drop(labels.insert("x".to_owned(), "y".to_owned()))), before);
}

#[test]
fn without_the_sizes_of_the_base_there_is_no_manifest() {
    let image = assemble(&base(), None, &added(), &labels());
    assert_eq!(image.manifest, None);
    assert_eq!(image.config_digest, self::image().config_digest);
    assert_eq!(assemble(&base(), Some(&[100]), &added(), &labels()).manifest, None);
}

#[test]
fn a_base_tells_its_environment() {
    assert_eq!(base().variable("PATH"), Some("/usr/local/bin:/usr/bin"));
    assert_eq!(base().variable("PAT"), None);
    assert_eq!(base().working_folder(), Some("/home/bot"));
}

#[test]
fn labels_say_what_decided_every_byte() {
    let facts = BTreeMap::from([("patch a b".to_owned(), "sha256:1 -> sha256:2".to_owned())]);
    let origin = Origin {
        recipe: "demo".to_owned(),
        upstream: "hummingbot 20250609 wheel".to_owned(),
        kind: "overlay".to_owned(),
        root: "/usr/lib/python3/dist-packages".to_owned(),
        layers: vec!["overlay".to_owned()],
        base: "base:1".to_owned(),
        base_digest: None,
        facts: facts.clone(),
    };
    let mut labels = origin.labels();
    assert_eq!(labels[label::RECIPE], "demo");
    assert_eq!(label::facts(&labels), Some(facts));
    let text: Value = serde_json::from_str(&labels[label::FACTS]).expect("facts are JSON");
    assert!(text.is_object());
    labels.insert(label::FACTS.to_owned(), "{}".to_owned());
    assert_eq!(label::facts(&labels), None, "facts that somebody edited are none");
    assert_eq!(label::facts(&BTreeMap::new()), None);
}
