//! Files that a user names for what a verb has to say.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::io::files;
use crate::workflow::Error;

/// Writes a file as a whole.
///
/// # Errors
///
/// Says why the file system refused.
pub fn whole(path: &Path, text: &str) -> Result<(), Error> {
    Ok(files::write_atomic(path, text.as_bytes())?)
}

/// Appends to a file, which others may have written to before.
///
/// # Errors
///
/// Says why the file system refused.
pub fn append(path: &Path, text: &str) -> Result<(), Error> {
    let refused = |source| files::Error::Write { path: path.to_owned(), source };
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).map_err(refused)?;
    Ok(file.write_all(text.as_bytes()).map_err(refused)?)
}
