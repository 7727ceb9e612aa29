//! How do the candles of a market come from an exchange?
//!
//! A download ends as one CSV file that holds all candles from its first to its last, apart from those that the venue does not
//! have. It is extended at both ends, never in between, so what was asked before is not asked again:
//!
//! ```text
//!  asked now     start ├───────────────────────────────────────────┤ end
//!  in the file                  ├─────────────────┤
//!  asked for     ◂──────────────┤                 ├────────────────▸
//! ```
//!
//! Pages are asked for away from the file, and each is noted in a journal beside it, so a download that ends early, by whatever,
//! is gone on with where it ended.

pub mod registry;

mod binance;
mod kucoin;

pub mod download;
pub mod venue;

mod client;
mod journal;
mod pages;

pub mod pace;
pub mod reach;

pub mod error;

pub use download::Fetched;
pub use download::Order;
pub use download::Watch;
pub use download::download;
pub use error::Error;
pub use pace::Pace;
pub use venue::Interval;
pub use venue::Pair;
pub use venue::Venue;
