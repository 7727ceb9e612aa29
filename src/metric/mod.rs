//! Metrics: what a run is worth, one file for each, all listed in `registry.rs`.
//!
//! The definitions of a parity replay are Hummingbot's own, so that a native result can be laid beside an upstream one.
//! Hummingbot changed some of them in v2.14. Those of a causal replay are the literature's, in `causal/`. A [`Convention`]
//! says which are meant.

mod accuracy;
mod causal;
mod close_types;
mod counts;
mod drawdown;
mod holds;
mod net_pnl;
mod profit_factor;
pub mod registry;
mod sharpe_ratio;
mod total_fees_quote;
mod total_volume;
mod winners;

use indexmap::IndexMap;

use crate::executor::CloseType;
use crate::executor::ExecutorInfo;
use crate::executor::hold::HoldSummary;
use crate::market::Decimal;
use crate::market::decimal::Operand;

/// Whose definitions are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Until v2.13: drawdown and Sharpe over the executors that had a profit or a loss, in the order of ending.
    Executors,
    /// Since v2.14: drawdown and Sharpe over the profit at each candle.
    Series,
    /// Of causal replays: drawdown and ratios over the equity at each close, net of all fees.
    Causal,
}

/// What metrics are computed from.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The executors that ended, in upstream's order.
    pub executors: &'a [ExecutorInfo],
    /// The profit in quote at each candle; in causal replays the whole profit at its close, realised or not, net of all fees.
    pub total_pnl_quote: &'a [f64],
    /// The budget, in quote.
    pub total_amount_quote: Decimal,
    /// Whose definitions are meant.
    pub convention: Convention,
    /// The position that ended executors left behind, marked at the last close; `None` where none did.
    pub hold: Option<HoldSummary>,
    /// The length of a row of the series, in seconds.
    pub period: i64,
    /// What was held at the close of each row, in quote, long and short added up; empty in parity, where it is not known.
    pub position_quote: &'a [f64],
    /// Fees of all that was traded up to the end, in quote (causal).
    pub fees_quote: f64,
    /// Everything that was bought and sold up to the end, in quote (causal).
    pub volume_quote: f64,
    /// The profit at the end of what was still open, holds included, in quote (causal).
    pub unrealized_pnl_quote: f64,
}

/// Computes one metric.
type Measure = fn(&Run<'_>) -> Value;

impl<'a> Run<'a> {
    /// Returns the executors that did not leave their position to the holds: their profit is booked.
    pub fn booked(&self) -> impl Iterator<Item = &'a ExecutorInfo> + Clone + use<'a> {
        self.executors.iter().filter(|executor| executor.close_type != CloseType::PositionHold)
    }

    /// Returns whether drawdown and Sharpe are over the profit at each candle: since v2.14, with two candles or more.
    #[must_use]
    pub fn is_over_series(&self) -> bool {
        self.convention == Convention::Series && self.total_pnl_quote.len() > 1
    }

    /// Returns the executors that had a profit or a loss.
    pub fn with_position(&self) -> impl Iterator<Item = &'a ExecutorInfo> + Clone + use<'a> {
        self.booked().filter(|executor| executor.figures.net_pnl_quote != 0.0)
    }
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number of things.
    Count(u64),
    /// A figure; `None` where it does not exist, such as the Sharpe ratio of profits that do not vary.
    Figure(Option<f64>),
    /// Numbers of things by name, sorted by name.
    Counts(IndexMap<String, u64>),
}

/// Adds decimals as Python's `sum` over a column does: one after the other, each step rounded to 28 digits.
fn decimal_sum<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    decimal_total(values).map_or(0.0, Operand::to_f64)
}

/// Adds floats as decimals; `None` without any. A single value keeps all its digits.
fn decimal_total<'a>(mut values: impl Iterator<Item = &'a f64>) -> Option<Operand> {
    let first = *values.next()?;
    Some(values.fold(first.into(), |sum, &value| Decimal::sum(sum, value).into()))
}

/// Returns running decimal sums of floats; the first keeps all its digits.
fn cumulative(values: impl Iterator<Item = f64>) -> impl Iterator<Item = Operand> {
    values.scan(None, |sum: &mut Option<Operand>, value| {
        let next = match *sum {
            None => Operand::from(value),
            Some(sum) => Decimal::sum(sum, value).into(),
        };
        *sum = Some(next);
        Some(next)
    })
}
