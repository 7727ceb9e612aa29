//! How many executors with a profit or a loss there were on a side, and how many of them won.

use super::Run;
use crate::market::Side;

/// Executors with a profit or a loss, and those with a profit among them.
pub(super) struct Winners {
    /// All of them.
    pub(super) all: u64,
    /// Those with a profit.
    pub(super) won: u64,
}

impl Winners {
    /// Counts the executors of one side, or of both.
    pub(super) fn of(run: &Run<'_>, side: Option<Side>) -> Self {
        let mut winners = Self { all: 0, won: 0 };
        for executor in run.with_position().filter(|executor| side.is_none_or(|side| executor.config.side() == side)) {
            winners.all += 1;
            winners.won += u64::from(executor.figures.net_pnl_quote > 0.0);
        }
        winners
    }
}
