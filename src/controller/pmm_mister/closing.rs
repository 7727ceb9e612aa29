//! How a global bound of `pmm_mister` closes the position, once it has stopped everything: live, by an order at the market.

use super::PmmMister;
use crate::controller::Action;
use crate::controller::Moment;
use crate::controller::market_making::number;
use crate::executor::ExecutorConfig;
use crate::executor::order::ExecutionStrategy;
use crate::executor::order::OrderConfig;
use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::Side;

/// The level that closing orders stand on, behind all others.
pub(super) const NAME: &str = "global_close";

/// How often it is tried.
const ATTEMPTS_MAX: u32 = 3;

/// A position on its way out. Nothing is quoted meanwhile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Closing {
    /// The side of the position when the bound was touched.
    side: Side,
    /// How many orders were sent.
    attempts: u32,
}

impl Closing {
    /// Begins to close a position.
    pub(super) fn of(side: Side) -> Self {
        Self { side, attempts: 0 }
    }

    /// Goes on once nothing is active any more, and appends an order over all that is held; `None` where it is over, because
    /// nothing is held, too little to be sold, a position of the other side, or still something after all attempts.
    pub(super) fn go_on(self, moment: &Moment<'_>, mister: &PmmMister, actions: &mut Vec<Action>) -> Option<Self> {
        if !moment.active.is_empty() {
            return Some(self);
        }
        let held = moment.held.filter(|held| held.side == self.side && self.attempts < ATTEMPTS_MAX)?;
        let rounded = held.amount.quantized(mister.rules.min_base_amount_increment)?;
        if rounded.is_zero() {
            return None;
        }
        actions.push(Action::Create(ExecutorConfig::Order(OrderConfig {
            time: moment.time,
            side: self.side.opposite(),
            price: Decimal::from_shortest(moment.close),
            amount: held.amount,
            strategy: ExecutionStrategy::Market,
            level: LevelId(number(mister.levels.len())),
        })));
        Some(Self { attempts: self.attempts + 1, ..self })
    }
}
