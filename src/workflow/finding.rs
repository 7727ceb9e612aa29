//! What checks find: anything that can be drawn for people and written for scripts.

use miette::Diagnostic;
use miette::Severity;
use miette::SourceCode;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that a check found.
pub type Finding = Box<dyn Diagnostic + Send + Sync>;

/// A finding as scripts read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Written {
    /// The diagnostic code; `null` for the parts of another finding.
    pub code: Option<String>,
    /// `error`, `warning` or `advice`.
    pub severity: &'static str,
    /// What was found.
    pub message: String,
    /// The file that it points into.
    pub file: Option<String>,
    /// The line there, from one.
    pub line: Option<usize>,
    /// The column there, from one.
    pub column: Option<usize>,
    /// What caused it, nearest first.
    pub causes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// What belongs to it.
    pub related: Vec<Written>,
}

/// A finding with where it stands, as the formats of other tools want it: nothing belongs to it, and what belonged to it is a
/// finding of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The diagnostic code.
    pub code: Option<String>,
    /// `error`, `warning` or `advice`.
    pub severity: &'static str,
    /// What was found.
    pub message: String,
    /// What caused it, nearest first.
    pub causes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it stands; `None` for what stands in no file.
    pub place: Option<Place>,
    /// What it is about, where that is not the file that it stands in.
    pub case: Option<String>,
    /// What else is to be seen, a table perhaps, where there is room for it.
    pub detail: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from one.
    pub line: usize,
    /// The column, from one, in characters.
    pub column: usize,
    /// The last line, from one.
    pub end_line: usize,
    /// The column behind the last character, from one, in characters.
    pub end_column: usize,
    /// The first line's text.
    pub text: String,
}

/// Returns a finding as the formats of other tools want it: one that is only the sum of others is left out for them.
#[must_use]
pub fn flat(finding: &dyn Diagnostic) -> Vec<Placed> {
    let mut all = Vec::new();
    flatten(finding, None, &mut all);
    all
}

fn flatten(finding: &dyn Diagnostic, outer: Option<&dyn SourceCode>, all: &mut Vec<Placed>) {
    let source = finding.source_code().or(outer);
    let written = written(finding);
    let related: Vec<&dyn Diagnostic> = finding.related().into_iter().flatten().collect();
    // Parts without a code of their own explain the whole.
    let parts: Vec<&dyn Diagnostic> = related.into_iter().filter(|part| part.code().is_some()).collect();
    if parts.is_empty() || written.code.is_some() {
        let label = finding.labels().and_then(|mut labels| labels.next());
        let place = label.zip(source).and_then(|(label, source)| place(source, label.offset(), label.len()));
        let Written { code, severity, message, causes, help, .. } = written;
        all.push(Placed { code, severity, message, causes, help, place, case: None, detail: None });
    }
    for part in parts {
        flatten(part, source, all);
    }
}

/// Returns the place of some bytes of a text; `None` where the text has no such bytes.
pub(super) fn place(source: &dyn SourceCode, start: usize, length: usize) -> Option<Place> {
    let file = source.read_span(&(start, 0).into(), 0, 0).ok()?.name()?.to_owned();
    let all = source.read_span(&(0, start + length).into(), 0, 1).ok()?;
    let text = String::from_utf8_lossy(all.data());
    let place = |offset: usize| {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1, line_start)
    };
    let ((line, column, line_start), (end_line, end_column, _)) = (place(start), place(start + length));
    let text = text[line_start..].lines().next().unwrap_or_default().to_owned();
    Some(Place { file, line, column, end_line, end_column, text })
}

/// Returns whether a finding is an error.
#[must_use]
pub fn is_error(finding: &dyn Diagnostic) -> bool {
    matches!(finding.severity(), None | Some(Severity::Error))
}

/// Writes a finding for scripts.
#[must_use]
pub fn written(finding: &dyn Diagnostic) -> Written {
    let label = finding.labels().and_then(|mut labels| labels.next());
    let place = label.as_ref().zip(finding.source_code()).and_then(|(label, source)| {
        let span = source.read_span(label.inner(), 0, 0).ok()?;
        Some((span.name().map(str::to_owned), span.line() + 1, span.column() + 1))
    });
    let mut causes = Vec::new();
    let mut cause = finding.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let (file, line, column) = match place {
        Some((file, line, column)) => (file, Some(line), Some(column)),
        None => (None, None, None),
    };
    Written {
        code: finding.code().map(|code| code.to_string()),
        severity: match finding.severity() {
            None | Some(Severity::Error) => "error",
            Some(Severity::Warning) => "warning",
            Some(Severity::Advice) => "advice",
        },
        message: finding.to_string(),
        file,
        line,
        column,
        causes,
        help: finding.help().map(|help| help.to_string()),
        related: finding.related().into_iter().flatten().map(written).collect(),
    }
}
