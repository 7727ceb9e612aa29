//! What a controller asks for: one of the kinds of executor.

use crate::executor::dca::DcaConfig;
use crate::executor::grid::GridConfig;
use crate::executor::order::OrderConfig;
use crate::executor::position::LevelId;
use crate::executor::position::PositionConfig;
use crate::market::Side;

/// The configuration of an executor.
#[derive(Debug, Clone, PartialEq)]
pub enum ExecutorConfig {
    /// One order and the barriers that end what it opened.
    Position(PositionConfig),
    /// Orders ever further from the price, and the barriers that end what they opened.
    Dca(Box<DcaConfig>),
    /// Many levels between two prices, each traded again and again.
    Grid(Box<GridConfig>),
    /// One order whose fill is kept.
    Order(OrderConfig),
}

impl ExecutorConfig {
    /// Returns the way it trades.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Position(config) => config.side,
            Self::Dca(config) => config.side,
            Self::Grid(config) => config.side,
            Self::Order(config) => config.side,
        }
    }

    /// Returns the controller's number for its level; `None` for controllers without levels.
    #[must_use]
    pub fn level(&self) -> Option<LevelId> {
        match self {
            Self::Position(config) => config.level,
            Self::Dca(config) => config.level,
            Self::Grid(config) => config.level,
            Self::Order(config) => Some(config.level),
        }
    }

    /// Returns when it was created, epoch seconds, as the controller stamped it.
    #[must_use]
    pub fn time(&self) -> i64 {
        match self {
            Self::Position(config) => config.time,
            Self::Dca(config) => config.time,
            Self::Grid(config) => config.time,
            Self::Order(config) => config.time,
        }
    }

    /// Returns the name of its kind, as Hummingbot has it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Position(_) => "position_executor",
            Self::Dca(_) => "dca_executor",
            Self::Grid(_) => "grid_executor",
            Self::Order(_) => "order_executor",
        }
    }
}
