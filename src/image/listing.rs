//! What does a layer's archive hold, and where do two of them differ first?

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::io::Read;

use super::digest::Measure;

/// What the entries of an archive are, by path.
pub type Listing = BTreeMap<String, Seen>;

/// An entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    kind: u8,
    mode: u32,
    owner: (u64, u64),
    modified: u64,
    target: Option<Vec<u8>>,
    content: String,
}

/// How two archives differ at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path.
    pub path: String,
    /// What about it.
    pub what: What,
}

/// What differs at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The bytes.
    Content,
    /// Who may do what with it.
    Mode,
    /// Whose it is.
    Owner,
    /// When it was written.
    Time,
    /// Where it leads.
    Target,
    /// One is a file and the other a folder, say.
    Kind,
    /// It should be there and is not.
    Missing,
    /// It is there and should not be.
    Extra,
}

impl What {
    /// Returns the word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Time => "time",
            Self::Target => "target",
            Self::Kind => "kind",
            Self::Missing => "missing",
            Self::Extra => "extra",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.what {
            What::Missing => write!(formatter, "`{path}` is missing"),
            What::Extra => write!(formatter, "`{path}` should not be there"),
            what => write!(formatter, "`{path}` has another {}", what.name()),
        }
    }
}

/// Lists an archive; contents are hashed as they pass.
///
/// # Errors
///
/// What the reader says, and that it is no tar archive.
pub fn list(archive: &mut dyn Read) -> io::Result<Listing> {
    let mut listing = Listing::new();
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let header = entry.header();
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_end_matches('/').to_owned();
        let mut seen = Seen {
            kind: header.entry_type().as_byte(),
            mode: header.mode()?,
            owner: (header.uid()?, header.gid()?),
            modified: header.mtime()?,
            target: entry.link_name_bytes().map(std::borrow::Cow::into_owned),
            content: String::new(),
        };
        let mut measure = Measure::new(io::sink());
        io::copy(&mut entry, &mut measure)?;
        seen.content = measure.finish().digest;
        listing.insert(path, seen);
    }
    Ok(listing)
}

/// Returns the first path, in the order of the paths' bytes, at which what is `found` is not what was `expected`.
#[must_use]
pub fn first_difference(expected: &Listing, found: &Listing) -> Option<Difference> {
    let mut paths: Vec<&String> = expected.keys().chain(found.keys()).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter().find_map(|path| {
        let what = match (expected.get(path), found.get(path)) {
            (Some(expected), Some(found)) => differs(expected, found)?,
            (Some(_), None) => What::Missing,
            (None, _) => What::Extra,
        };
        Some(Difference { path: path.clone(), what })
    })
}

fn differs(expected: &Seen, found: &Seen) -> Option<What> {
    let aspects = [
        (expected.kind != found.kind, What::Kind),
        (expected.content != found.content, What::Content),
        (expected.target != found.target, What::Target),
        (expected.mode != found.mode, What::Mode),
        (expected.owner != found.owner, What::Owner),
        (expected.modified != found.modified, What::Time),
    ];
    aspects.into_iter().find_map(|(differs, what)| differs.then_some(what))
}
