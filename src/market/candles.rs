//! Candles.
/// Candles.
#[derive(Debug)]
pub struct Candles;
