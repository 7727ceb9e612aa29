//! Findings in the formats of other tools: SARIF, JUnit, GitHub's annotations.

mod github;
mod junit;
mod sarif;

pub(crate) mod tested;

mod badge;
mod summary;

pub(crate) mod outputs;

use crate::cli::arguments::Format;
use crate::workflow::finding::Placed;

/// What a verb found.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The verb.
    pub(crate) verb: &'static str,
    /// What was looked at, in order: files and scenarios. Each is a test case.
    pub(crate) cases: Vec<Case>,
    /// What was found.
    pub(crate) findings: Vec<Placed>,
}

/// A test case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Its name: a file, or a scenario behind its recipe.
    pub(crate) name: String,
    /// What came of it, in a line.
    pub(crate) said: Option<String>,
}

/// Returns what was found, what caused it and what to do about it, a line each.
fn words(finding: &Placed) -> String {
    let causes = finding.causes.iter().map(|cause| ["\ncause: ", cause].concat());
    let help = finding.help.iter().map(|help| ["\nhint: ", help].concat());
    causes.chain(help).fold(finding.message.clone(), |words, line| words + &line)
}

/// Returns the words with what else is to be seen.
fn all_words(finding: &Placed) -> String {
    match &finding.detail {
        Some(detail) => format!("{}\n\n{}", words(finding), detail.trim_end()),
        None => words(finding),
    }
}

/// Returns a report in a format of another tool.
pub(crate) fn render(report: &Report, format: Format) -> String {
    match format {
        Format::Junit => junit::render(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Human | Format::Json => unreachable!("each verb has its own words and its own JSON"),
    }
}
