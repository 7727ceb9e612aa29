//! How is an archive that nobody vouches for unpacked without harm?

mod tarball;

mod zipped;

pub mod layout;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::path::Path;

use crate::io::files;
use crate::io::files::CHUNK_BYTES;
use crate::io::inside;
use crate::io::progress::Progress;

/// The most entries of an archive, folders included.
pub const ENTRY_COUNT_MAX: u64 = 100_000;

/// The most bytes that an archive may unpack to, 2 GiB. It stops archives that unpack to a thousand times their size.
pub const BYTE_COUNT_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// How many bytes of a file are shown when it is no archive.
const SHOWN_BYTES: usize = 16;

/// What an archive is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A tar archive, compressed with gzip.
    TarGz,
    /// A tar archive.
    Tar,
    /// A zip archive.
    Zip,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TarGz => "gzipped tar archive",
            Self::Tar => "tar archive",
            Self::Zip => "zip archive",
        })
    }
}

/// How much an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most entries, folders included.
    pub entry_count_max: u64,
    /// The most unpacked bytes.
    pub byte_count_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entry_count_max: ENTRY_COUNT_MAX, byte_count_max: BYTE_COUNT_MAX }
    }
}

/// An archive that was not unpacked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The content is that of no archive.
    #[error("`{archive}` is not an archive: {}", beginning(start))]
    #[diagnostic(code("HV0340"), help("expected a gzipped tar, a tar or a zip archive, whatever the name says"))]
    NotAnArchive {
        /// The archive's name.
        archive: String,
        /// The first bytes, escaped.
        start: String,
    },

    /// An entry would do harm.
    #[error("`{archive}` holds an unsafe entry `{entry}`: {reason}")]
    #[diagnostic(code("HV0341"), help("nothing was unpacked; do not trust this archive"))]
    Unsafe {
        /// The archive's name.
        archive: String,
        /// The entry, escaped.
        entry: String,
        /// What is wrong with it.
        reason: Reason,
    },

    /// The archive holds more than is unpacked.
    #[error("`{archive}` holds more than {limit}")]
    #[diagnostic(code("HV0342"), help("nothing was unpacked; do not trust this archive"))]
    Limit {
        /// The archive's name.
        archive: String,
        /// The limit, with its unit.
        limit: String,
    },

    /// The archive cannot be read to its end.
    #[error("`{archive}` is a damaged {kind}")]
    #[diagnostic(
        code("HV0343"),
        help("run the command again with an empty cache, or report the release to its publisher")
    )]
    Damaged {
        /// The archive's name.
        archive: String,
        /// What the archive is.
        kind: Kind,
        /// Where reading ended.
        source: io::Error,
    },

    /// The content is neither an sdist's nor a wheel's.
    #[error("`{archive}` is not laid out as {expected}: at its top stand {found}")]
    #[diagnostic(code("HV0344"), help("take the release's other `artifact`, or another release"))]
    Layout {
        /// The archive's name.
        archive: String,
        /// What the top of the archive should hold.
        expected: String,
        /// What it holds.
        found: String,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The path leads out of the archive's root.
    Path(inside::Fault),
    /// The entry is a link that leads out of the archive's root.
    LinkOut {
        /// Where the link leads.
        target: String,
    },
    /// The entry is a link to something that is not a plain file of the archive.
    LinkToOther {
        /// Where the link leads.
        target: String,
    },
    /// Two entries have the same path.
    Twice,
    /// An entry above this one is a file or a link.
    BelowFile {
        /// The entry above.
        above: String,
    },
    /// The entry is a device, a pipe or something rarer still.
    Special,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(fault) => fault.fmt(formatter),
            Self::LinkOut { target } => {
                write!(formatter, "it links to `{target}`, outside the archive")
            }
            Self::LinkToOther { target } => {
                write!(formatter, "it links to `{target}`, which is no plain file of the archive")
            }
            Self::Twice => formatter.write_str("the path occurs twice"),
            Self::BelowFile { above } => {
                write!(formatter, "`{above}` above it is a file or a link")
            }
            Self::Special => formatter.write_str("it is neither a file, a folder nor a link"),
        }
    }
}

/// Unpacks an archive into the empty folder `into` and returns what kind it was, decided by its content.
///
/// Of permissions only "executable" is kept. Links to plain files of the archive become copies, so that nothing in an
/// unpacked tree leads anywhere. `name` is how messages call the archive.
///
/// # Errors
///
/// Returns the first [`Error`]; `into` then holds what came before it and is of no use.
pub fn unpack(archive: &Path, name: &str, into: &Path, limits: Limits, progress: &dyn Progress) -> Result<Kind, Error> {
    let mut file = File::open(archive).map_err(files::Error::reading(archive))?;
    let kind = kind_of(&mut file, archive, name)?;
    let byte_count = file.metadata().map_err(files::Error::reading(archive))?.len();
    progress.begin(&format!("unpack {name}"), Some(byte_count));
    let mut unpacker = Unpacker::new(name, kind, into, limits);
    match kind {
        Kind::TarGz => {
            let unzipped = flate2::read::MultiGzDecoder::new(Watched { file, progress });
            tarball::unpack(unzipped, &mut unpacker)?;
        }
        Kind::Tar => tarball::unpack(Watched { file, progress }, &mut unpacker)?,
        Kind::Zip => zipped::unpack(file, &mut unpacker, progress)?,
    }
    unpacker.finish()?;
    progress.end();
    Ok(kind)
}

fn kind_of(file: &mut File, archive: &Path, name: &str) -> Result<Kind, Error> {
    let mut start = Vec::new();
    let head = Read::by_ref(file).take(512).read_to_end(&mut start);
    head.and_then(|_| file.rewind()).map_err(files::Error::reading(archive))?;
    match start.as_slice() {
        [0x1f, 0x8b, ..] => Ok(Kind::TarGz),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Kind::Zip),
        bytes if bytes.get(257..262) == Some(b"ustar") => Ok(Kind::Tar),
        bytes => Err(Error::NotAnArchive {
            archive: name.to_owned(),
            start: bytes[..bytes.len().min(SHOWN_BYTES)].escape_ascii().to_string(),
        }),
    }
}

fn beginning(start: &str) -> String {
    if start.is_empty() { "it is empty".to_owned() } else { format!("it starts with `{start}`") }
}

/// A file whose reading is watched.
struct Watched<'a> {
    file: File,
    progress: &'a dyn Progress,
}

impl Read for Watched<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(bytes)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

/// What stands at a path that has been unpacked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Folder,
    File,
    Link,
}

/// The only one that writes: every entry of every kind of archive passes its checks.
struct Unpacker<'a> {
    name: &'a str,
    kind: Kind,
    into: &'a Path,
    limits: Limits,
    entry_count: u64,
    byte_count: u64,
    places: BTreeMap<String, Place>,
    /// Paths and the plain files that they link to, written when all files are there.
    links: Vec<(String, String)>,
}

impl<'a> Unpacker<'a> {
    fn new(name: &'a str, kind: Kind, into: &'a Path, limits: Limits) -> Self {
        let (places, links) = (BTreeMap::new(), Vec::new());
        Self { name, kind, into, limits, entry_count: 0, byte_count: 0, places, links }
    }

    fn folder(&mut self, entry: &[u8]) -> Result<(), Error> {
        let path = match inside::check(entry) {
            // Archives made with `tar .` name their own root.
            Err(inside::Fault::Empty) => return self.count(),
            path => path.map_err(|fault| self.refuse(entry, Reason::Path(fault)))?,
        };
        self.count()?;
        self.enter_folders(entry, &format!("{path}/"))
    }

    fn file(&mut self, entry: &[u8], is_executable: bool, content: &mut dyn Read) -> Result<(), Error> {
        let path = self.enter(entry, Place::File)?;
        let path = self.into.join(path);
        let mut file = files::create_new(&path, is_executable)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let count = match content.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.damaged(error)),
            };
            self.weigh(count as u64)?;
            file.write_all(&chunk[..count]).map_err(files::Error::writing(&path))?;
        }
    }

    /// Notes a symbolic link, whose target starts at the link's folder.
    fn symbolic_link(&mut self, entry: &[u8], target: &[u8]) -> Result<(), Error> {
        let path = self.enter(entry, Place::Link)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let resolved = std::str::from_utf8(target).ok().and_then(|target| resolved(folder, target));
        let target = resolved.ok_or_else(|| self.refuse(entry, Reason::LinkOut { target: escaped(target) }))?;
        self.links.push((path, target));
        Ok(())
    }

    /// Notes a hard link, whose target starts at the archive's root.
    fn hard_link(&mut self, entry: &[u8], target: &[u8]) -> Result<(), Error> {
        let path = self.enter(entry, Place::Link)?;
        let target =
            inside::check(target).map_err(|_| self.refuse(entry, Reason::LinkOut { target: escaped(target) }))?;
        self.links.push((path, target));
        Ok(())
    }

    /// Writes the links, as copies of what they link to.
    fn finish(mut self) -> Result<(), Error> {
        for (path, target) in std::mem::take(&mut self.links) {
            if self.places.get(&target) != Some(&Place::File) {
                return Err(self.refuse(path.as_bytes(), Reason::LinkToOther { target }));
            }
            let (from, to) = (self.into.join(target), self.into.join(path));
            self.weigh(fs::metadata(&from).map_err(files::Error::reading(&from))?.len())?;
            fs::copy(&from, &to).map_err(files::Error::writing(&to))?;
        }
        Ok(())
    }

    /// Checks an entry's path, makes the folders above it, and takes its place.
    fn enter(&mut self, entry: &[u8], place: Place) -> Result<String, Error> {
        let path = inside::check(entry).map_err(|fault| self.refuse(entry, Reason::Path(fault)))?;
        self.count()?;
        self.enter_folders(entry, &path)?;
        if self.places.insert(path.clone(), place).is_some() {
            return Err(self.refuse(entry, Reason::Twice));
        }
        Ok(path)
    }

    /// Makes the folder before each `/` of the path, unless it is there.
    fn enter_folders(&mut self, entry: &[u8], path: &str) -> Result<(), Error> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            match self.places.get(folder) {
                Some(Place::Folder) => {}
                Some(Place::File | Place::Link) => {
                    return Err(self.refuse(entry, Reason::BelowFile { above: folder.to_owned() }));
                }
                None => {
                    let made = self.into.join(folder);
                    fs::create_dir(&made).map_err(files::Error::writing(&made))?;
                    self.places.insert(folder.to_owned(), Place::Folder);
                }
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Error> {
        self.entry_count += 1;
        if self.entry_count > self.limits.entry_count_max {
            return Err(self.too_many());
        }
        Ok(())
    }

    fn weigh(&mut self, byte_count: u64) -> Result<(), Error> {
        self.byte_count += byte_count;
        if self.byte_count > self.limits.byte_count_max {
            let limit = format!("{} unpacked bytes", self.limits.byte_count_max);
            return Err(Error::Limit { archive: self.name.to_owned(), limit });
        }
        Ok(())
    }

    fn too_many(&self) -> Error {
        let limit = format!("{} entries", self.limits.entry_count_max);
        Error::Limit { archive: self.name.to_owned(), limit }
    }

    fn damaged(&self, source: io::Error) -> Error {
        Error::Damaged { archive: self.name.to_owned(), kind: self.kind, source }
    }

    fn refuse(&self, entry: &[u8], reason: Reason) -> Error {
        Error::Unsafe { archive: self.name.to_owned(), entry: escaped(entry), reason }
    }
}

/// Returns the path that a link in `folder` leads to, without looking at the disk; `None` when it leaves the root.
fn resolved(folder: &str, target: &str) -> Option<String> {
    if target.starts_with('/') || target.contains('\\') || target.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns text for a message: nothing in an archive may speak to the terminal.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for letter in String::from_utf8_lossy(bytes).chars() {
        if letter.is_control() {
            text.extend(letter.escape_default());
        } else {
            text.push(letter);
        }
    }
    text
}
