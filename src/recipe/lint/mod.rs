//! What is doubtful about a recipe that resolves.
//!
//! One file a rule, named for the bad pattern; [`registry::RULES`] lists them.

pub mod registry;

mod bad_allow;
mod expired_patch;
mod expiring_patch;
mod idle_patch;
mod missing_cut_off;
mod missing_image_digest;
mod missing_touches;
mod no_scenarios;
mod unused_candles;

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use miette::Diagnostic;
use miette::LabeledSpan;
use miette::NamedSource;
use serde::Serialize;

use super::located::line_and_column;
use super::located::locate;
use super::resolve::Recipe;

/// A rule: one pattern that is doubtful in a recipe.
pub struct Rule {
    /// The rule's name, for the bad pattern.
    pub name: &'static str,
    /// The rule's code, `HV0150` to `HV0199`.
    pub code: &'static str,
    /// Whether a finding fails the lint.
    pub severity: Severity,
    /// Finds the pattern.
    check: fn(&Subject, &mut Vec<Doubt>),
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The lint fails.
    Error,
    /// The lint tells, and passes.
    Warning,
}

/// What is not in the recipe and decides what is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions<'a> {
    /// The day for which patches expire.
    pub today: Date,
    /// Whether everything has to be pinned.
    pub locked: bool,
    /// What the lint of the patches says about the exceptions that the recipe makes for them.
    pub allows: &'a [BadAllow],
}

/// An exception for a patch that allows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadAllow {
    /// The patch's index in the recipe.
    pub patch: usize,
    /// The index of the exception in the patch's `allow`.
    pub index: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// A pattern that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// The rule's code.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found, fit to follow "warning: ".
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it stands, in bytes of the recipe's text.
    pub span: Range<usize>,
}

/// Finds what is doubtful about a recipe, in the file's order.
///
/// `text` is what `recipe` was resolved from; it only says where things stand.
#[must_use]
pub fn lint(recipe: &Recipe, text: &str, conditions: Conditions<'_>) -> Vec<Finding> {
    let subject = Subject { recipe, text, conditions };
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    for rule in registry::RULES {
        (rule.check)(&subject, &mut doubts);
        findings.extend(doubts.drain(..).map(|doubt| Finding {
            rule: rule.name,
            code: rule.code,
            severity: rule.severity,
            message: doubt.message,
            help: Some(doubt.help),
            span: doubt.span,
        }));
    }
    findings.sort_by_key(|finding| finding.span.start);
    findings
}

impl Finding {
    /// Joins the finding with the file that it was found in.
    #[must_use]
    pub fn in_file(&self, file: &str, text: &str) -> Report {
        let (line, column) = line_and_column(text, self.span.start);
        Report {
            rule: self.rule,
            code: self.code,
            severity: self.severity,
            message: self.message.clone(),
            file: file.to_owned(),
            line,
            column,
            help: self.help.clone(),
            source: NamedSource::new(file, text.to_owned()),
            span: self.span.clone(),
        }
    }
}

/// A finding with its file: can be drawn, and written as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The rule's name.
    pub rule: &'static str,
    /// The rule's code.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// The file.
    pub file: String,
    /// The line, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
    /// What to do about it.
    pub help: Option<String>,
    #[serde(skip)]
    source: NamedSource<String>,
    #[serde(skip)]
    span: Range<usize>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some(self.rule.to_owned()), self.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// What a rule looks at.
struct Subject<'a> {
    recipe: &'a Recipe,
    text: &'a str,
    conditions: Conditions<'a>,
}

impl Subject<'_> {
    /// Returns where the value at `path` stands; the file's start when it is not there.
    fn at(&self, path: &[&str]) -> Range<usize> {
        locate(self.text, path).unwrap_or(0..0)
    }

    /// Returns where a key of the patch at `index` stands.
    fn patch_at(&self, index: usize, key: &str) -> Range<usize> {
        self.at(&["patch", &index.to_string(), key])
    }
}

/// A finding before its rule has signed it.
struct Doubt {
    message: String,
    help: String,
    span: Range<usize>,
}

/// Returns how many days from today a patch expires: zero today, negative when it has; `None` when it never does.
fn days_left(subject: &Subject, expires: Option<&String>) -> Option<i32> {
    let expires: Date = expires?.parse().ok()?;
    let span = subject.conditions.today.until(expires).ok()?;
    Some(span.get_days())
}
