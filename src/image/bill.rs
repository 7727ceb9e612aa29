//! What is inside an image, as other tools read it: a software bill of materials, `CycloneDX` 1.6 as JSON.
//!
//! `CycloneDX` and not SPDX, because it has a word for what hive does: a component's *pedigree* says which release it descends
//! from and which patches made it what it is. SPDX would need a file, a relationship and a comment for each of them.
//!
//! The bill has no timestamp, and its serial number is made of what it says: the same image has the same bill.

use serde_json::Value;
use serde_json::json;

use super::digest;

/// What a bill is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The image's name, `hive/backtesting-api`.
    pub name: String,
    /// The image's id.
    pub image_digest: String,
    /// The version of hive.
    pub hive_version: String,
    /// Hummingbot.
    pub hummingbot: Package,
    /// What made Hummingbot what it is here, in the series' order.
    pub patches: Vec<Patch>,
    /// The controllers, in the recipe's order.
    pub controllers: Vec<Controller>,
    /// The Python packages of hive's own layer.
    pub packages: Vec<Package>,
    /// The base image's name.
    pub base: String,
    /// The base image's digest.
    pub base_digest: String,
}

/// A Python package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name, as the index spells it.
    pub name: String,
    /// The version.
    pub version: String,
    /// The SHA-256 of its archives, in hex; one of them was installed.
    pub sha256: Vec<String>,
    /// Where it comes from, where that is not the package index: an address without credentials.
    pub origin: Option<String>,
}

/// A patch of the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The file, relative to the project's root.
    pub file: String,
    /// Why it exists.
    pub why: String,
    /// Its text.
    pub text: String,
}

/// A controller that the recipe registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    /// Where it stands below Hummingbot's root.
    pub path: String,
    /// The class that is loaded.
    pub class: String,
    /// The SHA-256 of the file, in hex.
    pub sha256: String,
}

/// Writes the bill.
#[must_use]
pub fn cyclonedx(contents: &Contents) -> Vec<u8> {
    let main = "image";
    let mut components = vec![hummingbot(contents)];
    components.extend(contents.controllers.iter().map(|controller| {
        json!({
            "type": "file",
            "bom-ref": format!("controller:{}", controller.path),
            "name": controller.path,
            "description": format!("registers `{}`", controller.class),
            "hashes": hashes(std::slice::from_ref(&controller.sha256)),
        })
    }));
    components.extend(contents.packages.iter().map(|package| library(package, &purl(package))));
    components.push(json!({
        "type": "container",
        "bom-ref": "base",
        "name": contents.base,
        "version": contents.base_digest,
        "hashes": hashes(&[digest::hex(&contents.base_digest).to_owned()]),
    }));
    let below: Vec<Value> = components.iter().map(|component| component["bom-ref"].clone()).collect();
    let mut bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": "hive", "version": contents.hive_version }] },
            "component": {
                "type": "container",
                "bom-ref": main,
                "name": contents.name,
                "version": contents.image_digest,
                "hashes": hashes(&[digest::hex(&contents.image_digest).to_owned()]),
            },
        },
        "components": components,
        "dependencies": [{ "ref": main, "dependsOn": below }],
    });
    bill["serialNumber"] = json!(format!("urn:uuid:{}", uuid(&digest::of(&digest::canonical(&bill)))));
    digest::readable(&bill)
}

fn hummingbot(contents: &Contents) -> Value {
    let package = &contents.hummingbot;
    let mut component = library(package, &purl(package));
    if !contents.patches.is_empty() {
        let patches: Vec<Value> = contents
            .patches
            .iter()
            .map(|patch| {
                json!({
                    "type": "unofficial",
                    "diff": { "text": { "contentType": "text/x-diff", "content": patch.text } },
                    "resolves": [{ "type": "defect", "name": patch.file, "description": patch.why }],
                })
            })
            .collect();
        component["modified"] = json!(true);
        component["pedigree"] = json!({
            "ancestors": [{
                "type": "library",
                "name": package.name,
                "version": package.version,
                "purl": purl(package),
            }],
            "patches": patches,
        });
    }
    component
}

fn library(package: &Package, purl: &str) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
    });
    // Several archives of one release have several hashes, and a component has one of each kind: which one was installed
    // is known where there is only one.
    match package.sha256.as_slice() {
        [] => {}
        [one] => component["hashes"] = hashes(std::slice::from_ref(one)),
        several => {
            let properties: Vec<Value> =
                several.iter().map(|sha256| json!({ "name": "hive:pinned:sha256", "value": sha256 })).collect();
            component["properties"] = Value::Array(properties);
        }
    }
    component
}

fn hashes(sha256: &[String]) -> Value {
    Value::Array(sha256.iter().map(|hex| json!({ "alg": "SHA-256", "content": hex })).collect())
}

/// Returns the address of a package, by the rules of its kind: `pkg:pypi/pandas-ta@0.4.71b0`.
#[must_use]
pub fn purl(package: &Package) -> String {
    let version = escaped(&package.version);
    match &package.origin {
        None => format!("pkg:pypi/{}@{version}", escaped(&package.name.to_ascii_lowercase().replace('_', "-"))),
        Some(origin) => format!("pkg:generic/{}@{version}?vcs_url={}", escaped(&package.name), escaped(origin)),
    }
}

/// Escapes what has a meaning in a package's address.
fn escaped(text: &str) -> String {
    use std::fmt::Write;
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// Returns a UUID of version 8, whose bits are the maker's own, from a digest.
fn uuid(of: &str) -> String {
    let hex = digest::hex(of);
    let (node, version, variant) = (&hex[20..32], &hex[13..16], &hex[17..20]);
    format!("{}-{}-8{version}-a{variant}-{node}", &hex[..8], &hex[8..12])
}
