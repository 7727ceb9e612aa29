//! hive's own API, `/api/…`: one file a subject.

pub mod backtest;
pub mod candles;
pub mod catalogue;
pub mod csv;
pub mod events;
pub mod jobs;
pub mod session;
