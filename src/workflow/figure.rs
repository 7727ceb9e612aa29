//! How is a metric's value written for people?

use crate::golden::Metric;

/// Returns a metric's value as text, with every digit that it has.
#[must_use]
pub fn text(metric: Option<&Metric>) -> String {
    match metric {
        None => "missing".to_owned(),
        Some(Metric::Count(count)) => count.to_string(),
        Some(Metric::Figure(None)) => "none".to_owned(),
        Some(Metric::Figure(Some(figure))) => format!("{figure:?}"),
        Some(Metric::Counts(counts)) => {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        }
    }
}
