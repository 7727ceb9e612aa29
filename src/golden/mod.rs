//! Goldens: accepted results, how they are written, and how a new result is compared with them.
//!
//! A golden has two layers. The **ledger** is what happened, executor by executor, and is compared exactly. The
//! **metrics** are derived from it, and each may have a tolerance. A tolerance never excuses a ledger.

pub mod compare;
pub mod format;

use indexmap::IndexMap;

/// An accepted result.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Golden {
    /// What made the result: engine, profile, upstream, candles and so on, by name.
    pub made: IndexMap<String, String>,
    /// Why results were accepted, oldest first.
    pub reasons: Vec<String>,
    /// The metrics, in the order of the report.
    pub metrics: IndexMap<String, Metric>,
    /// What happened.
    pub ledger: Ledger,
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// A number of things.
    Count(u64),
    /// A figure; `None` where it does not exist.
    Figure(Option<f64>),
    /// Numbers of things by name.
    Counts(IndexMap<String, u64>),
}

/// What happened, one row for each executor in the order of ending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows: one text without white space for each column.
    pub rows: Vec<Vec<String>>,
}
