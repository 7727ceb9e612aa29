//! What an executor stands at on one candle.

/// The figures of an executor on one candle, as Hummingbot's simulators write them into their rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Snapshot {
    /// Profit net of fees, as a fraction of what was filled.
    pub net_pnl_pct: f64,
    /// Profit net of fees, in quote.
    pub net_pnl_quote: f64,
    /// Fees, in quote.
    pub cum_fees_quote: f64,
    /// What was filled, in quote. On the last row of executors that trade in and out it counts both.
    pub filled_amount_quote: f64,
    /// What Hummingbot reports as the position's average price, in quote.
    pub average_price: f64,
}
