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
    /// How much of what the rule allows the difference takes: above 1 it is too much. `None` where nothing is allowed.
    pub budget_share: Option<f64>,
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

    /// Returns the metric within tolerance that takes most of what its rule allows, and that share; `None` where none is.
    #[must_use]
    pub fn strained(&self) -> Option<(&str, f64)> {
        let within = self.metrics.iter().filter(|difference| difference.within);
        let shares = within.filter_map(|difference| Some((difference.name.as_str(), difference.budget_share?)));
        shares.max_by(|left, right| left.1.total_cmp(&right.1))
    }
}

/// Compares a result with its golden; `rule` gives the tolerance of a metric by name.
#[must_use]
pub fn compare(golden: &Golden, result: &Golden, rule: &dyn Fn(&str) -> Rule) -> Comparison {
    let mut metrics = Vec::new();
    for (name, expected) in &golden.metrics {
        let actual = result.metrics.get(name);
        if actual.is_some_and(|actual| equal(expected, actual)) {
            continue;
        }
        let budget_share = actual.and_then(|actual| budget_share(expected, actual, rule(name)));
        metrics.push(MetricDifference {
            name: name.clone(),
            expected: Some(expected.clone()),
            actual: actual.cloned(),
            within: budget_share.is_some_and(|share| share <= 1.0),
            budget_share,
        });
    }
    for (name, actual) in result.metrics.iter().filter(|(name, _)| !golden.metrics.contains_key(*name)) {
        metrics.push(MetricDifference {
            name: name.clone(),
            expected: None,
            actual: Some(actual.clone()),
            within: false,
            budget_share: None,
        });
    }
    Comparison { metrics, divergence: divergence(&golden.ledger, &result.ledger) }
}

/// Returns whether two values are the same; zeros of either sign are.
fn equal(expected: &Metric, actual: &Metric) -> bool {
    expected == actual
}

/// Returns how much of what a rule allows the difference of two figures takes, by that of its bounds which allows most;
/// `None` where it allows nothing, or one of the two is no figure.
fn budget_share(expected: &Metric, actual: &Metric, rule: Rule) -> Option<f64> {
    let (Metric::Figure(Some(expected)), Metric::Figure(Some(actual))) = (expected, actual) else { return None };
    let allowed = rule.abs.max(rule.rel * expected.abs().max(actual.abs()));
    let by_size = (allowed > 0.0).then(|| (expected - actual).abs() / allowed);
    let by_ulps = (rule.ulps > 0).then(|| ulps(*expected, *actual) as f64 / rule.ulps as f64);
    let shares = by_size.into_iter().chain(by_ulps);
    // A difference of two huge figures may be none that a float can hold.
    shares.filter(|share| share.is_finite()).min_by(f64::total_cmp)
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
    let fields = if same_columns {
        let named = expected.columns.iter().zip(expected.fields(row).zip(actual.fields(row)));
        named.filter(|(_, (left, right))| left != right).map(|(name, _)| name.clone()).collect()
    } else {
        let in_both = |name: &&String| expected.columns.contains(name) && actual.columns.contains(name);
        expected.columns.iter().chain(&actual.columns).filter(|name| !in_both(name)).cloned().collect()
    };
    let whole = |ledger: &Ledger| {
        (row < ledger.rows.len()).then(|| ledger.fields(row).map(str::to_owned).collect::<Vec<String>>())
    };
    Some(Divergence {
        row,
        columns: expected.columns.clone(),
        expected: whole(expected),
        actual: whole(actual),
        fields,
        expected_count: expected.rows.len(),
        actual_count: actual.rows.len(),
    })
}
