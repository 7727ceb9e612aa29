//! Controllers decide: they see a moment of the market and answer with actions.
//!
//! A controller is one file and one line in `registry.rs`. It implements [`Controller`], reads its configuration as
//! Hummingbot would, and does no arithmetic of its own that Hummingbot does otherwise.

pub mod config;
pub mod market_making;
pub mod pmm_simple;
pub mod registry;

use crate::executor::ExecutorInfo;
use crate::executor::active::ActiveExecutor;
use crate::executor::active::ExecutorId;
use crate::executor::position::LevelId;
use crate::executor::position::PositionConfig;
use crate::market::Decimal;

/// A strategy: sees a moment, answers with actions.
pub trait Controller {
    /// Appends what is to be done at this moment, in the order in which it is to be done.
    ///
    /// # Errors
    ///
    /// Returns an error where Hummingbot's controller would raise one.
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError>;

    /// Returns the name of a level that this controller has numbered, `buy_0`.
    fn level_name(&self, level: LevelId) -> String;

    /// Returns the budget, in quote.
    fn total_amount_quote(&self) -> Decimal;
}

/// What a controller sees when it decides.
#[derive(Debug)]
pub struct Moment<'a> {
    /// The open time of the current candle, epoch seconds.
    pub time: i64,
    /// The close of the current candle, in quote.
    pub close: f64,
    /// The price that orders are placed around, in quote.
    pub reference_price: f64,
    /// What spreads are multiplied by.
    pub spread_multiplier: f64,
    /// The executors that have not ended, in the order of creation.
    pub active: &'a [ActiveExecutor],
    /// All executors that have ended, in the order of ending.
    pub ended: &'a [ExecutorInfo],
    /// The first of [`Self::ended`] that the controller may still look at: upstream forgets what ended long ago.
    pub visible_from: usize,
}

/// What a controller asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Open a position.
    Open(PositionConfig),
    /// Stop an executor.
    Stop(ExecutorId),
}

/// Why a controller could not decide.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DecisionError {
    /// A spread of 1 on the buy side asks for a price of zero.
    #[error("level `{level}` has a price of zero, so its amount cannot be computed")]
    ZeroPrice {
        /// The level's name.
        level: String,
    },
    /// The upstream version refuses orders of this kind.
    #[error("level `{level}` has {what} {value}, which this upstream version refuses")]
    NotPositive {
        /// The level's name.
        level: String,
        /// Which figure is refused.
        what: &'static str,
        /// The figure.
        value: Decimal,
    },
}
