//! Which stretch of time do candles cover, and what is missing in it?

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::market::Candles;
use crate::workflow::finding::Written;

/// The most gaps that are listed of one source; all of them are counted.
pub const GAPS_LISTED_MAX: usize = 1_000;

/// What one source of candles holds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Coverage {
    /// The venue, `binance`; empty where it is not known, because the source is damaged.
    pub connector: String,
    /// The trading pair, `BTC-USDT`; empty where it is not known.
    pub pair: String,
    /// The length of a candle, `1m`; `None` where it is not known.
    pub interval: Option<String>,
    /// The length of a candle, in seconds.
    pub interval_s: Option<i64>,
    /// The open time of the first candle, epoch seconds; `None` for a damaged source, as with the next ones.
    pub start: Option<i64>,
    /// The open time of the last candle, epoch seconds.
    pub end: Option<i64>,
    /// How many candles there are.
    pub rows: u64,
    /// Where candles are missing between the first and the last; the first thousand stretches.
    pub gaps: Vec<Gap>,
    /// How many such stretches there are.
    pub gap_count: u64,
    /// How many candles are missing between the first and the last.
    pub missing: u64,
    /// The file, relative to the project; of a generator, the recipe and the name there.
    pub source: String,
    /// The checksum that results name, 64 hex digits; `None` for a damaged source.
    pub sha256: Option<String>,
    /// Why the source is of no use; `None` where it is sound.
    pub problem: Option<Written>,
}

/// A stretch without candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The open time of the first candle that is missing, epoch seconds.
    pub start: i64,
    /// The open time of the last candle that is missing, epoch seconds.
    pub end: i64,
    /// How many candles are missing.
    pub missing: u64,
}

/// What a sound source covers, whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    /// The length of a candle; `None` where there is a single one whose length nobody tells.
    pub(super) interval_s: Option<i64>,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) rows: u64,
    pub(super) gaps: Vec<Gap>,
    pub(super) gap_count: u64,
    pub(super) missing: u64,
    pub(super) sha256: String,
}

impl Extent {
    /// Measures candles, at the interval that their name tells or at their own; `None` where there are none.
    pub(super) fn of(candles: &Candles, named: Option<i64>, sha256: String) -> Option<Self> {
        let (start, end) = (*candles.time.first()?, *candles.time.last()?);
        let interval_s = named.or_else(|| candles.interval());
        let all = interval_s.map(|interval| candles.gaps(interval)).unwrap_or_default();
        let gap = |gap: &crate::market::candles::Gap| {
            let interval = interval_s.unwrap_or_default();
            let missing = u64::try_from(gap.missing).unwrap_or_default();
            Gap { start: gap.after + interval, end: gap.after + gap.missing * interval, missing }
        };
        Some(Self {
            interval_s,
            start,
            end,
            rows: candles.len() as u64,
            gaps: all.iter().take(GAPS_LISTED_MAX).map(gap).collect(),
            gap_count: all.len() as u64,
            missing: all.iter().map(|gap| u64::try_from(gap.missing).unwrap_or_default()).sum(),
            sha256,
        })
    }
}

impl Coverage {
    /// Returns how many seconds of the stretch from the open time `start` to the open time `end` have candles.
    ///
    /// Gaps beyond those that are listed are not seen.
    #[must_use]
    pub fn covered_s(&self, start: i64, end: i64) -> i64 {
        let (Some(interval), Some(first), Some(last)) = (self.interval_s, self.start, self.end) else { return 0 };
        let overlap = |from: i64, to: i64| {
            let (from, to) = (from.max(start), to.saturating_add(interval).min(end.saturating_add(1)));
            to.saturating_sub(from).max(0)
        };
        let missing: i64 = self.gaps.iter().map(|gap| overlap(gap.start, gap.end)).sum();
        overlap(first, last) - missing
    }
}
