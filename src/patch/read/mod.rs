//! What stands in a patch's text, however broken it is?
//!
//! The tolerant reading that the strict parser and the linter share. It goes on after a problem, so that the linter sees
//! all of them; the parser refuses at the first. Nothing is dropped silently: each `@@`, each file header and each line
//! that looks like part of a hunk ends up in a section or in a problem.

use super::binary::Binary;
use super::diff::Hunk;
use super::payload;
use super::text::Line;
use super::text::Span;
use super::text::lines;
use git::GitHeader;
use name::Name;
use problem::Problem;
use problem::What;

pub(super) mod git;
mod hunk;
pub(super) mod name;
pub(super) mod problem;

pub(super) use hunk::figures;

/// A patch's text, taken apart.
pub(super) struct Reading<'a> {
    /// The text's lines.
    pub(super) lines: Vec<Line<'a>>,
    /// The changes to files, in order.
    pub(super) sections: Vec<Section>,
    /// What is wrong, in the order of the text.
    pub(super) problems: Vec<Problem>,
}

/// The change to one file.
pub(super) struct Section {
    /// What git says about the file beside its text.
    pub(super) git: Option<GitHeader>,
    /// The `---` line.
    pub(super) old: Option<Header>,
    /// The `+++` line.
    pub(super) new: Option<Header>,
    /// The hunks that could be read.
    pub(super) hunks: Vec<Hunk>,
    /// The change to a binary file.
    pub(super) binary: Option<Binary>,
    /// Whether the header's last line ends in a carriage return.
    pub(super) has_returns: bool,
    /// The header's line that a message about the whole section points at.
    pub(super) line: usize,
    /// Where that line stands.
    pub(super) span: Span,
    /// The index of the line behind the section.
    pub(super) end: usize,
}

impl Section {
    fn new(git: Option<GitHeader>, line: usize, span: Span) -> Self {
        Self { git, old: None, new: None, hunks: Vec::new(), binary: None, has_returns: false, line, span, end: line }
    }

    /// Tells whether the section announces nothing that could be carried out.
    pub(super) fn is_empty(&self) -> bool {
        let says_something = self.git.as_ref().is_some_and(GitHeader::changes_more_than_text);
        self.hunks.is_empty() && self.binary.is_none() && !says_something
    }

    /// Tells whether the section leaves its file as it is.
    pub(super) fn is_idle(&self) -> bool {
        let says_something = self.git.as_ref().is_some_and(GitHeader::changes_more_than_text);
        self.hunks.iter().all(Hunk::is_without_effect) && self.binary.is_none() && !says_something
    }
}

/// A `---` or `+++` line.
pub(super) struct Header {
    /// The file's name.
    pub(super) name: Name,
    /// The line's number, 1-based.
    pub(super) line: usize,
    /// Where the line stands.
    pub(super) span: Span,
}

/// Takes a patch's text apart.
pub(super) fn read(text: &[u8]) -> Reading<'_> {
    let mut reader = Reader { lines: lines(text), at: 0, sections: Vec::new(), problems: Vec::new() };
    while let Some(line) = reader.peek() {
        reader.outside(line);
    }
    let Reader { lines, sections, mut problems, .. } = reader;
    problems.sort_by_key(|problem| problem.line);
    Reading { lines, sections, problems }
}

/// A place in the text, and what was found before it.
struct Reader<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
    sections: Vec<Section>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<Line<'a>> {
        self.lines.get(self.at).copied()
    }

    fn starts(&self, at: usize, prefix: &[u8]) -> bool {
        self.lines.get(at).is_some_and(|line| line.bytes.starts_with(prefix))
    }

    fn report(&mut self, at: usize, what: What) {
        let span = self.lines[at].span;
        self.problems.push(Problem { what, line: at + 1, span });
    }

    /// Reads one line that stands in no file's section, or the section that it begins.
    fn outside(&mut self, line: Line<'a>) {
        if line.bytes.starts_with(b"diff --git ") {
            self.git_section();
        } else if self.is_header_pair(self.at) || self.is_half_header(self.at) {
            let (at, span) = (self.at, line.span);
            self.section(Section::new(None, at + 1, span));
        } else if self.is_hunk_start(self.at) {
            self.report(self.at, What::OrphanHunk);
            self.hunk(0);
        } else {
            if let Some(what) = refused(line.trimmed()) {
                self.report(self.at, what);
            }
            self.at += 1;
        }
    }

    fn git_section(&mut self) {
        let (at, span) = (self.at, self.lines[self.at].span);
        let mut git = GitHeader::new(self.lines[at].trimmed());
        let mut binary = None;
        self.at += 1;
        while let Some(line) = self.peek() {
            if line.trimmed() == b"GIT binary patch" {
                let marker = self.at;
                binary = self.binary(at);
                if binary.is_none() || git.moves() {
                    self.report(marker, What::Binary);
                }
                break;
            } else if let Some(what) = refused(line.trimmed()) {
                self.report(self.at, what);
            } else if !git.take(line.trimmed()) {
                break;
            }
            self.at += 1;
        }
        if git.has_special_mode() {
            self.report(at, What::SpecialFile);
        }
        self.section(Section { binary, ..Section::new(Some(git), at + 1, span) });
    }

    /// Reads `GIT binary patch` and the two blocks behind it, each of which ends in a blank line; `None` where another
    /// line stands between them, which stays to be read.
    fn binary(&mut self, start: usize) -> Option<Binary> {
        self.at += 1;
        for _ in 0..2 {
            let first = self.peek()?.trimmed();
            if !first.starts_with(b"literal ") && !first.starts_with(b"delta ") {
                return None;
            }
            self.at += 1;
            let mut packed = Vec::new();
            while let Some(line) = self.peek().filter(|line| !line.is_blank()) {
                payload::decoded(line.trimmed())?;
                packed.push(line.trimmed());
                self.at += 1;
            }
            if !payload::is_sound(first, &packed) {
                return None;
            }
            self.at += usize::from(self.peek().is_some());
        }
        let lines = self.lines[start..self.at].iter();
        Binary::new(lines.flat_map(|line| [line.trimmed(), b"\n"].concat()).collect())
    }

    /// Reads the `---` and `+++` lines, if they come next, and the hunks behind them.
    fn section(&mut self, mut section: Section) {
        let first = section.line;
        if self.is_header_pair(self.at) {
            section.old = Some(self.header());
            section.new = Some(self.header());
        } else if self.is_half_header(self.at) {
            self.report(self.at, What::HalfHeader);
            let is_old = self.starts(self.at, b"---");
            let header = Some(self.header());
            *(if is_old { &mut section.old } else { &mut section.new }) = header;
        }
        if let Some(header) = section.new.as_ref().or(section.old.as_ref()) {
            (section.line, section.span) = (header.line, header.span);
        }
        let is_nameless = section.git.as_ref().is_some_and(|git| !git.names_file());
        if is_nameless && section.old.is_none() && section.new.is_none() && !section.is_empty() {
            self.report(section.line - 1, What::UnreadableName);
        }
        // A new file that is `/dev/null` afterwards, or one that goes away and was never there.
        let is_null = |header: &Option<Header>| header.as_ref().is_some_and(|header| header.name == Name::Null);
        let contradicts = section
            .git
            .as_ref()
            .is_some_and(|git| git.is_new && is_null(&section.new) || git.is_deleted && is_null(&section.old));
        if contradicts {
            self.report(section.line - 1, What::HalfHeader);
        }
        section.has_returns = self.lines[section.line - 1].bytes.ends_with(b"\r");
        while self.advance_to_hunk(&section) {
            if let Some(hunk) = self.hunk(section.hunks.len() + 1) {
                section.hunks.push(hunk);
            }
        }
        for pair in section.hunks.windows(2) {
            if pair[1].index() < pair[0].index() + pair[0].old_count {
                let what = What::HunkOverlap { end: pair[0].index() + pair[0].old_count };
                self.problems.push(Problem { what, line: pair[1].line, span: pair[1].span });
            }
        }
        for hunk in section.hunks.iter().filter(|hunk| hunk.is_without_effect()) {
            self.problems.push(Problem { what: What::WithoutEffect, line: hunk.line, span: hunk.span });
        }
        let is_broken = self.problems.iter().any(|problem| problem.line >= first);
        if section.is_empty() && !is_broken {
            self.problems.push(Problem { what: What::NoHunks, line: section.line, span: section.span });
        }
        section.end = self.at;
        self.sections.push(section);
    }

    fn header(&mut self) -> Header {
        let at = self.at;
        let name = Name::of_header(&self.lines[at].trimmed()[4..]);
        if name == Name::Unreadable {
            self.report(at, What::UnreadableName);
        }
        self.at += 1;
        Header { name, line: at + 1, span: self.lines[at].span }
    }

    /// Goes to the section's next hunk. Text before it is a problem, because other readers stop there and lose the hunk.
    fn advance_to_hunk(&mut self, section: &Section) -> bool {
        let has_header = section.old.is_some() || section.new.is_some();
        let next = (self.at..self.lines.len()).find(|at| self.is_hunk_start(*at) || self.ends_section(*at));
        let Some(next) = next.filter(|at| has_header && self.is_hunk_start(*at)) else {
            return false;
        };
        if next > self.at {
            let first = self.at;
            self.report(first, What::TextBeforeHunk { line_count: next - first });
            self.at = next;
        }
        true
    }

    fn ends_section(&self, at: usize) -> bool {
        [&b"diff "[..], b"Index: ", b"From "].iter().any(|prefix| self.starts(at, prefix))
            || self.is_header_pair(at)
            || self.is_half_header(at)
            || self.is_signature(at)
    }

    fn is_hunk_start(&self, at: usize) -> bool {
        self.starts(at, b"@@ ")
            || self.starts(at, b"@@-")
            || self.lines.get(at).is_some_and(|line| line.trimmed() == b"@@")
    }

    fn is_header_pair(&self, at: usize) -> bool {
        self.starts(at, b"--- ") && self.starts(at + 1, b"+++ ")
    }

    /// Tells whether a `---` or `+++` stands alone right before a hunk.
    fn is_half_header(&self, at: usize) -> bool {
        (self.starts(at, b"--- ") || self.starts(at, b"+++ ")) && self.starts(at + 1, b"@@ -")
    }

    /// Tells whether a mail's signature begins, which git writes after the last hunk: `-- ` and a version.
    fn is_signature(&self, at: usize) -> bool {
        let is_dashes = self.lines.get(at).is_some_and(|line| matches!(line.trimmed(), b"-- " | b"--"));
        is_dashes && self.lines.get(at + 1).is_some_and(|line| line.bytes.first().is_some_and(u8::is_ascii_digit))
    }
}

/// Returns why a line announces a change that no hunk can carry.
fn refused(line: &[u8]) -> Option<What> {
    let is_marker = line.starts_with(b"Binary files ") && line.ends_with(b" differ");
    if line == b"GIT binary patch" {
        Some(What::Binary)
    } else if is_marker {
        Some(What::BinaryMarker)
    } else if line.starts_with(b"@@@ ") || line.starts_with(b"diff --cc ") || line.starts_with(b"diff --combined ") {
        Some(What::CombinedDiff)
    } else if line == b"***************" {
        Some(What::ContextDiff)
    } else {
        None
    }
}
