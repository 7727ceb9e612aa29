//! Metrics of a causal replay, in the definitions of the literature instead of Hummingbot's; `registry.rs` lists them.
//!
//! All are plain floats over the budget, the profit at the close of each row and the ended executors. What an executor left
//! behind as a hold is neither won nor lost: it counts where its position is valued, in the profit at each close.

mod calmar_ratio;
mod equity;
mod exposure;
mod filled;
mod hit_rate;
mod max_drawdown;
mod net_pnl;
mod profit_factor;
pub(super) mod registry;
mod sharpe_ratio;
mod sortino_ratio;
mod time_in_market;
mod total_fees_quote;
mod total_volume;
mod turnover;

use super::Value;

/// Returns a figure, which does not exist where it is no finite number; there is no minus zero.
fn figure(figure: Option<f64>) -> Value {
    Value::Figure(figure.filter(|figure| figure.is_finite()).map(|figure| figure + 0.0))
}
