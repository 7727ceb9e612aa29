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
    super::thin_context::RULE,
    super::orphan_hunk::RULE,
    super::header_churn::RULE,
    super::end_of_file_newline::RULE,
    super::unfit_target::RULE,
    super::drifted::RULE,
    super::undeclared_order::RULE,
    super::missing_reason::RULE,
    super::broken_series::RULE,
    super::leftover::RULE,
    super::bad_added_line::RULE,
    super::lock_mismatch::RULE,
    super::bad_allow::RULE,
];
