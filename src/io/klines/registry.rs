//! Which exchanges can candles be downloaded from?

use crate::io::klines::binance::Binance;
use crate::io::klines::kucoin::KuCoin;
use crate::io::klines::venue::Venue;

/// All exchanges, by name.
pub const VENUES: [&dyn Venue; 2] = [&Binance, &KuCoin];

/// Returns the exchange with this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Venue> {
    VENUES.into_iter().find(|venue| venue.name() == name)
}
