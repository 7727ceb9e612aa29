//! Which patch does a text hold, if all of it can be understood?

use std::collections::BTreeMap;

use super::diff::FilePatch;
use super::diff::LineKind;
use super::diff::Note;
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
use super::read::problem::What;
use super::read::read;
use super::text::Span;
use super::text::source;

/// How many bytes a patch may have, how many files it may change and how many hunks it may hold: far more than anybody
/// writes, and few enough that a hostile text cannot fill the memory.
pub const TEXT_BYTES_MAX: usize = 64 << 20;
/// See [`TEXT_BYTES_MAX`].
pub const FILE_COUNT_MAX: usize = 10_000;
/// See [`TEXT_BYTES_MAX`].
pub const HUNK_COUNT_MAX: usize = 100_000;

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
    let check = |count: usize, unit: &'static str, count_max: usize| {
        let patch = name.to_owned();
        if count > count_max { Err(Error::TooLarge { patch, count, unit, count_max }) } else { Ok(()) }
    };
    check(text.len(), "bytes", TEXT_BYTES_MAX)?;
    let mut reading = read(text);
    check(reading.sections.len(), "files", FILE_COUNT_MAX)?;
    check(reading.sections.iter().map(|section| section.hunks.len()).sum(), "hunks", HUNK_COUNT_MAX)?;
    reading.sections.retain(|section| !section.is_empty());
    let is_idle = reading.sections.iter().all(Section::is_idle);
    // A hunk that replaces lines by the same lines is harmless beside others; one of context alone is a broken one.
    let is_harmless = |problem: &Problem| {
        let mut hunks = reading.sections.iter().flat_map(|section| &section.hunks);
        let hunk = hunks.find(|hunk| hunk.line == problem.line);
        hunk.is_some_and(|hunk| hunk.lines.iter().any(|line| line.kind == LineKind::Add))
    };
    let is_refused = |problem: &&Problem| match problem.what {
        What::WithoutEffect => is_idle || !is_harmless(problem),
        _ => reading.sections.is_empty() || !problem.what.is_tolerable(),
    };
    if let Some(problem) = reading.problems.iter().find(is_refused) {
        return Err(malformed(name, text, problem));
    }
    if reading.sections.is_empty() {
        let end = reading.lines.first().map_or(0, |line| line.span.end);
        let span = Span { start: 0, end }.into();
        return Err(Error::NoHunks { patch: name.to_owned(), source_code: source(name, text), span });
    }
    let mut files = Vec::new();
    let start = |at: usize| reading.lines.get(at).map_or(text.len(), |line| line.span.start);
    let mut taken = 0;
    for section in reading.sections {
        let end = section.end;
        let mut file = file_patch(section, level).map_err(|fault| fault.into_error(name, text, level))?;
        let first = file.hunks.first().map_or(end, |hunk| hunk.line - 1);
        file.lead.extend(&text[start(taken)..start(first)]);
        taken = first;
        for hunk in &mut file.hunks {
            hunk.lead.extend(&text[start(taken)..start(hunk.line - 1)]);
            let markers = hunk.lines.iter().filter(|line| line.end_marker.is_some()).count();
            taken = hunk.line + hunk.lines.len() + markers;
        }
        files.push(file);
    }
    let tail = text[start(taken)..].to_owned();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for file in &files {
        if let Some(path) = &file.new_path
            && let Some(other) = seen.insert(path.to_lowercase(), path).filter(|other| other != path)
        {
            return Err(Error::SameButForCase {
                patch: name.to_owned(),
                path: path.clone(),
                other: other.to_owned(),
                source_code: source(name, text),
                span: file.span.into(),
            });
        }
    }
    let notes = reading.problems.iter().map(|problem| Note {
        line: problem.line,
        message: problem.what.to_string(),
        help: problem.what.help(),
    });
    Ok(Patch { name: name.to_owned(), text: text.to_owned(), files, notes: notes.collect(), tail })
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
    let Section { git, old, new, hunks, binary, has_returns, line, span, .. } = section;
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
        strip(name).map(drop).or_else(|fault| if fault.flaw == Flaw::NoFolder { Ok(()) } else { Err(fault) })?;
    }
    let old_side = side(&old, git.names.as_ref().map(|names| &names.0));
    let new_side = side(&new, git.names.as_ref().map(|names| &names.1));
    // A name of which too little is left says nothing, and the other side's counts alone.
    let ((old_written, mut old_path), (new_written, mut new_path)) = match (old_side, new_side) {
        (Err(short), Ok((written, path @ Some(_)))) if short.flaw == Flaw::NoFolder => {
            ((Some(short.name), path.clone()), (written, path))
        }
        (Ok((written, path @ Some(_))), Err(short)) if short.flaw == Flaw::NoFolder => {
            ((written, path.clone()), (Some(short.name), path))
        }
        (old_side, new_side) => (old_side?, new_side?),
    };
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
    Ok(FilePatch { old_path, new_path, operation, mode, hunks, binary, has_returns, written, lead: Vec::new(), span })
}
