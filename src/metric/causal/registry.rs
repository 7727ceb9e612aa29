//! Every metric of a causal replay, one line each, in the order in which they are reported.

use super::calmar_ratio;
use super::exposure;
use super::filled;
use super::hit_rate;
use super::max_drawdown;
use super::net_pnl;
use super::profit_factor;
use super::sharpe_ratio;
use super::sortino_ratio;
use super::time_in_market;
use super::total_fees_quote;
use super::total_volume;
use super::turnover;
use crate::metric::Measure;
use crate::metric::close_types;
use crate::metric::counts;

/// The metrics that [`crate::metric::Convention::Causal`] reports.
pub(in crate::metric) const METRICS: [(&str, Measure); 19] = [
    ("net_pnl", net_pnl::fraction),
    ("net_pnl_quote", net_pnl::quote),
    ("realized_pnl_quote", net_pnl::realized),
    ("unrealized_pnl_quote", net_pnl::unrealized),
    ("total_fees_quote", total_fees_quote::measure),
    ("total_volume", total_volume::measure),
    ("turnover", turnover::measure),
    ("total_executors", counts::executors),
    ("total_executors_with_position", filled::measure),
    ("close_types", close_types::measure),
    ("hit_rate", hit_rate::measure),
    ("profit_factor", profit_factor::measure),
    ("max_drawdown_quote", max_drawdown::quote),
    ("max_drawdown", max_drawdown::fraction),
    ("sharpe_ratio", sharpe_ratio::measure),
    ("sortino_ratio", sortino_ratio::measure),
    ("calmar_ratio", calmar_ratio::measure),
    ("exposure", exposure::measure),
    ("time_in_market", time_in_market::measure),
];
