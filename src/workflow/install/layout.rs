//! How do Hummingbot's files come into an environment?

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::io::files;
use crate::workflow::Error;
use crate::workflow::wheel::Files;
use crate::workflow::wheel::Origin;

/// Writes Hummingbot's files into an environment and returns their digests.
///
/// Nothing is written in place: files of packages may be links into a cache.
pub(super) fn lay_out(files: &Files, site_packages: &Path, root: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut digests = BTreeMap::new();
    let mut put = |path: &str, bytes: &[u8]| -> Result<(), Error> {
        let place = site_packages.join(path);
        files::write_atomic(&place, bytes)?;
        forget_bytecode(&place)?;
        digests.insert(path.to_owned(), files::sha256_hex(bytes));
        Ok(())
    };
    let mut record = String::new();
    let mut record_place = None;
    let mut names = BTreeMap::new();
    // Of a tree that is no wheel, only the packages are installed.
    let is_whole = !matches!(files.origin, Origin::Tree { .. });
    let is_package = |path: &str| ["hummingbot/", "controllers/"].iter().any(|folder| path.starts_with(folder));
    for file in files.tree.files()?.into_iter().filter(|file| is_whole || is_package(&file.path)) {
        names.insert(file.path, None);
    }
    for (path, change) in &files.changes {
        match change {
            Some(bytes) => drop(names.insert(path.clone(), Some(bytes))),
            None => drop(names.remove(path)),
        }
    }
    for (path, bytes) in names {
        if let Some(script) = script_of(&path) {
            let bytes = files.tree.read(&path)?.unwrap_or_default();
            write_script(&root.join("bin").join(script), &bytes)?;
            continue;
        }
        if path.ends_with(".dist-info/RECORD") {
            record_place = Some(path);
            continue;
        }
        writeln!(record, "{path},,").expect("writing to a text cannot fail");
        match bytes {
            Some(bytes) => put(&path, bytes)?,
            None => put(&path, &files.tree.read(&path)?.unwrap_or_default())?,
        }
    }
    if let Some(path) = record_place {
        writeln!(record, "{path},,").expect("writing to a text cannot fail");
        put(&path, record.as_bytes())?;
    }
    Ok(digests)
}

/// Returns the name of a program that a wheel brings along, from its path in the wheel.
fn script_of(path: &str) -> Option<&str> {
    let (folder, rest) = path.split_once('/')?;
    folder.strip_suffix(".data")?;
    rest.strip_prefix("scripts/")
}

/// Writes a program; its first line leads to the environment's own Python wherever that is.
fn write_script(place: &Path, bytes: &[u8]) -> Result<(), files::Error> {
    let text = String::from_utf8_lossy(bytes);
    let text = match text.strip_prefix("#!python") {
        Some(rest) => format!(
            "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''{rest}"
        ),
        None => text.into_owned(),
    };
    let _ = fs::remove_file(place);
    files::write_new(place, text.as_bytes(), true)
}

/// Removes what Python has compiled a file to.
fn forget_bytecode(place: &Path) -> Result<(), files::Error> {
    let folder = files::folder_of(place).join("__pycache__");
    let Some(stem) = place.file_stem().and_then(|stem| stem.to_str()) else { return Ok(()) };
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let start = format!("{stem}.");
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&start)) {
        fs::remove_file(entry.path()).map_err(files::Error::writing(&entry.path()))?;
    }
    Ok(())
}
