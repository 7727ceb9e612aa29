//! The grid executor, candle by candle.
//!
//! # Fills, and where they flatter
//!
//! Every free level waits with an order at its price, or at the close before where the market stands beyond it already: a
//! live grid does not pay more than the market. It fills as a maker once a candle has traded through it, and its profit is
//! taken by a maker order at the level's take profit, on a later candle. A level that has closed opens again on a later
//! candle. Once a candle has reached the limit price everything is sold at it, or at the open where the candle opens beyond,
//! by a market order; what is filled is kept instead where the grid keeps its position. On that candle the free levels have
//! filled before, and no profit is taken: whether it came first is not known. The stop loss (profit of everything, over all
//! that was opened) and the far end of the range are looked at on the close, and leave at the next open.
//!
//! A live grid places only `max_open_orders` at a time, `max_orders_per_batch` in a round, within its activation bounds. All
//! levels wait here at once, which flatters where the market runs through many of them.
//!
//! A grid whose range is smaller than one step does not start: upstream's executor divides by the number of its levels, and
//! a live bot logs that and goes on. The replay goes on, too, and counts it.

use crate::engine::causal::account::Account;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::bar::worse;
use crate::engine::causal::costs::Costs;
use crate::engine::causal::departure::Departure;
use crate::engine::causal::ending::Ending;
use crate::engine::grid::Error;
use crate::engine::grid::Levels;
use crate::executor::CloseType;
use crate::executor::grid::GridConfig;
use crate::executor::info::GridReport;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;

/// A grid on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    side: Side,
    /// The price beyond which the grid has won.
    far_end: f64,
    limit: Option<f64>,
    keeps_at_limit: bool,
    stop_loss: Option<f64>,
    levels: Levels,
    /// By level: what it holds; nothing for a free one.
    lots: Vec<Lot>,
    fill_event_count: usize,
    /// The close before the candle that comes.
    close: f64,
}

/// What a level has opened.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Lot {
    base: f64,
    price: f64,
}

impl Grid {
    /// Starts a grid that a controller asked for at a close.
    ///
    /// # Errors
    ///
    /// Refuses a grid whose levels cannot be computed.
    pub fn new(config: &GridConfig, close: f64, rules: &TradingRules) -> Result<Self, Error> {
        let levels = Levels::new(config, close, Some(rules))?;
        Ok(Self {
            side: config.side,
            far_end: match config.side {
                Side::Buy => config.end_price.to_f64(),
                Side::Sell => config.start_price.to_f64(),
            },
            limit: config.limit_price.map(Decimal::to_f64),
            keeps_at_limit: config.keep_position,
            stop_loss: config.stop_loss,
            lots: vec![Lot::default(); levels.prices.len()],
            levels,
            fill_event_count: 0,
            close,
        })
    }

    /// Returns what is reported of its levels.
    #[must_use]
    pub fn report(&self) -> GridReport {
        GridReport {
            prices: self.levels.prices.clone(),
            take_profit_prices: self.levels.take_profit_prices.clone(),
            fill_event_count: self.fill_event_count,
        }
    }

    /// Returns the average price of what it holds, in quote; zero where it holds nothing.
    #[must_use]
    pub fn held_price(&self) -> f64 {
        let quote: f64 = self.lots.iter().map(|lot| lot.base * lot.price).sum();
        let base: f64 = self.lots.iter().map(|lot| lot.base).sum();
        if base > 0.0 { quote / base } else { 0.0 }
    }

    /// Lives through a candle.
    pub fn step(
        &mut self,
        bar: &Bar,
        costs: &Costs,
        account: &mut Account,
        departure: &mut Departure,
    ) -> Option<Ending> {
        let limit = self.limit.filter(|&limit| self.is_reached(bar, limit));
        self.trade(bar, limit.is_none(), costs, account);
        self.close = bar.close;
        if let Some(limit) = limit {
            if self.keeps_at_limit {
                return Some(Ending { close_type: CloseType::PositionHold, time: bar.close_time });
            }
            account.leave(worse(self.side, bar.open, limit), costs);
            return Some(Ending { close_type: CloseType::StopLoss, time: bar.close_time });
        }
        self.watch(bar, account, departure);
        None
    }

    /// Takes the profit of the levels that were open, where it may, and opens those that were free.
    fn trade(&mut self, bar: &Bar, may_profit: bool, costs: &Costs, account: &mut Account) {
        for (level, lot) in self.lots.iter_mut().enumerate() {
            if lot.base > 0.0 {
                let price = self.levels.take_profit_prices[level];
                if may_profit && bar.trades_through(self.side.opposite(), price) {
                    account.reduce(self.side.opposite(), price, lot.base, costs.maker_fee);
                    *lot = Lot::default();
                    self.fill_event_count += 1;
                }
            } else {
                let price = worse(self.side, self.levels.prices[level], self.close);
                if bar.trades_through(self.side, price) {
                    *lot = Lot { base: self.levels.amount_quote / price, price };
                    account.open(self.side, price, lot.base, costs.maker_fee, bar.close_time);
                    self.fill_event_count += 1;
                }
            }
        }
        if self.lots.iter().all(|lot| lot.base == 0.0) {
            account.clear();
        }
    }

    /// Looks at the close for the far end of the range and for the stop loss.
    fn watch(&self, bar: &Bar, account: &Account, departure: &mut Departure) {
        if worse(self.side, bar.close, self.far_end) != bar.close {
            departure.order(CloseType::TakeProfit);
        }
        if let Some(stop_loss) = self.stop_loss
            && account.has_traded()
            && account.snapshot(bar.close).net_pnl_pct <= -stop_loss
        {
            departure.order(CloseType::StopLoss);
        }
    }

    /// Returns whether a candle has fallen to a price below the grid, or risen to one above a selling grid.
    fn is_reached(&self, bar: &Bar, price: f64) -> bool {
        let worst = bar.worst(self.side);
        worse(self.side, worst, price) == worst
    }
}
