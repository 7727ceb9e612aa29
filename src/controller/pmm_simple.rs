//! `pmm_simple`: quotes at fixed spreads around the close, one position for each level.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::config::Error;
use crate::controller::config::Reader;
use crate::controller::market_making::KEYS;
use crate::controller::market_making::Levels;
use crate::controller::market_making::MarketMakingConfig;
use crate::controller::market_making::Quotes;
use crate::controller::market_making::number;
use crate::executor::ExecutorConfig;
use crate::executor::position::Entry;
use crate::executor::position::LevelId;
use crate::executor::position::PositionConfig;
use crate::executor::position::Unit;
use crate::market::Decimal;

/// The controller.
#[derive(Debug, Clone)]
pub struct PmmSimple {
    config: MarketMakingConfig,
    levels: Levels,
    quotes: Quotes,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and explains where it would fail later.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    Ok(Box::new(PmmSimple::new(MarketMakingConfig::read(Reader::open("pmm_simple", values, &KEYS, setting.model)?)?)))
}

impl PmmSimple {
    /// Starts with no level quoted.
    #[must_use]
    pub fn new(config: MarketMakingConfig) -> Self {
        let (levels, quotes) = (Levels::new(&config), Quotes::new(&config));
        Self { config, levels, quotes }
    }
}

impl Controller for PmmSimple {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        if let Some(order) = self.config.rebalance.and_then(|rebalance| rebalance.order(moment)) {
            actions.push(Action::Create(ExecutorConfig::Order(order)));
        }
        for level in self.levels.missing(moment) {
            let (side, entry_price, amount_quote) = self.quotes.quote_lazily(level, moment)?;
            actions.push(Action::Create(ExecutorConfig::Position(PositionConfig {
                time: moment.time,
                side,
                entry_price,
                amount: amount_quote,
                unit: Unit::Quote,
                entry: Entry::Limit,
                barrier: Arc::clone(&self.config.barrier),
                level: Some(LevelId(number(level))),
            })));
        }
        self.levels.refresh(moment, actions);
        Ok(())
    }

    fn idle_until(&self, moment: &Moment<'_>) -> i64 {
        if self.config.rebalance.is_some() {
            // What an order would bring in depends on the price, and so on each candle.
            return moment.time;
        }
        self.levels.idle_until(moment, |_| self.config.executor_refresh_time)
    }

    fn level_name(&self, level: LevelId) -> String {
        self.quotes.name(level)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}
