//! What does a layer hold, and which bytes is it?

use std::collections::BTreeMap;
use std::io;
use std::io::Read;
use std::io::Write;

use tar::EntryType;

use super::digest::Measure;
use super::digest::Measured;
use super::tape;
use super::tape::Head;

/// What a file's name begins with that takes a file of the layers below away.
pub const WHITEOUT: &str = ".wh.";

/// Changes to a file system, by paths without a leading `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    entries: BTreeMap<String, Entry>,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A folder.
    Folder(Owner),
    /// A file that everybody may read and its owner may write.
    File {
        /// The content.
        content: Content,
        /// Whether everybody may execute it.
        is_executable: bool,
    },
    /// A symbolic link, with where it leads.
    Link(String),
    /// A file or folder of the layers below that goes.
    Whiteout,
}

/// Whose a folder is. One of the base keeps its owner: a layer that names a folder at all says everything about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Owner {
    /// The user's number.
    pub user: u64,
    /// The group's number.
    pub group: u64,
    /// Who may do what, `0o755`.
    pub mode: u32,
}

impl Owner {
    /// A folder that everybody may enter and only root may change.
    pub const ROOT: Self = Self { user: 0, group: 0, mode: 0o755 };
}

/// A file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Bytes.
    Bytes(Vec<u8>),
    /// Bytes that are too many to be held; they are asked for by the file's path when the layer is written.
    Elsewhere {
        /// How many they are.
        byte_count: u64,
    },
}

/// Two things that cannot stand in one layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Two entries have the same path.
    #[error("`{path}` stands twice in one layer")]
    #[diagnostic(
        code("HV0640"),
        help("two of the recipe's controllers, patches or packages bring this file; keep one of them")
    )]
    Twice {
        /// The path.
        path: String,
    },
    /// A path leads through something that is no folder.
    #[error("`{path}` stands below `{above}`, which is no folder")]
    #[diagnostic(
        code("HV0641"),
        help("two of the recipe's controllers, patches or packages bring these; keep one of them")
    )]
    BelowFile {
        /// The path.
        path: String,
        /// What stands above it.
        above: String,
    },
}

impl Layer {
    /// Adds a file, a link, or the end of something below. Folders above it are added where they are missing, as root's.
    ///
    /// # Errors
    ///
    /// Refuses a path that is taken, and one that leads through a file.
    pub fn add(&mut self, path: &str, entry: Entry) -> Result<(), Error> {
        for (end, _) in path.match_indices('/') {
            let above = &path[..end];
            match self.entries.get(above) {
                Some(Entry::Folder(_)) => {}
                Some(_) => return Err(Error::BelowFile { path: path.to_owned(), above: above.to_owned() }),
                None => {
                    self.entries.insert(above.to_owned(), Entry::Folder(Owner::ROOT));
                }
            }
        }
        let path = match entry {
            Entry::Whiteout => match path.rsplit_once('/') {
                Some((folder, name)) => format!("{folder}/{WHITEOUT}{name}"),
                None => format!("{WHITEOUT}{path}"),
            },
            _ => path.to_owned(),
        };
        match (self.entries.get(&path), &entry) {
            // A folder that was added for what is in it is now described.
            (Some(Entry::Folder(_)), Entry::Folder(_)) | (None, _) => {}
            (Some(_), _) => return Err(Error::Twice { path }),
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Returns the folders of the layer.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|(_, entry)| matches!(entry, Entry::Folder(_))).map(|(path, _)| path.as_str())
    }

    /// Says whose a folder is that the layer has.
    pub fn own(&mut self, folder: &str, owner: Owner) {
        if let Some(Entry::Folder(before)) = self.entries.get_mut(folder) {
            *before = owner;
        }
    }

    /// Returns what the layer holds, in the order in which it is written.
    #[must_use]
    pub fn entries(&self) -> &BTreeMap<String, Entry> {
        &self.entries
    }

    /// Writes the layer as a tar archive and measures it: the digest is the layer's diff id.
    ///
    /// `open` gives the content of the files whose content is elsewhere, by path.
    ///
    /// # Errors
    ///
    /// What the writer or a reader says, and that a content is not as long as it was said to be.
    pub fn write(
        &self,
        into: &mut dyn Write,
        open: &mut dyn FnMut(&str) -> io::Result<Box<dyn Read>>,
    ) -> io::Result<Measured> {
        let mut into = Measure::new(into);
        for (path, entry) in &self.entries {
            match entry {
                Entry::Folder(Owner { user, group, mode }) => {
                    let head = Head { mode: *mode, user: *user, group: *group, ..Head::folder(path) };
                    tape::begin(&mut into, &head)?;
                }
                Entry::Link(target) => {
                    let kind = EntryType::Symlink;
                    tape::begin(&mut into, &Head { kind, mode: 0o777, target: Some(target), ..Head::file(path, 0) })?;
                }
                Entry::Whiteout => tape::begin(&mut into, &Head::file(path, 0))?,
                Entry::File { content, is_executable } => {
                    let mode = if *is_executable { 0o755 } else { 0o644 };
                    match content {
                        Content::Bytes(bytes) => {
                            let head = Head { mode, ..Head::file(path, bytes.len() as u64) };
                            tape::begin(&mut into, &head)?;
                            tape::content(&mut into, &mut bytes.as_slice(), &head)?;
                        }
                        Content::Elsewhere { byte_count } => {
                            let head = Head { mode, ..Head::file(path, *byte_count) };
                            tape::begin(&mut into, &head)?;
                            tape::content(&mut into, &mut open(path)?, &head)?;
                        }
                    }
                }
            }
        }
        tape::end(&mut into)?;
        Ok(into.finish())
    }

    /// Returns the bytes of a layer that has all its content in memory.
    ///
    /// # Errors
    ///
    /// Returns an error when a content is elsewhere.
    pub fn bytes(&self) -> io::Result<(Vec<u8>, Measured)> {
        let mut bytes = Vec::new();
        let measured =
            self.write(&mut bytes, &mut |path| Err(io::Error::other(format!("nobody has the content of `{path}`"))))?;
        Ok((bytes, measured))
    }
}
