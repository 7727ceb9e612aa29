//! What is one thing that would be done for a recipe?

use serde::Serialize;

/// One step of a plan.
#[derive(Debug, Serialize)]
pub struct Step {
    /// What would be done: `fetch`, `patch`, `register`, `mend`, `image`, `lock`, `replay`, `compare`.
    pub action: &'static str,
    /// What it would be done to.
    pub subject: String,
    /// Whether there is anything to do.
    pub needed: bool,
    /// Why, or why not.
    pub why: String,
}
