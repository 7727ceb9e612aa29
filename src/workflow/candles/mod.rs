//! Which candles are there, and where do more come from?
//!
//! The store is the candles of the project's recipes and the files in `.hive/candles/`, which are found by name:
//!
//! ```text
//! .hive/candles/binance__BTC-USDT__1m.csv       CONNECTOR__PAIR__INTERVAL, as CSV,
//! .hive/candles/kucoin__ETH-USDT__5m.csv.gz     gzipped CSV,
//! .hive/candles/okx__SOL-USDT__1h.parquet       or Parquet
//! ```

pub mod coverage;
pub mod store;

pub mod download;
pub mod wanted;

pub mod name;
pub mod read;

mod kept;

pub use coverage::Coverage;
pub use coverage::Gap;
pub use download::download;
pub use store::Found;
pub use store::Store;
pub use wanted::Wanted;

/// Hears Ctrl-C while it lives, so that a download ends as one that was cancelled.
pub use crate::io::interrupt::Listening as Interrupt;
