//! Which entries does a zip archive hold?

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::io::archive::Error;
use crate::io::archive::Reason;
use crate::io::archive::Unpacker;
use crate::io::progress::Progress;

/// The longest target of a link.
const TARGET_BYTES_MAX: u64 = 4096;

/// The bits of a Unix mode that say what an entry is.
const TYPE_MASK: u32 = 0o170_000;
const TYPE_FILE: u32 = 0o100_000;
const TYPE_FOLDER: u32 = 0o040_000;
const TYPE_LINK: u32 = 0o120_000;

pub(super) fn unpack(mut file: File, unpacker: &mut Unpacker<'_>, progress: &dyn Progress) -> Result<(), Error> {
    let reader = file.try_clone().map_err(|error| unpacker.damaged(error))?;
    let mut archive = ZipArchive::new(BufReader::new(reader)).map_err(|error| failed(unpacker, error))?;
    if archive.len() as u64 > unpacker.limits.entry_count_max {
        return Err(unpacker.too_many());
    }
    let directory = archive.central_directory_start();
    if let Some(twice) = repeated_name(&mut file, directory).map_err(|error| unpacker.damaged(error))? {
        return Err(unpacker.refuse(&twice, Reason::Twice));
    }
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| failed(unpacker, error))?;
        let name = entry.name_raw().to_vec();
        let mode = entry.unix_mode().unwrap_or(0);
        match mode & TYPE_MASK {
            // Archives of other systems say only by the name which entry is a folder.
            0 | TYPE_FILE | TYPE_FOLDER if name.ends_with(b"/") => unpacker.folder(&name)?,
            0 | TYPE_FILE => unpacker.file(&name, mode & 0o111 != 0, &mut entry)?,
            TYPE_LINK => {
                let mut target = Vec::new();
                let read = entry.by_ref().take(TARGET_BYTES_MAX).read_to_end(&mut target);
                read.map_err(|error| unpacker.damaged(error))?;
                unpacker.symbolic_link(&name, &target)?;
            }
            _ => return Err(unpacker.refuse(&name, Reason::Special)),
        }
        progress.advance(entry.compressed_size());
    }
    Ok(())
}

/// Returns the first name that the directory at the archive's end lists twice.
///
/// The zip library silently keeps the last of such entries where other tools keep the first, so that one archive
/// would unpack to different trees.
fn repeated_name(file: &mut File, directory: u64) -> io::Result<Option<Vec<u8>>> {
    const HEADER_BYTES: usize = 46;
    file.seek(SeekFrom::Start(directory))?;
    let mut reader = BufReader::new(file);
    let mut names = BTreeSet::new();
    loop {
        let mut header = [0; HEADER_BYTES];
        let count = reader.by_ref().take(HEADER_BYTES as u64).read(&mut header)?;
        if count < 4 || !header.starts_with(b"PK\x01\x02") {
            return Ok(None);
        }
        reader.read_exact(&mut header[count..])?;
        let length = |place: usize| usize::from(u16::from_le_bytes([header[place], header[place + 1]]));
        let mut name = vec![0; length(28)];
        reader.read_exact(&mut name)?;
        let extra = length(30) + length(32);
        reader.seek_relative(i64::try_from(extra).unwrap_or(i64::MAX))?;
        if !names.insert(name.clone()) {
            return Ok(Some(name));
        }
    }
}

fn failed(unpacker: &Unpacker<'_>, error: ZipError) -> Error {
    unpacker.damaged(match error {
        ZipError::Io(error) => error,
        error => io::Error::other(error),
    })
}
