//! Which secret is in a file, and is it one that nobody guesses?

use std::fs;
use std::path::Path;

use crate::service::access::Secret;
use crate::service::bound;
use crate::service::start::Error;

/// The largest file that is taken for a secret's.
const BYTES_MAX: u64 = 4096;

/// Reads a secret: the file's text, without white space at its ends.
///
/// # Errors
///
/// Names a file that cannot be read, and never what is in it.
pub fn read(file: &Path) -> Result<String, Error> {
    let unreadable = |source| Error::SecretFile { file: file.to_owned(), source };
    let size = fs::metadata(file).map_err(unreadable)?.len();
    if size > BYTES_MAX {
        return Err(Error::SecretForm { what: "token or password", least: bound::PASSWORD_CHARS_MIN });
    }
    Ok(fs::read_to_string(file).map_err(unreadable)?.trim().to_owned())
}

/// Takes a text as a token.
///
/// # Errors
///
/// Refuses a short one, and one that no header can carry.
pub fn token(text: &str) -> Result<Secret, Error> {
    check(text, "token", bound::TOKEN_CHARS_MIN)
}

/// Takes a text as a password.
///
/// # Errors
///
/// Refuses a short one, and one that no header can carry.
pub fn password(text: &str) -> Result<Secret, Error> {
    check(text, "password", bound::PASSWORD_CHARS_MIN)
}

fn check(text: &str, what: &'static str, least: usize) -> Result<Secret, Error> {
    let is_carried = text.chars().all(|symbol| !symbol.is_control());
    if text.chars().count() < least || !is_carried {
        return Err(Error::SecretForm { what, least });
    }
    Ok(Secret::new(text))
}
