//! The DCA executor: orders ever further from the price, and the barriers that end what they opened.

use std::borrow::Cow;
use std::sync::Arc;

use crate::executor::ladder::Ladder;
use crate::executor::ladder::Rung;
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
    /// The orders, in the order in which the simulator takes them up; see [`Self::orders`].
    pub orders: DcaOrders,
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

impl DcaConfig {
    /// Returns the orders; upstream's `prices` and `amounts_quote`.
    ///
    /// # Panics
    ///
    /// Panics where they hang on a ladder at a price of zero: there is no such level.
    #[must_use]
    pub fn orders(&self) -> Cow<'_, [DcaOrder]> {
        match &self.orders {
            DcaOrders::Listed(orders) => Cow::Borrowed(orders),
            DcaOrders::Hung { ladder, price, amount_quote } => {
                let amount = Decimal::quotient(*amount_quote, *price).expect("no level has a price of zero");
                let order = |rung: &Rung| {
                    let price = rung.price(self.side, *price);
                    DcaOrder { price, amount_quote: Decimal::product(Decimal::product(amount, rung.share), price) }
                };
                ladder.rungs().iter().map(order).collect()
            }
        }
    }

    /// Returns the price of the first order, in quote; `None` without orders.
    #[must_use]
    pub fn first_price(&self) -> Option<Decimal> {
        match &self.orders {
            DcaOrders::Listed(orders) => orders.first().map(|order| order.price),
            DcaOrders::Hung { ladder, price, .. } => ladder.rungs().first().map(|rung| rung.price(self.side, *price)),
        }
    }

    /// Returns whether all prices and amounts are above zero and no order is nearer than the one before it, so that none fills
    /// before that one.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        match &self.orders {
            DcaOrders::Listed(orders) => {
                let goes_away = |pair: &[DcaOrder]| match self.side {
                    Side::Buy => pair[1].price <= pair[0].price,
                    Side::Sell => pair[1].price >= pair[0].price,
                };
                orders.iter().all(|order| order.price.is_positive() && order.amount_quote.is_positive())
                    && orders.windows(2).all(goes_away)
            }
            DcaOrders::Hung { ladder, price, amount_quote } => {
                price.is_positive() && amount_quote.is_positive() && ladder.is_regular(self.side)
            }
        }
    }
}

/// How the orders of a DCA are given.
#[derive(Debug, Clone, PartialEq)]
pub enum DcaOrders {
    /// Each as it is.
    Listed(Vec<DcaOrder>),
    /// Hung on a ladder, and computed when they are asked for: most DCAs of a market maker never fill.
    ///
    /// An order's size is taken in base, its share of `amount_quote / price`, and turned into quote at the order's own price, so
    /// that all together are a little less than `amount_quote` on the buy side and a little more on the sell side.
    Hung {
        /// The distances and the shares. A controller gives all its DCAs the same.
        ladder: Arc<Ladder>,
        /// Where the ladder hangs, in quote.
        price: Decimal,
        /// What all orders together are about worth, in quote.
        amount_quote: Decimal,
    },
}

impl FromIterator<DcaOrder> for DcaOrders {
    fn from_iter<I: IntoIterator<Item = DcaOrder>>(orders: I) -> Self {
        Self::Listed(orders.into_iter().collect())
    }
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
