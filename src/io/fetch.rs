//! How does a release become a tree in the cache?

pub mod listing;

use std::path::Path;
use std::path::PathBuf;

use pep440_rs::Version;

use crate::io::address;
use crate::io::archive;
use crate::io::archive::Kind;
use crate::io::archive::Limits;
use crate::io::archive::layout;
use crate::io::archive::layout::Layout;
use crate::io::cache::Cache;
use crate::io::cache::Memo;
use crate::io::cache::Record;
use crate::io::download;
use crate::io::download::Client;
use crate::io::fetch::listing::Listing;
use crate::io::files;
use crate::io::index;
use crate::io::index::Wanted;
use crate::io::index::configured;
use crate::io::index::distribution;
use crate::io::index::machine;
use crate::io::index::page::Link;
use crate::io::index::wheel::Platform;
use crate::io::progress::Progress;
use crate::recipe::resolve::Artifact;

/// A release that is not there as a tree.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The release has not been fetched, and nothing may be downloaded.
    #[error("the {artifact} of `{package}` {version} is not in the cache, and `--offline` downloads nothing")]
    #[diagnostic(code("HV0345"), help("run `hive fetch` once with a network"))]
    Offline {
        /// The project.
        package: String,
        /// The release.
        version: String,
        /// Which file of the release.
        artifact: &'static str,
    },

    /// The release was fetched, but its archive is lost or damaged, and nothing may be downloaded.
    #[error("`{file_name}` was fetched before, but {}", state(found.as_deref(), expected))]
    #[diagnostic(code("HV0346"), help("run `hive fetch` once with a network; `--offline` cannot fetch it again"))]
    OfflineLost {
        /// The archive's name.
        file_name: String,
        /// The hash that the archive had.
        expected: String,
        /// The hash that it has now; `None` when it is gone.
        found: Option<String>,
    },

    /// The index does not offer the release as asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Index(#[from] index::Error),

    /// The archive did not arrive.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Download(#[from] download::Error),

    /// The archive was not unpacked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Archive(#[from] archive::Error),

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// Which release is asked for, and on what terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The project's name, in any spelling.
    pub package: String,
    /// The release, as PEP 440 writes it.
    pub version: String,
    /// Which file of the release.
    pub artifact: Artifact,
    /// The version of `CPython` that a wheel is for, `(3, 12)`.
    pub python: (u32, u32),
    /// Takes a wheel of another machine where none fits this one: fine to read and patch, useless to run.
    pub any_platform: bool,
    /// The SHA-256 that the recipe or the lock insists on; `None` trusts the index.
    pub expected_sha256: Option<String>,
    /// Uses only what is in the cache.
    pub offline: bool,
    /// The index to ask instead of the one that pip is configured with.
    pub index: Option<String>,
}

/// A release as a tree on the disk, which must not be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The archive's SHA-256, in lower-case hex.
    pub sha256: String,
    /// The archive's name on the index.
    pub file_name: String,
    /// The folder that holds `hummingbot/`.
    pub tree: PathBuf,
    /// The archive's kind, by its content.
    pub kind: Kind,
    /// How the archive was laid out.
    pub layout: Layout,
    /// Tells that no archive was downloaded.
    pub from_cache: bool,
    /// The archive's size, in bytes.
    pub bytes: u64,
}

impl Fetched {
    fn new(cache: &Cache, record: Record, from_cache: bool) -> Self {
        Self {
            tree: cache.tree_path(&record.sha256),
            sha256: record.sha256,
            file_name: record.file_name,
            kind: record.kind,
            layout: record.layout,
            from_cache,
            bytes: record.byte_count,
        }
    }

    /// Returns what is odd about the archive; `None` for one that is what its name says.
    #[must_use]
    pub fn oddity(&self) -> Option<String> {
        let named = match self.file_name.rsplit('.').next() {
            Some("gz") => Kind::TarGz,
            _ => Kind::Zip,
        };
        let is_bare = self.layout == Layout::Bare;
        if named == self.kind && !is_bare {
            return None;
        }
        let top = if is_bare { " without a top folder" } else { "" };
        Some(format!("`{}` is a {}{top}", self.file_name, self.kind))
    }
}

/// Fetches a release: from the cache where it is there whole, else from the package index.
///
/// What was fetched once needs neither the network nor Python again, unless the request names another index than the
/// one that answered then.
///
/// # Errors
///
/// Returns an [`Error`] that names what is missing or differs; the cache then holds nothing of it.
pub fn fetch(request: &Request, cache: &Cache, progress: &dyn Progress) -> Result<Fetched, Error> {
    let wanted = wanted(request)?;
    if let Some(fetched) = noted(request, &wanted, cache, progress)? {
        return Ok(fetched);
    }
    Listing::ask(&wanted.package, request.index.as_deref())?.download(request, &wanted, cache, progress)
}

/// Returns a release that the cache has whole; `None` for one that the index has to be asked for.
fn noted(request: &Request, wanted: &Wanted, cache: &Cache, progress: &dyn Progress) -> Result<Option<Fetched>, Error> {
    let memo = cache.memo(&memo_name(wanted, request.python));
    from_cache(request, wanted, memo.as_ref(), cache, progress)
}

fn wanted(request: &Request) -> Result<Wanted, Error> {
    let (package, version) = Wanted::release(&request.package, &request.version)?;
    let platform = match request.artifact {
        Artifact::Wheel => Some(machine::this_machine(request.python)),
        // Sources fit every machine, so this one is not asked.
        Artifact::Sdist => None,
    };
    let sha256 = request.expected_sha256.as_ref().map(|digest| digest.to_ascii_lowercase());
    let any_platform = request.any_platform;
    Ok(Wanted { package, version, artifact: request.artifact, platform, any_platform, sha256 })
}

/// Returns the name under which the index's answer is noted: all that the answer depends on.
fn memo_name(wanted: &Wanted, (major, minor): (u32, u32)) -> String {
    let Wanted { package, version, artifact, platform, any_platform, .. } = wanted;
    let machine = platform.as_ref().map_or_else(|| "any".to_owned(), Platform::machine);
    let machine = machine.replace(' ', "-");
    let lenient = if *any_platform { "-or-any" } else { "" };
    format!("{package}-{version}-{}-{major}.{minor}-{machine}{lenient}", name_of(*artifact))
}

fn from_cache(
    request: &Request,
    wanted: &Wanted,
    memo: Option<&Memo>,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Option<Fetched>, Error> {
    let memo = memo.filter(|memo| is_about(memo, request, wanted));
    let Some(sha256) = wanted.sha256.as_ref().or(memo.map(|memo| &memo.sha256)) else {
        return nothing(request, wanted);
    };
    // A hash alone must not hand out another release's tree, should the recipe have been bumped without it.
    if let Some(record) = cache.record(sha256)
        && is_wanted(&record.file_name, wanted)
    {
        return Ok(Some(Fetched::new(cache, record, true)));
    }
    let Some(memo) = memo else {
        return nothing(request, wanted);
    };
    let archive = cache.archive_path(sha256);
    let found = if archive.exists() { Some(files::sha256_of_file(&archive)?) } else { None };
    if found.as_ref() == Some(sha256) {
        let record = unpack(&archive, &memo.file_name, sha256, memo.byte_count, wanted, cache, progress)?;
        return Ok(Some(Fetched::new(cache, record, true)));
    }
    if request.offline {
        let (file_name, expected) = (memo.file_name.clone(), sha256.clone());
        return Err(Error::OfflineLost { file_name, expected, found });
    }
    cache.forget_archive(sha256)?;
    Ok(None)
}

fn nothing(request: &Request, wanted: &Wanted) -> Result<Option<Fetched>, Error> {
    if !request.offline {
        return Ok(None);
    }
    Err(Error::Offline {
        package: wanted.package.clone(),
        version: wanted.version.to_string(),
        artifact: name_of(wanted.artifact),
    })
}

/// Tells whether a note still answers the request.
///
/// An index that is named by the request or the environment must be the one that answered. Pip is not asked for its
/// own just for this, and offline any note will do.
fn is_about(memo: &Memo, request: &Request, wanted: &Wanted) -> bool {
    let is_expected = wanted.sha256.as_ref().is_none_or(|expected| *expected == memo.sha256);
    let named = request.index.clone().or_else(configured::from_environment);
    let is_same_index = named
        .and_then(|index| configured::address(&index).ok())
        .is_none_or(|index| address::shown(&index) == memo.index);
    is_expected && is_wanted(&memo.file_name, wanted) && (is_same_index || request.offline)
}

fn is_wanted(file_name: &str, wanted: &Wanted) -> bool {
    distribution::parse(file_name, &wanted.package)
        .is_some_and(|file| file.artifact() == wanted.artifact && *file.version() == wanted.version)
}

/// Downloads and unpacks the chosen file, unless the cache has it under another release's or index's note.
fn from_link(
    client: &Client,
    link: &Link,
    wanted: &Wanted,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Fetched, Error> {
    let published = wanted.sha256.as_ref().or(link.sha256.as_ref());
    if let Some(record) = published.and_then(|sha256| cache.record(sha256)) {
        return Ok(Fetched::new(cache, Record { file_name: link.file_name.clone(), ..record }, true));
    }
    let received = client.file(&link.url, published.map(String::as_str), &cache.work_folder()?, progress)?;
    // The archive is kept only when it unpacks: a bad one would be found again and again.
    let path = received.file.path().to_owned();
    let (sha256, byte_count) = (received.sha256, received.byte_count);
    let record = unpack(&path, &link.file_name, &sha256, byte_count, wanted, cache, progress)?;
    cache.keep_archive(received.file, &sha256)?;
    Ok(Fetched::new(cache, record, false))
}

fn unpack(
    archive: &Path,
    file_name: &str,
    sha256: &str,
    byte_count: u64,
    wanted: &Wanted,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Record, Error> {
    let unpacked = files::temporary_folder(&cache.work_folder()?)?;
    let kind = archive::unpack(archive, file_name, unpacked.path(), Limits::default(), progress)?;
    let (package, version): (&str, &Version) = (&wanted.package, &wanted.version);
    let (layout, root) = layout::find(unpacked.path(), file_name, package, version, wanted.artifact)?;
    let record = Record { file_name: file_name.to_owned(), sha256: sha256.to_owned(), byte_count, kind, layout };
    cache.keep_tree(unpacked, &root, &record)?;
    Ok(record)
}

fn name_of(artifact: Artifact) -> &'static str {
    match artifact {
        Artifact::Sdist => "sdist",
        Artifact::Wheel => "wheel",
    }
}

fn state(found: Option<&str>, expected: &str) -> String {
    match found {
        None => format!("its archive with sha256 {expected} is no longer in the cache"),
        Some(found) => format!("its archive has sha256 {found} now, expected {expected}"),
    }
}
