//! What is known of an executor once it has ended.

use crate::executor::CloseType;
use crate::executor::ExecutorConfig;
use crate::executor::Snapshot;

/// An ended executor, in Hummingbot's figures.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutorInfo {
    /// What was asked for.
    pub config: ExecutorConfig,
    /// When it ended, epoch seconds.
    pub close_time: i64,
    /// Why it ended.
    pub close_type: CloseType,
    /// What it stood at when it ended.
    pub figures: Snapshot,
    /// The close of the candle in which it ended.
    pub close_price: f64,
    /// Its levels, of a grid; `None` for the other kinds.
    pub grid: Option<Box<GridReport>>,
    /// When its opening order last changed, epoch seconds: its fill, or the last look at it while it waited.
    pub order_update_time: i64,
}

/// An executor that had not ended when the candles did.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenExecutor {
    /// What was asked for.
    pub config: ExecutorConfig,
    /// What it stood at, its position valued at the last close.
    pub figures: Snapshot,
    /// When its opening order filled, epoch seconds; `None` where it had not.
    pub fill_time: Option<i64>,
}

/// What Hummingbot reports of a grid beside its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct GridReport {
    /// The levels' prices, in quote.
    pub prices: Vec<f64>,
    /// The prices at which the levels are closed again, in quote.
    pub take_profit_prices: Vec<f64>,
    /// How often a level filled or was closed again.
    pub fill_event_count: usize,
}
