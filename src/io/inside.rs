//! Does a relative path stay inside its root, on every platform?

use std::fmt;

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The path starts at the root of a file system.
    Absolute,
    /// The path climbs with `..`.
    Climbs,
    /// The path holds a backslash, which separates folders on one platform and not on another.
    Backslash,
    /// The path starts with a drive letter.
    Drive,
    /// The path holds a NUL byte.
    Nul,
    /// The path is not UTF-8.
    NotUtf8,
    /// The path names nothing.
    Empty,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Absolute => "the path is absolute",
            Self::Climbs => "the path climbs with `..`",
            Self::Backslash => "the path holds a backslash",
            Self::Drive => "the path starts with a drive letter",
            Self::Nul => "the path holds a NUL byte",
            Self::NotUtf8 => "the path is not UTF-8",
            Self::Empty => "the path is empty",
        })
    }
}

/// Returns the path with `/` between its parts, without `.` and empty parts.
///
/// # Errors
///
/// Returns the [`Fault`] of a path that could lead out of the folder it is joined to, on this platform or another.
pub fn check(path: &[u8]) -> Result<String, Fault> {
    let text = std::str::from_utf8(path).map_err(|_| Fault::NotUtf8)?;
    if text.contains('\0') {
        return Err(Fault::Nul);
    }
    if text.contains('\\') {
        return Err(Fault::Backslash);
    }
    if text.starts_with('/') {
        return Err(Fault::Absolute);
    }
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(Fault::Climbs),
            part => parts.push(part),
        }
    }
    let first = parts.first().ok_or(Fault::Empty)?.as_bytes();
    if first.len() >= 2 && first[0].is_ascii_alphabetic() && first[1] == b':' {
        return Err(Fault::Drive);
    }
    Ok(parts.join("/"))
}
