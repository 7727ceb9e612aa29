//! How is a metric's value written for people?

use crate::golden::Metric;

/// Returns a metric's value as text, with every digit that it has.
#[must_use]
pub fn text(metric: Option<&Metric>) -> String {
    metric.map_or_else(|| "missing".to_owned(), Metric::to_string)
}
