//! How was an image made, as other tools read it: an in-toto statement, version 1, with SLSA's provenance, version 1.
//!
//! It says nothing of where and when: whoever builds the recipe again gets the same image and the same statement.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::FORM;
use super::digest;
use super::label::Facts;

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// The image's name.
    pub name: String,
    /// The digest of the image's configuration.
    pub config_digest: String,
    /// The digest of the image's manifest, where it is known.
    pub manifest_digest: Option<String>,
    /// The recipe's name.
    pub recipe: String,
    /// `overlay` or `build`.
    pub kind: String,
    /// The version of hive.
    pub hive_version: String,
    /// What decided every byte.
    pub facts: Facts,
    /// What went in.
    pub materials: Vec<Material>,
}

/// Something that went into an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// What it is, as an address.
    pub uri: String,
    /// Its SHA-256 in hex, or the commit of a repository.
    pub digest: Option<Checksum>,
}

/// What identifies the bytes of a material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    /// A SHA-256, in hex.
    Sha256(String),
    /// A commit of a git repository.
    Commit(String),
}

/// Writes the statement.
#[must_use]
pub fn provenance(making: &Making) -> Vec<u8> {
    let subject = |digest: &str| json!({ "name": making.name, "digest": { "sha256": digest::hex(digest) } });
    let subjects: Vec<Value> =
        making.manifest_digest.iter().chain([&making.config_digest]).map(|digest| subject(digest)).collect();
    let materials: Vec<Value> = making
        .materials
        .iter()
        .map(|material| {
            let mut written = json!({ "uri": material.uri });
            match &material.digest {
                Some(Checksum::Sha256(hex)) => written["digest"] = json!({ "sha256": hex }),
                Some(Checksum::Commit(commit)) => written["digest"] = json!({ "gitCommit": commit }),
                None => {}
            }
            written
        })
        .collect();
    let facts: Map<String, Value> = making.facts.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": format!("urn:hive:image:{}:{FORM}", making.kind),
                "externalParameters": { "recipe": making.recipe, "facts": facts },
                "internalParameters": {},
                "resolvedDependencies": materials,
            },
            "runDetails": {
                "builder": { "id": "urn:hive", "version": { "hive": making.hive_version } },
                "metadata": {},
            },
        },
    });
    digest::readable(&statement)
}
