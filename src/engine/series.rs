//! How the profit of a replay grew, a row a candle.

/// The profit of a replay, a row a candle, as it stood before the controller decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Open times, epoch seconds.
    pub time: Vec<i64>,
    /// The profit of all executors that had ended, but for those that kept their position, in quote.
    pub executor_realized_pnl: Vec<f64>,
    /// The realised profit of the open holds, in quote.
    pub position_realized_pnl: Vec<f64>,
    /// The unrealised profit of the open holds, in quote.
    pub position_unrealized_pnl: Vec<f64>,
    /// The sum of the three, in quote.
    pub total_pnl: Vec<f64>,
    /// How many executors had not ended.
    pub active_count: Vec<u32>,
    /// The traded volume of all executors that had ended, in quote.
    pub volume_quote: Vec<f64>,
}

impl Series {
    /// Starts a series for a number of candles.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self {
            time: Vec::with_capacity(rows),
            executor_realized_pnl: column(),
            position_realized_pnl: column(),
            position_unrealized_pnl: column(),
            total_pnl: column(),
            active_count: Vec::with_capacity(rows),
            volume_quote: column(),
        }
    }
}

/// The value of what was held, a row a candle on which something was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeldSeries {
    /// Open times, epoch seconds.
    pub time: Vec<i64>,
    /// What was held long, in quote at the close.
    pub long_amount: Vec<f64>,
    /// What was held short, in quote at the close.
    pub short_amount: Vec<f64>,
    /// Its unrealised profit, in quote.
    pub unrealized_pnl: Vec<f64>,
    /// Its realised profit, in quote.
    pub realized_pnl: Vec<f64>,
}
