//! Archives: the same bytes each time, every blob under its own digest, and nothing of the base in a thin one.

use std::collections::BTreeMap;
use std::io;
use std::io::Read as _;
use std::io::Write as _;

use hive::image::archive;
use hive::image::assemble::Added;
use hive::image::assemble::Image;
use hive::image::assemble::assemble;
use hive::image::base::Base;
use hive::image::digest;
use hive::image::digest::Measured;
use hive::image::reference::Reference;
use serde_json::Map;
use serde_json::Value;

const LAYERS: [&[u8]; 3] = [b"the lowest", b"the next one", b"ours"];

fn image() -> Image {
    let diff_ids: Vec<String> = LAYERS[..2].iter().map(|layer| digest::of(layer)).collect();
    let base = Base::new("linux", "amd64", None, &Map::new(), &diff_ids);
    let measured = Measured { digest: digest::of(LAYERS[2]), byte_count: 4 };
    assemble(&base, Some(&[10, 12]), &[Added { name: "overlay".to_owned(), measured }], &BTreeMap::new())
}

fn name() -> Reference {
    Reference::parse("hive/demo:1").expect("it is a name")
}

fn write(place: usize, into: &mut dyn io::Write) -> io::Result<()> {
    into.write_all(LAYERS[place])
}

fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().expect("it is an archive").map(|entry| entry.expect("the entry is whole"));
    entries
        .filter(|entry| entry.header().entry_type().is_file())
        .map(|mut entry| {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("the entry is whole");
            (path, content)
        })
        .collect()
}

fn whole() -> Vec<u8> {
    let (image, mut bytes) = (image(), Vec::new());
    let manifest = image.manifest.as_ref().expect("the sizes are known");
    archive::whole(&image, manifest, Some(&name()), &mut bytes, &mut write).expect("memory takes all");
    bytes
}

#[test]
fn a_whole_archive_is_both_kinds_at_once() {
    let bytes = whole();
    assert_eq!(bytes, whole());
    let (files, image) = (files(&bytes), image());
    assert_eq!(files.len(), 5 + 3, "two JSON blobs, three layers, three files that name them");
    for (path, content) in &files {
        if let Some(hex) = path.strip_prefix("blobs/sha256/") {
            assert_eq!(digest::of(content), format!("sha256:{hex}"));
        }
    }
    let json = |path: &str| -> Value { serde_json::from_slice(&files[path]).expect("it is JSON") };
    let docker = json("manifest.json");
    assert_eq!(docker[0]["RepoTags"], serde_json::json!(["hive/demo:1"]));
    assert_eq!(docker[0]["Layers"].as_array().map(Vec::len), Some(3));
    for path in docker[0]["Layers"].as_array().into_iter().flatten().chain([&docker[0]["Config"]]) {
        assert!(files.contains_key(path.as_str().expect("a path")), "{path}");
    }
    let index = json("index.json");
    let manifest = image.manifest.expect("the sizes are known");
    assert_eq!(index["manifests"][0]["digest"], manifest.digest.as_str());
    assert_eq!(index["manifests"][0]["annotations"]["io.containerd.image.name"], "docker.io/hive/demo:1");
    let manifest: Value = serde_json::from_slice(&manifest.bytes).expect("it is JSON");
    for layer in manifest["layers"].as_array().into_iter().flatten().chain([&manifest["config"]]) {
        let blob = layer["digest"].as_str().expect("a digest").replace("sha256:", "blobs/sha256/");
        assert_eq!(layer["size"], files[&blob].len());
    }
    assert_eq!(json("oci-layout")["imageLayoutVersion"], "1.0.0");
    assert_eq!(digest::of(&bytes), "sha256:e53c315dfd19c134c1a3a4a395480182116462664a7aa8ab917beb2fecad98fb");
}

#[test]
fn a_thin_archive_has_nothing_of_the_base() {
    let image = image();
    let mut bytes = Vec::new();
    let mut asked = Vec::new();
    archive::thin(&image, None, &[4], &mut bytes, &mut |place, into| {
        asked.push(place);
        write(place, into)
    })
    .expect("memory takes all");
    assert_eq!(asked, [2]);
    let files = files(&bytes);
    assert_eq!(files.len(), 3);
    let docker: Value = serde_json::from_slice(&files["manifest.json"]).expect("it is JSON");
    assert_eq!(docker[0]["RepoTags"], Value::Null);
    assert_eq!(docker[0]["Layers"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_layer_that_is_not_what_it_was_is_not_sent() {
    let image = image();
    let mut changed = |_: usize, into: &mut dyn io::Write| into.write_all(b"hers");
    let error = archive::thin(&image, None, &[4], &mut Vec::new(), &mut changed).expect_err("other bytes");
    assert!(error.to_string().starts_with("a layer changed"), "{error}");
    let mut short = |_: usize, into: &mut dyn io::Write| into.write_all(b"our");
    archive::thin(&image, None, &[4], &mut Vec::new(), &mut short).expect_err("fewer bytes");
}

#[test]
fn a_writer_that_refuses_is_heard() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = archive::thin(&image(), None, &[4], &mut Full, &mut write).expect_err("there is no room");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    Full.flush().expect("there is nothing to write");
}
