//! Which findings are allowed, and which exceptions allow nothing?

use super::Finding;
use super::Mark;
use super::Report;
use super::Rule;
use super::Severity;
use super::Subject;
use super::bad_allow;
use super::registry::RULES;
use crate::patch::text::Span;

/// What begins an exception in a patch.
const WORDS: &str = "hive: allow";

/// An exception above a patch's first header.
struct Line {
    rule: String,
    reason: String,
    span: Span,
}

/// Takes out what is allowed, and adds what is wrong with the exceptions.
pub(super) fn settle(subject: &Subject<'_>, findings: Vec<Finding>, name: &str, text: &[u8]) -> Report {
    let lines = lines(subject);
    let known = |word: &str| RULES.iter().find(|rule| rule.is_called(word));
    let of_lines = lines.iter().filter(|line| !line.reason.is_empty()).map(|line| line.rule.as_str());
    let of_recipe = subject.context.allows.iter().map(String::as_str);
    let allowed: Vec<&Rule> = of_lines.chain(of_recipe).filter_map(known).collect();
    let (allowed, mut findings): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| allowed.iter().any(|rule| rule.code == finding.code));
    let problem = |word: &str| -> Option<(String, Severity)> {
        let Some(rule) = known(word) else {
            return Some((unknown(word), Severity::Error));
        };
        let matches = allowed.iter().any(|finding| finding.code == rule.code);
        (!matches && rule.is_whole(subject.context))
            .then(|| (format!("`{}` is allowed and finds nothing", rule.name), Severity::Warning))
    };
    for line in &lines {
        let found = if line.reason.is_empty() && known(&line.rule).is_some() {
            Some((format!("`{}` is allowed without a reason", line.rule), Severity::Error))
        } else {
            problem(&line.rule)
        };
        if let Some((message, severity)) = found {
            let help = match severity {
                Severity::Error => "write `# hive: allow RULE reason`, with a rule's name or its code",
                Severity::Warning => "delete the line",
            };
            let mark = Mark::new(line.span, message, help).severity(severity);
            findings.push(mark.into_finding(&bad_allow::RULE, name, text));
        }
    }
    let allows = subject.context.allows.iter().map(|word| problem(word).map(|(message, _)| message)).collect();
    Report { findings, allows, ..Report::default() }
}

fn unknown(word: &str) -> String {
    let near = RULES.iter().map(|rule| rule.name).min_by_key(|name| strsim::damerau_levenshtein(name, word));
    let near = near.filter(|name| strsim::damerau_levenshtein(name, word) <= 1 + name.len() / 3);
    let near = near.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    format!("there is no rule `{word}`{near}")
}

fn lines(subject: &Subject<'_>) -> Vec<Line> {
    let exceptions = subject.preamble().iter().filter_map(|line| {
        let text = std::str::from_utf8(line.trimmed()).ok()?.strip_prefix('#')?.trim_start();
        let rest = text.strip_prefix(WORDS)?;
        let rest = rest.strip_prefix(|letter: char| letter.is_whitespace()).unwrap_or(rest).trim();
        let (rule, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        Some(Line { rule: rule.to_owned(), reason: reason.trim().to_owned(), span: line.span })
    });
    exceptions.collect()
}
