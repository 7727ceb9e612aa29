//! At which prices, and when, does an executor end?

use serde::Serialize;

use crate::executor::ExecutorConfig;
use crate::executor::Snapshot;
use crate::market::Decimal;
use crate::market::Side;
use crate::recipe::resolve::Mode;
use crate::workflow::why::again::Given;

/// The barriers of an executor, as prices.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Barriers {
    /// The kind of executor, as Hummingbot has it.
    pub kind: &'static str,
    /// What the prices are reckoned from.
    pub from: &'static str,
    /// That price, in quote; `None` for kinds without one.
    pub from_price: Option<f64>,
    /// The price at which the loss is stopped, in quote.
    pub stop_loss: Option<f64>,
    /// The price at which the profit is taken, in quote; before fees in a causal replay, net of them in parity.
    pub take_profit: Option<f64>,
    /// The price that arms the trailing stop, in quote.
    pub trailing_activation: Option<f64>,
    /// How far below the best profit it then stands, as a fraction.
    pub trailing_delta: Option<f64>,
    /// When its time is up, epoch seconds.
    pub time_limit: Option<i64>,
    /// The close at which a grid gives up, in quote.
    pub limit_price: Option<f64>,
    /// The loss on all that a grid has filled at which it ends, as a fraction: a grid has no one price for it.
    pub stop_loss_share: Option<f64>,
}

impl Barriers {
    /// Returns name and value of each barrier that there is, as text.
    #[must_use]
    pub fn told(&self) -> Vec<(&'static str, String)> {
        let price = |price: f64| format!("{price:?}");
        let all = [
            ("barriers from", self.from_price.map(|from| format!("{from:?}, {}", self.from))),
            ("stop loss", self.stop_loss.map(price)),
            ("take profit", self.take_profit.map(price)),
            ("trailing stop armed", self.trailing_activation.map(price)),
            ("trailing distance", self.trailing_delta.map(price)),
            ("time limit", self.time_limit.map(|time| time.to_string())),
            ("limit price", self.limit_price.map(price)),
            ("stop loss share", self.stop_loss_share.map(price)),
        ];
        all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

/// Returns the barriers of an executor that filled at a time, or did not.
#[must_use]
pub fn of(given: &Given, config: &ExecutorConfig, filled: Option<i64>, figures: &Snapshot) -> Barriers {
    let kind = config.kind();
    match config {
        ExecutorConfig::Position(position) => {
            let entry = position.entry_price.to_f64();
            let (from, price) = match filled {
                None => ("its entry price, since it never filled", entry),
                // Upstream's simulator fills a limit order at the close that reaches it.
                Some(time) if given.mode() == Mode::Parity => {
                    given.close_at(time).map_or(("its entry price", entry), |close| ("the close that filled it", close))
                }
                Some(_) => ("the price that it filled at", figures.average_price),
            };
            let barrier = &position.barrier;
            let cost = given.cost();
            let away = |fraction: f64| away(price, fraction, position.side);
            Barriers {
                kind,
                from,
                from_price: Some(price),
                stop_loss: barrier.stop_loss.map(|stop| away(-stop)),
                take_profit: barrier.take_profit.map(|profit| away(profit + cost)),
                trailing_activation: barrier.trailing_stop.map(|stop| away(stop.activation + cost)),
                trailing_delta: barrier.trailing_stop.map(|stop| stop.delta),
                time_limit: barrier.time_limit.map(|limit| position.time.saturating_add(limit)),
                ..Barriers::default()
            }
        }
        ExecutorConfig::Dca(dca) => {
            let price = if filled.is_some() { figures.average_price } else { 0.0 };
            let first = dca.first_price().map(Decimal::to_f64);
            let (from, price) = match (price > 0.0, first) {
                (true, _) => ("its average price", Some(price)),
                (false, first) => ("the price of its first order, since none filled", first),
            };
            let at = |fraction: Option<Decimal>, sign: f64| {
                let fraction = fraction.filter(|fraction| !fraction.is_zero())?.to_f64();
                Some(away(price?, sign * fraction, dca.side))
            };
            let trailing = dca.trailing_stop.as_ref();
            Barriers {
                kind,
                from,
                from_price: price,
                stop_loss: at(dca.stop_loss, -1.0),
                take_profit: at(dca.take_profit, 1.0),
                trailing_activation: at(trailing.map(|stop| stop.activation), 1.0),
                trailing_delta: trailing.map(|stop| stop.delta.to_f64()),
                time_limit: dca
                    .time_limit
                    .filter(|limit| *limit != 0 && dca.anchor != i64::MAX)
                    .map(|limit| dca.anchor.saturating_add(limit)),
                ..Barriers::default()
            }
        }
        ExecutorConfig::Grid(grid) => Barriers {
            kind,
            from: "its levels",
            limit_price: grid.limit_price.map(Decimal::to_f64),
            stop_loss_share: grid.stop_loss,
            time_limit: grid.time_limit.map(|limit| grid.time.saturating_add(limit)),
            ..Barriers::default()
        },
        ExecutorConfig::Order(order) => {
            Barriers { kind, from: "its price", from_price: Some(order.price.to_f64()), ..Barriers::default() }
        }
    }
}

/// Returns the price at which a position stands a fraction better than at its entry.
fn away(price: f64, fraction: f64, side: Side) -> f64 {
    price * (1.0 + fraction * side.sign())
}
