//! What checks find: anything that can be drawn for people and written for scripts.

use miette::Diagnostic;
use miette::Severity;
use serde::Serialize;

/// Something that a check found.
pub type Finding = Box<dyn Diagnostic + Send + Sync>;

/// A finding as scripts read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
