//! The DCA executor, candle by candle.
//!
//! # Fills, and where they flatter
//!
//! All its orders wait from its creation on, and each fills at its limit as a position's does ([`super::position`]). The
//! barriers are relative to the average price of what has filled; all exits are market orders, and send back the orders that
//! still wait. The stop loss holds once the last order has filled, as a live DCA's does: before that the loss has no bound.
//! On a candle that fills an order no profit is taken. Several orders may fill on one candle, in the order of their prices,
//! which is certain; that there was enough for each of them is not, and flatters.

use crate::engine::causal::account::Account;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::bar::worse;
use crate::engine::causal::costs::Costs;
use crate::engine::causal::ending::Ending;
use crate::engine::causal::guard::Guard;
use crate::engine::causal::guard::Seen;
use crate::executor::dca::DcaConfig;
use crate::executor::position::TrailingStop;
use crate::market::Decimal;

/// A DCA on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Dca {
    /// The orders that wait.
    waiting: Vec<Order>,
    guard: Guard,
    is_new: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Order {
    price: f64,
    amount: f64,
}

impl Dca {
    /// Starts a DCA that a controller asked for.
    #[must_use]
    pub fn new(config: &DcaConfig) -> Self {
        let order = |price: f64, amount_quote: f64| Order { price, amount: amount_quote / price };
        let orders = config.orders();
        // Zero is no barrier, as it is upstream.
        let barrier = |value: Option<Decimal>| value.map(Decimal::to_f64).filter(|&it| it > 0.0);
        let trailing = config
            .trailing_stop
            .map(|stop| TrailingStop { activation: stop.activation.to_f64(), delta: stop.delta.to_f64() });
        Self {
            waiting: orders.iter().map(|it| order(it.price.to_f64(), it.amount_quote.to_f64())).collect(),
            guard: Guard::new(config.side, barrier(config.stop_loss), barrier(config.take_profit), true, trailing),
            is_new: true,
        }
    }

    /// Lives through a candle.
    pub fn step(&mut self, bar: &Bar, costs: &Costs, account: &mut Account) -> Option<Ending> {
        let seen = self.fill(bar, costs, account);
        if !account.has_traded() {
            return None;
        }
        let exit = self.guard.watch(bar, account.average_price(), seen, self.waiting.is_empty())?;
        exit.book(account, costs);
        Some(Ending { close_type: exit.close_type, time: bar.close_time })
    }

    /// Fills the orders that the candle reaches; returns what of it comes after the last fill.
    fn fill(&mut self, bar: &Bar, costs: &Costs, account: &mut Account) -> Seen {
        let (side, arrives) = (self.guard.side, std::mem::take(&mut self.is_new));
        let mut seen = Seen::Whole;
        self.waiting.retain(|order| {
            if arrives && bar.opens_beyond(side, order.price) {
                account.open(side, order.price, order.amount, costs.taker_fee, bar.open_time);
            } else if bar.trades_through(side, order.price) {
                account.open(side, order.price, order.amount, costs.maker_fee, bar.close_time);
                seen = Seen::Since(match seen {
                    Seen::Whole => order.price,
                    Seen::Since(price) => worse(side, price, order.price),
                });
            } else {
                return true;
            }
            false
        });
        seen
    }
}
