//! What happened in a run, one row for each executor, hashed in chunks.

use std::fmt::Write as _;

use sha2::Digest as _;
use sha2::Sha256;

/// How many rows share a hash.
pub const CHUNK_ROWS: usize = 1_024;

/// What stands in a row where there is nothing to say.
pub const NOTHING: &str = "-";

/// What happened, one row for each executor in the order of ending, then those that had not ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows: for each column one text without white space, with one space between them.
    pub rows: Vec<String>,
}

impl Ledger {
    /// Makes a ledger of fields. A row is kept as one text: a ledger of 100,000 rows is compared far more often than it is read.
    #[must_use]
    pub fn of<C: AsRef<str>, F: AsRef<str>>(columns: &[C], rows: impl IntoIterator<Item = Vec<F>>) -> Self {
        let joined = |row: Vec<F>| row.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ");
        Self {
            columns: columns.iter().map(|column| column.as_ref().to_owned()).collect(),
            rows: rows.into_iter().map(joined).collect(),
        }
    }

    /// Returns the fields of a row, in the order of the columns; none past the end.
    pub fn fields(&self, row: usize) -> impl Iterator<Item = &str> {
        self.rows.get(row).into_iter().flat_map(|row| row.split(' '))
    }

    /// Returns the place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Returns a field of a row by its column's name; `None` past the end, for another column, and where it says nothing.
    #[must_use]
    pub fn field(&self, row: usize, column: &str) -> Option<&str> {
        let column = self.column(column)?;
        self.fields(row).nth(column).filter(|field| *field != NOTHING)
    }

    /// Returns the SHA-256 of each [`CHUNK_ROWS`] rows, in hex, in order.
    #[must_use]
    pub fn chunks(&self) -> Vec<String> {
        self.rows.chunks(CHUNK_ROWS).map(hash).collect()
    }

    /// Returns what identifies the ledger: a SHA-256 over its columns and its chunks, in hex. Ledgers with the same one are equal.
    #[must_use]
    pub fn identity(&self) -> String {
        let chunks = self.chunks();
        hash(&[self.columns.join(" "), chunks.join(" ")])
    }
}

/// Returns the SHA-256 of lines, in hex.
fn hash(lines: &[String]) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
