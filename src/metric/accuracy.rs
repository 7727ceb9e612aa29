//! Accuracy: the share of executors with a profit among those with a profit or a loss; zero without any.

use super::Run;
use super::Value;
use super::winners::Winners;
use crate::market::Side;

/// Returns the accuracy of both sides.
pub(super) fn overall(run: &Run<'_>) -> Value {
    share(&Winners::of(run, None))
}

/// Returns the accuracy of buys.
pub(super) fn long(run: &Run<'_>) -> Value {
    share(&Winners::of(run, Some(Side::Buy)))
}

/// Returns the accuracy of sells.
pub(super) fn short(run: &Run<'_>) -> Value {
    share(&Winners::of(run, Some(Side::Sell)))
}

fn share(winners: &Winners) -> Value {
    Value::Figure(Some(if winners.all == 0 { 0.0 } else { winners.won as f64 / winners.all as f64 }))
}
