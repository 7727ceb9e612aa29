//! What controllers compute before a replay, on candles of their own interval.

use std::borrow::Cow;

use crate::market::Candles;
use crate::market::candles;

/// The candles that a controller may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Feeds<'a> {
    /// All candles of the scenario's file.
    pub candles: &'a Candles,
    /// The first open time that the replay sees, epoch seconds, inclusive.
    pub start: i64,
    /// The last one, inclusive.
    pub end: i64,
    /// The length of a replayed candle, in seconds.
    pub resolution: i64,
    /// Whether the candles are of the controller's interval already, and those that it shall see: in a causal replay.
    pub is_joined: bool,
}

/// What a controller keeps of its own candles when it runs live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// The length of a candle, in seconds.
    pub interval: i64,
    /// How many candles it keeps: upstream's `max_records`.
    pub records: usize,
}

impl<'a> Feeds<'a> {
    /// Returns the candles of an interval within the replay's window, as Hummingbot's data provider hands them out: what is
    /// before the start is cut away, so indicators have no warm-up. In a causal replay they are the last ones that closed.
    ///
    /// # Errors
    ///
    /// Returns an error for an interval that the candles cannot be joined to.
    pub fn window(&self, interval: i64) -> Result<Cow<'a, Candles>, candles::Error> {
        if self.is_joined {
            return Ok(Cow::Borrowed(self.candles));
        }
        Ok(match self.candles.resampled(interval)? {
            Cow::Borrowed(candles) => candles.window(self.start, self.end),
            Cow::Owned(candles) => Cow::Owned(candles.window(self.start, self.end).into_owned()),
        })
    }
}

/// Returns the last complete row of a frame that a replayed candle takes, by the open times of those candles; `None` where
/// none does. A frame of a shorter interval than theirs goes on after it.
#[must_use]
pub fn last_taken(replayed: &[i64], time: &[i64], is_complete: &[bool]) -> Option<usize> {
    let taken = |&at: &i64| time.partition_point(|&open| open <= at).checked_sub(1);
    replayed.iter().rev().filter_map(taken).find(|&row| is_complete[row])
}

/// Columns that a controller computed, a row a candle of its interval.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// Open times, epoch seconds, rising.
    pub time: Vec<i64>,
    /// How many candles it takes at least: with fewer, upstream's library computes nothing at all, not even a column without
    /// a value, and the controller fails.
    pub candle_count_min: usize,
    /// By row: whether every column of upstream's frame has a value there. Rows without are dropped.
    pub is_complete: Vec<bool>,
    /// The price that orders are placed around, in quote; `None` where the controller does not compute one.
    pub reference_price: Option<Vec<f64>>,
    /// What spreads are multiplied by; `None` where the controller does not compute it.
    pub spread_multiplier: Option<Vec<f64>>,
    /// The direction to trade in: 1, 0 or −1; `None` where the controller does not compute it.
    pub signal: Option<Vec<f64>>,
}
