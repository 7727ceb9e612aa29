//! Which name does a header's line give?

/// A name as a header gives it, before a folder is stripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::patch) enum Name {
    /// `/dev/null`: there is no such file on this side.
    Null,
    /// A file, stamped with the epoch where that is true: `diff -N` writes it so for a file that does not exist.
    File {
        /// The name.
        name: String,
        /// Whether the time stamp is the epoch.
        is_epoch: bool,
    },
    /// Not UTF-8, or a broken quotation.
    Unreadable,
}

impl Name {
    /// Reads what follows `--- ` or `+++ `: a name, a tab and a time stamp.
    ///
    /// Without a tab the whole rest is the name, as git writes it, unless a date stands at its end.
    pub(in crate::patch) fn of_header(rest: &[u8]) -> Self {
        let (name, stamp) = if rest.starts_with(b"\"") {
            match unquoted(rest) {
                Some((name, tail)) => (Ok(name), tail),
                None => return Self::Unreadable,
            }
        } else {
            let end = rest.iter().position(|byte| *byte == b'\t').or_else(|| date(rest)).unwrap_or(rest.len());
            (std::str::from_utf8(&rest[..end]).map(|name| name.trim_end().to_owned()), &rest[end..])
        };
        match name {
            Ok(name) if name == "/dev/null" => Self::Null,
            Ok(name) if name.is_empty() => Self::Unreadable,
            Ok(name) => Self::File { name, is_epoch: is_epoch(stamp) },
            Err(_) => Self::Unreadable,
        }
    }

    /// Reads a name that fills the rest of its line, quoted or not.
    pub(in crate::patch) fn of_line(rest: &[u8]) -> Option<String> {
        match unquoted(rest) {
            Some((name, _)) => Some(name),
            None => std::str::from_utf8(rest).ok().map(str::to_owned).filter(|name| !name.is_empty()),
        }
    }

    /// Reads the two names of `diff --git`. Unquoted, they can only be told apart when they agree but for their first
    /// folder, which is the case wherever no other line names the file.
    pub(in crate::patch) fn of_git(rest: &[u8]) -> Option<(String, String)> {
        if let Some((old, tail)) = unquoted(rest) {
            return Some((old, Self::of_line(tail.strip_prefix(b" ")?)?));
        }
        let text = std::str::from_utf8(rest).ok()?;
        let tail = |name: &str| name.split_once('/').map(|(_, tail)| tail.to_owned());
        text.match_indices(' ').map(|(at, _)| (&text[..at], &text[at + 1..])).find_map(|(old, new)| {
            let new = Self::of_line(new.as_bytes())?;
            (tail(old).is_some() && tail(old) == tail(&new)).then(|| (old.to_owned(), new))
        })
    }

    /// Returns the file's name, `None` where there is no file or no readable name.
    pub(in crate::patch) fn file(&self) -> Option<&str> {
        match self {
            Self::File { name, .. } => Some(name),
            Self::Null | Self::Unreadable => None,
        }
    }
}

/// Reads a name in git's quotation marks, with C's escapes, and returns what follows it.
fn unquoted(text: &[u8]) -> Option<(String, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (first, tail) = rest.split_first()?;
        rest = tail;
        match first {
            b'"' => return Some((String::from_utf8(name).ok()?, rest)),
            b'\\' => {
                let (escaped, tail) = rest.split_first()?;
                rest = tail;
                name.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'"' | b'\\' => *escaped,
                    b'0'..=b'3' => {
                        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                        rest = &rest[2..];
                        (escaped - b'0') * 64 + u8::from_str_radix(digits, 8).ok()?
                    }
                    _ => return None,
                });
            }
            _ => name.push(*first),
        }
    }
}

/// Returns where a date begins that is parted from the name by a space only, as in `--- a/x.py 2024-03-11 00:00:00`.
fn date(rest: &[u8]) -> Option<usize> {
    rest.windows(11).position(|window| {
        let shape = |(at, byte): (usize, &u8)| match at {
            0 => *byte == b' ',
            5 | 8 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        window.iter().enumerate().all(shape)
    })
}

/// Tells whether a time stamp is the epoch, in whichever time zone.
fn is_epoch(stamp: &[u8]) -> bool {
    let stamp = stamp.trim_ascii();
    stamp.starts_with(b"1970-01-01 ") || stamp.starts_with(b"1969-12-31 ")
}
