//! Replay profiles: what one generation of upstream's backtester does differently from the next.

pub mod switch;

use thiserror::Error;

use crate::controller::Mode;
use crate::controller::Setting;
use crate::controller::config::Model;
use crate::engine::hold::Netting;
use crate::indicator::Generation;
use crate::market::TradingRules;
use crate::metric::Convention;

/// The semantics of one upstream generation.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one thing that a release changed, independent of the others")]
pub struct Profile {
    /// The profile's name: the upstream version that it was first measured on.
    pub name: &'static str,
    /// How often an executor pays the trade cost: once before v2.14, for entry and exit since.
    pub fee_sides: f64,
    /// Whether the search for the opening fill stops at the time limit. Before v2.14 it looked at all later candles, and the
    /// fill it found there moved the stop loss of an executor that had not filled.
    pub entry_ends_at_time_limit: bool,
    /// Whether a window without a row to replay is an error. Before v2.14 its results were zeros.
    pub needs_a_row: bool,
    /// Whether executors that were created or stopped on the very last candle are reported.
    pub closing_tick: bool,
    /// How long a controller remembers what has ended, in seconds; `None` is for ever.
    pub memory: Option<i64>,
    /// How the results are defined.
    pub convention: Convention,
    /// Whether executors with a price or an amount of zero or less are refused.
    pub refuses_non_positive: bool,
    /// How configurations are read.
    pub model: Model,
    /// How what executors keep becomes a position.
    pub netting: Netting,
    /// Whether executors that end by themselves and keep what they filled, filled orders and grids at their limit, are part
    /// of that position. Before, only what a controller stopped was.
    pub holds_natural_ends: bool,
    /// Whether an order that never fills waits to the end of the candles. Before, upstream dropped it when it was created.
    pub keeps_unfilled_orders: bool,
    /// The generation of the indicator library that its releases resolve to.
    pub indicators: Generation,
}

impl Profile {
    /// Returns what a controller is told; `indicators` is the generation that a scenario insists on.
    ///
    /// The mode is parity, the venue's rules are usual ones, and the wall clock reads [`Setting::CLOCK`].
    #[must_use]
    pub fn setting(&self, indicators: Option<Generation>) -> Setting {
        Setting {
            mode: Mode::Parity,
            model: self.model,
            indicators: indicators.unwrap_or(self.indicators),
            rules: TradingRules::default(),
            wall_clock: Setting::CLOCK,
        }
    }
}

/// v2.6 to v2.12: one fee for a round trip, results over executors.
pub const V2_6: Profile = Profile {
    name: "2.6",
    fee_sides: 1.0,
    entry_ends_at_time_limit: false,
    needs_a_row: false,
    closing_tick: false,
    memory: None,
    convention: Convention::Executors,
    refuses_non_positive: false,
    model: Model::V2_6_1,
    netting: Netting::Totals,
    holds_natural_ends: false,
    keeps_unfilled_orders: false,
    indicators: Generation::Classic,
};

/// v2.6.0 itself, whose configurations do not know `skip_rebalance` yet.
const V2_6_0: Profile = Profile { model: Model::V2_6, ..V2_6 };

/// v2.10 to v2.12, whose indicators are computed by TA-Lib.
const V2_10: Profile = Profile { indicators: Generation::TaLib08, ..V2_6 };

/// v2.14: fees for entry and exit, results over the series of profit. Executors go as in v2.16, but for orders that never
/// fill; what they keep does not.
pub const V2_14: Profile = Profile { name: "2.14", netting: Netting::Totals, model: Model::V2_13, ..V20260601 };

/// One release on the way from v2.14 to v2.15, which holds positions as v2.15 does and orders as v2.14 did.
pub const V20260601: Profile =
    Profile { name: "20260601", holds_natural_ends: false, keeps_unfilled_orders: false, ..V2_15 };

/// v2.15 and v2.16.
pub const V2_16: Profile = Profile {
    name: "2.16",
    fee_sides: 2.0,
    entry_ends_at_time_limit: true,
    needs_a_row: true,
    closing_tick: false,
    memory: None,
    convention: Convention::Series,
    refuses_non_positive: false,
    model: Model::V2_16,
    netting: Netting::AverageCost,
    holds_natural_ends: true,
    keeps_unfilled_orders: true,
    indicators: Generation::TaLib08,
};

/// Since v2.17: a closing tick, controllers that forget after an hour, and executors that check themselves.
pub const V2_18: Profile = Profile {
    name: "2.18",
    closing_tick: true,
    memory: Some(3600),
    refuses_non_positive: true,
    model: Model::V2_17,
    ..V2_16
};

/// v2.15, whose `pmm_mister` asks its global bounds again where v2.16 waits until nothing is held.
const V2_15: Profile = Profile { model: Model::V2_15, ..V2_16 };

/// All profiles, oldest first.
pub const PROFILES: [Profile; 5] = [V2_6, V2_14, V20260601, V2_16, V2_18];

/// From which version on which profile holds.
///
/// The dates are those of the first release that contains the change, which may call itself by the number before or after.
const RANGES: [Range; 10] = [
    (Some((2, 6, 0)), (20_250_525, 0, 0), Some(V2_6_0), ""),
    (Some((2, 6, 1)), (20_250_612, 0, 0), Some(V2_6), ""),
    (Some((2, 10, 0)), (20_251_103, 0, 0), Some(V2_10), ""),
    (Some((2, 13, 0)), (20_260_201, 0, 0), None, "its backtester raises an AttributeError with every controller"),
    (Some((2, 14, 0)), (20_260_410, 0, 0), Some(V2_14), ""),
    (None, (20_260_601, 0, 0), Some(V20260601), ""),
    (Some((2, 15, 0)), (20_260_616, 0, 0), Some(V2_15), ""),
    (Some((2, 16, 0)), (20_260_729, 0, 0), Some(V2_16), ""),
    (Some((2, 17, 0)), (20_260_901, 0, 0), Some(V2_18), ""),
    (Some((2, 19, 0)), (20_260_923, 0, 0), None, "it is newer than the newest measured release, 20260922"),
];

/// A version as a triple that compares: the parts of a release number, or a date and two zeros.
type Version = (u64, u64, u64);

/// A line of the table: the first git tag, `None` where no tag has what it is about; the first release date on PyPI; the
/// profile, and why there is none.
type Range = (Option<Version>, Version, Option<Profile>, &'static str);

/// Why no profile could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// No profile has this name.
    #[error("there is no replay profile `{name}`")]
    Unknown {
        /// The name as given.
        name: String,
    },
    /// The version is not one that the table covers.
    #[error("no replay profile is proven for upstream `{version}`: {reason}")]
    Unproven {
        /// The upstream version.
        version: String,
        /// Why there is none.
        reason: String,
        /// The profile that is nearest.
        nearest: &'static str,
    },
}

impl Error {
    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        let names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        match self {
            Self::Unknown { .. } => format!("the profiles are {}", names.join(", ")),
            Self::Unproven { nearest, .. } => {
                format!("write `replay-profile = \"{nearest}\"` in the scenario to accept the nearest one knowingly")
            }
        }
    }
}

/// Returns the profile of a name.
///
/// # Errors
///
/// Refuses an unknown name.
pub fn named(name: &str) -> Result<Profile, Error> {
    let found = PROFILES.into_iter().find(|profile| profile.name == name);
    found.ok_or_else(|| Error::Unknown { name: name.to_owned() })
}

/// Returns the profile of an upstream version: a release date of the package index (`20250609`), a tag (`v2.16.0`), or the
/// content of the tree's `VERSION` file (`dev-2.18.0`).
///
/// A tree on the way to a version may behave as that version or as the one before, so it has a profile only where the two
/// have the same.
///
/// # Errors
///
/// Refuses a version that no profile is proven for, and names the nearest profile.
pub fn of_version(version: &str) -> Result<Profile, Error> {
    let unproven =
        |reason: &str, nearest| Error::Unproven { version: version.to_owned(), reason: reason.to_owned(), nearest };
    let number = version.trim();
    let (number, in_development) = number.strip_prefix("dev-").map_or((number, false), |number| (number, true));
    let mut parts = number.trim_start_matches('v').split('.').map(|part| part.parse::<u64>().ok());
    let Some(first) = parts.next().flatten() else {
        return Err(unproven("it is not a version", V2_18.name));
    };
    let mut part = || parts.next().flatten().unwrap_or(0);
    let asked = (first, part(), part());
    let found = reached(asked);
    if in_development {
        let before = reached((asked.0, asked.1.saturating_sub(1), u64::MAX));
        if before != found {
            let nearest = [before, found].into_iter().flatten().find_map(|range| range.2).unwrap_or(V2_6);
            let reason = "a tree on the way to this version may still behave as the version before";
            return Err(unproven(reason, nearest.name));
        }
    }
    match found {
        None => Err(unproven("it is older than the oldest measured release", V2_6.name)),
        Some((.., Some(profile), _)) => Ok(*profile),
        Some((_, date, None, reason)) => {
            let before = RANGES.iter().rev().filter(|range| range.1 < *date).find_map(|range| range.2);
            Err(unproven(reason, before.unwrap_or(V2_6).name))
        }
    }
}

/// Returns the last range that begins at or before a version.
fn reached(asked: Version) -> Option<&'static Range> {
    let dated = asked.0 > 10_000;
    let begins = |(number, date, ..): &Range| if dated { Some(*date) } else { *number };
    RANGES.iter().rev().find(|range| begins(range).is_some_and(|first| asked >= first))
}
