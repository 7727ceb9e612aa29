//! How is a single file read, hashed, or replaced as a whole?

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use sha2::Digest;
use sha2::Sha256;
use tempfile::NamedTempFile;
use tempfile::TempDir;

use crate::io::address::base64;

/// Bytes moved at a time.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The file system refused to read.
    #[error("`{}` cannot be read", path.display())]
    #[diagnostic(code("HV0320"))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },

    /// The file system refused to write.
    #[error("`{}` cannot be written", path.display())]
    #[diagnostic(code("HV0321"))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },

    /// A file that is text is not UTF-8.
    #[error("`{}` is not UTF-8 text", path.display())]
    #[diagnostic(code("HV0322"), help("save the file as UTF-8"))]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Where the text breaks.
        source: std::str::Utf8Error,
    },
}

impl Error {
    /// Returns a closure for `map_err` that names the path which could not be read.
    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Read { path: path.to_owned(), source }
    }

    /// Returns a closure for `map_err` that names the path which could not be written.
    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Write { path: path.to_owned(), source }
    }
}

/// Returns the file's bytes.
///
/// # Errors
///
/// Returns [`Error::Read`] when the file system refuses.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::reading(path))
}

/// Returns the file's text.
///
/// # Errors
///
/// Returns [`Error::Read`] when the file system refuses and [`Error::NotUtf8`] for other encodings.
pub fn read_to_string(path: &Path) -> Result<String, Error> {
    String::from_utf8(read(path)?).map_err(|error| Error::NotUtf8 { path: path.to_owned(), source: error.utf8_error() })
}

/// Writes the file as a whole: a reader sees what was there before or all of `bytes`, never a part.
///
/// Missing folders are made, the permissions of a file that is replaced are kept. The bytes are not forced to the
/// disk: a power cut may lose them, as with any other build output.
///
/// # Errors
///
/// Returns [`Error::Write`] when the file system refuses; nothing is left behind then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = folder_of(path);
    create_folder(folder)?;
    let mut temporary = temporary_file(folder)?;
    temporary.write_all(bytes).map_err(Error::writing(path))?;
    if let Ok(before) = fs::metadata(path) {
        fs::set_permissions(temporary.path(), before.permissions()).map_err(Error::writing(path))?;
    }
    temporary.persist(path).map_err(|error| Error::Write { path: path.to_owned(), source: error.error })?;
    Ok(())
}

/// Writes a file that must not exist yet, for use in a folder that nobody else sees.
pub(crate) fn write_new(path: &Path, bytes: &[u8], is_executable: bool) -> Result<(), Error> {
    let mut file = create_new(path, is_executable)?;
    file.write_all(bytes).map_err(Error::writing(path))
}

/// Opens a file that must not exist yet; of permissions it has what the user's mask lets.
pub(crate) fn create_new(path: &Path, is_executable: bool) -> Result<fs::File, Error> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_executable { 0o777 } else { 0o666 });
    #[cfg(not(unix))]
    let _ = is_executable;
    options.open(path).map_err(Error::writing(path))
}

/// Returns the SHA-256 of `bytes` in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the SHA-256 of bytes in base 64, as the policy of a web page names what may run.
#[must_use]
pub fn sha256_base64(bytes: &[u8]) -> String {
    base64(&Sha256::digest(bytes))
}

/// Returns the SHA-256 of a file, in lower-case hex, without holding the file in memory.
///
/// # Errors
///
/// Returns [`Error::Read`] when the file system refuses.
pub fn sha256_of_file(path: &Path) -> Result<String, Error> {
    let mut file = fs::File::open(path).map_err(Error::reading(path))?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = file.read(&mut chunk).map_err(Error::reading(path))?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&chunk[..count]);
    }
}

/// A writer that hashes and counts what passes through it.
pub struct Hashing<W> {
    inner: W,
    hasher: Sha256,
    byte_count: u64,
}

impl<W: Write> Hashing<W> {
    /// Returns a writer that passes everything on to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), byte_count: 0 }
    }

    /// Returns how many bytes have passed.
    pub fn byte_count(&self) -> u64 {
        self.byte_count
    }

    /// Returns the writer below, the SHA-256 in lower-case hex, and the count of bytes.
    pub fn finish(self) -> (W, String, u64) {
        (self.inner, hex(&self.hasher.finalize()), self.byte_count)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.byte_count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Makes the folder and those above it.
pub(crate) fn create_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::writing(folder))
}

/// Removes a folder with all that is in it.
///
/// # Errors
///
/// Returns [`Error::Write`] when the file system refuses.
pub fn remove_folder(folder: &Path) -> Result<(), Error> {
    fs::remove_dir_all(folder).map_err(Error::writing(folder))
}

/// Removes a file; it may be gone already.
///
/// # Errors
///
/// Returns [`Error::Write`] when the file system refuses.
pub fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Write { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}

/// Returns a new file in `folder`, gone when dropped, readable to whom the user's mask lets.
pub(crate) fn temporary_file(folder: &Path) -> Result<NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hive-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(Error::writing(folder))
}

/// Returns a new folder in `folder`, gone when dropped, readable to whom the user's mask lets.
pub(crate) fn temporary_folder(folder: &Path) -> Result<TempDir, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hive-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(folder).map_err(Error::writing(folder))
}

/// Waits until nobody else holds a file, which is made where it is not there, and holds it as long as what is returned lives.
///
/// # Errors
///
/// Returns [`Error::Write`] when the file system refuses.
pub(crate) fn lock(path: &Path) -> Result<fs::File, Error> {
    create_folder(folder_of(path))?;
    let file =
        fs::OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(Error::writing(path))?;
    file.lock().map_err(Error::writing(path))?;
    Ok(file)
}

/// Returns the folder that a path stands in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}
