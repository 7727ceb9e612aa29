//! What is wrong with a patch, all of it at once?
//!
//! One file per rule; [`registry`] lists them. A rule is named for the bad pattern. Most rules look at the patch's text
//! alone; what is known around it (the release, the recipe, the series, the lock) is in the [`Context`], and a rule that
//! lacks what it needs stays silent. [`mod@fix`] mends what can be mended without another result.

use miette::Diagnostic;
use miette::LabeledSpan;
use miette::NamedSource;
use miette::SourceCode;
use serde::Serialize;

use super::Patch;
use super::read::Reading;
use super::read::problem::What;
use super::read::read;
use super::state::Outcome;
use super::text::Line;
use super::text::Span;
use super::text::source;

pub mod context;
pub mod fix;
pub mod registry;

mod allow;
mod bad_added_line;
mod bad_allow;
mod broken_series;
mod carriage_return;
mod drifted;
mod end_of_file_newline;
mod header_churn;
mod hunk_overlap;
mod leftover;
mod lock_mismatch;
mod malformed_hunk;
mod missing_final_newline;
mod missing_reason;
mod name_mismatch;
mod no_hunks;
mod orphan_hunk;
mod stripped_context;
mod text_before_hunk;
mod thin_context;
mod touches_undeclared;
mod uncarried_change;
mod undeclared_order;
mod unfit_target;
mod unsafe_path;
mod without_effect;
mod wrong_hunk_count;
mod wrong_strip_level;

pub use context::Context;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The patch still does what it says.
    Warning,
    /// The patch cannot be used, or does something else than it says.
    Error,
}

/// Something wrong with a patch, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The patch's name.
    pub patch: String,
    /// The rule's name.
    pub rule: &'static str,
    /// The diagnostic code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, lower-case and without a full stop.
    pub message: String,
    /// The line, 1-based.
    pub line: usize,
    /// The column, 1-based, in bytes.
    pub column: usize,
    /// How to mend it.
    pub help: String,
    /// The bytes that it is about.
    pub span: Span,
    /// What would mend it; empty where only a person can.
    #[serde(skip)]
    pub edits: Vec<Edit>,
}

/// A piece of text to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The first byte that goes.
    pub start: usize,
    /// The byte after the last that goes.
    pub end: usize,
    /// What comes instead.
    pub text: Vec<u8>,
}

/// What a lint says about a patch.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What was found and is not allowed, in the order of the text.
    pub findings: Vec<Finding>,
    /// What is wrong with each of the recipe's exceptions, in their order; `None` where nothing is.
    pub allows: Vec<Option<String>>,
    /// The patch; `None` where its text is not sound, or nothing around it is known.
    pub patch: Option<Patch>,
    /// What became of the patch on the release, where that is known.
    pub outcome: Option<Outcome>,
}

/// A finding with the text that it is about, ready to be drawn.
#[derive(Debug)]
pub struct Drawing {
    finding: Finding,
    source: NamedSource<String>,
}

/// A kind of finding.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The rule's name.
    pub name: &'static str,
    /// The diagnostic code.
    pub code: &'static str,
    /// How bad its findings are, where they do not say so themselves.
    pub severity: Severity,
    /// What it wants to know beside the text.
    pub needs: Needs,
    check: Check,
}

/// What a rule wants to know beside a patch's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The release; it finds some things without.
    Hints,
    /// The release.
    Target,
    /// The files that the recipe declares.
    Touches,
    /// The patches before it.
    Series,
    /// The lock.
    Lock,
}

/// What a rule looks at, and how.
#[derive(Clone, Copy)]
enum Check {
    /// A patch.
    Patch(fn(&Subject<'_>) -> Vec<Mark>),
    /// The `series` file of a folder of patches.
    Series(fn(&broken_series::Folder<'_>) -> Vec<Mark>),
    /// The exceptions, once all other rules have spoken.
    Allows,
}

/// What a rule about patches looks at.
struct Subject<'a> {
    text: &'a [u8],
    reading: &'a Reading<'a>,
    context: &'a Context<'a>,
    /// The patch, where something around it is known and its text is sound.
    patch: Option<Patch>,
    /// What became of the patch on the release, where that is known.
    outcome: Option<Outcome>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    span: Span,
    message: String,
    help: String,
    /// Another severity than the rule's.
    severity: Option<Severity>,
    edits: Vec<Edit>,
}

/// Looks for everything that is wrong with a patch, in the order of its lines.
///
/// What [`super::parse()`] refuses has an error here unless it is allowed, and what is no error here, it accepts.
#[must_use]
pub fn lint(name: &str, text: &[u8], context: &Context<'_>) -> Vec<Finding> {
    report(name, text, context).findings
}

/// Lints a patch, and judges the recipe's exceptions for it.
#[must_use]
pub fn report(name: &str, text: &[u8], context: &Context<'_>) -> Report {
    let reading = read(text);
    let is_placed = context.target.is_some() || context.series.is_some();
    let patch = if is_placed { super::parse(name, text).ok() } else { None };
    let outcome = context.target.zip(patch.as_ref()).map(|(target, patch)| target.apply(patch));
    let subject = Subject { text, reading: &reading, context, patch, outcome };
    let mut findings = Vec::new();
    for rule in registry::RULES {
        if let Check::Patch(check) = rule.check {
            findings.extend(check(&subject).into_iter().map(|mark| mark.into_finding(rule, name, text)));
        }
    }
    let mut report = allow::settle(&subject, findings, name, text);
    report.findings.sort_by_key(|finding| (finding.line, finding.code, finding.column));
    Report { patch: subject.patch, outcome: subject.outcome, ..report }
}

/// Looks for everything that is wrong with a quilt `series` file; `beside` are the names of the files in its folder and
/// below, relative to it.
#[must_use]
pub fn lint_series(name: &str, text: &[u8], beside: &[String]) -> Vec<Finding> {
    let folder = broken_series::Folder::new(text, beside);
    let mut findings = Vec::new();
    for rule in registry::RULES {
        if let Check::Series(check) = rule.check {
            findings.extend(check(&folder).into_iter().map(|mark| mark.into_finding(rule, name, text)));
        }
    }
    findings.sort_by_key(|finding| (finding.line, finding.code, finding.column));
    findings
}

impl Rule {
    /// Tells whether the rule can look at all that it wants to.
    #[must_use]
    pub fn is_whole(&self, context: &Context<'_>) -> bool {
        match self.needs {
            Needs::Nothing => true,
            Needs::Hints | Needs::Target => context.target.is_some(),
            Needs::Touches => context.touches.is_some(),
            Needs::Series => context.series.is_some(),
            Needs::Lock => context.checksum.is_some(),
        }
    }

    /// Tells whether a word means the rule: its name, or its code.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word || self.code.eq_ignore_ascii_case(word)
    }
}

impl Finding {
    /// Returns the finding with the patch's text, to be drawn.
    #[must_use]
    pub fn draw(&self, text: &[u8]) -> Drawing {
        Drawing { finding: self.clone(), source: source(&self.patch, text) }
    }
}

impl Mark {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: help.into(), severity: None, edits: Vec::new() }
    }

    fn severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    fn edits(self, edits: Vec<Edit>) -> Self {
        Self { edits, ..self }
    }

    fn into_finding(self, rule: &Rule, name: &str, text: &[u8]) -> Finding {
        let before = &text[..self.span.start.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        Finding {
            patch: name.to_owned(),
            rule: rule.name,
            code: rule.code,
            severity: self.severity.unwrap_or(rule.severity),
            message: self.message,
            line: before.split(|byte| *byte == b'\n').count(),
            column: 1 + before.len() - line_start,
            help: self.help,
            span: self.span,
            edits: self.edits,
        }
    }
}

impl Edit {
    fn insert(at: usize, text: impl Into<Vec<u8>>) -> Self {
        Self { start: at, end: at, text: text.into() }
    }

    fn delete(start: usize, end: usize) -> Self {
        Self { start, end, text: Vec::new() }
    }

    fn replace(start: usize, end: usize, text: impl Into<Vec<u8>>) -> Self {
        Self { start, end, text: text.into() }
    }
}

impl Subject<'_> {
    /// Returns the problems of the reading that a rule speaks about.
    fn problems(&self, is_mine: impl Fn(&What) -> bool) -> Vec<Mark> {
        let mine = self.reading.problems.iter().filter(|problem| is_mine(&problem.what));
        mine.map(|problem| Mark::new(problem.span, problem.what.to_string(), problem.what.help())).collect()
    }

    /// Returns some bytes of the text.
    fn bytes(&self, start: usize, end: usize) -> &[u8] {
        &self.text[start..end]
    }

    /// Returns the first line, where findings about the whole patch stand.
    fn start(&self) -> Span {
        self.reading.lines.first().map_or(Span { start: 0, end: 0 }, |line| line.span)
    }

    /// Returns the lines above the first file's header.
    fn preamble(&self) -> &[Line<'_>] {
        let lines = &self.reading.lines;
        let starts =
            |at: usize, prefix: &[u8]| lines.get(at).is_some_and(|line: &Line<'_>| line.bytes.starts_with(prefix));
        let ends = |at: &usize| {
            [&b"diff -"[..], b"Index: ", b"@@ -"].iter().any(|prefix| starts(*at, prefix))
                || (starts(*at, b"--- ") || starts(*at, b"+++ "))
                    && (starts(*at + 1, b"+++ ") || starts(*at + 1, b"@@ -"))
        };
        let end = (0..lines.len()).find(ends).unwrap_or(lines.len());
        &lines[..end]
    }

    /// Returns what became of each section on the release, in the sections' order; nothing where that is not known.
    fn placed(&self) -> impl Iterator<Item = Placed<'_>> {
        let files = self.patch.iter().flat_map(|patch| &patch.files);
        let outcomes = self.outcome.iter().flat_map(|outcome| &outcome.files);
        let sections = self.reading.sections.iter();
        sections.zip(files).zip(outcomes).map(|((section, file), outcome)| Placed { section, file, outcome })
    }
}

/// A file of a patch, beside what became of it.
#[derive(Clone, Copy)]
struct Placed<'a> {
    section: &'a super::read::Section,
    file: &'a super::diff::FilePatch,
    outcome: &'a super::state::FileOutcome,
}

impl std::fmt::Display for Drawing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.finding.rule, self.finding.message)
    }
}

impl std::error::Error for Drawing {}

impl Diagnostic for Drawing {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.finding.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = LabeledSpan::new_with_span(Some("here".to_owned()), self.finding.span);
        Some(Box::new(std::iter::once(span)))
    }
}
