//! The replay: the loop over candles, and the simulators of executors.
//!
//! A replay is a function of candles, a controller, a cost and a [`profile::Profile`], and of nothing else. It reads no
//! clock and draws no numbers, so the same inputs give the same bytes on every machine.

pub mod audit;
pub mod causal;
pub mod dca;
pub mod grid;
pub mod hold;
pub mod order;
pub mod plan;
pub mod position;
pub mod profile;
pub mod replay;
pub mod rows;
pub mod series;
pub mod watch;

pub use profile::Profile;
pub use replay::Replay;
