//! The loop: candle by candle, executors end, the series grow, the controller decides.

use thiserror::Error;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::engine::position::Ground;
use crate::engine::position::Position;
use crate::engine::profile::Profile;
use crate::executor::CloseType;
use crate::executor::ExecutorInfo;
use crate::executor::active::ActiveExecutor;
use crate::executor::active::ExecutorId;
use crate::executor::position::PositionConfig;
use crate::market::Candles;

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replay {
    /// The executors, in upstream's order: as they ended.
    pub executors: Vec<ExecutorInfo>,
    /// How the profit grew, a row a candle.
    pub series: Series,
}

/// The profit of a replay, a row a candle, as it stood before the controller decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Open times, epoch seconds.
    pub time: Vec<i64>,
    /// The profit of all executors that had ended, in quote.
    pub realized_pnl_quote: Vec<f64>,
    /// How many executors had not ended.
    pub active_count: Vec<u32>,
    /// The traded volume of all executors that had ended, in quote.
    pub volume_quote: Vec<f64>,
}

/// Why a replay could not go on.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// The controller could not decide.
    #[error("the controller failed at the candle of {time}")]
    Decision {
        /// The candle's open time, epoch seconds.
        time: i64,
        /// What it met.
        #[source]
        source: DecisionError,
    },
}

/// Replays a controller over candles.
///
/// `trade_cost` is the fee of one side of a trade, as a fraction.
///
/// # Errors
///
/// Returns an error where Hummingbot's controller or its executors would raise one.
pub fn replay(
    candles: &Candles,
    trade_cost: f64,
    profile: &Profile,
    controller: &mut dyn Controller,
) -> Result<Replay, Error> {
    let mut run = Run::new(candles, trade_cost, profile);
    let mut actions = Vec::new();
    for row in 0..candles.len() {
        run.end_executors(row);
        run.record(row);
        actions.clear();
        let moment = run.moment(row);
        let time = moment.time;
        controller.decide(&moment, &mut actions).map_err(|source| Error::Decision { time, source })?;
        for &action in &actions {
            match action {
                Action::Open(config) => {
                    run.open(config, row, controller).map_err(|source| Error::Decision { time, source })?;
                }
                Action::Stop(id) => run.stop(id, row),
            }
        }
    }
    Ok(run.finish())
}

/// A replay on its way.
struct Run<'a> {
    candles: &'a Candles,
    profile: &'a Profile,
    ground: Ground<'a>,
    /// What controllers see of the executors that have not ended, in the order of creation.
    active: Vec<ActiveExecutor>,
    /// The same executors' configurations and futures.
    plans: Vec<(PositionConfig, Position)>,
    created_count: u32,
    /// The earliest row in which an active executor ends.
    next_end: usize,
    ended: Vec<ExecutorInfo>,
    /// How many executors had ended when the last row was taken up.
    ended_before_last_decision: usize,
    visible_from: usize,
    realized_pnl_quote: f64,
    volume_quote: f64,
    series: Series,
}

impl<'a> Run<'a> {
    fn new(candles: &'a Candles, trade_cost: f64, profile: &'a Profile) -> Self {
        let rows = candles.len();
        let series = Series {
            time: candles.time.clone(),
            realized_pnl_quote: Vec::with_capacity(rows),
            active_count: Vec::with_capacity(rows),
            volume_quote: Vec::with_capacity(rows),
        };
        Self {
            candles,
            profile,
            ground: Ground::new(candles, profile.fee_sides * trade_cost, profile.entry_ends_at_time_limit),
            active: Vec::new(),
            plans: Vec::new(),
            created_count: 0,
            next_end: usize::MAX,
            ended: Vec::new(),
            ended_before_last_decision: 0,
            visible_from: 0,
            realized_pnl_quote: 0.0,
            volume_quote: 0.0,
            series,
        }
    }

    /// Moves the executors whose last row has come to the ended ones, in the order of creation, and tells which of the others
    /// have filled.
    fn end_executors(&mut self, row: usize) {
        if self.next_end <= row {
            let mut next_end = usize::MAX;
            let mut kept = 0;
            for index in 0..self.active.len() {
                let (config, position) = self.plans[index];
                if position.end <= row {
                    let info = self.natural_end(&config, &position);
                    self.book(info);
                } else {
                    next_end = next_end.min(position.end);
                    self.active[kept] = self.active[index];
                    self.plans[kept] = self.plans[index];
                    kept += 1;
                }
            }
            self.active.truncate(kept);
            self.plans.truncate(kept);
            self.next_end = next_end;
        }
        for (active, (_, position)) in self.active.iter_mut().zip(&self.plans) {
            active.is_trading = position.filled_quote > 0.0 && position.filled_by(row).is_some();
        }
        self.forget(row);
        self.ended_before_last_decision = self.ended.len();
    }

    /// Lets controllers forget what ended longer ago than their memory reaches, oldest first.
    fn forget(&mut self, row: usize) {
        let Some(memory) = self.profile.memory else {
            return;
        };
        let cutoff = self.candles.time[row] - memory;
        let forgotten = self.ended[self.visible_from..].iter().take_while(|ended| ended.close_time < cutoff).count();
        self.visible_from += forgotten;
    }

    fn record(&mut self, _row: usize) {
        self.series.realized_pnl_quote.push(self.realized_pnl_quote);
        self.series.volume_quote.push(self.volume_quote);
        self.series.active_count.push(u32::try_from(self.active.len()).expect("executors are numbered in 32 bits"));
    }

    fn moment(&self, row: usize) -> Moment<'_> {
        let close = self.candles.close[row];
        Moment {
            time: self.candles.time[row],
            close,
            reference_price: close,
            spread_multiplier: 1.0,
            active: &self.active,
            ended: &self.ended,
            visible_from: self.visible_from,
        }
    }

    fn open(&mut self, config: PositionConfig, row: usize, controller: &dyn Controller) -> Result<(), DecisionError> {
        if self.profile.refuses_non_positive {
            for (what, value) in [("the amount", config.amount), ("the price", config.entry_price)] {
                if !value.is_positive() {
                    return Err(DecisionError::NotPositive { level: controller.level_name(config.level), what, value });
                }
            }
        }
        let position = self.ground.simulate(&config, row);
        let id = ExecutorId(self.created_count);
        self.created_count += 1;
        self.next_end = self.next_end.min(position.end);
        self.active.push(ActiveExecutor {
            id,
            level: config.level,
            side: config.side,
            time: config.time,
            is_trading: false,
        });
        self.plans.push((config, position));
        Ok(())
    }

    /// Stops an executor at a row, with the profit that it has there.
    fn stop(&mut self, id: ExecutorId, row: usize) {
        let Some(index) = self.active.iter().position(|active| active.id == id) else {
            return;
        };
        self.active.remove(index);
        let (config, position) = self.plans.remove(index);
        let (filled_quote, pnl_pct) = match position.filled_by(row) {
            Some(fill) => (position.filled_quote, self.ground.pnl_pct(config.side, fill, row)),
            None => (0.0, 0.0),
        };
        let info = self.info(&config, row, CloseType::EarlyStop, filled_quote, pnl_pct);
        self.book(info);
    }

    /// Returns what is reported of an executor that ended by itself: its filled amount counts entry and exit.
    fn natural_end(&self, config: &PositionConfig, position: &Position) -> ExecutorInfo {
        let mut info = self.info(config, position.end, position.close_type, position.filled_quote, position.pnl_pct);
        info.filled_amount_quote *= 2.0;
        info
    }

    fn info(
        &self,
        config: &PositionConfig,
        row: usize,
        close_type: CloseType,
        filled: f64,
        pnl_pct: f64,
    ) -> ExecutorInfo {
        ExecutorInfo {
            level: config.level,
            side: config.side,
            time: config.time,
            close_time: self.candles.time[row],
            close_type,
            entry_price: config.entry_price,
            amount: config.amount,
            net_pnl_pct: pnl_pct,
            net_pnl_quote: pnl_pct * filled,
            cum_fees_quote: self.ground.fees(filled),
            filled_amount_quote: filled,
            close_price: self.candles.close[row],
            average_price: config.entry_price.to_f64(),
        }
    }

    fn book(&mut self, info: ExecutorInfo) {
        self.realized_pnl_quote += info.net_pnl_quote;
        self.volume_quote += info.filled_amount_quote;
        self.ended.push(info);
    }

    /// Ends the replay as its profile does.
    fn finish(mut self) -> Replay {
        if self.profile.closing_tick {
            if let Some(last) = self.candles.len().checked_sub(1) {
                self.end_executors(last);
            }
        } else {
            self.ended.truncate(self.ended_before_last_decision);
        }
        Replay { executors: self.ended, series: self.series }
    }
}
