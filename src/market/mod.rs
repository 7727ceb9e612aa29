//! The vocabulary of a market: decimals, candles, sides, time.

pub mod candles;
pub mod decimal;
pub mod pairwise;
pub mod rules;
pub mod search;
pub mod side;
pub mod synthetic;

pub use candles::Candles;
pub use decimal::Decimal;
pub use rules::TradingRules;
pub use side::Side;
