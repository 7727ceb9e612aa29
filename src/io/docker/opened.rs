//! What is in an image? Looked at in a container that is never started.

use std::io;
use std::io::Read;

use bollard::container::PathStatResponse;
use bollard::query_parameters::ContainerArchiveInfoOptionsBuilder;
use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::io::docker::Engine;
use crate::io::docker::Entry;
use crate::io::docker::Error;
use crate::io::docker::Kind;
use crate::io::docker::Stat;
use crate::io::docker::container::Container;
use crate::io::docker::container::Plan;
use crate::io::docker::transfer;
use crate::io::docker::transfer::Inbox;

/// The largest file that is read into memory, 512 MiB.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// How many links are followed to a file.
const LINK_COUNT_MAX: usize = 8;

/// How many questions are put to an engine at once.
const QUESTION_COUNT_MAX: usize = 16;

/// The bits of a mode as the engine tells it, which is Go's way: a folder, and a link.
const MODE_FOLDER: u32 = 1 << 31;
const MODE_LINK: u32 = 1 << 27;

const READING: &str = "read files of an image";

/// An image that is looked into. The container behind it is removed with this value.
#[derive(Debug)]
pub struct Opened<'e> {
    container: Container<'e>,
}

impl Engine {
    /// Opens an image to look into it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoImage`], and says what the engine refused.
    pub fn look_into(&self, image: &str) -> Result<Opened<'_>, Error> {
        // The engine wants a command for an image that has none.
        let command = vec!["never-started".to_owned()];
        let plan = Plan { image, purpose: "look", command, ..Plan::default() };
        Ok(Opened { container: self.create(&plan)? })
    }
}

impl Opened<'_> {
    /// Returns the ID of the container behind it.
    #[must_use]
    pub fn container(&self) -> &str {
        &self.container.id
    }

    /// Returns what stands at an absolute path; `None` when nothing does. The last part is not followed if it is a link.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn stat(&self, path: &str) -> Result<Option<Stat>, Error> {
        let engine = self.container.engine;
        let options = ContainerArchiveInfoOptionsBuilder::default().path(path).build();
        let call = engine.docker.get_container_archive_info(&self.container.id, Some(options));
        match engine.quick(READING, call) {
            Ok(found) => Ok(Some(Stat::of(found))),
            Err(error) if error.is_absence() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns what stands at each of several absolute paths, as [`Self::stat`] does, asked in about the time of one question.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn stats(&self, paths: &[String]) -> Result<Vec<Option<Stat>>, Error> {
        let engine = self.container.engine;
        let questions = stream::iter(paths).map(|path| {
            let options = ContainerArchiveInfoOptionsBuilder::default().path(path).build();
            engine.docker.get_container_archive_info(&self.container.id, Some(options))
        });
        let answers = questions.buffered(QUESTION_COUNT_MAX).collect::<Vec<_>>();
        let answers = engine.quick(READING, async { Ok(answers.await) })?;
        let told = answers.into_iter().map(|answer| match answer {
            Ok(found) => Ok(Some(Stat::of(found))),
            Err(fault) => Some(Error::of(fault, READING, &engine.address))
                .filter(|error| !error.is_absence())
                .map_or(Ok(None), Err),
        });
        told.collect()
    }

    /// Returns a file's bytes; `None` when there is no file. Links are followed.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLarge`], and says what the engine refused.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut path = path.to_owned();
        for _ in 0..LINK_COUNT_MAX {
            let mut bytes = None;
            let mut link = None;
            let mut size = 0;
            let found = self.archive(&path, &mut |entry, content| {
                match &entry.kind {
                    Kind::File if entry.path.is_empty() && entry.size > FILE_BYTES_MAX => size = entry.size,
                    Kind::File if entry.path.is_empty() => {
                        let mut read = Vec::new();
                        content.read_to_end(&mut read)?;
                        bytes = Some(read);
                    }
                    Kind::Link(_) if entry.path.is_empty() => link = Some(()),
                    // A folder is no file, whatever is in it.
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            if size > FILE_BYTES_MAX {
                return Err(Error::TooLarge { what: format!("file `{path}`"), limit: FILE_BYTES_MAX });
            }
            if !found || link.is_none() {
                return Ok(bytes);
            }
            match self.stat(&path)?.and_then(|stat| stat.link) {
                Some(target) if target != path => path = target,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Tells all that is at and below an absolute path, in the engine's order, with its bytes; until `each` returns `false`.
    /// Returns `false` when nothing stands there.
    ///
    /// # Errors
    ///
    /// Says what the engine refused, and [`Error::Local`] when `each` failed.
    pub fn archive(
        &self,
        path: &str,
        each: &mut dyn FnMut(&Entry, &mut dyn Read) -> io::Result<bool>,
    ) -> Result<bool, Error> {
        self.container.take(path, each)
    }
}

impl Stat {
    fn of(found: PathStatResponse) -> Self {
        Self {
            size: u64::try_from(found.size).unwrap_or_default(),
            mode: found.file_mode & 0o777,
            is_folder: found.file_mode & MODE_FOLDER != 0,
            link: (found.file_mode & MODE_LINK != 0).then_some(found.link_target),
        }
    }
}

impl Container<'_> {
    /// Tells all that is at and below an absolute path of the container; `false` when nothing stands there.
    pub(super) fn take(
        &self,
        path: &str,
        each: &mut dyn FnMut(&Entry, &mut dyn Read) -> io::Result<bool>,
    ) -> Result<bool, Error> {
        let options = DownloadFromContainerOptionsBuilder::default().path(path).build();
        let pieces = self.engine.docker.download_from_container(&self.id, Some(options));
        let inbox = match Inbox::new(self.engine, READING, pieces).begin() {
            Ok(inbox) => inbox,
            Err(error) if error.is_absence() => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut archive = tar::Archive::new(inbox);
        let walked = (|| {
            for entry in archive.entries()? {
                let mut entry = entry?;
                let told = told(&entry)?;
                if !each(&told, &mut entry)? {
                    return Ok(());
                }
            }
            Ok(())
        })();
        walked.map_err(|error| transfer::local(error, "taking the files", READING))?;
        Ok(true)
    }
}

/// Reads an entry's head. The engine puts the last part of the path that was asked for before every path.
fn told<R: Read>(entry: &tar::Entry<R>) -> io::Result<Entry> {
    let header = entry.header();
    let full = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let full = full.trim_end_matches('/');
    let path = full.split_once('/').map_or("", |(_, below)| below).to_owned();
    let target = || entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned()).unwrap_or_default();
    let kind = match header.entry_type() {
        tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => Kind::File,
        tar::EntryType::Directory => Kind::Folder,
        tar::EntryType::Symlink => Kind::Link(target()),
        tar::EntryType::Link => Kind::HardLink(target()),
        _ => Kind::Other,
    };
    Ok(Entry {
        path,
        kind,
        size: entry.size(),
        mode: header.mode()? & 0o7777,
        user: header.uid()?,
        group: header.gid()?,
        changed: header.mtime()?,
    })
}
