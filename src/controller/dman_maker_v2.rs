//! `dman_maker_v2`: quotes at fixed spreads around the close, each of them a DCA.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::barrier;
use crate::controller::barrier::DecimalBarrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::ladder;
use crate::controller::market_making;
use crate::controller::market_making::Levels;
use crate::controller::market_making::MarketMakingConfig;
use crate::controller::market_making::Quotes;
use crate::controller::market_making::number;
use crate::executor::ActiveExecutor;
use crate::executor::ExecutorConfig;
use crate::executor::dca::DcaConfig;
use crate::executor::dca::DcaMode;
use crate::executor::dca::DcaOrders;
use crate::executor::ladder::Ladder;
use crate::executor::position::LevelId;
use crate::market::Decimal;

const KEYS: [Key; 4] = [
    ("dca_spreads", ALWAYS),
    ("dca_amounts", ALWAYS),
    ("top_executor_refresh_time", ALWAYS),
    ("executor_activation_bounds", ALWAYS),
];

/// The controller.
#[derive(Debug, Clone)]
pub struct DmanMakerV2 {
    config: MarketMakingConfig,
    barrier: DecimalBarrier,
    ladder: Arc<Ladder>,
    refresh: Refresh,
    levels: Levels,
    quotes: Quotes,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and explains where it would fail later.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let known = [&market_making::KEYS[..], &KEYS].concat();
    let reader = Reader::open("dman_maker_v2", values, &known, setting.model)?;
    let config = MarketMakingConfig::read(reader)?;
    let top_level = match reader.value("top_executor_refresh_time") {
        None | Some(Value::Null) => None,
        Some(_) => Some(reader.float("top_executor_refresh_time", 0.0)?),
    };
    Ok(Box::new(DmanMakerV2 {
        barrier: barrier::read_decimals(reader)?,
        ladder: Arc::new(ladder::read(reader, "dca_spreads", "dca_amounts")?),
        refresh: Refresh { every_level: config.executor_refresh_time, top_level },
        levels: Levels::new(&config),
        quotes: Quotes::new(&config),
        config,
    }))
}

impl Controller for DmanMakerV2 {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        if let Some(order) = self.config.rebalance.and_then(|rebalance| rebalance.order(moment)) {
            actions.push(Action::Create(ExecutorConfig::Order(order)));
        }
        for level in self.levels.missing(moment) {
            let (side, price, amount_quote) = self.quotes.quote(level, moment)?;
            actions.push(Action::Create(ExecutorConfig::Dca(Box::new(DcaConfig {
                time: moment.time,
                anchor: moment.time,
                side,
                mode: DcaMode::Maker,
                orders: DcaOrders::Hung { ladder: Arc::clone(&self.ladder), price, amount_quote },
                take_profit: self.barrier.take_profit,
                stop_loss: self.barrier.stop_loss,
                trailing_stop: self.barrier.trailing_stop,
                time_limit: self.barrier.time_limit,
                level: Some(LevelId(number(level))),
            }))));
        }
        let is_due = |active: &&ActiveExecutor| {
            let age = moment.time - active.time;
            !active.is_trading && self.place(active).is_some_and(|index| self.refresh.is_due(age, index))
        };
        let due = moment.active.iter().filter(is_due);
        actions.extend(due.map(|active| Action::Stop { id: active.id, keep_position: false }));
        Ok(())
    }

    fn idle_until(&self, moment: &Moment<'_>) -> i64 {
        if self.config.rebalance.is_some() {
            // What an order would bring in depends on the price, and so on each candle.
            return moment.time;
        }
        let age_max =
            |active: &ActiveExecutor| self.place(active).map_or(i64::MAX, |index| self.refresh.age_max(index));
        self.levels.idle_until(moment, age_max)
    }

    fn level_name(&self, level: LevelId) -> String {
        self.quotes.name(level)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}

impl DmanMakerV2 {
    /// Returns the place of an executor's level on its side, from zero; `None` for the order that rebalances.
    fn place(&self, active: &ActiveExecutor) -> Option<usize> {
        self.config.levels.get(active.level?.0 as usize).map(|level| level.index)
    }
}

/// When an executor that does not trade is replaced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refresh {
    /// The age that every level is replaced beyond, in seconds.
    pub every_level: i64,
    /// The age that the first level of each side is replaced beyond, in seconds; `None` leaves it to the other.
    pub top_level: Option<f64>,
}

impl Refresh {
    /// Returns whether an executor of an age, in seconds, is replaced; `index` is its level's place on its side, from zero.
    #[must_use]
    pub fn is_due(&self, age: i64, index: usize) -> bool {
        age > self.every_level || (index == 0 && self.top_level.is_some_and(|limit| age as f64 > limit))
    }

    /// Returns an age, in seconds, up to which an executor of a level is surely not replaced.
    fn age_max(&self, index: usize) -> i64 {
        let top_level = self.top_level.filter(|_| index == 0);
        #[allow(clippy::cast_possible_truncation, reason = "what is beyond 64 bits becomes the nearest bound")]
        top_level.map_or(self.every_level, |limit| self.every_level.min(limit.floor() as i64))
    }
}
