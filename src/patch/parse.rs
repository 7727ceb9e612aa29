//! Which patch does a text hold, if all of it can be understood?

use super::diff::FilePatch;
use super::diff::Operation;
use super::diff::Patch;
use super::error::Cause;
use super::error::Error;
use super::path;
use super::path::Flaw;
use super::read::Header;
use super::read::Section;
use super::read::name::Name;
use super::read::problem::Problem;
use super::read::read;
use super::text::Span;
use super::text::source;
use serde::Serialize;

/// Reads a unified diff, plain or git's, as `patch -p1` does, and refuses it where any part would be lost. What is odd
/// but plain, such as a blank line before a hunk, is read and [noted](Patch::notes).
///
/// Text above a file's header is a remark. Blank context lines may lack their space, and the last line its newline.
/// Lines keep their carriage returns: a patch with `\r\n` fits a file with `\r\n` and no other.
///
/// # Errors
///
/// [`Error::Malformed`] for anything that cannot be carried out whole, [`Error::NoHunks`] for a text without a change,
/// [`Error::UnsafePath`] for a name that leaves the tree. The first one of the text is drawn.
pub fn parse(name: &str, text: &[u8]) -> Result<Patch, Error> {
    parse_stripped(name, text, 1)
}

/// As [`parse()`], for a patch of whose names `-pLEVEL` strips so many folders.
///
/// # Errors
///
/// Those of [`parse()`].
pub fn parse_stripped(name: &str, text: &[u8], level: usize) -> Result<Patch, Error> {
    let mut reading = read(text);
    reading.sections.retain(|section| !section.is_empty());
    if let Some(problem) =
        reading.problems.iter().find(|problem| reading.sections.is_empty() || !problem.what.is_tolerable())
    {
        return Err(malformed(name, text, problem));
    }
    if reading.sections.is_empty() {
        let end = reading.lines.first().map_or(0, |line| line.span.end);
        let span = Span { start: 0, end }.into();
        return Err(Error::NoHunks { patch: name.to_owned(), source_code: source(name, text), span });
    }
    let mut files = Vec::new();
    for section in reading.sections {
        files.push(file_patch(section, level).map_err(|fault| fault.into_error(name, text, level))?);
    }
    let notes = reading.problems.iter().map(|problem| Note {
        line: problem.line,
        message: problem.what.to_string(),
        help: problem.what.help(),
    });
    Ok(Patch { name: name.to_owned(), text: text.to_owned(), files, notes: notes.collect() })
}

/// Something odd about a patch's text that does not hide its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The line, 1-based.
    pub line: usize,
    /// What is odd, lower-case and without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

fn malformed(name: &str, text: &[u8], problem: &Problem) -> Error {
    Error::Malformed {
        patch: name.to_owned(),
        line: problem.line,
        cause: Cause(problem.what.to_string()),
        help: problem.what.help(),
        source_code: source(name, text),
        span: problem.span.into(),
    }
}

/// A name that means no file of the tree.
pub(super) struct Fault {
    /// The name, as written.
    pub(super) name: String,
    /// What is wrong with it.
    pub(super) flaw: Flaw,
    /// The line, 1-based.
    pub(super) line: usize,
    /// Where the line stands.
    pub(super) span: Span,
}

impl Fault {
    fn into_error(self, patch: &str, text: &[u8], level: usize) -> Error {
        let (patch, source_code, span) = (patch.to_owned(), source(patch, text), self.span.into());
        match self.flaw {
            Flaw::Unsafe(reason) => {
                Error::UnsafePath { patch, path: self.name, cause: Cause(reason.to_owned()), source_code, span }
            }
            Flaw::NoFolder => Error::Malformed {
                patch,
                line: self.line,
                cause: Cause(format!("the name `{}` has too few folders for `-p{level}` to strip", self.name)),
                help: "write paths relative to the tree's root, behind `a/` and `b/`".to_owned(),
                source_code,
                span,
            },
        }
    }
}

/// A side of a section: the name as written, and the path that it means.
type Side = (Option<String>, Option<String>);

/// Returns what a section without problems does.
pub(super) fn file_patch(section: Section, level: usize) -> Result<FilePatch, Fault> {
    let Section { git, old, new, hunks, binary, has_returns, line, span } = section;
    let git = git.unwrap_or_default();
    let fault = |name: &str, flaw| Fault { name: name.to_owned(), flaw, line, span };
    let strip = |name: &str| path::stripped_of(name, level).map_err(|flaw| fault(name, flaw));
    let side = |header: &Option<Header>, of_git: Option<&String>| -> Result<Side, Fault> {
        let name = match header {
            Some(header) => header.name.file(),
            None => of_git.map(String::as_str),
        };
        let path = name.map(|name| {
            let at = header.as_ref().map_or((line, span), |header| (header.line, header.span));
            path::stripped_of(name, level).map_err(|flaw| Fault { name: name.to_owned(), flaw, line: at.0, span: at.1 })
        });
        Ok((name.map(str::to_owned), path.transpose()?))
    };
    // The names of `diff --git` stand in for a file without text changes; what they say is checked all the same.
    for name in git.names.iter().flat_map(|(old, new)| [old, new]) {
        strip(name)?;
    }
    let (old_written, mut old_path) = side(&old, git.names.as_ref().map(|names| &names.0))?;
    let (new_written, mut new_path) = side(&new, git.names.as_ref().map(|names| &names.1))?;
    let whole = |path: &Option<String>| match path {
        Some(name) => path::checked(name).map(Some).map_err(|flaw| fault(name, flaw)),
        None => Ok(None),
    };
    let (rename, copy) = ((whole(&git.rename.0)?, whole(&git.rename.1)?), (whole(&git.copy.0)?, whole(&git.copy.1)?));
    let is_epoch =
        |header: Option<Header>| header.is_some_and(|header| matches!(header.name, Name::File { is_epoch: true, .. }));
    let only = if hunks.len() == 1 { hunks.first() } else { None };
    let creates = git.is_new || (is_epoch(old) && only.is_some_and(|hunk| hunk.old_count == 0));
    let deletes = git.is_deleted || (is_epoch(new) && only.is_some_and(|hunk| hunk.new_count == 0));
    let operation = match (rename, copy) {
        ((from @ Some(_), to @ Some(_)), _) => {
            (old_path, new_path) = (from, to);
            Operation::Rename
        }
        (_, (from @ Some(_), to @ Some(_))) => {
            (old_path, new_path) = (from, to);
            Operation::Copy
        }
        _ if creates || old_path.is_none() => {
            old_path = None;
            Operation::Create
        }
        _ if deletes || new_path.is_none() => {
            new_path = None;
            Operation::Delete
        }
        _ => Operation::Modify,
    };
    if old_path.is_none() && new_path.is_none() {
        return Err(fault("/dev/null", Flaw::Unsafe("both sides of the header name no file")));
    }
    let mode = git.mode.filter(|_| operation != Operation::Delete);
    let written = (old_written, new_written);
    Ok(FilePatch { old_path, new_path, operation, mode, hunks, binary, has_returns, written, span })
}
