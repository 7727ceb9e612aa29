//! The order executor, candle by candle.
//!
//! # Fills, and where they flatter
//!
//! A market order fills at the open of the candle after its creation, worse by the slippage; so does a chaser, which on a
//! venue might wait longer for a better price. A limit order fills at its limit: as a taker where that candle opens at or
//! beyond it, as a maker once a candle has traded through it. A maker order is placed no better than the close of its
//! creation, and where the market has passed it by the next open it is taken to wait at its price all the same: a venue would
//! have refused it. Whole fills flatter large orders. What is filled is kept, as a hold.

use crate::engine::causal::account::Account;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::bar::worse;
use crate::engine::causal::costs::Costs;
use crate::engine::causal::ending::Ending;
use crate::executor::CloseType;
use crate::executor::order::ExecutionStrategy;
use crate::executor::order::OrderConfig;
use crate::market::Side;

/// An order on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    side: Side,
    price: f64,
    amount: f64,
    strategy: ExecutionStrategy,
    is_new: bool,
}

impl Order {
    /// Starts an order that a controller asked for at a close.
    #[must_use]
    pub fn new(config: &OrderConfig, close: f64) -> Self {
        let price = config.price.to_f64();
        Self {
            side: config.side,
            price: match config.strategy {
                ExecutionStrategy::LimitMaker => worse(config.side, price, close),
                _ => price,
            },
            amount: config.amount.to_f64(),
            strategy: config.strategy,
            is_new: true,
        }
    }

    /// Lives through a candle.
    pub fn step(&mut self, bar: &Bar, costs: &Costs, account: &mut Account) -> Option<Ending> {
        let (side, arrives) = (self.side, std::mem::take(&mut self.is_new));
        let (price, fee, time) = match self.strategy {
            ExecutionStrategy::Market | ExecutionStrategy::LimitChaser => {
                (costs.taken(side, bar.open), costs.taker_fee, bar.open_time)
            }
            ExecutionStrategy::Limit if arrives && bar.opens_beyond(side, self.price) => {
                (self.price, costs.taker_fee, bar.open_time)
            }
            _ if bar.trades_through(side, self.price) => (self.price, costs.maker_fee, bar.close_time),
            _ => return None,
        };
        account.open(side, price, self.amount, fee, time);
        Some(Ending { close_type: CloseType::PositionHold, time })
    }
}
