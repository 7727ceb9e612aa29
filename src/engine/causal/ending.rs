//! Why an executor ended, and when that was certain.

use crate::executor::CloseType;

/// The end of an executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Why it ended.
    pub close_type: CloseType,
    /// When that was certain, epoch seconds: the open of a candle for what happened there, else its close.
    pub time: i64,
}
