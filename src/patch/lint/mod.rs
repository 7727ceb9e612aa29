//! What is wrong with a patch's text, all of it at once?
//!
//! One file per rule; [`registry`] lists them. A rule is named for the bad pattern.

use miette::Diagnostic;
use miette::LabeledSpan;
use miette::NamedSource;
use miette::SourceCode;
use serde::Serialize;

use super::read::Reading;
use super::read::problem::What;
use super::read::read;
use super::text::Span;
use super::text::source;

pub mod registry;

mod carriage_return;
mod hunk_overlap;
mod malformed_hunk;
mod missing_final_newline;
mod name_mismatch;
mod no_hunks;
mod stripped_context;
mod text_before_hunk;
mod touches_undeclared;
mod uncarried_change;
mod unsafe_path;
mod without_context;
mod without_effect;
mod wrong_hunk_count;
mod wrong_strip_level;

/// What is known around a patch. The default knows nothing, and rules that need more stay silent.
#[derive(Default, Clone, Copy)]
pub struct Context<'a> {
    /// The paths that the recipe says the patch touches; `None` where no recipe says.
    pub touches: Option<&'a [String]>,
    /// Tells whether the upstream tree has a file; `None` where the tree is not at hand.
    pub exists: Option<&'a dyn Fn(&str) -> bool>,
}

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
    /// How bad its findings are.
    pub severity: Severity,
    check: fn(&Subject<'_>) -> Vec<Mark>,
}

/// What a rule looks at.
struct Subject<'a> {
    reading: &'a Reading<'a>,
    context: &'a Context<'a>,
}

/// What a rule found.
struct Mark {
    span: Span,
    message: String,
    help: String,
}

/// Looks for everything that is wrong with a patch's text, in the order of its lines.
///
/// What [`super::parse()`] refuses has an error here, and what is no error here, it accepts.
#[must_use]
pub fn lint(name: &str, text: &[u8], context: &Context<'_>) -> Vec<Finding> {
    let reading = read(text);
    let subject = Subject { reading: &reading, context };
    let mut findings: Vec<Finding> = registry::RULES
        .iter()
        .flat_map(|rule| (rule.check)(&subject).into_iter().map(|mark| mark.into_finding(rule, name, text)))
        .collect();
    findings.sort_by_key(|finding| (finding.line, finding.code));
    findings
}

impl Finding {
    /// Returns the finding with the patch's text, to be drawn.
    #[must_use]
    pub fn draw(&self, text: &[u8]) -> Drawing {
        Drawing { finding: self.clone(), source: source(&self.patch, text) }
    }
}

impl Mark {
    fn into_finding(self, rule: &Rule, name: &str, text: &[u8]) -> Finding {
        let before = &text[..self.span.start.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        Finding {
            patch: name.to_owned(),
            rule: rule.name,
            code: rule.code,
            severity: rule.severity,
            message: self.message,
            line: before.split(|byte| *byte == b'\n').count(),
            column: 1 + before.len() - line_start,
            help: self.help,
            span: self.span,
        }
    }
}

impl Subject<'_> {
    /// Returns the problems of the reading that a rule speaks about.
    fn problems(&self, is_mine: impl Fn(&What) -> bool) -> Vec<Mark> {
        let mine = self.reading.problems.iter().filter(|problem| is_mine(&problem.what));
        mine.map(|problem| Mark { span: problem.span, message: problem.what.to_string(), help: problem.what.help() })
            .collect()
    }
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
