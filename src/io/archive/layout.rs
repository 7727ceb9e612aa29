//! Where in an unpacked archive does the tree of the release start?

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use pep440_rs::Version;

use crate::io::archive::Error;
use crate::io::files;
use crate::io::index::distribution;
use crate::recipe::resolve::Artifact;

/// How many names are shown of a layout that is not understood.
const SHOWN_NAMES: usize = 5;

/// How a release's archive is laid out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// An sdist as it should be: the tree in one folder.
    Sdist {
        /// The folder, `hummingbot-20250609`.
        top: String,
    },
    /// An sdist without its folder: the package's own folder stands at the archive's root.
    Bare,
    /// A wheel: the content of site-packages.
    Wheel,
}

/// Returns the layout of an unpacked archive and the folder in which the tree starts.
///
/// # Errors
///
/// Returns [`Error::Layout`] for an archive that is neither an sdist nor a wheel of this release.
pub fn find(
    unpacked: &Path,
    archive: &str,
    package: &str,
    version: &Version,
    artifact: Artifact,
) -> Result<(Layout, PathBuf), Error> {
    let names = folder_names(unpacked)?;
    let refuse = |expected: String| Error::Layout { archive: archive.to_owned(), expected, found: shown(&names) };
    let is_release = |stem: &str| distribution::name_and_version(stem, package).is_some_and(|found| found == *version);
    match artifact {
        Artifact::Sdist => {
            if let [(top, Entry::Folder)] = names.as_slice()
                && is_release(top)
            {
                return Ok((Layout::Sdist { top: top.clone() }, unpacked.join(top)));
            }
            let is_package = |(name, entry): &(String, Entry)| {
                *entry == Entry::Folder && distribution::normalized(name) == distribution::normalized(package)
            };
            if names.iter().any(is_package) {
                return Ok((Layout::Bare, unpacked.to_owned()));
            }
            Err(refuse(format!("an sdist, with one folder `{package}-{version}`")))
        }
        Artifact::Wheel => {
            let is_metadata = |(name, entry): &(String, Entry)| {
                *entry == Entry::Folder && name.strip_suffix(".dist-info").is_some_and(is_release)
            };
            if names.iter().any(is_metadata) {
                return Ok((Layout::Wheel, unpacked.to_owned()));
            }
            Err(refuse(format!("a wheel, with a folder `{}-{version}.dist-info`", package.replace('-', "_"))))
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Folder,
    File,
}

fn folder_names(folder: &Path) -> Result<Vec<(String, Entry)>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(files::Error::reading(folder))? {
        let entry = entry.map_err(files::Error::reading(folder))?;
        let kind = entry.file_type().map_err(files::Error::reading(folder))?;
        let kind = if kind.is_dir() { Entry::Folder } else { Entry::File };
        names.push((entry.file_name().to_string_lossy().into_owned(), kind));
    }
    names.sort();
    Ok(names)
}

fn shown(names: &[(String, Entry)]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let mut text: Vec<String> = names.iter().take(SHOWN_NAMES).map(|(name, _)| format!("`{name}`")).collect();
    if names.len() > SHOWN_NAMES {
        text.push(format!("{} more", names.len() - SHOWN_NAMES));
    }
    text.join(", ")
}
