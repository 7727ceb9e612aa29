//! Every metric of a parity replay, one line each, in the order in which Hummingbot reports them.

use indexmap::IndexMap;

use super::Convention;
use super::Measure;
use super::Run;
use super::Value;
use super::accuracy;
use super::causal;
use super::close_types;
use super::counts;
use super::drawdown;
use super::holds;
use super::net_pnl;
use super::profit_factor;
use super::sharpe_ratio;
use super::total_fees_quote;
use super::total_volume;

/// The metrics that every upstream generation reports.
const METRICS: [(&str, Measure); 18] = [
    ("net_pnl", net_pnl::fraction),
    ("net_pnl_quote", net_pnl::quote),
    ("total_executors", counts::executors),
    ("total_executors_with_position", counts::with_position),
    ("total_volume", total_volume::measure),
    ("total_long", counts::long),
    ("total_short", counts::short),
    ("close_types", close_types::measure),
    ("accuracy_long", accuracy::long),
    ("accuracy_short", accuracy::short),
    ("total_positions", counts::with_position),
    ("accuracy", accuracy::overall),
    ("max_drawdown_usd", drawdown::quote),
    ("max_drawdown_pct", drawdown::fraction),
    ("sharpe_ratio", sharpe_ratio::measure),
    ("profit_factor", profit_factor::measure),
    ("win_signals", counts::won),
    ("loss_signals", counts::lost),
];

/// The metrics that came with v2.14.
const SINCE_SERIES: [(&str, Measure); 3] = [
    ("unrealized_pnl_quote", holds::unrealized),
    ("position_realized_pnl_quote", holds::realized),
    ("total_fees_quote", total_fees_quote::measure),
];

/// Computes every metric that the run's convention reports.
#[must_use]
pub fn measure(run: &Run<'_>) -> IndexMap<&'static str, Value> {
    let metrics: Vec<&(&'static str, Measure)> = match run.convention {
        Convention::Executors => METRICS.iter().collect(),
        Convention::Series => METRICS.iter().chain(&SINCE_SERIES).collect(),
        Convention::Causal => causal::registry::METRICS.iter().collect(),
    };
    metrics.into_iter().map(|(name, measure)| (*name, measure(run))).collect()
}
