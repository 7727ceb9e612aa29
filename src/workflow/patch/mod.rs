//! Living with a series of patches: one file for each verb.

pub mod apply;
pub mod drop;
pub mod new;
pub mod probe;
pub mod rebase;
pub mod refresh;
pub mod series;

pub mod refusal;
pub mod report;
pub mod selection;
pub mod walk;

pub use refusal::Refusal;
pub use report::PatchReport;
pub use selection::Selection;

// What the verbs take is named here, so that a face needs no floor below this one.
pub use crate::patch::Consent;

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
