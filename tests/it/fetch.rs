//! Fetching: from a package index to a tree on the disk.

mod archive;
mod configured;
mod download;
mod index;
mod mirror;
mod release;
pub(crate) mod repository;
pub(crate) mod server;
mod tree;
mod wheel;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hive::io::files;
use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Returns an error as a user without colours sees it, on a terminal so wide that the length of a temporary folder's
/// name breaks no line.
pub(crate) fn drawn(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(500)
        .with_links(false)
        .render_report(&mut text, error)
        .expect("writing to a text cannot fail");
    text
}

/// Returns a gzipped tar archive of files.
pub(crate) fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, content.as_bytes()).expect("memory takes every entry");
    }
    let gzip = builder.into_inner().expect("memory takes the archive's end");
    gzip.finish().expect("memory takes the archive's end")
}

/// Returns a zip archive of files.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in files {
        writer.start_file(*path, SimpleFileOptions::default()).expect("memory takes every entry");
        writer.write_all(content.as_bytes()).expect("memory takes every content");
    }
    writer.finish().expect("memory takes the archive's end").into_inner()
}

/// Returns an sdist as it should be.
fn sdist(version: &str) -> Vec<u8> {
    let top = format!("hummingbot-{version}");
    tar_gz(&[
        (&format!("{top}/PKG-INFO"), "Name: hummingbot\n"),
        (&format!("{top}/hummingbot/VERSION"), version),
        (&format!("{top}/hummingbot/core.py"), "one = 1\n"),
    ])
}

/// Returns the SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    files::sha256_hex(bytes)
}
