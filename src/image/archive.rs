//! As which bytes does an image travel to an engine?
//!
//! Two archives, both of which an engine loads by `POST /images/load`:
//!
//! - *thin*: a docker-archive without the base's layers. It is as small as what is new, and taken by engines that store
//!   layers with a graph driver, as long as they have the base.
//! - *whole*: a docker-archive and an OCI layout in one, whose manifests name the same blobs. Every engine takes it.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde_json::json;

use super::assemble::Image;
use super::assemble::MANIFEST_TYPE;
use super::assemble::Manifest;
use super::digest;
use super::digest::Measure;
use super::reference::Reference;
use super::tape;
use super::tape::Head;

/// The content of a layer, by its place among all of them, the lowest first.
pub type Layers<'a> = dyn FnMut(usize, &mut dyn Write) -> io::Result<()> + 'a;

/// Writes the thin archive: `sizes` are those of the layers on top of the base, and only they are asked for.
///
/// # Errors
///
/// What the writer or `layers` says, and that a layer is not what its digest says.
pub fn thin(
    image: &Image,
    name: Option<&Reference>,
    sizes: &[u64],
    into: &mut dyn Write,
    layers: &mut Layers<'_>,
) -> io::Result<()> {
    let config: &[u8] = &image.config;
    let mut blobs = BTreeMap::from([(image.config_digest.as_str(), Blob::Bytes(config))]);
    for (index, size) in sizes.iter().enumerate() {
        let place = image.base_count + index;
        blobs.insert(&image.diff_ids[place], Blob::Layer { place, byte_count: *size });
    }
    write_blobs(&blobs, into, layers)?;
    file(into, "manifest.json", &docker_manifest(image, name))?;
    tape::end(into)
}

/// Writes the whole archive.
///
/// # Errors
///
/// Those of [`thin`].
pub fn whole(
    image: &Image,
    manifest: &Manifest,
    name: Option<&Reference>,
    into: &mut dyn Write,
    layers: &mut Layers<'_>,
) -> io::Result<()> {
    let config: &[u8] = &image.config;
    let mut blobs = BTreeMap::from([
        (image.config_digest.as_str(), Blob::Bytes(config)),
        (manifest.digest.as_str(), Blob::Bytes(&manifest.bytes)),
    ]);
    for (place, (digest, size)) in image.diff_ids.iter().zip(&manifest.sizes).enumerate() {
        // Two layers with the same content are one blob.
        blobs.entry(digest).or_insert(Blob::Layer { place, byte_count: *size });
    }
    write_blobs(&blobs, into, layers)?;
    let mut entry = json!({ "digest": manifest.digest, "mediaType": MANIFEST_TYPE, "size": manifest.bytes.len() });
    if let Some(name) = name {
        entry["annotations"] = json!({
            "io.containerd.image.name": name.full(),
            "org.opencontainers.image.ref.name": name.tag(),
        });
    }
    file(into, "index.json", &digest::canonical(&json!({ "manifests": [entry], "schemaVersion": 2 })))?;
    file(into, "manifest.json", &docker_manifest(image, name))?;
    file(into, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    tape::end(into)
}

/// Content that is addressed by its digest.
enum Blob<'a> {
    Bytes(&'a [u8]),
    Layer { place: usize, byte_count: u64 },
}

fn write_blobs(blobs: &BTreeMap<&str, Blob<'_>>, into: &mut dyn Write, layers: &mut Layers<'_>) -> io::Result<()> {
    tape::begin(into, &Head::folder("blobs"))?;
    tape::begin(into, &Head::folder("blobs/sha256"))?;
    for (digest, blob) in blobs {
        let path = blob_path(digest);
        match blob {
            Blob::Bytes(bytes) => file(into, &path, bytes)?,
            Blob::Layer { place, byte_count } => {
                let head = Head::file(&path, *byte_count);
                tape::begin(into, &head)?;
                let mut measure = Measure::new(&mut *into);
                layers(*place, &mut measure)?;
                let measured = measure.finish();
                tape::whole(&head, measured.byte_count)?;
                if measured.digest != **digest {
                    let found = measured.digest;
                    return Err(io::Error::other(format!("a layer changed: expected {digest}, found {found}")));
                }
                tape::pad(into, *byte_count)?;
            }
        }
    }
    Ok(())
}

fn docker_manifest(image: &Image, name: Option<&Reference>) -> Vec<u8> {
    let layers: Vec<String> = image.diff_ids.iter().map(|digest| blob_path(digest)).collect();
    let names = name.map(|name| vec![name.short()]);
    digest::canonical(&json!([{ "Config": blob_path(&image.config_digest), "Layers": layers, "RepoTags": names }]))
}

fn blob_path(digest: &str) -> String {
    format!("blobs/sha256/{}", digest::hex(digest))
}

fn file(into: &mut dyn Write, path: &str, mut bytes: &[u8]) -> io::Result<()> {
    let head = Head::file(path, bytes.len() as u64);
    tape::begin(into, &head)?;
    tape::content(into, &mut bytes, &head)
}
