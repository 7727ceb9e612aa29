//! What a controller sees of an executor that has not ended.

use crate::executor::ExecutorConfig;
use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::decimal::Price;

/// The number of an executor: its place in the order of creation, from zero.
///
/// Hummingbot draws its ids at random, and two of one moment collide now and then; numbers in order cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutorId(pub u32);

/// An executor that has not ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActiveExecutor {
    /// Its number.
    pub id: ExecutorId,
    /// The controller's number for its level; `None` for controllers without levels.
    pub level: Option<LevelId>,
    /// The way it trades.
    pub side: Side,
    /// When it was created, epoch seconds, as the controller stamped it.
    pub time: i64,
    /// Whether its opening order has filled.
    pub is_trading: bool,
    /// When its opening order filled, epoch seconds; `None` while it waits.
    pub fill_time: Option<i64>,
    /// The price that it was configured with, in quote; zero for kinds without one.
    pub entry_price: Price,
}

impl ActiveExecutor {
    /// Returns what is seen of an executor that was just created.
    #[must_use]
    pub fn new(id: ExecutorId, config: &ExecutorConfig) -> Self {
        Self {
            id,
            level: config.level(),
            side: config.side(),
            time: config.time(),
            is_trading: false,
            fill_time: None,
            entry_price: match config {
                ExecutorConfig::Position(config) => config.entry_price,
                ExecutorConfig::Order(config) => config.price.into(),
                ExecutorConfig::Dca(_) | ExecutorConfig::Grid(_) => Decimal::ZERO.into(),
            },
        }
    }
}
