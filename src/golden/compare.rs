//! How a result is compared with its golden: exactly for what happened, by rule for what is derived.

use std::fmt;

use super::Golden;
use super::Ledger;
use super::Metric;

/// How far a metric may be from its golden: equal, or within any one of the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rule {
    /// The largest absolute difference.
    pub abs: f64,
    /// The largest difference relative to the larger of the two.
    pub rel: f64,
    /// The largest distance in units in the last place.
    pub ulps: u64,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// The metrics that are not equal, in the order of the golden, then extra ones.
    pub metrics: Vec<MetricDifference>,
    /// Where the ledgers part; `None` where they are equal.
    pub divergence: Option<Divergence>,
}

/// A metric that is not equal to its golden.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDifference {
    /// The metric's name.
    pub name: String,
    /// The golden's value; `None` for a metric that the golden does not have.
    pub expected: Option<Metric>,
    /// The new value; `None` for a metric that the result does not have.
    pub actual: Option<Metric>,
    /// Whether the rule allows the difference.
    pub within: bool,
}

/// Where two ledgers part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// The first row that differs, from zero.
    pub row: usize,
    /// The columns' names.
    pub columns: Vec<String>,
    /// The golden's row; `None` past its end.
    pub expected: Option<Vec<String>>,
    /// The new row; `None` past its end.
    pub actual: Option<Vec<String>>,
    /// The columns in which the two rows differ.
    pub fields: Vec<String>,
    /// How many rows the golden has.
    pub expected_count: usize,
    /// How many rows the result has.
    pub actual_count: usize,
}

/// The outcome of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is equal.
    Identical,
    /// Metrics differ by no more than their rules allow.
    WithinTolerance,
    /// Something differs that may not.
    Drift,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Identical => "identical",
            Self::WithinTolerance => "within-tolerance",
            Self::Drift => "drift",
        })
    }
}

impl Comparison {
    /// Returns the outcome.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.divergence.is_some() || self.metrics.iter().any(|difference| !difference.within) {
            Verdict::Drift
        } else if self.metrics.is_empty() {
            Verdict::Identical
        } else {
            Verdict::WithinTolerance
        }
    }
}

/// Compares a result with its golden; `rule` gives the tolerance of a metric by name.
#[must_use]
pub fn compare(golden: &Golden, result: &Golden, rule: &dyn Fn(&str) -> Rule) -> Comparison {
    let mut metrics = Vec::new();
    for (name, expected) in &golden.metrics {
        let actual = result.metrics.get(name);
        let within = actual.is_some_and(|actual| close(expected, actual, rule(name)));
        if actual.is_none_or(|actual| !equal(expected, actual)) {
            metrics.push(MetricDifference {
                name: name.clone(),
                expected: Some(expected.clone()),
                actual: actual.cloned(),
                within,
            });
        }
    }
    for (name, actual) in result.metrics.iter().filter(|(name, _)| !golden.metrics.contains_key(*name)) {
        metrics.push(MetricDifference {
            name: name.clone(),
            expected: None,
            actual: Some(actual.clone()),
            within: false,
        });
    }
    Comparison { metrics, divergence: divergence(&golden.ledger, &result.ledger) }
}

/// Returns whether two values are the same; zeros of either sign are.
fn equal(expected: &Metric, actual: &Metric) -> bool {
    expected == actual
}

fn close(expected: &Metric, actual: &Metric, rule: Rule) -> bool {
    match (expected, actual) {
        (Metric::Figure(Some(expected)), Metric::Figure(Some(actual))) => {
            let difference = (expected - actual).abs();
            let relative = rule.rel * expected.abs().max(actual.abs());
            difference <= rule.abs.max(relative) || ulps(*expected, *actual) <= rule.ulps
        }
        _ => equal(expected, actual),
    }
}

/// Returns how many floats lie between two finite floats, the second included.
#[must_use]
pub fn ulps(left: f64, right: f64) -> u64 {
    // Floats of one sign are ordered as their bits are; those below zero are mirrored.
    let place = |value: f64| {
        let bits = value.to_bits().cast_signed();
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    place(left).abs_diff(place(right))
}

fn divergence(expected: &Ledger, actual: &Ledger) -> Option<Divergence> {
    let same_columns = expected.columns == actual.columns;
    let part = expected.rows.iter().zip(&actual.rows).position(|(expected, actual)| expected != actual);
    let shorter = expected.rows.len().min(actual.rows.len());
    let row = match part {
        _ if !same_columns => 0,
        Some(row) => row,
        None if expected.rows.len() == actual.rows.len() => return None,
        None => shorter,
    };
    let (left, right) = (expected.rows.get(row), actual.rows.get(row));
    let fields = if same_columns {
        let fields = left.into_iter().flatten().zip(right.into_iter().flatten());
        let named = expected.columns.iter().zip(fields);
        named.filter(|(_, (left, right))| left != right).map(|(name, _)| name.clone()).collect()
    } else {
        let in_both = |name: &&String| expected.columns.contains(name) && actual.columns.contains(name);
        expected.columns.iter().chain(&actual.columns).filter(|name| !in_both(name)).cloned().collect()
    };
    Some(Divergence {
        row,
        columns: expected.columns.clone(),
        expected: left.cloned(),
        actual: right.cloned(),
        fields,
        expected_count: expected.rows.len(),
        actual_count: actual.rows.len(),
    })
}
