//! The software bill of materials: `CycloneDX`'s required fields, package addresses, pedigrees, the same bytes each time.

use hive::image::bill;
use hive::image::bill::Contents;
use hive::image::bill::Controller;
use hive::image::bill::Package;
use hive::image::bill::Patch;
use serde_json::Value;

fn package(name: &str, version: &str, sha256: &[&str]) -> Package {
    let sha256 = sha256.iter().map(|hex| (*hex).repeat(64)).collect();
    Package { name: name.to_owned(), version: version.to_owned(), sha256, origin: None }
}

fn contents() -> Contents {
    Contents {
        name: "hive/demo:latest".to_owned(),
        image_digest: format!("sha256:{}", "a".repeat(64)),
        hive_version: "0.1.0".to_owned(),
        hummingbot: package("hummingbot", "20250609", &["b"]),
        patches: vec![Patch {
            file: "patches/demo/01_fee.patch".to_owned(),
            why: "the fee is a tenth of what it should be".to_owned(),
            text: "--- a/x\n+++ b/x\n".to_owned(),
        }],
        controllers: vec![Controller {
            path: "controllers/market_making/mine.py".to_owned(),
            class: "controllers.market_making.mine.MineController".to_owned(),
            sha256: "c".repeat(64),
        }],
        packages: vec![package("Pandas_TA", "0.4.71b0", &["d"]), package("numpy", "2.2.6+local", &["e", "f"])],
        base: "python:3.12-slim".to_owned(),
        base_digest: format!("sha256:{}", "9".repeat(64)),
    }
}

fn written(contents: &Contents) -> Value {
    serde_json::from_slice(&bill::cyclonedx(contents)).expect("a bill is JSON")
}

#[test]
fn it_has_what_the_format_asks_for() {
    let bill = written(&contents());
    insta::assert_snapshot!("bill", format!("{bill:#}"));
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let serial = bill["serialNumber"].as_str().expect("a text");
    let parts: Vec<usize> = serial.trim_start_matches("urn:uuid:").split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "{serial}");
    let kinds = ["application", "library", "container", "file"];
    let mut references = vec![bill["metadata"]["component"]["bom-ref"].clone()];
    for component in bill["components"].as_array().expect("components") {
        assert!(kinds.contains(&component["type"].as_str().expect("a type")), "{component}");
        assert!(component["name"].as_str().is_some_and(|name| !name.is_empty()));
        if let Some(purl) = component["purl"].as_str() {
            assert!(purl.starts_with("pkg:pypi/") && purl.contains('@') && !purl.contains('+'), "{purl}");
        }
        for hash in component["hashes"].as_array().into_iter().flatten() {
            assert_eq!((&hash["alg"], hash["content"].as_str().map(str::len)), (&"SHA-256".into(), Some(64)));
        }
        assert!(!references.contains(&component["bom-ref"]), "each reference is one component's");
        references.push(component["bom-ref"].clone());
    }
    for below in bill["dependencies"][0]["dependsOn"].as_array().expect("dependencies") {
        assert!(references.contains(below), "{below}");
    }
    assert!(!bill.to_string().contains("timestamp"));
}

#[test]
fn hummingbot_has_a_pedigree_of_its_patches() {
    let bill = written(&contents());
    let hummingbot = &bill["components"][0];
    assert_eq!(hummingbot["purl"], "pkg:pypi/hummingbot@20250609");
    assert_eq!(hummingbot["pedigree"]["ancestors"][0]["purl"], "pkg:pypi/hummingbot@20250609");
    let patch = &hummingbot["pedigree"]["patches"][0];
    assert_eq!(patch["type"], "unofficial");
    assert_eq!(patch["diff"]["text"]["content"], "--- a/x\n+++ b/x\n");
    assert_eq!(patch["resolves"][0]["name"], "patches/demo/01_fee.patch");
    let plain = written(&Contents { patches: Vec::new(), ..contents() });
    assert_eq!(plain["components"][0]["pedigree"], Value::Null);
}

#[test]
fn the_same_contents_are_the_same_bytes() {
    assert_eq!(bill::cyclonedx(&contents()), bill::cyclonedx(&contents()));
    let other = Contents { base: "python:3.12".to_owned(), ..contents() };
    assert_ne!(written(&other)["serialNumber"], written(&contents())["serialNumber"]);
}

#[test]
fn addresses() {
    let cases = [
        (package("Pandas_TA", "0.4.71b0", &[]), "pkg:pypi/pandas-ta@0.4.71b0"),
        (package("numpy", "2.2.6+local", &[]), "pkg:pypi/numpy@2.2.6%2Blocal"),
        (
            Package { origin: Some("git+https://host/x?y".to_owned()), ..package("hummingbot", "v2.6.0", &[]) },
            "pkg:generic/hummingbot@v2.6.0?vcs_url=git%2Bhttps:%2F%2Fhost%2Fx%3Fy",
        ),
    ];
    for (package, expected) in cases {
        assert_eq!(bill::purl(&package), expected);
    }
}
