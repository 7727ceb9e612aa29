//! Is an exception without a reason, of an unknown rule, or one that matches nothing?
//!
//! An exception is a line `# hive: allow RULE reason` above the patch's first header, or an entry of `allow` in the recipe.
//! One without a reason, or of a rule that there is not, allows nothing. One that matches nothing any more would hide the
//! next finding of its rule; it is told only where the rule could look at all that it wants to.

use super::Check;
use super::Needs;
use super::Rule;
use super::Severity;

/// The rule.
pub(super) const RULE: Rule =
    Rule { name: "bad-allow", code: "HV0238", severity: Severity::Error, needs: Needs::Nothing, check: Check::Allows };
