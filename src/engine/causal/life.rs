//! An executor on its way, of whichever kind: what it is told, and what it tells.
//!
//! An executor is handed one closed candle after the other and nothing else, so it cannot know what comes.

use crate::engine::causal::account::Account;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::costs::Costs;
use crate::engine::causal::dca::Dca;
use crate::engine::causal::departure::Departure;
use crate::engine::causal::ending::Ending;
use crate::engine::causal::grid::Grid;
use crate::engine::causal::order::Order;
use crate::engine::causal::position::Position;
use crate::engine::grid;
use crate::executor::CloseType;
use crate::executor::ExecutorConfig;
use crate::executor::info::GridReport;
use crate::market::TradingRules;

/// An executor that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// What it has bought and sold.
    account: Account,
    /// When it leaves at an open.
    departure: Departure,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Position(Position),
    Dca(Box<Dca>),
    Grid(Box<Grid>),
    Order(Order),
}

impl Life {
    /// Starts an executor that a controller asked for at a close.
    ///
    /// # Errors
    ///
    /// Refuses a grid whose levels cannot be computed.
    pub fn new(config: &ExecutorConfig, close: f64, rules: &TradingRules) -> Result<Self, grid::Error> {
        let (kind, from, limit) = match config {
            ExecutorConfig::Position(it) => (Kind::Position(Position::new(it)), it.time, it.barrier.time_limit),
            // A limit of zero is none, as it is upstream.
            ExecutorConfig::Dca(it) => {
                (Kind::Dca(Box::new(Dca::new(it))), it.anchor, it.time_limit.filter(|&limit| limit > 0))
            }
            ExecutorConfig::Grid(it) => (Kind::Grid(Box::new(Grid::new(it, close, rules)?)), it.time, it.time_limit),
            ExecutorConfig::Order(it) => (Kind::Order(Order::new(it, close)), it.time, None),
        };
        Ok(Self { account: Account::default(), departure: Departure::new(from, limit), kind })
    }

    /// Lives through a candle; returns the end, if it came.
    pub fn step(&mut self, bar: &Bar, costs: &Costs) -> Option<Ending> {
        if let Some(ending) = self.departure.due(bar) {
            self.account.leave(bar.open, costs);
            return Some(ending);
        }
        let account = &mut self.account;
        match &mut self.kind {
            Kind::Position(position) => position.step(bar, costs, account),
            Kind::Dca(dca) => dca.step(bar, costs, account),
            Kind::Grid(grid) => grid.step(bar, costs, account, &mut self.departure),
            Kind::Order(order) => order.step(bar, costs, account),
        }
    }

    /// Is told by the controller to stop, at a close. One that has traded leaves at the next open, unless its position is kept.
    pub fn stop(&mut self, keep_position: bool, time: i64) -> Option<Ending> {
        if !self.account.has_traded() {
            return Some(Ending { close_type: CloseType::EarlyStop, time });
        }
        if keep_position {
            return Some(Ending { close_type: CloseType::PositionHold, time });
        }
        self.departure.order(CloseType::EarlyStop);
        None
    }

    /// Returns its trades.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Hands its position over: returns the size in base and the price in quote.
    pub fn hand_over(&mut self) -> (f64, f64) {
        let price = match &self.kind {
            Kind::Grid(grid) => grid.held_price(),
            Kind::Position(_) | Kind::Dca(_) | Kind::Order(_) => self.account.average_price(),
        };
        (self.account.hand_over(price), price)
    }

    /// Returns what is reported of a grid's levels; `None` for the other kinds.
    #[must_use]
    pub fn grid_report(&self) -> Option<Box<GridReport>> {
        let Kind::Grid(grid) = &self.kind else { return None };
        Some(Box::new(grid.report()))
    }
}
