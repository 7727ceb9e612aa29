//! Controllers decide: they see a moment of the market and answer with actions.
//!
//! A controller is one file and one line in `registry.rs`. One of Hummingbot's reads its configuration as Hummingbot would, and
//! does no arithmetic of its own that Hummingbot does otherwise. One of your own may do as it likes: README.md shows a whole
//! one. Either kind of replay takes it as `&mut dyn Controller`, [`replay`](crate::engine::replay::replay) or
//! [`causal::replay`](crate::engine::causal::replay()).

pub mod form;
pub mod registry;

pub mod market_making;
pub mod pmm_simple;

pub mod dman_maker_v2;
pub mod pmm_dynamic;
pub mod pmm_dynamic_2;
pub mod pmm_mister;
pub mod pmm_v1;

pub mod bollinger_v1;
pub mod bollinger_v2;
pub mod bollingrid;
pub mod directional;
pub mod dman_v3;
pub mod macd_bb_v1;
pub mod supertrend_v1;

pub mod grid_strike;
pub mod multi_grid_strike;

pub mod config;
pub mod features;
pub mod ladder;

mod barrier;
mod bollinger;
mod grid;
mod macd;
mod unrunnable;

use crate::controller::config::Model;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::controller::features::Frame;
use crate::executor::ActiveExecutor;
use crate::executor::ExecutorConfig;
use crate::executor::ExecutorId;
use crate::executor::ExecutorInfo;
use crate::executor::hold::HoldSummary;
use crate::executor::position::LevelId;
use crate::indicator::Generation;
use crate::market::Decimal;
use crate::market::TradingRules;
use crate::market::candles;
use crate::market::decimal::Operand;

/// A strategy: sees a moment, answers with actions.
///
/// Only [`Self::decide`] and [`Self::total_amount_quote`] have to be written. A controller that trades on indicators writes
/// [`Self::features`] **and** [`Self::feed`]: a causal replay refuses features without a feed. What a frame has no column
/// for, such as the width of a band, is kept in the controller; `features` is called before the moments that see it.
pub trait Controller {
    /// Computes columns from the candles that it is handed; `None` where the controller needs none.
    ///
    /// A parity replay asks once, with the whole window, as upstream's backtester does. A causal one asks whenever a candle of
    /// [`Self::feed`] has closed, with those that have closed.
    ///
    /// # Errors
    ///
    /// Returns an error when the candles cannot be joined to the controller's interval.
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let _ = feeds;
        Ok(None)
    }

    /// Returns the candles that a live bot would hand to [`Self::features`] at every moment; `None` for a controller that
    /// computes none. A causal replay hands it exactly these, and takes the last row of the frame.
    fn feed(&self) -> Option<Feed> {
        None
    }

    /// Appends what is to be done at this moment, in the order in which it is to be done.
    ///
    /// # Errors
    ///
    /// Returns an error where Hummingbot's controller would raise one.
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError>;

    /// Returns the time, epoch seconds, before which [`Self::decide`] is sure to do nothing **as long as no executor is created,
    /// changes or ends**, whatever the candles do; by itself the moment's own, which promises nothing.
    ///
    /// A parity replay asks once the actions of a moment are carried out, and does not call `decide` before that time. A
    /// causal one calls it at every moment.
    fn idle_until(&self, moment: &Moment<'_>) -> i64 {
        moment.time
    }

    /// Returns the name of a level that this controller has numbered, `buy_0`; by itself the number.
    fn level_name(&self, level: LevelId) -> String {
        level.0.to_string()
    }

    /// Returns the budget, in quote, which results are measured against.
    fn total_amount_quote(&self) -> Decimal;
}

/// Which of the two kinds of replay a controller decides in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As in upstream's backtester, which asks controllers for their figures once, before the first candle, and freezes them.
    Parity,
    /// As in a live bot, which asks at every moment, and knows nothing that has not happened.
    Causal,
}

/// What a controller is told beside its configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Which kind of replay it is for.
    pub mode: Mode,
    /// How configurations are read.
    pub model: Model,
    /// The generation of the indicator library.
    pub indicators: Generation,
    /// The venue's rules.
    pub rules: TradingRules,
    /// What the wall clock reads all through the replay, epoch seconds; upstream's `dman_v3` stamps its executors with it.
    pub wall_clock: i64,
}

impl Setting {
    /// The moment at which upstream's figures were measured, 2026-09-21, and later than the candles that they were measured on.
    pub const CLOCK: i64 = 1_790_000_000;

    /// Returns what the wall clock reads where it is only said to be later than a window of candles: [`Self::CLOCK`], or a
    /// year after the window where that is later.
    #[must_use]
    pub fn clock_after(end: i64) -> i64 {
        Self::CLOCK.max(end.saturating_add(366 * 86_400))
    }
}

/// What a controller sees when it decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moment<'a> {
    /// The time, epoch seconds: the open time of the current candle in a parity replay, its close time in a causal one.
    pub time: i64,
    /// The close of the current candle, in quote.
    pub close: f64,
    /// The price that orders are placed around, in quote.
    pub reference_price: f64,
    /// What spreads are multiplied by.
    pub spread_multiplier: f64,
    /// The direction to trade in: 1, 0 or −1.
    pub signal: f64,
    /// The executors that have not ended, in the order of creation.
    pub active: &'a [ActiveExecutor],
    /// All executors that have ended, in the order of ending.
    pub ended: &'a [ExecutorInfo],
    /// The first of [`Self::ended`] that the controller may still look at: upstream forgets what ended long ago.
    pub visible_from: usize,
    /// The position that ended executors left behind, marked at the close; `None` while nothing is held.
    pub held: Option<&'a HoldSummary>,
}

/// What a controller asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Create an executor.
    Create(ExecutorConfig),
    /// Stop an executor.
    Stop {
        /// Which one.
        id: ExecutorId,
        /// Whether what it has filled is kept, as a hold.
        keep_position: bool,
    },
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
    /// A causal replay does not know which candles to compute from.
    #[error("the controller computes features but names no feed, so there are no candles to compute them from")]
    NoFeed,
    /// Upstream divides what an executor has waited by a time that is zero.
    #[error("an executor of level `{level}` is measured by `{key}`, which is zero")]
    ZeroTime {
        /// The level's name.
        level: String,
        /// The key of the time.
        key: &'static str,
    },
    /// The upstream version refuses orders of this kind.
    #[error("{} has {what} {value}, which this upstream version refuses", owner(level))]
    NotPositive {
        /// The level's name; empty for an executor without a level.
        level: String,
        /// Which figure is refused.
        what: &'static str,
        /// The figure.
        value: Operand,
    },
}

fn owner(level: &str) -> String {
    if level.is_empty() { "an executor".to_owned() } else { format!("level `{level}`") }
}
