//! How many executors ended for which reason, sorted by the reason's name.

use std::collections::BTreeMap;

use super::Run;
use super::Value;

/// Counts executors by close type.
pub(super) fn measure(run: &Run<'_>) -> Value {
    let mut counts = BTreeMap::new();
    for executor in run.executors {
        *counts.entry(executor.close_type.name().to_owned()).or_insert(0) += 1;
    }
    Value::Counts(counts.into_iter().collect())
}
