//! Why an executor ended.

use std::fmt;

/// Why an executor ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseType {
    /// The controller stopped it.
    EarlyStop,
    /// Its order never filled, and the candles ended.
    Expired,
    /// It could not be simulated; such an executor is dropped.
    Failed,
    /// What it had filled was kept, and went to the ledger of holds.
    PositionHold,
    /// The loss reached its bound.
    StopLoss,
    /// The profit reached its goal.
    TakeProfit,
    /// Its time was up, or the candles were.
    TimeLimit,
    /// The profit fell back from its best by the trailing distance.
    TrailingStop,
}

impl CloseType {
    /// Returns the name that Hummingbot gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EarlyStop => "EARLY_STOP",
            Self::Expired => "EXPIRED",
            Self::Failed => "FAILED",
            Self::PositionHold => "POSITION_HOLD",
            Self::StopLoss => "STOP_LOSS",
            Self::TakeProfit => "TAKE_PROFIT",
            Self::TimeLimit => "TIME_LIMIT",
            Self::TrailingStop => "TRAILING_STOP",
        }
    }
}

impl fmt::Display for CloseType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
