//! Which rules are there?

use super::Rule;

/// All rules, by code.
pub const RULES: &[Rule] = &[
    super::carriage_return::RULE,
    super::text_before_hunk::RULE,
    super::wrong_hunk_count::RULE,
    super::malformed_hunk::RULE,
    super::unsafe_path::RULE,
    super::wrong_strip_level::RULE,
    super::no_hunks::RULE,
    super::hunk_overlap::RULE,
    super::stripped_context::RULE,
    super::touches_undeclared::RULE,
    super::without_effect::RULE,
    super::uncarried_change::RULE,
    super::missing_final_newline::RULE,
    super::name_mismatch::RULE,
    super::without_context::RULE,
];
