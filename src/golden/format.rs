//! The golden file: TOML, written so that a person can read it and a diff shows what moved.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Deserialize;
use thiserror::Error;

use super::Golden;
use super::Ledger;
use super::Metric;
use super::Reason;
use super::ledger::CHUNK_ROWS;

/// The format that this version writes.
const FORMAT: u64 = 2;

/// The oldest format that this version reads. It has no inputs and no hashes, and its reasons say nothing of what they moved.
const FORMAT_MIN: u64 = 1;

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
    #[error("it is of format {found}, but this version reads formats {FORMAT_MIN} and {FORMAT}")]
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
    /// Rows of the ledger are not those that were accepted.
    #[error("rows {first} to {last} of the ledger are not what was accepted: their hash differs")]
    Edited {
        /// The first row of the chunk, from one.
        first: usize,
        /// Its last row.
        last: usize,
    },
    /// The list of hashes is too long or too short.
    #[error("the ledger has {expected} chunks of rows, but {found} hashes")]
    Chunks {
        /// How many hashes there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
}

/// What the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    #[serde(default)]
    reasons: Vec<ReasonText>,
    #[serde(default)]
    made: IndexMap<String, String>,
    #[serde(default)]
    inputs: IndexMap<String, String>,
    metrics: IndexMap<String, MetricText>,
    ledger: LedgerText,
}

/// A part of the list of reasons.
#[derive(Deserialize)]
struct Reasons {
    reasons: Vec<ReasonText>,
}

/// A reason: a table, or a text as in format 1.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReasonText {
    Text(String),
    Table(IndexMap<String, String>),
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
    chunks: Option<Vec<String>>,
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
        if !(FORMAT_MIN..=FORMAT).contains(&file.format) {
            return Err(Error::Format { found: file.format });
        }
        let ledger = ledger(&file.ledger)?;
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
            inputs: file.inputs,
            reasons: file.reasons.into_iter().filter_map(reason).collect(),
            metrics: file.metrics.into_iter().map(|(name, text)| (name, metric(text))).collect(),
            ledger,
        })
    }

    /// Returns the reasons of a file that is perhaps no golden: each line of the list that is still a text, once.
    #[must_use]
    pub fn parse_reasons(text: &str) -> Vec<Reason> {
        let list = text.lines().skip_while(|line| *line != REASONS).skip(1).take_while(|line| *line != "]");
        let mut reasons: Vec<Reason> = Vec::new();
        for line in list.filter(|line| !is_merge_marker(line)) {
            let parsed = toml::from_str::<Reasons>(&format!("reasons = [{line}]"));
            for reason in parsed.map(|parsed| parsed.reasons).unwrap_or_default().into_iter().filter_map(reason) {
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
            "# An accepted result of hive. Accept a new one with `hive golden review`; never edit it by hand.\n",
        );
        let _ = writeln!(text, "format = {FORMAT}");
        let _ = writeln!(text, "{REASONS}");
        for reason in &self.reasons {
            let why = [format!("why = {}", quoted(&reason.why))];
            let moved = reason.moved.iter().map(|(name, moved)| format!("{} = {}", key(name), quoted(moved)));
            let pairs: Vec<String> = why.into_iter().chain(moved).collect();
            let _ = writeln!(text, "    {{ {} }},", pairs.join(", "));
        }
        text.push_str("]\n");
        for (name, table) in [("inputs", &self.inputs), ("made", &self.made)] {
            let _ = writeln!(text, "\n[{name}]");
            for (name, value) in table {
                let _ = writeln!(text, "{} = {}", key(name), quoted(value));
            }
        }
        text.push_str("\n[metrics]\n");
        for (name, metric) in &self.metrics {
            let _ = writeln!(text, "{} = {}", key(name), metric_text(metric));
        }
        text.push_str("\n[ledger]\ncolumns = [");
        let columns: Vec<String> = self.ledger.columns.iter().map(|column| quoted(column)).collect();
        text.push_str(&columns.join(", "));
        text.push_str("]\nchunks = [\n");
        for chunk in self.ledger.chunks() {
            let _ = writeln!(text, "    {},", quoted(&chunk));
        }
        text.push_str("]\nrows = '''\n");
        text.push_str(&aligned(&self.ledger));
        text.push_str("'''\n");
        text
    }
}

/// Reads the ledger; what stands between two fields is for the reader's eye alone.
fn ledger(text: &LedgerText) -> Result<Ledger, Error> {
    let columns = text.columns.clone();
    let mut rows = Vec::new();
    for (index, line) in text.rows.lines().enumerate() {
        let mut row = String::with_capacity(line.len());
        let mut found = 0;
        for field in line.split_ascii_whitespace() {
            if found > 0 {
                row.push(' ');
            }
            row.push_str(field);
            found += 1;
        }
        if found != columns.len() {
            return Err(Error::Row { row: index + 1, found, expected: columns.len() });
        }
        rows.push(row);
    }
    let ledger = Ledger { columns, rows };
    if let Some(written) = &text.chunks {
        let chunks = ledger.chunks();
        if chunks.len() != written.len() {
            return Err(Error::Chunks { found: written.len(), expected: chunks.len() });
        }
        if let Some(index) = chunks.iter().zip(written).position(|(chunk, written)| chunk != written) {
            let last = ((index + 1) * CHUNK_ROWS).min(ledger.rows.len());
            return Err(Error::Edited { first: index * CHUNK_ROWS + 1, last });
        }
    }
    Ok(ledger)
}

/// Reads a reason; `None` for a table that says no reason.
fn reason(text: ReasonText) -> Option<Reason> {
    match text {
        ReasonText::Text(why) => Some(Reason::from(why.as_str())),
        ReasonText::Table(mut moved) => {
            let why = moved.shift_remove("why")?;
            Some(Reason { why, moved })
        }
    }
}

fn is_merge_marker(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> "].iter().any(|marker| line.starts_with(marker)) || line == "======="
}

/// Writes rows in aligned columns, so that a reader's eye finds the field.
fn aligned(ledger: &Ledger) -> String {
    let mut widths = vec![0; ledger.columns.len()];
    for row in &ledger.rows {
        for (width, field) in widths.iter_mut().zip(row.split(' ')) {
            *width = field.len().max(*width);
        }
    }
    let mut text = String::with_capacity(ledger.rows.len() * (widths.iter().sum::<usize>() + widths.len()));
    for row in &ledger.rows {
        let mut fields = row.split(' ').zip(&widths).peekable();
        while let Some((field, width)) = fields.next() {
            text.push_str(field);
            if fields.peek().is_some() {
                text.extend(std::iter::repeat_n(' ', width + 1 - field.len()));
            }
        }
        text.push('\n');
    }
    text
}

/// Writes a key: bare where TOML lets it be.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

fn metric_text(metric: &Metric) -> String {
    match metric {
        Metric::Count(count) => count.to_string(),
        // The shortest text that reads back as the same float.
        Metric::Figure(Some(figure)) => format!("{figure:?}"),
        Metric::Figure(None) => "\"none\"".to_owned(),
        Metric::Counts(counts) => {
            let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{} = {count}", key(name))).collect();
            if counts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", counts.join(", ")) }
        }
    }
}

/// Writes a text on one line: a list with an entry a line is what a merge can take apart. What JSON escapes, TOML reads.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
