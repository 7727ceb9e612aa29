//! Replay profiles: what one generation of upstream's backtester does differently from the next.

use thiserror::Error;

use crate::metric::Convention;

/// The semantics of one upstream generation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// The profile's name: the first upstream version that behaves so.
    pub name: &'static str,
    /// How often an executor pays the trade cost: once before v2.14, for entry and exit since.
    pub fee_sides: f64,
    /// Whether the search for the opening fill stops at the time limit. Before v2.14 it looked at all later candles, and the
    /// fill it found there moved the stop loss of an executor that had not filled.
    pub entry_ends_at_time_limit: bool,
    /// Whether executors that were created or stopped on the very last candle are reported.
    pub closing_tick: bool,
    /// How long a controller remembers what has ended, in seconds; `None` is for ever.
    pub memory: Option<i64>,
    /// How the results are defined.
    pub convention: Convention,
    /// Whether executors with a price or an amount of zero or less are refused.
    pub refuses_non_positive: bool,
}

/// v2.6.0 to v2.12: one fee for a round trip, results over executors.
pub const V2_6: Profile = Profile {
    name: "2.6",
    fee_sides: 1.0,
    entry_ends_at_time_limit: false,
    closing_tick: false,
    memory: None,
    convention: Convention::Executors,
    refuses_non_positive: false,
};

/// v2.15 and v2.16: fees for entry and exit, results over the series of profit.
pub const V2_16: Profile = Profile {
    name: "2.16",
    fee_sides: 2.0,
    entry_ends_at_time_limit: true,
    closing_tick: false,
    memory: None,
    convention: Convention::Series,
    refuses_non_positive: false,
};

/// The release of 2026-09-22: a closing tick, and controllers that forget after an hour.
pub const V2_18: Profile =
    Profile { name: "2.18", closing_tick: true, memory: Some(3600), refuses_non_positive: true, ..V2_16 };

/// All profiles, oldest first.
pub const PROFILES: [Profile; 3] = [V2_6, V2_16, V2_18];

/// From which version on which profile holds; versions as on PyPI (dates) and as git tags.
///
/// An entry without a profile starts a range that no profile is proven for; its text says why.
const RANGES: [(Version, Version, Option<&str>, &str); 6] = [
    ((2, 6), (20_250_525, 0), Some("2.6"), ""),
    ((2, 13), (20_260_126, 0), None, "the backtester of v2.13 raises an AttributeError with every controller"),
    ((2, 14), (20_260_410, 0), None, "v2.14 books position holds otherwise than v2.15"),
    ((2, 15), (20_260_601, 0), Some("2.16"), ""),
    ((2, 17), (20_260_901, 0), None, "no release between v2.16 and 20260922 has been measured"),
    ((2, 18), (20_260_920, 0), Some("2.18"), ""),
];

/// A version as a pair that compares: release number or date.
type Version = (u64, u64);

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
/// # Errors
///
/// Refuses a version that no profile is proven for, and names the nearest profile.
pub fn of_version(version: &str) -> Result<Profile, Error> {
    let unproven =
        |reason: &str, nearest| Error::Unproven { version: version.to_owned(), reason: reason.to_owned(), nearest };
    let number = version.trim().trim_start_matches("dev-").trim_start_matches('v');
    let mut parts = number.split('.').map(|part| part.parse::<u64>().ok());
    let Some(first) = parts.next().flatten() else {
        return Err(unproven("it is not a version", PROFILES[PROFILES.len() - 1].name));
    };
    let asked = (first, parts.next().flatten().unwrap_or(0));
    let dated = first > 10_000;
    let reached = RANGES.iter().rev().find(|(number, date, ..)| asked >= if dated { *date } else { *number });
    match reached {
        None => Err(unproven("it is older than the oldest measured release", PROFILES[0].name)),
        Some((.., Some(name), _)) => named(name),
        Some((.., None, reason)) => {
            let newer = asked >= if dated { (20_260_901, 0) } else { (2, 17) };
            Err(unproven(reason, if newer { "2.18" } else { "2.16" }))
        }
    }
}
