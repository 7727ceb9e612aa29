//! The causal replay: the same controllers, and no look into the future.
//!
//! A controller decides at the close of a candle and sees only what has closed by then ([`sight`]). What it asks for meets
//! the market from the next candle on ([`life`]): executors are handed one closed candle after the other, so that more
//! candles after the end change nothing. What is open at the end stays open, and is valued at the last close.
//!
//! All amounts are in quote, prices in quote a base, both as binary floats: this replay equals no other program's, so it has
//! no need of decimals. Each fill model says in its own page where it still flatters; all of them leave out the queue before
//! our order, the depth of the book, latency, funding, leverage and liquidation.

pub mod replay;
pub mod sight;

pub mod life;

pub mod dca;
pub mod grid;
pub mod order;
pub mod position;

pub mod account;
pub mod bar;
pub mod costs;
pub mod departure;
pub mod ending;
pub mod guard;

pub use costs::Costs;
pub use replay::replay;
pub use replay::replay_watched;
