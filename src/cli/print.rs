//! Everything that is written: results to standard output, talk to standard error.

use std::io::IsTerminal as _;
use std::io::Write as _;

use anstream::AutoStream;
use anstream::ColorChoice;
use anstyle::AnsiColor;
use anstyle::Style;
use miette::Diagnostic;
use serde::Serialize;

use crate::cli::arguments::Color;
use crate::cli::arguments::Format;
use crate::cli::arguments::Global;
use crate::cli::diagnostic;
use crate::cli::progress::Bar;
use crate::workflow::finding;

/// Writes results and talk.
#[derive(Debug)]
pub(crate) struct Printer {
    format: Format,
    quiet: bool,
    choice: ColorChoice,
}

/// What a word means, by colour and not by colour alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tone {
    Good,
    Bad,
    Doubtful,
    Faint,
    Hint,
    Strong,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Doubtful => AnsiColor::Yellow.on_default(),
            Self::Faint => Style::new().dimmed(),
            Self::Hint => AnsiColor::Cyan.on_default().bold(),
            Self::Strong => Style::new().bold(),
        }
    }
}

/// Returns a text in a tone; streams without colour drop it again.
pub(crate) fn toned(tone: Tone, text: &str) -> String {
    let style = tone.style();
    format!("{style}{text}{style:#}")
}

/// Returns a number of things in words: `1 recipe`, `2 recipes`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Returns a table as text; its lines do not end in white space.
pub(crate) fn drawn_table(table: &comfy_table::Table) -> String {
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

impl Printer {
    pub(crate) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { format: global.format, quiet: global.quiet, choice }
    }

    /// Returns how results are to be written.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Returns whether results are to be JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Writes a result for people.
    pub(crate) fn result(&self, text: &str) {
        let mut stream = AutoStream::new(std::io::stdout(), self.choice);
        // A reader that has seen enough closes the pipe; that is no error.
        let _ = stream.write_all(text.as_bytes());
        let _ = stream.flush();
    }

    /// Writes a result for scripts: one line of JSON.
    pub(crate) fn json(&self, value: &impl Serialize) {
        let mut text = serde_json::to_string(value).expect("results have text keys and finite numbers");
        text.push('\n');
        self.result(&text);
    }

    /// Writes talk, unless asked to be quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(AutoStream::new(std::io::stderr(), self.choice), "{text}");
        }
    }

    /// Writes what is wrong with the command line itself.
    pub(crate) fn note_always(&self, text: &str) {
        let _ = writeln!(AutoStream::new(std::io::stderr(), self.choice), "{text}");
    }

    /// Writes a diagnostic to standard error: drawn for people, as JSON for scripts.
    pub(crate) fn error(&self, diagnostic: &dyn Diagnostic) {
        let mut stream = AutoStream::new(std::io::stderr(), self.choice);
        if self.is_json() {
            let line = serde_json::to_string(&finding::written(diagnostic)).expect("diagnostics are text");
            let _ = writeln!(stream, "{line}");
        } else {
            let _ = stream.write_all(self.drawn(diagnostic).as_bytes());
        }
    }

    /// Returns a diagnostic drawn for people; its colours are dropped by streams that have none.
    pub(crate) fn drawn(&self, diagnostic: &dyn Diagnostic) -> String {
        let colour = match self.choice {
            ColorChoice::Never => false,
            ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
            ColorChoice::Auto => AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
        };
        diagnostic::draw(diagnostic, colour, width())
    }

    /// Returns a progress bar that shows itself on a terminal only.
    pub(crate) fn progress(&self) -> Bar {
        Bar::new(!self.quiet && std::io::stderr().is_terminal())
    }
}

/// Returns the width of the terminal, or one that reads well in a log.
fn width() -> usize {
    let columns: Option<usize> = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = comfy_table::Table::new().width().map(usize::from);
    columns.or(terminal).unwrap_or(100).clamp(60, 120)
}
