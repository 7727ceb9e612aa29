//! How an executor will go if nobody stops it: the future that its simulator found.

use crate::engine::dca::Dca;
use crate::engine::grid::Grid;
use crate::engine::order::Order;
use crate::engine::position::Ground;
use crate::engine::position::Position;
use crate::executor::CloseType;
use crate::executor::ExecutorConfig;
use crate::executor::Snapshot;
use crate::executor::info::GridReport;
use crate::market::TradingRules;

/// A simulated executor.
#[derive(Debug, Clone)]
pub enum Plan {
    /// A position.
    Position(Position),
    /// A DCA.
    Dca(Dca),
    /// A grid.
    Grid(Box<Grid>),
    /// An order.
    Order(Order),
}

/// Why an executor could not be simulated: where upstream raises an exception.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A DCA.
    #[error(transparent)]
    Dca(#[from] crate::engine::dca::Error),
    /// A grid.
    #[error(transparent)]
    Grid(#[from] crate::engine::grid::Error),
}

/// What executors are simulated on, and under.
#[derive(Debug)]
pub struct Field<'a> {
    /// The candles, with the fees of a position.
    pub ground: Ground<'a>,
    /// The fee of one side of a trade, as a fraction.
    pub trade_cost: f64,
    /// The venue's rules.
    pub rules: TradingRules,
    /// Whether an order that never fills waits to the end.
    pub keeps_unfilled_orders: bool,
}

impl Plan {
    /// Simulates an executor that is created at a row; `None` for one that upstream drops. What comes after the opening fill of
    /// a position or a DCA is left to [`Self::follow`].
    ///
    /// # Errors
    ///
    /// Returns an error where upstream raises one.
    pub fn of(config: &ExecutorConfig, field: &Field<'_>, created: usize) -> Result<Option<Self>, Error> {
        let candles = field.ground.candles();
        Ok(match config {
            ExecutorConfig::Position(config) => Some(Self::Position(field.ground.place(config, created))),
            ExecutorConfig::Dca(config) => Dca::place(candles, config, created)?.map(Self::Dca),
            ExecutorConfig::Grid(config) => {
                let grid = Grid::simulate(candles, config, created, field.trade_cost, Some(&field.rules))?;
                Some(Self::Grid(Box::new(grid)))
            }
            ExecutorConfig::Order(config) => {
                let order = Order::simulate(candles, config, created, field.trade_cost);
                (order.fill.is_some() || field.keeps_unfilled_orders).then_some(Self::Order(order))
            }
        })
    }

    /// Simulates what comes after a fill by a row, where that was left out: to be called at every row of [`Self::first_change`].
    pub fn follow(&mut self, config: &ExecutorConfig, field: &Field<'_>, row: usize) {
        match (self, config) {
            (Self::Position(position), ExecutorConfig::Position(config)) => field.ground.follow(position, config, row),
            (Self::Dca(dca), ExecutorConfig::Dca(config)) => dca.follow(field.ground.candles(), config, row),
            _ => {}
        }
    }

    /// Returns the row in which it ends.
    #[must_use]
    pub fn end(&self) -> usize {
        match self {
            Self::Position(position) => position.end,
            Self::Dca(dca) => dca.end,
            Self::Grid(grid) => grid.end,
            Self::Order(order) => order.end,
        }
    }

    /// Returns why it ends.
    #[must_use]
    pub fn close_type(&self) -> CloseType {
        match self {
            Self::Position(position) => position.close_type,
            Self::Dca(dca) => dca.close_type,
            Self::Grid(grid) => grid.close_type,
            Self::Order(order) => order.close_type,
        }
    }

    /// Returns the row from which on controllers may see it trade, and its profit may be no number; `None` if there is none.
    #[must_use]
    pub fn first_change(&self) -> Option<usize> {
        match self {
            Self::Position(position) => position.fill,
            Self::Dca(dca) => dca.first_change(),
            Self::Grid(grid) => grid.fill,
            Self::Order(order) => order.fill,
        }
    }

    /// Returns the first row after `row` in which it ends, or controllers may see another state of it.
    #[must_use]
    pub fn next_change(&self, row: usize) -> usize {
        self.first_change().filter(|&change| change > row).map_or(self.end(), |change| change.min(self.end()))
    }

    /// Returns the row of its first fill if it is at or before `row`, and something was filled.
    #[must_use]
    pub fn filled_by(&self, row: usize) -> Option<usize> {
        match self {
            Self::Position(position) => position.filled_by(row).filter(|_| position.filled_quote > 0.0),
            Self::Dca(dca) => {
                dca.booked_from().filter(|&from| from <= row && dca.is_trading(from.min(dca.end.saturating_sub(1))))
            }
            Self::Grid(grid) => grid.filled_by(row),
            Self::Order(order) => order.fill.filter(|&fill| fill <= row),
        }
    }

    /// Returns whether it trades on a row: something was filled, and it has not ended.
    #[must_use]
    pub fn is_trading(&self, row: usize) -> bool {
        match self {
            Self::Position(position) => position.filled_quote > 0.0 && position.filled_by(row).is_some(),
            Self::Dca(dca) => dca.is_trading(row),
            // What a grid has filled stays filled until its end. Its figures would say the same, but walk there from its creation.
            Self::Grid(grid) => grid.filled_by(row).is_some(),
            Self::Order(order) => order.fill.is_some_and(|fill| fill <= row),
        }
    }

    /// Returns whether its profit is a number on a row.
    #[must_use]
    pub fn has_profit(&self, row: usize) -> bool {
        match self {
            Self::Dca(dca) => dca.has_profit(row),
            Self::Position(_) | Self::Grid(_) | Self::Order(_) => true,
        }
    }

    /// Returns what it stands at on a row, from its creation to its end.
    #[must_use]
    pub fn at(&self, config: &ExecutorConfig, field: &Field<'_>, row: usize) -> Snapshot {
        match (self, config) {
            (Self::Position(position), ExecutorConfig::Position(config)) => position.at(config, &field.ground, row),
            (Self::Dca(dca), _) => dca.at(&field.ground, row),
            (Self::Grid(grid), _) => grid.at(field.ground.candles(), row),
            (Self::Order(order), _) => order.at(row),
            (Self::Position(_), _) => unreachable!("a plan stands beside the configuration that it was made of"),
        }
    }

    /// Returns what is reported of a grid's levels; `None` for the other kinds.
    #[must_use]
    pub fn grid_report(&self) -> Option<Box<GridReport>> {
        let Self::Grid(grid) = self else { return None };
        Some(Box::new(GridReport {
            prices: grid.levels.prices.clone(),
            take_profit_prices: grid.levels.take_profit_prices.clone(),
            fill_event_count: grid.fill_event_count,
        }))
    }
}
