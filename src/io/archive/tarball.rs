//! Which entries does a tar archive hold?

use std::cell::Cell;
use std::io;
use std::io::Read;
use std::rc::Rc;

use tar::EntryType;

use crate::io::archive::Error;
use crate::io::archive::Reason;
use crate::io::archive::Unpacker;

/// The most bytes of headers before one entry: long names and extended headers are held in memory.
const HEADER_BYTES_MAX: u64 = 1024 * 1024;

/// Tar pads an entry's content to whole blocks.
const BLOCK_BYTES: u64 = 512;

pub(super) fn unpack(tar: impl Read, unpacker: &mut Unpacker<'_>) -> Result<(), Error> {
    let left = Rc::new(Cell::new(HEADER_BYTES_MAX));
    let mut archive = tar::Archive::new(Rationed { inner: tar, left: Rc::clone(&left) });
    let mut entries = archive.entries().map_err(|error| failed(unpacker, error))?;
    loop {
        left.set(HEADER_BYTES_MAX);
        let Some(entry) = entries.next() else {
            return Ok(());
        };
        let mut entry = entry.map_err(|error| failed(unpacker, error))?;
        let path = entry.path_bytes().into_owned();
        let kind = entry.header().entry_type();
        let target = entry.link_name_bytes().map(std::borrow::Cow::into_owned).unwrap_or_default();
        match kind {
            EntryType::Regular | EntryType::Continuous => {
                let is_executable = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
                left.set(entry.size().saturating_add(BLOCK_BYTES));
                unpacker.file(&path, is_executable, &mut entry)?;
            }
            EntryType::Directory => unpacker.folder(&path)?,
            EntryType::Symlink => unpacker.symbolic_link(&path, &target)?,
            EntryType::Link => unpacker.hard_link(&path, &target)?,
            // The headers of the whole archive, as `git archive` writes them, name no file.
            EntryType::XGlobalHeader => {
                unpacker.count()?;
                io::copy(&mut entry, &mut io::sink()).map_err(|error| failed(unpacker, error))?;
            }
            _ => return Err(unpacker.refuse(&path, Reason::Special)),
        }
    }
}

fn failed(unpacker: &Unpacker<'_>, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::QuotaExceeded {
        let limit = format!("{HEADER_BYTES_MAX} bytes of headers before one entry");
        return Error::Limit { archive: unpacker.name.to_owned(), limit };
    }
    unpacker.damaged(error)
}

/// A reader that gives no more than what is left of its ration.
struct Rationed<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)? as u64;
        match self.left.get().checked_sub(count) {
            Some(left) => {
                self.left.set(left);
                Ok(usize::try_from(count).unwrap_or(bytes.len()))
            }
            None => Err(io::ErrorKind::QuotaExceeded.into()),
        }
    }
}
