//! hive keeps a patched, self-extended Hummingbot reproducible, upgradeable and provably unchanged.
//!
//! # The map of the house
//!
//! Calls go down, values come up, nothing goes back. `tests/it/tidy.rs` holds the table of who may import whom.
//!
//! | floor | rooms |
//! |---|---|
//! | faces | [`cli`], `service` (HTTP, behind the feature `serve`) |
//! | use cases | [`workflow`]: one file per use case; the only floor that may ask what time it is |
//! | replay | [`engine`], on [`controller`], [`executor`], [`metric`], [`market`] |
//! | figures | [`indicator`]: what candles say, to the last bit of the library that upstream asks; imports nothing of ours |
//! | causes | [`cause`]: which of many changes causes a drift, and how much belongs to each; imports nothing of ours |
//! | environments | [`recipe`], [`patch`], [`registration`], [`image`], [`golden`]: values in, values out |
//! | hands | [`io`]: files, downloads, archives |
//!
//! # A replay, from candles to results
//!
//! ```
//! use hive::controller::registry;
//! use hive::engine::profile;
//! use hive::engine::replay::Setup;
//! use hive::engine::replay::replay;
//! use hive::market::TradingRules;
//! use hive::market::synthetic::Walk;
//!
//! let walk = Walk {
//!     seed: 7,
//!     rows: 1440,
//!     start: 1_767_225_600,
//!     interval: 60,
//!     price: 93_000.0,
//!     tick: 0.1,
//!     volume: 2.0,
//!     volatility_bps: 7.0,
//! };
//! let config = serde_json::json!({
//!     "controller_type": "market_making", "controller_name": "pmm_simple",
//!     "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT", "total_amount_quote": 1000,
//!     "buy_spreads": "0.001", "sell_spreads": "0.001", "buy_amounts_pct": "", "sell_amounts_pct": "",
//! });
//! let profile = profile::of_version("20260922")?;
//! let mut controller = registry::build(config.as_object().expect("a table"), &profile.setting(None))?;
//! let setup = Setup {
//!     candles: &walk.candles(),
//!     start: walk.start,
//!     end: i64::MAX,
//!     resolution: 60,
//!     trade_cost: 0.0002,
//!     profile,
//!     rules: TradingRules::default(),
//! };
//! let replay = replay(&setup, controller.as_mut())?;
//! assert_eq!(replay.series.time.len(), 1440);
//! assert!(!replay.executors.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is absent is a promise: nothing below `workflow` but `io` opens a file, reads the clock or the environment,
//! draws a random number, or walks a hash map. The same inputs give the same bytes.

pub mod cli;
#[cfg(feature = "serve")]
pub mod service;
pub mod workflow;

pub mod engine;

pub mod controller;
pub mod executor;
pub mod metric;

pub mod indicator;

pub mod cause;
pub mod golden;
pub mod image;
pub mod patch;
pub mod recipe;
pub mod registration;

pub mod io;

pub mod market;

/// The examples of README.md, compiled and run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
