//! How the profit of a replay grew, a row a candle.

/// The profit of a replay, a row a candle, as it stood before the controller decided.
///
/// A row is stamped with the candle's open time in parity, with its close time in causal mode.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Epoch seconds.
    pub time: Vec<i64>,
    /// The profit of all executors that had ended, but for those that kept their position, in quote.
    pub executor_realized_pnl: Vec<f64>,
    /// The realised profit of the open holds, in quote; in causal mode of closed ones, too. Empty in parity where
    /// nothing was held.
    pub position_realized_pnl: Vec<f64>,
    /// The unrealised profit of the open holds, in quote; empty in parity where nothing was held.
    pub position_unrealized_pnl: Vec<f64>,
    /// The profit of the executors that had not ended, marked at the close, net of the fees so far, in quote; empty in parity,
    /// where upstream leaves it out.
    pub executor_unrealized_pnl: Vec<f64>,
    /// The value of everything that executors and holds had open, long and short added up, in quote; empty in parity.
    pub position_quote: Vec<f64>,
    /// The sum of all profit, in quote.
    pub total_pnl: Vec<f64>,
    /// How many executors had not ended.
    pub active_count: Vec<u32>,
    /// The traded volume of all executors that had ended, in quote; in causal mode of the others, too.
    pub volume_quote: Vec<f64>,
}

impl Series {
    /// Starts a series for a number of candles: all columns are empty.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self {
            time: Vec::with_capacity(rows),
            executor_realized_pnl: column(),
            position_realized_pnl: Vec::new(),
            position_unrealized_pnl: Vec::new(),
            executor_unrealized_pnl: Vec::new(),
            position_quote: Vec::new(),
            total_pnl: column(),
            active_count: Vec::with_capacity(rows),
            volume_quote: column(),
        }
    }
}

/// The value of what was held, a row a candle on which something was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeldSeries {
    /// Epoch seconds, as in [`Series`].
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
