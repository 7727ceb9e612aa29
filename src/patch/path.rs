//! Which file of the tree does a header's name mean, if any?

/// Why a header's name means no file of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The name would leave the tree or reach where no patch may write; the text says how.
    Unsafe(&'static str),
    /// The name has no folder that `-p1` could strip.
    NoFolder,
}

/// Returns the path that a name of `---`, `+++` or `diff --git` means: the name without its first folder, as `-p1`
/// reads it.
pub(super) fn stripped(name: &str) -> Result<String, Flaw> {
    stripped_of(name, 1)
}

/// Returns the path that a name means without its first `level` folders, as `-pLEVEL` reads it.
pub(super) fn stripped_of(name: &str, level: usize) -> Result<String, Flaw> {
    checked(name)?;
    let mut rest = name;
    for _ in 0..level {
        rest = rest.split_once('/').ok_or(Flaw::NoFolder)?.1.trim_start_matches('/');
    }
    let path = checked(rest)?;
    if path.is_empty() { Err(Flaw::NoFolder) } else { Ok(path) }
}

/// Returns a name that is already relative to the tree's root, as `rename from` writes it, without `.` and empty parts.
pub(super) fn checked(name: &str) -> Result<String, Flaw> {
    let mut parts = Vec::new();
    if name.starts_with('/') {
        return Err(Flaw::Unsafe("it is absolute"));
    }
    if name.contains('\\') {
        return Err(Flaw::Unsafe("it contains a backslash, which parts folders on some systems"));
    }
    if name.chars().any(char::is_control) {
        return Err(Flaw::Unsafe("it contains a control character"));
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(Flaw::Unsafe("it climbs out of the tree with `..`")),
            _ if is_repository(part) => {
                return Err(Flaw::Unsafe("it reaches into `.git`"));
            }
            _ if is_drive(part) => return Err(Flaw::Unsafe("it names a drive")),
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// Tells whether some file system takes a part for `.git`: without regard to case, to characters that do not show, to
/// spaces and dots at its end and to what stands behind a colon, or by its short name.
fn is_repository(part: &str) -> bool {
    let shows = |character: &char| !matches!(character, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let plain: String = part.chars().filter(shows).flat_map(char::to_lowercase).collect();
    let stem = plain.split(':').next().unwrap_or_default().trim_end_matches([' ', '.']);
    stem == ".git" || stem == "git~1"
}

fn is_drive(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}
