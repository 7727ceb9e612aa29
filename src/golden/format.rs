//! The golden file: TOML, written so that a person can read it and a diff shows what moved.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Deserialize;
use thiserror::Error;

use super::Golden;
use super::Ledger;
use super::Metric;

/// The format that this version reads and writes.
const FORMAT: u64 = 1;

/// The line that opens the list of reasons.
const REASONS: &str = "reasons = [";

/// Why a golden file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The file has conflict markers of a merge.
    #[error("line {line} is a merge conflict marker")]
    Conflict {
        /// The line, from one.
        line: usize,
    },
    /// The file is not TOML of the right shape.
    #[error("{message}")]
    Malformed {
        /// The parser's words.
        message: String,
    },
    /// A metric is NaN or infinite, which no result ever is.
    #[error("metric `{name}` is {value}, which is not finite")]
    NotFinite {
        /// The metric's name.
        name: String,
        /// The value as written.
        value: String,
    },
    /// The file is of another format.
    #[error("it is of format {found}, but this version reads format {FORMAT}")]
    Format {
        /// The format as written.
        found: u64,
    },
    /// A row of the ledger has too few or too many fields.
    #[error("row {row} of the ledger has {found} fields, but {expected} were expected")]
    Row {
        /// The row, from one.
        row: usize,
        /// How many fields it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
}

/// What the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    #[serde(default)]
    reasons: Vec<String>,
    made: IndexMap<String, String>,
    metrics: IndexMap<String, MetricText>,
    ledger: LedgerText,
}

/// A part of the list of reasons.
#[derive(Deserialize)]
struct Reasons {
    reasons: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum MetricText {
    Count(u64),
    Figure(f64),
    Counts(IndexMap<String, u64>),
    /// The word that stands for a figure that does not exist: TOML has no null.
    None(NoFigure),
}

#[derive(Deserialize)]
enum NoFigure {
    #[serde(rename = "none")]
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerText {
    columns: Vec<String>,
    rows: String,
}

impl Golden {
    /// Parses a golden file.
    ///
    /// # Errors
    ///
    /// Refuses merge conflicts, other formats, and ledgers whose rows do not fit their columns.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Some(index) = text.lines().position(is_merge_marker) {
            return Err(Error::Conflict { line: index + 1 });
        }
        let file: File = toml::from_str(text)
            .map_err(|error| Error::Malformed { message: error.to_string().trim_end().to_owned() })?;
        if file.format != FORMAT {
            return Err(Error::Format { found: file.format });
        }
        let columns = file.ledger.columns;
        let mut rows = Vec::new();
        for (index, line) in file.ledger.rows.lines().enumerate() {
            let row: Vec<String> = line.split_ascii_whitespace().map(str::to_owned).collect();
            if row.len() != columns.len() {
                return Err(Error::Row { row: index + 1, found: row.len(), expected: columns.len() });
            }
            rows.push(row);
        }
        for (name, text) in &file.metrics {
            if let MetricText::Figure(figure) = text
                && !figure.is_finite()
            {
                return Err(Error::NotFinite { name: name.clone(), value: figure.to_string() });
            }
        }
        let metric = |text| match text {
            MetricText::Count(count) => Metric::Count(count),
            MetricText::Figure(figure) => Metric::Figure(Some(figure)),
            MetricText::None(NoFigure::None) => Metric::Figure(None),
            MetricText::Counts(counts) => Metric::Counts(counts),
        };
        Ok(Self {
            made: file.made,
            reasons: file.reasons,
            metrics: file.metrics.into_iter().map(|(name, text)| (name, metric(text))).collect(),
            ledger: Ledger { columns, rows },
        })
    }

    /// Returns the reasons of a file that is perhaps no golden: each line of the list that is still a text, once.
    #[must_use]
    pub fn parse_reasons(text: &str) -> Vec<String> {
        let list = text.lines().skip_while(|line| *line != REASONS).skip(1).take_while(|line| *line != "]");
        let mut reasons: Vec<String> = Vec::new();
        for line in list.filter(|line| !is_merge_marker(line)) {
            let parsed = toml::from_str::<Reasons>(&format!("reasons = [{line}]"));
            for reason in parsed.map(|parsed| parsed.reasons).unwrap_or_default() {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        reasons
    }

    /// Writes the golden file.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# An accepted result of hive. Accept a new one with `hive golden accept`; never edit it by hand.\n",
        );
        let _ = writeln!(text, "format = {FORMAT}");
        let _ = writeln!(text, "{REASONS}");
        for reason in &self.reasons {
            let _ = writeln!(text, "    {},", quoted(reason));
        }
        text.push_str("]\n\n[made]\n");
        for (name, value) in &self.made {
            let _ = writeln!(text, "{name} = {}", quoted(value));
        }
        text.push_str("\n[metrics]\n");
        for (name, metric) in &self.metrics {
            let _ = writeln!(text, "{name} = {}", metric_text(metric));
        }
        text.push_str("\n[ledger]\ncolumns = [");
        let columns: Vec<String> = self.ledger.columns.iter().map(|column| quoted(column)).collect();
        text.push_str(&columns.join(", "));
        text.push_str("]\nrows = '''\n");
        text.push_str(&aligned(&self.ledger));
        text.push_str("'''\n");
        text
    }
}

fn is_merge_marker(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> "].iter().any(|marker| line.starts_with(marker)) || line == "======="
}

/// Writes rows in aligned columns, so that a reader's eye finds the field.
fn aligned(ledger: &Ledger) -> String {
    let mut widths = vec![0; ledger.columns.len()];
    for row in &ledger.rows {
        for (width, field) in widths.iter_mut().zip(row) {
            *width = field.len().max(*width);
        }
    }
    let mut text = String::new();
    for row in &ledger.rows {
        let mut line = String::new();
        for (width, field) in widths.iter().zip(row) {
            let _ = write!(line, "{field:<width$} ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn metric_text(metric: &Metric) -> String {
    match metric {
        Metric::Count(count) => count.to_string(),
        // The shortest text that reads back as the same float.
        Metric::Figure(Some(figure)) => format!("{figure:?}"),
        Metric::Figure(None) => "\"none\"".to_owned(),
        Metric::Counts(counts) => {
            let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} = {count}")).collect();
            if counts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", counts.join(", ")) }
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
