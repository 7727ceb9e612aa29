//! The executors that ended after a fill, those that left a hold included, and those of them that won or lost.

use crate::executor::CloseType;
use crate::executor::ExecutorInfo;
use crate::metric::Run;
use crate::metric::Value;

/// Counts the executors that ended after a fill.
pub(super) fn measure(run: &Run<'_>) -> Value {
    Value::Count(filled(run).count() as u64)
}

/// Returns the profits and losses of those that ended after a fill, in quote, each net of its fees: neither zeros, nor what
/// went to the holds undecided.
pub(super) fn outcomes(run: &Run<'_>) -> impl Iterator<Item = f64> {
    let decided = filled(run).filter(|executor| executor.close_type != CloseType::PositionHold);
    decided.map(|executor| executor.figures.net_pnl_quote).filter(|pnl| *pnl != 0.0)
}

fn filled<'a>(run: &Run<'a>) -> impl Iterator<Item = &'a ExecutorInfo> + use<'a> {
    run.executors.iter().filter(|executor| executor.figures.filled_amount_quote > 0.0)
}
