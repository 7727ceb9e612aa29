//! Who looks on while a replay runs, and may stop it?

use std::ops::ControlFlow;

/// How many rows lie between two looks: few enough that a replay with hundreds of executors stops within milliseconds, and so
/// many that looking costs nothing.
pub const ROWS_BETWEEN_LOOKS: usize = 256;

/// How far a replay has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glimpse {
    /// How many rows are done.
    pub row: usize,
    /// How many there are.
    pub row_count: usize,
    /// The time of the row that comes next, epoch seconds.
    pub time: i64,
    /// How many executors have not ended.
    pub active_count: usize,
    /// How many have ended.
    pub ended_count: usize,
    /// The profit of those that have ended, in quote.
    pub realized_pnl_quote: f64,
}

/// Somebody who looks on.
pub trait Watch {
    /// Is shown how far the replay has come, about every [`ROWS_BETWEEN_LOOKS`] rows; a break stops it. It may take its time:
    /// the replay waits.
    fn look(&mut self, glimpse: &Glimpse) -> ControlFlow<()>;
}

/// Nobody looks on, and nothing is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nobody;

impl Watch for Nobody {
    fn look(&mut self, _glimpse: &Glimpse) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
