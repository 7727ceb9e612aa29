//! Which upstream version is replayed under which profile.
//!
//! The dates are releases on PyPI; between two neighbours of this table nothing that decides a replay changed.

use std::collections::BTreeSet;

use hive::engine::Profile;
use hive::engine::hold::Netting;
use hive::engine::profile;
use hive::engine::profile::Error;
use hive::engine::profile::V2_6;
use hive::engine::profile::V2_18;
use hive::engine::profile::switch;
use hive::engine::profile::switch::SWITCHES;
use hive::indicator::Generation;

fn check(version: &str, expected: &str) {
    let found = profile::of_version(version).map(|profile| profile.name);
    assert_eq!(found, Ok(expected), "{version}");
}

fn refuse(version: &str, reason: &str, nearest: &str) {
    match profile::of_version(version) {
        Err(Error::Unproven { reason: found, nearest: named, .. }) => {
            assert!(found.contains(reason), "{version}: {found}");
            assert_eq!(named, nearest, "{version}");
        }
        other => panic!("{version}: {other:?}"),
    }
}

#[test]
fn releases_have_the_profile_of_what_they_contain() {
    for version in ["20250525", "20250609", "v2.6.0", "2.6.0", "v2.6"] {
        check(version, "2.6");
    }
    // The tree of 20260126 calls itself dev-2.13.0, but the change that broke v2.13 is not in it.
    for version in ["20250612", "20251103", "20251215", "20260126", "v2.6.1", "v2.9.0", "v2.12.0"] {
        check(version, "2.6");
    }
    for version in ["20260410", "20260415", "20260421", "20260430", "20260510", "20260520", "v2.14.0"] {
        check(version, "2.14");
    }
    // Calls itself dev-2.15.0, and has one of the three changes that v2.15.0 has to v2.14.0.
    check("20260601", "20260601");
    for version in ["20260616", "20260729", "v2.15.0", "v2.16.0", "v2.16.3"] {
        check(version, "2.16");
    }
    for version in ["20260901", "20260920", "20260922", "v2.17.0", "v2.18.0"] {
        check(version, "2.18");
    }
}

#[test]
fn releases_compute_their_indicators_with_the_library_that_they_ask_for() {
    for (version, expected) in [
        ("20250609", Generation::Classic),
        ("v2.9.0", Generation::Classic),
        ("v2.10.0", Generation::TaLib08),
        ("20251103", Generation::TaLib08),
        ("20260126", Generation::TaLib08),
        ("v2.14.0", Generation::TaLib08),
        ("20260922", Generation::TaLib08),
    ] {
        let profile = profile::of_version(version).expect("it is proven");
        assert_eq!(profile.indicators, expected, "{version}");
    }
}

#[test]
fn releases_that_cannot_run_a_backtest_have_none() {
    for version in ["20260201", "20260302", "20260402", "v2.13.0"] {
        refuse(version, "AttributeError", "2.6");
    }
}

#[test]
fn a_tree_in_development_has_the_profile_that_its_neighbours_share() {
    check("dev-2.12.0", "2.6");
    refuse("dev-2.16", "on the way", "2.16");
    check("dev-2.18.0\n", "2.18");
    refuse("dev-2.6.0", "on the way", "2.6");
    refuse("dev-2.10.0", "on the way", "2.6");
    refuse("dev-2.13.0", "on the way", "2.6");
    refuse("dev-2.14.0", "on the way", "2.14");
    refuse("dev-2.15.0", "on the way", "2.14");
    refuse("dev-2.17.0", "on the way", "2.16");
}

#[test]
fn what_nobody_measured_has_none() {
    refuse("20250331", "older", "2.6");
    refuse("v2.5.0", "older", "2.6");
    refuse("20260923", "newer", "2.18");
    refuse("v2.19.0", "newer", "2.18");
    refuse("nightly", "not a version", "2.18");
}

/// Returns the fields of a profile but its name; a new field does not compile until it is listed here.
fn fields(profile: &Profile) -> Vec<(&'static str, String)> {
    let Profile {
        name: _,
        fee_sides,
        entry_ends_at_time_limit,
        needs_a_row,
        closing_tick,
        memory,
        convention,
        refuses_non_positive,
        model,
        netting,
        holds_natural_ends,
        keeps_unfilled_orders,
        indicators,
    } = profile;
    vec![
        ("fee_sides", format!("{fee_sides:?}")),
        ("entry_ends_at_time_limit", format!("{entry_ends_at_time_limit:?}")),
        ("needs_a_row", format!("{needs_a_row:?}")),
        ("closing_tick", format!("{closing_tick:?}")),
        ("memory", format!("{memory:?}")),
        ("convention", format!("{convention:?}")),
        ("refuses_non_positive", format!("{refuses_non_positive:?}")),
        ("model", format!("{model:?}")),
        ("netting", format!("{netting:?}")),
        ("holds_natural_ends", format!("{holds_natural_ends:?}")),
        ("keeps_unfilled_orders", format!("{keeps_unfilled_orders:?}")),
        ("indicators", format!("{indicators:?}")),
    ]
}

#[test]
fn every_field_has_a_switch_that_takes_it_alone() {
    let (old, new) = (V2_6, Profile { netting: Netting::AverageCost, ..V2_18 });
    let names: BTreeSet<&str> = SWITCHES.iter().map(|switch| switch.name).collect();
    assert_eq!(names, fields(&old).iter().map(|(name, _)| *name).collect());
    assert_eq!(names.len(), SWITCHES.len());
    for switch in &SWITCHES {
        assert!(!(switch.same)(&old, &new), "the two ends of the table differ in `{}`", switch.name);
        let mut mixed = old;
        (switch.take)(&mut mixed, &new);
        assert!((switch.same)(&mixed, &new));
        let changed: Vec<&str> = fields(&old)
            .into_iter()
            .zip(fields(&mixed))
            .filter(|(before, after)| before != after)
            .map(|(before, _)| before.0)
            .collect();
        assert_eq!(changed, [switch.name]);
        let (before, after) = ((switch.words)(&old), (switch.words)(&new));
        assert_ne!(before, after, "`{}` says the same of both", switch.name);
        assert!(!before.is_empty() && !after.is_empty());
    }
    let mut mixed = old;
    switch::differing(&old, &new).for_each(|switch| (switch.take)(&mut mixed, &new));
    assert_eq!(Profile { name: new.name, ..mixed }, new);
    assert_eq!(switch::differing(&new, &new).count(), 0);
}
