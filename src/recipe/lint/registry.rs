//! The rules, in the order of their codes.

use super::Rule;
use super::bad_allow;
use super::expired_patch;
use super::expiring_patch;
use super::idle_patch;
use super::missing_cut_off;
use super::missing_image_digest;
use super::missing_touches;
use super::no_scenarios;
use super::unused_candles;

/// Every rule about recipes.
pub const RULES: &[Rule] = &[
    missing_cut_off::RULE,
    expiring_patch::RULE,
    expired_patch::RULE,
    missing_touches::RULE,
    missing_image_digest::RULE,
    unused_candles::RULE,
    idle_patch::RULE,
    no_scenarios::RULE,
    bad_allow::RULE,
];
