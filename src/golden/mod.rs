//! Goldens: accepted results, how they are written, and how a new result is compared with them.
//!
//! A golden has two layers. The **ledger** is what happened, executor by executor, and is compared exactly. The
//! **metrics** are derived from it, and each may have a tolerance. A tolerance never excuses a ledger. Beside them stand the
//! **inputs**: all that the result is a function of, so that it can be made again from the golden and the files it names.

pub mod compare;
pub mod divergence;
pub mod format;
pub mod ledger;

use std::fmt;

use indexmap::IndexMap;

pub use ledger::Ledger;

/// An accepted result.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Golden {
    /// What the result is a function of, by name: release, profile, engine, candles, each parameter. Values that are more than a
    /// word are JSON.
    pub inputs: IndexMap<String, String>,
    /// What is told about the run and follows from its inputs: how many candles there were.
    pub made: IndexMap<String, String>,
    /// Why results were accepted, oldest first.
    pub reasons: Vec<Reason>,
    /// The metrics, in the order of the report.
    pub metrics: IndexMap<String, Metric>,
    /// What happened.
    pub ledger: Ledger,
}

/// Why a result was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// In the words of whoever accepted it.
    pub why: String,
    /// What it did to the golden of before: which verdict it had, and which metrics it moved, each as text. Empty for the first
    /// golden, and for reasons that are older than this list.
    pub moved: IndexMap<String, String>,
}

impl From<&str> for Reason {
    fn from(why: &str) -> Self {
        Self { why: why.to_owned(), moved: IndexMap::new() }
    }
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

impl Metric {
    /// Returns the value as a number; `None` for a figure that does not exist, and for numbers by name.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Figure(figure) => *figure,
            Self::Counts(_) => None,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            // The shortest text that reads back as the same float.
            Self::Figure(Some(figure)) => write!(formatter, "{figure:?}"),
            Self::Figure(None) => formatter.write_str("none"),
            Self::Counts(counts) => {
                for (index, (name, count)) in counts.iter().enumerate() {
                    let between = if index > 0 { ", " } else { "" };
                    write!(formatter, "{between}{name} {count}")?;
                }
                Ok(())
            }
        }
    }
}
