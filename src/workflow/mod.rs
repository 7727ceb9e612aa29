//! Use cases: one file for each. They read through `io`, hand values to the domain, and return a value.
//!
//! The faces of the house (`cli`, later `service`) call these and nothing below.

pub mod project;

pub mod test;

pub mod attribution;
pub mod audit;
pub mod bisect;
pub mod build;
pub mod dev;
pub mod fetch;
pub mod golden;
pub mod image;
pub mod lint;
pub mod lock;
pub mod outdated;
pub mod patch;
pub mod plan;
pub mod run;
pub mod upgrade;
pub mod why;

pub mod against;
pub mod axis;
pub mod found;
pub mod outcome;
pub mod played;
pub mod side;

pub mod builder;
pub mod closure;
pub mod environment;
pub mod install;
pub mod product;
pub mod wheel;

#[cfg(feature = "serve")]
pub mod backtest;
pub mod candles;
pub mod releases;
pub mod scenario;
pub mod step;
pub mod upstream;
pub mod upstream_engine;

pub mod jobs;

pub mod doctor;
pub mod notify;

pub mod error;
pub mod exit;
pub mod figure;
pub mod finding;
pub mod located;
pub mod output;
pub mod report;

pub use error::Error;
pub use exit::Exit;
pub use project::Project;

// What use cases take and return is named here, so that a face needs no floor below this one.
pub use crate::golden::Ledger;
pub use crate::golden::Metric;
pub use crate::golden::compare::Comparison;
pub use crate::golden::compare::Divergence;
pub use crate::golden::compare::MetricDifference;
pub use crate::golden::compare::Verdict;
pub use crate::io::progress::Progress;
pub use upstream_engine::place::Place;

/// What every use case may be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Uses only what is in the cache.
    pub offline: bool,
    /// Refuses a lock that is not what the recipes say.
    pub locked: bool,
    /// Where Python runs.
    pub place: Place,
}

/// Returns the JSON Schema (draft 7) of recipes.
#[must_use]
pub fn schema() -> serde_json::Value {
    crate::recipe::schema::json_schema()
}
