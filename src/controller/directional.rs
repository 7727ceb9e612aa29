//! What directional controllers share: the configuration, and when a signal may open a position.

use std::sync::Arc;

use crate::controller::Action;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::barrier;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Model;
use crate::controller::config::Reader;
use crate::executor::ExecutorConfig;
use crate::executor::position::Entry;
use crate::executor::position::PositionConfig;
use crate::executor::position::TripleBarrier;
use crate::executor::position::Unit;
use crate::market::Decimal;
use crate::market::Side;

/// The keys that every directional controller accepts.
pub const KEYS: [Key; 21] = [
    ("id", ALWAYS),
    ("controller_name", ALWAYS),
    ("controller_type", ALWAYS),
    ("total_amount_quote", ALWAYS),
    ("manual_kill_switch", ALWAYS),
    ("candles_config", Model::V2_6..=Model::V2_6_1),
    ("initial_positions", ALWAYS),
    ("connector_name", ALWAYS),
    ("trading_pair", ALWAYS),
    ("max_executors_per_side", ALWAYS),
    ("cooldown_time", ALWAYS),
    ("leverage", ALWAYS),
    ("position_mode", ALWAYS),
    ("stop_loss", ALWAYS),
    ("take_profit", ALWAYS),
    ("time_limit", ALWAYS),
    ("take_profit_order_type", ALWAYS),
    ("trailing_stop", ALWAYS),
    ("candles_connector", ALWAYS),
    ("candles_trading_pair", ALWAYS),
    ("interval", ALWAYS),
];

/// The configuration that directional controllers share.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectionalConfig {
    /// The budget, in quote.
    pub total_amount_quote: Decimal,
    /// How many executors may be open at once.
    pub max_executors_per_side: i64,
    /// How long after the last creation the next one may follow, in seconds.
    pub cooldown_time: i64,
    /// The barriers of every position.
    pub barrier: Arc<TripleBarrier>,
    /// The interval of the controller's own candles, in seconds.
    pub interval: i64,
}

impl DirectionalConfig {
    /// Reads the shared keys.
    ///
    /// # Errors
    ///
    /// Refuses what Hummingbot's model refuses, and explains where it would fail later.
    pub fn read(reader: Reader<'_>) -> Result<Self, Error> {
        barrier::check_unused(reader)?;
        let max_executors_per_side = reader.whole("max_executors_per_side", 2)?;
        if max_executors_per_side <= 0 {
            return Err(Error::Value {
                key: "max_executors_per_side",
                found: max_executors_per_side.to_string(),
                expected: "a whole number greater than zero",
            });
        }
        Ok(Self {
            total_amount_quote: reader.decimal("total_amount_quote", "100")?,
            max_executors_per_side,
            cooldown_time: reader.whole("cooldown_time", 300)?,
            barrier: Arc::new(barrier::read(reader)?),
            interval: barrier::interval(reader, "3m")?,
        })
    }

    /// Returns whether a signal may open an executor now.
    ///
    /// Upstream counts the buys for a buy, but by a slip of its expression *all* active executors for a sell.
    #[must_use]
    pub fn may_open(&self, moment: &Moment<'_>, side: Side) -> bool {
        let counted = || moment.active.iter().filter(|active| side == Side::Sell || active.side == Side::Buy);
        let latest = counted().map(|active| active.time).max().unwrap_or(0);
        let count = i64::try_from(counted().count()).expect("fewer than 2^63");
        count < self.max_executors_per_side && moment.time.saturating_sub(latest) > self.cooldown_time
    }

    /// Returns the amount of an executor in base: the budget, shared over the executors, at the close.
    ///
    /// # Errors
    ///
    /// Never for candles that were checked: their prices are greater than zero.
    pub fn amount(&self, moment: &Moment<'_>) -> Result<Decimal, DecisionError> {
        let at_price = Decimal::quotient(self.total_amount_quote, moment.close);
        let share = at_price
            .and_then(|amount| Decimal::quotient(amount, Decimal::from(self.max_executors_per_side.unsigned_abs())));
        share.ok_or_else(|| DecisionError::ZeroPrice { level: "entry".to_owned() })
    }

    /// Appends the position that the moment's signal asks for, if it may be opened.
    ///
    /// # Errors
    ///
    /// Returns an error where the amount cannot be computed.
    pub fn open_position(&self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let Some(side) = self.signalled(moment) else { return Ok(()) };
        actions.push(Action::Create(ExecutorConfig::Position(PositionConfig {
            time: moment.time,
            side,
            entry_price: moment.close.into(),
            amount: self.amount(moment)?,
            unit: Unit::Base,
            entry: Entry::Market,
            barrier: Arc::clone(&self.barrier),
            level: None,
        })));
        Ok(())
    }

    /// Returns the side to open now; `None` without a signal, and where none may be opened.
    #[must_use]
    pub fn signalled(&self, moment: &Moment<'_>) -> Option<Side> {
        let side = match moment.signal {
            signal if signal > 0.0 => Side::Buy,
            signal if signal < 0.0 => Side::Sell,
            _ => return None,
        };
        self.may_open(moment, side).then_some(side)
    }
}
