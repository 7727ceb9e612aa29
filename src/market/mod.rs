//! The vocabulary of a market: decimals, candles, sides, time.

pub mod candles;
pub mod decimal;
pub mod side;
pub mod synthetic;

pub use candles::Candles;
pub use decimal::Decimal;
pub use side::Side;
