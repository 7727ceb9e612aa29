//! The DCA executor: orders ever further from the price, and the barriers that end what they opened.

use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;

/// What a controller asks for when it opens a DCA.
#[derive(Debug, Clone, PartialEq)]
pub struct DcaConfig {
    /// The time that it is stamped with, epoch seconds.
    pub time: i64,
    /// Where the time limit starts to count, epoch seconds.
    ///
    /// Mostly [`Self::time`]. Upstream's `dman_v3` reads the wall clock here, which is later than all candles, so that the
    /// limit never comes: [`i64::MAX`] says so.
    pub anchor: i64,
    /// The way the position goes.
    pub side: Side,
    /// Who takes: only makers can be simulated.
    pub mode: DcaMode,
    /// The orders, in the order in which the simulator takes them up; upstream's `prices` and `amounts_quote`.
    pub orders: Vec<DcaOrder>,
    /// The gain on the break-even price at which all ends, as a fraction; `None` and zero are no goal.
    pub take_profit: Option<Decimal>,
    /// The loss on the break-even price of all orders at which all ends, as a fraction. Upstream fails without one.
    pub stop_loss: Option<Decimal>,
    /// Where it ends when the price falls back.
    pub trailing_stop: Option<DcaTrailingStop>,
    /// How long it may live from [`Self::anchor`] on, in seconds; `None` and zero are no limit.
    pub time_limit: Option<i64>,
    /// The controller's number for its place among its orders; `None` for controllers without levels.
    pub level: Option<LevelId>,
}

/// One order of a DCA.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DcaOrder {
    /// Its limit price, in quote.
    pub price: Decimal,
    /// Its size, in quote.
    pub amount_quote: Decimal,
}

/// How the orders of a DCA are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DcaMode {
    /// As limit orders.
    #[default]
    Maker,
    /// As market orders, once the price is there.
    Taker,
}

/// A stop that follows the best close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DcaTrailingStop {
    /// The gain on the break-even price that arms it, as a fraction.
    pub activation: Decimal,
    /// How far below the best close since then it stands, as a fraction of that close.
    pub delta: Decimal,
}
