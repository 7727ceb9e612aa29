//! The rows that a replay runs over: candles, joined with what the controller computed beforehand.

use std::borrow::Cow;

use crate::controller::features::Frame;
use crate::market::Candles;

/// Candles with the columns that a controller decides on.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<'a> {
    /// The candles that are replayed.
    pub candles: Cow<'a, Candles>,
    /// By row: the price that orders are placed around; `None` for the close.
    pub reference_price: Option<Vec<f64>>,
    /// By row: what spreads are multiplied by; `None` for one.
    pub spread_multiplier: Option<Vec<f64>>,
    /// By row: the direction to trade in; `None` for zero.
    pub signal: Option<Vec<f64>>,
}

impl<'a> Rows<'a> {
    /// Joins the candles with a controller's frame, as upstream does: each candle takes the last row of the frame whose open
    /// time is not after its own, and candles without one, or with one that lacks a value, are dropped.
    ///
    /// A row of a longer interval is so seen from its **open** on, before it could be known: upstream's look-ahead.
    #[must_use]
    pub fn join(candles: Cow<'a, Candles>, frame: Option<Frame>) -> Self {
        let Some(frame) = frame else {
            return Self { candles, reference_price: None, spread_multiplier: None, signal: None };
        };
        let mut taken = Vec::with_capacity(candles.len());
        let mut next = 0;
        for (row, &time) in candles.time.iter().enumerate() {
            while next < frame.time.len() && frame.time[next] <= time {
                next += 1;
            }
            if next > 0 && frame.is_complete[next - 1] {
                taken.push((row, next - 1));
            }
        }
        let column = |values: Option<Vec<f64>>| {
            values.map(|values| taken.iter().map(|&(_, from)| values[from]).collect::<Vec<f64>>())
        };
        let (reference_price, spread_multiplier, signal) =
            (column(frame.reference_price), column(frame.spread_multiplier), column(frame.signal));
        let candles = if taken.len() == candles.len() {
            candles
        } else {
            let kept: Vec<usize> = taken.iter().map(|&(row, _)| row).collect();
            Cow::Owned(candles.picked(&kept))
        };
        Self { candles, reference_price, spread_multiplier, signal }
    }
}
