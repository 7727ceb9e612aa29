//! Which configuration and which manifest does an image have, and so which digests?

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::EPOCH;
use super::base::Base;
use super::digest;
use super::digest::Measured;

/// The media types of OCI's image format, version 1.
pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";

/// A layer that hive puts on the base.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Added {
    /// What it is for, in a word: `dependencies`, `hummingbot`, `overlay`.
    pub name: String,
    /// Its diff id and size.
    pub measured: Measured,
}

/// An image, whole but for the content of its layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The configuration's bytes.
    pub config: Vec<u8>,
    /// The configuration's digest: the image's id where a graph driver stores layers.
    pub config_digest: String,
    /// The manifest; `None` where the sizes of the base's layers are not known.
    pub manifest: Option<Manifest>,
    /// The digests of all layers' archives, the lowest first.
    pub diff_ids: Vec<String>,
    /// How many of them are the base's.
    pub base_count: usize,
}

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its digest: the image's id where containerd stores layers.
    pub digest: String,
    /// The sizes of all layers' archives, the lowest first.
    pub sizes: Vec<u64>,
}

/// Puts layers on a base.
///
/// `base_sizes` are the sizes of the base's layers as uncompressed archives, which only the manifest needs.
#[must_use]
pub fn assemble(base: &Base, base_sizes: Option<&[u64]>, added: &[Added], labels: &BTreeMap<String, String>) -> Image {
    let mut container = base.config.clone();
    let mut all: Map<String, Value> = base.config.get("Labels").and_then(Value::as_object).cloned().unwrap_or_default();
    all.extend(labels.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))));
    container.insert("Labels".to_owned(), Value::Object(all));
    let diff_ids: Vec<String> =
        base.diff_ids.iter().chain(added.iter().map(|layer| &layer.measured.digest)).cloned().collect();
    let below = (1..=base.diff_ids.len()).map(|number| format!("layer {number} of the base"));
    let history: Vec<Value> = below
        .chain(added.iter().map(|layer| format!("hive {}", layer.name)))
        .map(|by| json!({ "created": EPOCH, "created_by": by }))
        .collect();
    let mut config = json!({
        "architecture": base.architecture,
        "config": container,
        "created": EPOCH,
        "history": history,
        "os": base.os,
        "rootfs": { "diff_ids": diff_ids, "type": "layers" },
    });
    if let Some(variant) = &base.variant {
        config["variant"] = json!(variant);
    }
    let config = digest::canonical(&config);
    let config_digest = digest::of(&config);
    let manifest = base_sizes.filter(|sizes| sizes.len() == base.diff_ids.len()).map(|sizes| {
        let sizes = sizes.iter().copied().chain(added.iter().map(|layer| layer.measured.byte_count)).collect();
        manifest(&config, &config_digest, &diff_ids, sizes)
    });
    Image { config, config_digest, manifest, diff_ids, base_count: base.diff_ids.len() }
}

fn manifest(config: &[u8], config_digest: &str, diff_ids: &[String], sizes: Vec<u64>) -> Manifest {
    let layers: Vec<Value> = diff_ids
        .iter()
        .zip(&sizes)
        .map(|(digest, size)| json!({ "digest": digest, "mediaType": LAYER_TYPE, "size": size }))
        .collect();
    let manifest = json!({
        "config": { "digest": config_digest, "mediaType": CONFIG_TYPE, "size": config.len() },
        "layers": layers,
        "mediaType": MANIFEST_TYPE,
        "schemaVersion": 2,
    });
    let bytes = digest::canonical(&manifest);
    let digest = digest::of(&bytes);
    Manifest { bytes, digest, sizes }
}
