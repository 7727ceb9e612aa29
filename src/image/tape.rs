//! How is one entry of a tar archive written, the same bytes for the same entry?

use std::io;
use std::io::Read;
use std::io::Write;

use tar::EntryType;
use tar::Header;

/// What an archive is cut into, in bytes.
const BLOCK_BYTES: usize = 512;

/// Bytes moved at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The name under which GNU tar writes the whole of a name that does not fit.
const LONG_NAME: &str = "././@LongLink";

/// All that an entry says but its content.
pub(super) struct Head<'a> {
    pub(super) path: &'a str,
    pub(super) kind: EntryType,
    pub(super) mode: u32,
    pub(super) user: u64,
    pub(super) group: u64,
    pub(super) byte_count: u64,
    /// Where a link leads.
    pub(super) target: Option<&'a str>,
}

impl<'a> Head<'a> {
    /// Returns the head of a plain file that everybody may read.
    pub(super) fn file(path: &'a str, byte_count: u64) -> Self {
        Self { path, kind: EntryType::Regular, mode: 0o644, user: 0, group: 0, byte_count, target: None }
    }

    /// Returns the head of a folder that everybody may enter.
    pub(super) fn folder(path: &'a str) -> Self {
        Self { path, kind: EntryType::Directory, mode: 0o755, user: 0, group: 0, byte_count: 0, target: None }
    }
}

/// Writes the head of an entry: ustar, with an entry of GNU tar's before it where a name is too long for that.
pub(super) fn begin(into: &mut dyn Write, head: &Head<'_>) -> io::Result<()> {
    let path = match head.kind {
        EntryType::Directory => format!("{}/", head.path),
        _ => head.path.to_owned(),
    };
    let mut header = bare(head.kind);
    header.set_mode(head.mode);
    header.set_uid(head.user);
    header.set_gid(head.group);
    header.set_size(head.byte_count);
    if header.set_path(&path).is_err() {
        long(into, EntryType::GNULongName, &path)?;
        header.set_path(fitting(&path))?;
    }
    if let Some(target) = head.target
        && header.set_link_name_literal(target).is_err()
    {
        long(into, EntryType::GNULongLink, target)?;
        header.set_link_name_literal(fitting(target))?;
    }
    header.set_cksum();
    into.write_all(header.as_bytes())
}

/// Fills the last block of an entry's content.
pub(super) fn pad(into: &mut dyn Write, byte_count: u64) -> io::Result<()> {
    let over = usize::try_from(byte_count % BLOCK_BYTES as u64).expect("a remainder of 512 is small");
    let missing = if over == 0 { 0 } else { BLOCK_BYTES - over };
    into.write_all(&[0; BLOCK_BYTES][..missing])
}

/// Writes an entry's content, which must be as long as its head says.
pub(super) fn content(into: &mut dyn Write, from: &mut dyn Read, head: &Head<'_>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut moved = 0;
    loop {
        let count = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        moved += count as u64;
        if moved > head.byte_count {
            break;
        }
        into.write_all(&chunk[..count])?;
    }
    whole(head, moved)?;
    pad(into, moved)
}

/// Checks that as much was written as an entry's head says.
pub(super) fn whole(head: &Head<'_>, moved: u64) -> io::Result<()> {
    if moved == head.byte_count {
        return Ok(());
    }
    let (path, expected) = (head.path, head.byte_count);
    Err(io::Error::other(format!("`{path}` changed while it was read: expected {expected} bytes, found {moved}")))
}

/// Writes the end of an archive.
pub(super) fn end(into: &mut dyn Write) -> io::Result<()> {
    into.write_all(&[0; 2 * BLOCK_BYTES])
}

fn bare(kind: EntryType) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mtime(0);
    header
}

/// Writes a name that does not fit into a header as GNU tar does: as the content of an entry of its own.
fn long(into: &mut dyn Write, kind: EntryType, name: &str) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mtime(0);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    // The NUL at the end counts.
    let byte_count = name.len() as u64 + 1;
    header.set_size(byte_count);
    header.set_path(LONG_NAME)?;
    header.set_cksum();
    into.write_all(header.as_bytes())?;
    into.write_all(name.as_bytes())?;
    into.write_all(&[0])?;
    pad(into, byte_count)
}

/// Returns as much of a name as fits into a header's own field.
fn fitting(name: &str) -> &str {
    const FIELD_BYTES: usize = 100;
    let mut end = name.len().min(FIELD_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].trim_end_matches('/')
}
