//! What each level of `pmm_mister` has going, candle by candle.

use std::collections::VecDeque;

use super::Working;
use crate::controller::Moment;
use crate::executor::ActiveExecutor;
use crate::market::Decimal;

/// The levels, as the controller last saw them.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    working: Vec<Working>,
    /// By level: the ended executors that were updated later than all that ended after them, oldest first, each with its place
    /// among the ended ones. The first is the latest update of all, and who is forgotten stands there.
    latest: Vec<VecDeque<(usize, i64)>>,
    /// How many of the ended executors have been taken note of.
    seen: usize,
}

impl Levels {
    /// Starts with nothing going.
    pub(super) fn new(count: usize) -> Self {
        Self { working: vec![Working::default(); count], latest: vec![VecDeque::new(); count], seen: 0 }
    }

    /// Returns what the levels have going, in their order.
    pub(super) fn working(&self) -> &[Working] {
        &self.working
    }

    /// Takes a moment in.
    pub(super) fn update(&mut self, moment: &Moment<'_>) {
        for (index, ended) in moment.ended.iter().enumerate().skip(self.seen) {
            // What closes the position stands behind the levels.
            let level = ended.config.level().and_then(|level| self.latest.get_mut(level.0 as usize));
            let Some(latest) = level else { continue };
            while latest.pop_back_if(|(_, update)| *update <= ended.order_update_time).is_some() {}
            latest.push_back((index, ended.order_update_time));
        }
        self.seen = moment.ended.len();
        for (working, latest) in self.working.iter_mut().zip(&mut self.latest) {
            while latest.pop_front_if(|(index, _)| *index < moment.visible_from).is_some() {}
            *working = Working { last_update: latest.front().map(|(_, update)| *update), ..Working::default() };
        }
        for active in moment.active {
            let level = active.level.and_then(|level| self.working.get_mut(level.0 as usize));
            let Some(working) = level else { continue };
            let entry = entry_price(active);
            working.is_waiting |= !active.is_trading;
            working.active_count += 1;
            working.last_update = working.last_update.max(Some(active.fill_time.unwrap_or(moment.time)));
            working.lowest_entry = Some(working.lowest_entry.map_or(entry, |lowest| lowest.lesser(entry)));
            working.highest_entry = Some(working.highest_entry.map_or(entry, |highest| highest.greater(entry)));
        }
    }
}

/// Returns the price that an executor was configured with. It has 28 digits at most, so the sum is exact.
pub(super) fn entry_price(active: &ActiveExecutor) -> Decimal {
    Decimal::sum(Decimal::ZERO, active.entry_price)
}
