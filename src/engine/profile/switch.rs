//! In what do two replay profiles differ, one by one and in words?

use super::Profile;
use crate::controller::config::Model;
use crate::engine::hold::Netting;
use crate::indicator::Generation;
use crate::metric::Convention;

/// One thing in which profiles differ.
#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// The field of [`Profile`].
    pub name: &'static str,
    /// Returns in words what a profile does in this.
    pub words: fn(&Profile) -> String,
    /// Takes this, and nothing else, from the second profile.
    pub take: fn(&mut Profile, &Profile),
    /// Returns whether two profiles are the same in this.
    pub same: fn(&Profile, &Profile) -> bool,
}

/// A switch for a field.
macro_rules! switch {
    ($field:ident, $words:expr) => {
        Switch {
            name: stringify!($field),
            words: $words,
            take: |profile, other| profile.$field = other.$field,
            same: |left, right| left.$field == right.$field,
        }
    };
}

/// Every switch, those first that move most results. A profile's name is none: it does nothing.
pub const SWITCHES: [Switch; 12] = [
    switch!(fee_sides, |profile| format!("a round trip pays {} fee{}", profile.fee_sides, plural(profile.fee_sides))),
    switch!(convention, |profile| match profile.convention {
        Convention::Executors => "Sharpe ratio and drawdown over the executors with a profit or a loss",
        Convention::Series => "Sharpe ratio and drawdown over the profit at each candle",
        Convention::Causal => "ratios and drawdown over the equity at each close",
    }
    .to_owned()),
    switch!(entry_ends_at_time_limit, |profile| either(
        profile.entry_ends_at_time_limit,
        "the search for the opening fill ends at the time limit",
        "the opening fill is looked for in all later candles",
    )),
    switch!(closing_tick, |profile| either(
        profile.closing_tick,
        "what is created or stopped on the last candle is reported",
        "what is created or stopped on the last candle is not reported",
    )),
    switch!(memory, |profile| match profile.memory {
        Some(seconds) => format!("a controller forgets what has ended after {seconds} s"),
        None => "a controller remembers all that has ended".to_owned(),
    }),
    switch!(refuses_non_positive, |profile| either(
        profile.refuses_non_positive,
        "executors with a price or an amount of zero or less are refused",
        "executors with a price or an amount of zero or less are taken",
    )),
    switch!(needs_a_row, |profile| either(
        profile.needs_a_row,
        "a window without a candle is an error",
        "a window without a candle has results of zero",
    )),
    switch!(model, |profile| format!("configurations are read as those of {}", model(profile))),
    switch!(netting, |profile| match profile.netting {
        Netting::Totals => "what is held is netted from the totals bought and sold",
        Netting::AverageCost => "what is held is netted against its average price",
    }
    .to_owned()),
    switch!(holds_natural_ends, |profile| either(
        profile.holds_natural_ends,
        "what executors that end by themselves keep is held",
        "only what a controller stopped is held",
    )),
    switch!(keeps_unfilled_orders, |profile| either(
        profile.keeps_unfilled_orders,
        "an order that never fills waits to the end",
        "an order that never fills is dropped when it is created",
    )),
    switch!(indicators, |profile| match profile.indicators {
        Generation::TaLib06 => "indicators as TA-Lib 0.6 computes them",
        Generation::TaLib08 => "indicators as TA-Lib 0.8 computes them",
        Generation::Classic => "indicators as pandas-ta computes them without TA-Lib",
    }
    .to_owned()),
];

/// Returns the switches in which two profiles differ.
pub fn differing(old: &Profile, new: &Profile) -> impl Iterator<Item = &'static Switch> {
    SWITCHES.iter().filter(move |switch| !(switch.same)(old, new))
}

fn either(is_so: bool, words: &str, otherwise: &str) -> String {
    if is_so { words } else { otherwise }.to_owned()
}

fn plural(count: f64) -> &'static str {
    if count == 1.0 { "" } else { "s" }
}

/// Returns the release whose models a profile has, `v2.6.1`.
fn model(profile: &Profile) -> String {
    match profile.model {
        Model::V2_6 => "v2.6.0",
        Model::V2_6_1 => "v2.6.1",
        Model::V2_13 => "v2.13",
        Model::V2_15 => "v2.15",
        Model::V2_16 => "v2.16",
        Model::V2_17 => "v2.17",
    }
    .to_owned()
}
