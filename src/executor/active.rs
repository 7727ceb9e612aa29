//! What a controller sees of an executor that has not ended.

use crate::executor::position::LevelId;
use crate::market::Side;

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
    /// The controller's number for its level.
    pub level: LevelId,
    /// The way it trades.
    pub side: Side,
    /// When it was created, epoch seconds.
    pub time: i64,
    /// Whether its opening order has filled.
    pub is_trading: bool,
}
