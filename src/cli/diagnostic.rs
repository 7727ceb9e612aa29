//! How an error, a warning or a piece of advice looks in a terminal.

use std::error::Error as StdError;
use std::fmt;
use std::fmt::Write as _;

use anstyle::AnsiColor;
use anstyle::Style;
use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::Severity;
use miette::SourceCode;
use miette::ThemeCharacters;
use miette::ThemeStyles;

/// Narrower than this, a drawn line is harder to read than a wrapped terminal.
const WIDTH_MIN: usize = 40;

/// How many causes are told: a chain that is longer says nothing new.
const CAUSES_MAX: usize = 16;

/// How deep related diagnostics may have related ones.
const DEPTH_MAX: usize = 4;

/// Draws a diagnostic: what failed, the line it points at, its causes, what is related, and a hint.
///
/// The text ends with a newline, and says the same without colour.
#[must_use]
pub fn draw(diagnostic: &dyn Diagnostic, colour: bool, width: usize) -> String {
    let pen = Pen { colour, width: width.max(WIDTH_MIN) };
    let mut drawing = String::new();
    pen.diagnostic(&mut drawing, diagnostic, None, DEPTH_MAX);
    drawing
}

struct Pen {
    colour: bool,
    width: usize,
}

impl Pen {
    fn diagnostic(
        &self,
        drawing: &mut String,
        diagnostic: &dyn Diagnostic,
        outer: Option<&dyn SourceCode>,
        depth_left: usize,
    ) {
        let source = diagnostic.source_code().or(outer);
        self.headline(drawing, diagnostic);
        if let Some(source) = source {
            self.snippet(drawing, diagnostic, source);
        }
        self.causes(drawing, diagnostic);
        if depth_left > 0 {
            for related in diagnostic.related().into_iter().flatten() {
                // A list of one-liners reads better without gaps.
                if related.labels().is_some() {
                    drawing.push('\n');
                }
                self.diagnostic(drawing, related, source, depth_left - 1);
            }
        }
        if let Some(hint) = diagnostic.help() {
            self.advice(drawing, "hint", AnsiColor::Cyan, &hint.to_string());
        }
    }

    fn headline(&self, drawing: &mut String, diagnostic: &dyn Diagnostic) {
        let (word, colour) = match diagnostic.severity() {
            Some(Severity::Error) | None => ("error", AnsiColor::Red),
            Some(Severity::Warning) => ("warning", AnsiColor::Yellow),
            Some(Severity::Advice) => ("advice", AnsiColor::Cyan),
        };
        let mut label = word.to_owned();
        if let Some(code) = diagnostic.code() {
            push(&mut label, format_args!("[{code}]"));
        }
        let style = Style::new().bold().fg_color(Some(colour.into()));
        push(drawing, format_args!("{}: {diagnostic}\n", self.paint(style, &label)));
    }

    /// The lines that the labels point at, as miette draws them.
    fn snippet(&self, drawing: &mut String, diagnostic: &dyn Diagnostic, source: &dyn SourceCode) {
        let labels: Vec<LabeledSpan> = diagnostic.labels().into_iter().flatten().collect();
        if labels.is_empty() {
            return;
        }
        let theme = GraphicalTheme {
            characters: ThemeCharacters::unicode(),
            styles: if self.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_links(false)
            .without_cause_chain()
            .without_syntax_highlighting();
        let mut report = String::new();
        let drawn = handler.render_report(&mut report, &Snippet { labels, source });
        // The headline is ours, so the handler's own, which is empty, is left out.
        let lines =
            report.lines().skip_while(|line| !line.contains('╭')).map(str::trim_end).filter(|line| !line.is_empty());
        if drawn.is_ok() {
            for line in lines {
                push(drawing, format_args!("{line}\n"));
            }
        }
    }

    fn causes(&self, drawing: &mut String, diagnostic: &dyn Diagnostic) {
        let first = match diagnostic.diagnostic_source() {
            Some(source) => Some(source.to_string()),
            None => diagnostic.source().map(ToString::to_string),
        };
        let mut rest: Option<&dyn StdError> = match diagnostic.diagnostic_source() {
            Some(source) => source.source(),
            None => diagnostic.source().and_then(StdError::source),
        };
        let Some(first) = first else {
            return;
        };
        self.advice(drawing, "cause", AnsiColor::Red, &first);
        for _ in 1..CAUSES_MAX {
            let Some(cause) = rest else {
                return;
            };
            self.advice(drawing, "cause", AnsiColor::Red, &cause.to_string());
            rest = cause.source();
        }
    }

    /// A line below the headline; further lines of the text stand below its first.
    fn advice(&self, drawing: &mut String, word: &str, colour: AnsiColor, text: &str) {
        let style = Style::new().bold().fg_color(Some(colour.into()));
        let indent = " ".repeat(word.len() + 4);
        let mut lines = text.trim_end().lines().flat_map(|line| wrap(line, self.width - indent.len()));
        let first = lines.next().unwrap_or_default();
        push(drawing, format_args!("  {}: {first}\n", self.paint(style, word)));
        for line in lines {
            push(drawing, format_args!("{indent}{line}\n"));
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Breaks a line at its spaces; a word that is wider than `width` stays whole.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn push(drawing: &mut String, text: fmt::Arguments<'_>) {
    drawing.write_fmt(text).expect("writing to a `String` cannot fail");
}

/// A diagnostic that is nothing but its labels.
struct Snippet<'a> {
    labels: Vec<LabeledSpan>,
    source: &'a dyn SourceCode,
}

impl fmt::Debug for Snippet<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Snippet")
    }
}

impl fmt::Display for Snippet<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl StdError for Snippet<'_> {}

impl Diagnostic for Snippet<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
