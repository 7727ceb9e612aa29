//! What does an engine tell about itself, its images, and what is in them?

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// How long is waited for an engine.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first answer.
    pub first: Duration,
    /// For the answer to a call that is quick on a healthy engine.
    pub quick: Duration,
    /// For the next piece of an answer that comes in pieces: while an image is unpacked, an engine may be silent for long.
    pub piece: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            // A busy disk makes creating and removing a container slow, not quick.
            quick: Duration::from_mins(2),
            piece: Duration::from_mins(30),
        }
    }
}

/// What an engine is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The engine's version, `20.10.24+dfsg1`.
    pub engine: String,
    /// The newest version of the API that it speaks, `1.41`.
    pub api: String,
    /// The operating system of its containers, `linux`.
    pub os: String,
    /// The machine of its containers, `amd64`.
    pub architecture: String,
}

/// Where an engine keeps its images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// What an image's ID means there.
    pub store: Store,
    /// The storage driver or snapshotter, `overlay2`.
    pub driver: String,
}

/// What an image's ID means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Store {
    /// A graph driver: the digest of the image's configuration. Layers that the engine has may be left out of an archive.
    Graph,
    /// containerd's store: the digest of the image's manifest. Archives are whole.
    Containerd,
}

/// What an engine knows about an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageFacts {
    /// Its ID, `sha256:…`: the digest of the configuration or of the manifest, by [`Store`].
    pub id: String,
    /// Its names, `NAME:TAG`, sorted.
    pub tags: Vec<String>,
    /// Its names in registries, `NAME@sha256:…`, sorted.
    pub digests: Vec<String>,
    /// The operating system, `linux`.
    pub os: String,
    /// The machine, `amd64`.
    pub architecture: String,
    /// The machine's variant, `v8`.
    pub variant: Option<String>,
    /// The digests of the uncompressed layers, `sha256:…`, from the bottom.
    pub diff_ids: Vec<String>,
    /// The `Config` object with sorted keys; what is empty or null is left out.
    pub config: Value,
    /// When it says that it was made, as RFC 3339 writes it.
    pub created: Option<String>,
    /// The size of its layers, in bytes.
    pub size_bytes: u64,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The size, in bytes; of a folder, whatever the file system says.
    pub size: u64,
    /// The permissions, `0o644`.
    pub mode: u32,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Where a link leads, with the links on the way followed; `None` where it is no link.
    pub link: Option<String>,
}

/// Something of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path below the folder; empty for the folder itself, or for a file that was asked for.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// The size of a file, in bytes.
    pub size: u64,
    /// The permissions, `0o644`.
    pub mode: u32,
    /// The owner.
    pub user: u64,
    /// The owning group.
    pub group: u64,
    /// When it was changed, in seconds since 1970.
    pub changed: u64,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link, with where it leads.
    Link(String),
    /// Another name for a file that came before, with the path that the archive gives it.
    HardLink(String),
    /// A device or a pipe.
    Other,
}
