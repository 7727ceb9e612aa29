//! The loop: candle by candle, executors end, the series grow, the controller decides.

use thiserror::Error;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::features::Feeds;
use crate::engine::hold;
use crate::engine::hold::Deposit;
use crate::engine::hold::Hold;
use crate::engine::hold::Ledger;
use crate::engine::plan;
use crate::engine::plan::Field;
use crate::engine::plan::Plan;
use crate::engine::position::Ground;
use crate::engine::profile::Profile;
use crate::engine::rows::Rows;
use crate::engine::series::HeldSeries;
use crate::engine::series::Series;
use crate::engine::watch::Glimpse;
use crate::engine::watch::Nobody;
use crate::engine::watch::ROWS_BETWEEN_LOOKS;
use crate::engine::watch::Watch;
use crate::executor::ActiveExecutor;
use crate::executor::CloseType;
use crate::executor::ExecutorConfig;
use crate::executor::ExecutorId;
use crate::executor::ExecutorInfo;
use crate::executor::OpenExecutor;
use crate::executor::dca::DcaOrder;
use crate::executor::hold::HoldSummary;
use crate::market::Candles;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::TradingRules;
use crate::market::candles;
use crate::market::decimal::Operand;

/// What a replay is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// All candles of the scenario's file.
    pub candles: &'a Candles,
    /// The first open time to replay, epoch seconds, inclusive.
    pub start: i64,
    /// The last one, inclusive.
    pub end: i64,
    /// The length of a replayed candle, in seconds.
    pub resolution: i64,
    /// The fee of one side of a trade, as a fraction.
    pub trade_cost: f64,
    /// Upstream's generation.
    pub profile: Profile,
    /// The venue's rules.
    pub rules: TradingRules,
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replay {
    /// The executors, in upstream's order: as they ended.
    pub executors: Vec<ExecutorInfo>,
    /// The executors that had not ended, in the order of creation; none in parity, where the end of the candles ends all.
    pub open: Vec<OpenExecutor>,
    /// How the profit grew, a row a candle.
    pub series: Series,
    /// What was held, a row a candle on which something was.
    pub held: HeldSeries,
    /// The position that ended executors left behind, open or closed; `None` where none did.
    pub hold: Option<Hold>,
    /// The close of the last candle, in quote; `None` without candles.
    pub last_close: Option<f64>,
    /// How many executors were asked for that could not start; none in parity, where that ends the replay.
    pub unstarted_count: usize,
}

/// Why a replay could not begin or go on.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// The candles are not of the resolution that is asked for, or of the controller's interval.
    #[error(transparent)]
    Candles(#[from] candles::Error),
    /// The window has candles, and none is left to replay. Upstream looks for the last one and fails; before v2.14 only where
    /// there was nothing that an indicator could be computed from.
    #[error(
        "no candle is left to replay: the window has {count}, and none of them has every value that the controller computes"
    )]
    NoRows {
        /// How many candles the window has, 1 or more.
        count: usize,
    },
    /// An executor could not be simulated.
    #[error("an executor failed at the candle of {time}")]
    Executor {
        /// The candle's open time, epoch seconds.
        time: i64,
        /// What it met.
        #[source]
        source: plan::Error,
    },
    /// An executor's profit is not a number, which upstream's models refuse: a DCA whose orders do not lie one behind the other
    /// books an order that has not filled.
    #[error("an executor has a profit that is not a number at the candle of {time}")]
    NoProfit {
        /// The candle's open time, epoch seconds.
        time: i64,
    },
    /// A position without a price could not be held.
    #[error("a position could not be held at the candle of {time}")]
    Hold {
        /// The candle's open time, epoch seconds.
        time: i64,
        /// What was met.
        #[source]
        source: hold::Error,
    },
    /// Whoever looked on has stopped the replay.
    #[error("the replay was stopped before the candle of {time}")]
    Stopped {
        /// The candle's open time, epoch seconds.
        time: i64,
    },
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
/// # Errors
///
/// Returns an error where Hummingbot's controller or its executors would raise one, or where the window has candles and none is left.
pub fn replay(setup: &Setup<'_>, controller: &mut dyn Controller) -> Result<Replay, Error> {
    replay_rows(setup, &rows(setup, controller)?, controller, &mut Nobody)
}

/// Returns the rows that a replay runs over: what Hummingbot's results carry as the processed data.
///
/// # Errors
///
/// Returns an error where the candles do not fit, or where the window has candles and none is left.
pub fn rows<'a>(setup: &Setup<'a>, controller: &mut dyn Controller) -> Result<Rows<'a>, Error> {
    let feeds = Feeds {
        candles: setup.candles,
        start: setup.start,
        end: setup.end,
        resolution: setup.resolution,
        is_joined: false,
    };
    let frame = controller.features(&feeds)?;
    let is_computed = frame.as_ref().is_none_or(|frame| frame.time.len() >= frame.candle_count_min);
    let candles = feeds.window(setup.resolution)?;
    let count = candles.len();
    let rows = Rows::join(candles, frame);
    if count > 0 && (!is_computed || setup.profile.needs_a_row && rows.candles.is_empty()) {
        return Err(Error::NoRows { count });
    }
    Ok(rows)
}

/// Replays a controller over its [`rows`], while somebody looks on.
///
/// # Errors
///
/// As [`replay`], and [`Error::Stopped`] where whoever looks on says so.
pub fn replay_rows(
    setup: &Setup<'_>,
    rows: &Rows<'_>,
    controller: &mut dyn Controller,
    watch: &mut dyn Watch,
) -> Result<Replay, Error> {
    let mut run = Run::new(rows, setup);
    let mut actions = Vec::new();
    let (mut row, mut next_look) = (0, 0);
    while row < rows.candles.len() {
        let time = rows.candles.time[row];
        if row >= next_look {
            next_look = row + ROWS_BETWEEN_LOOKS;
            if watch.look(&run.glimpse(row)).is_break() {
                return Err(Error::Stopped { time });
            }
        }
        run.ledger.drain().map_err(|source| Error::Hold { time, source })?;
        run.end_executors(row)?;
        let held = run.held(row);
        run.record(row, held.as_ref());
        let moment = run.moment(row, held.as_ref());
        controller.decide(&moment, &mut actions).map_err(|source| Error::Decision { time, source })?;
        for action in actions.drain(..) {
            match action {
                Action::Create(config) => run.create(config, row, controller)?,
                Action::Stop { id, keep_position } => run.stop(id, row, keep_position)?,
            }
        }
        let next = run.next_row(row, controller);
        run.record_idle(next);
        row = next;
    }
    run.finish()
}

/// A replay on its way.
struct Run<'a> {
    rows: &'a Rows<'a>,
    candles: &'a Candles,
    profile: Profile,
    field: Field<'a>,
    /// What controllers see of the executors that have not ended, in the order of creation.
    active: Vec<ActiveExecutor>,
    /// The same executors' configurations and futures.
    plans: Vec<(ExecutorConfig, Plan)>,
    /// The rows in which the same executors end next, or controllers see another state of them.
    changes: Vec<usize>,
    created_count: u32,
    /// The earliest of these rows, or one before it.
    next_change: usize,
    ended: Vec<ExecutorInfo>,
    /// How many executors had ended when the last row was taken up.
    ended_before_last_decision: usize,
    visible_from: usize,
    realized_pnl_quote: f64,
    volume_quote: f64,
    ledger: Ledger,
    /// How many rows have been taken up; the profit of the last ones stands in the series once it changes.
    row_count: usize,
    series: Series,
    held: HeldSeries,
}

impl<'a> Run<'a> {
    fn new(rows: &'a Rows<'a>, setup: &Setup<'_>) -> Self {
        let profile = setup.profile;
        let cost = profile.fee_sides * setup.trade_cost;
        Self {
            rows,
            candles: &rows.candles,
            profile,
            field: Field {
                ground: Ground::new(&rows.candles, cost, profile.entry_ends_at_time_limit),
                trade_cost: setup.trade_cost,
                rules: setup.rules,
                keeps_unfilled_orders: profile.keeps_unfilled_orders,
            },
            active: Vec::new(),
            plans: Vec::new(),
            changes: Vec::new(),
            created_count: 0,
            next_change: usize::MAX,
            // Room that is never written to takes no memory, and growing would copy what has ended.
            ended: Vec::with_capacity(rows.candles.len() / 2),
            ended_before_last_decision: 0,
            visible_from: 0,
            realized_pnl_quote: 0.0,
            volume_quote: 0.0,
            ledger: Ledger::new(profile.netting),
            row_count: 0,
            // Every candle has its row.
            series: Series { time: rows.candles.time.clone(), ..Series::with_capacity(rows.candles.len()) },
            held: HeldSeries::default(),
        }
    }

    fn glimpse(&self, row: usize) -> Glimpse {
        Glimpse {
            row,
            row_count: self.candles.len(),
            time: self.candles.time[row],
            active_count: self.active.len(),
            ended_count: self.ended.len(),
            realized_pnl_quote: self.realized_pnl_quote,
        }
    }

    /// Moves the executors whose last row has come to the ended ones, in the order of creation, and tells which of the others
    /// have filled.
    fn end_executors(&mut self, row: usize) -> Result<(), Error> {
        if self.next_change <= row {
            self.change_executors(row)?;
        }
        self.forget(row);
        self.ended_before_last_decision = self.ended.len();
        Ok(())
    }

    fn change_executors(&mut self, row: usize) -> Result<(), Error> {
        let mut has_ended = false;
        for (index, change) in self.changes.iter_mut().enumerate().filter(|(_, change)| **change <= row) {
            let (config, plan) = &mut self.plans[index];
            plan.follow(config, &self.field, row);
            if plan.end() <= row {
                has_ended = true;
                continue;
            }
            if !plan.has_profit(row) {
                return Err(Error::NoProfit { time: self.candles.time[row] });
            }
            let active = &mut self.active[index];
            active.is_trading = plan.is_trading(row);
            active.fill_time = plan.filled_by(row).map(|fill| self.candles.time[fill]);
            *change = plan.next_change(row);
        }
        let mut index = 0;
        while has_ended && index < self.plans.len() {
            if self.changes[index] > row {
                index += 1;
                continue;
            }
            let (config, plan) = self.remove(index);
            self.book(config, &plan, plan.end(), plan.close_type(), self.profile.holds_natural_ends)?;
        }
        self.next_change = self.changes.iter().copied().min().unwrap_or(usize::MAX);
        Ok(())
    }

    /// Takes an active executor out.
    fn remove(&mut self, index: usize) -> (ExecutorConfig, Plan) {
        self.active.remove(index);
        self.changes.remove(index);
        self.plans.remove(index)
    }

    /// Lets controllers forget what ended longer ago than their memory reaches, oldest first.
    fn forget(&mut self, row: usize) {
        let Some(memory) = self.profile.memory else { return };
        let cutoff = self.candles.time[row] - memory;
        let forgotten = self.ended[self.visible_from..].iter().take_while(|ended| ended.close_time < cutoff).count();
        self.visible_from += forgotten;
    }

    /// Returns the position that is held, marked at the shortest text of a row's close.
    fn held(&self, row: usize) -> Option<HoldSummary> {
        // Most replays hold nothing, and the text costs more than all the rest of a row.
        self.ledger.hold()?;
        self.ledger.open(Decimal::from_shortest(self.candles.close[row]))
    }

    fn record(&mut self, row: usize, held: Option<&HoldSummary>) {
        self.series.active_count.push(active_count(&self.active));
        if let Some(held) = held {
            self.record_profit();
            self.record_held(row, held);
        }
        self.row_count = row + 1;
    }

    /// Records a row on which something is held.
    fn record_held(&mut self, row: usize, held: &HoldSummary) {
        let (realized, unrealized) = (held.realized_pnl_quote.to_f64(), held.unrealized_pnl_quote.to_f64());
        let series = &mut self.series;
        series.executor_realized_pnl.push(self.realized_pnl_quote);
        series.total_pnl.push(self.realized_pnl_quote + realized + unrealized);
        series.volume_quote.push(self.volume_quote);
        series.position_realized_pnl.resize(self.candles.len(), 0.0);
        series.position_unrealized_pnl.resize(self.candles.len(), 0.0);
        series.position_realized_pnl[row] = realized;
        series.position_unrealized_pnl[row] = unrealized;
        let mark = Decimal::from_shortest(self.candles.close[row]);
        let value = Decimal::product(held.amount, mark).to_f64();
        let is_long = held.side == Side::Buy;
        self.held.time.push(self.candles.time[row]);
        self.held.long_amount.push(if is_long { value } else { 0.0 });
        self.held.short_amount.push(if is_long { 0.0 } else { value });
        self.held.unrealized_pnl.push(unrealized);
        self.held.realized_pnl.push(realized);
    }

    /// Records the profit of the rows that were taken up since it last changed, on which nothing was held.
    fn record_profit(&mut self) {
        let series = &mut self.series;
        series.executor_realized_pnl.resize(self.row_count, self.realized_pnl_quote);
        // As with what is held added, a negative zero loses its sign.
        series.total_pnl.resize(self.row_count, self.realized_pnl_quote + 0.0);
        series.volume_quote.resize(self.row_count, self.volume_quote);
    }

    /// Returns the row after `row` in which something may happen again, once the actions of `row` are carried out; the last one
    /// is among them.
    fn next_row(&self, row: usize, controller: &dyn Controller) -> usize {
        // A position is marked on every candle.
        if !self.ledger.is_empty() {
            return row + 1;
        }
        let stop = self.next_change.min(self.candles.len() - 1);
        if stop <= row + 1 {
            return row + 1;
        }
        let idle_until = controller.idle_until(&self.moment(row, None));
        // It is mostly a few rows away, so walking beats searching the whole column.
        let idle = &self.candles.time[row + 1..stop];
        row + 1 + idle.iter().take_while(|&&time| time < idle_until).count()
    }

    /// Records the rows up to `end` in which nothing happens and nothing is held.
    fn record_idle(&mut self, end: usize) {
        self.series.active_count.resize(end, active_count(&self.active));
        self.row_count = end;
    }

    #[inline]
    fn moment<'m>(&'m self, row: usize, held: Option<&'m HoldSummary>) -> Moment<'m> {
        let close = self.candles.close[row];
        let of = |column: &Option<Vec<f64>>, absent: f64| column.as_ref().map_or(absent, |column| column[row]);
        Moment {
            time: self.candles.time[row],
            close,
            reference_price: of(&self.rows.reference_price, close),
            spread_multiplier: of(&self.rows.spread_multiplier, 1.0),
            signal: of(&self.rows.signal, 0.0),
            active: &self.active,
            ended: &self.ended,
            visible_from: self.visible_from,
            held,
        }
    }

    fn create(&mut self, config: ExecutorConfig, row: usize, controller: &dyn Controller) -> Result<(), Error> {
        let time = self.candles.time[row];
        if self.profile.refuses_non_positive {
            refuse_non_positive(&config, controller).map_err(|source| Error::Decision { time, source })?;
        }
        let id = ExecutorId(self.created_count);
        self.created_count += 1;
        let plan = Plan::of(&config, &self.field, row).map_err(|source| Error::Executor { time, source })?;
        let Some(plan) = plan else { return Ok(()) };
        let change = plan.end().min(plan.first_change().unwrap_or(usize::MAX));
        self.next_change = self.next_change.min(change);
        self.changes.push(change);
        self.active.push(ActiveExecutor::new(id, &config));
        self.plans.push((config, plan));
        Ok(())
    }

    /// Stops an executor at a row, with the profit that it has there; what it has filled may be kept.
    fn stop(&mut self, id: ExecutorId, row: usize, keep_position: bool) -> Result<(), Error> {
        let Some(index) = self.active.iter().position(|active| active.id == id) else {
            return Ok(());
        };
        let (config, plan) = self.remove(index);
        let keeps = keep_position && plan.at(&config, &self.field, row).filled_amount_quote > 0.0;
        self.book(config, &plan, row, if keeps { CloseType::PositionHold } else { CloseType::EarlyStop }, keeps)
    }

    /// Adds an executor to the ended ones, and what it kept to the ledger of holds if that `holds` it.
    fn book(
        &mut self,
        config: ExecutorConfig,
        plan: &Plan,
        row: usize,
        close_type: CloseType,
        holds: bool,
    ) -> Result<(), Error> {
        let figures = plan.at(&config, &self.field, row);
        if !figures.net_pnl_pct.is_finite() || !figures.net_pnl_quote.is_finite() {
            return Err(Error::NoProfit { time: self.candles.time[row] });
        }
        if figures.filled_amount_quote != 0.0 || figures.net_pnl_quote != 0.0 {
            self.record_profit();
        }
        self.volume_quote += figures.filled_amount_quote;
        if holds && close_type == CloseType::PositionHold && figures.filled_amount_quote > 0.0 {
            self.ledger.push(Deposit {
                side: config.side(),
                filled_amount_quote: figures.filled_amount_quote,
                cum_fees_quote: figures.cum_fees_quote,
                average_price: figures.average_price,
            });
        } else {
            self.realized_pnl_quote += figures.net_pnl_quote;
        }
        let candles = self.candles;
        let update = plan.filled_by(row).filter(|_| figures.filled_amount_quote > 0.0).unwrap_or(row);
        self.ended.push(ExecutorInfo {
            config,
            close_time: candles.time[row],
            close_type,
            figures,
            close_price: candles.close[row],
            grid: plan.grid_report(),
            order_update_time: candles.time[update],
        });
        Ok(())
    }

    /// Ends the replay as its profile does.
    fn finish(mut self) -> Result<Replay, Error> {
        let last = self.candles.len().checked_sub(1);
        if let Some(last) = last {
            let time = self.candles.time[last];
            if self.profile.closing_tick {
                self.end_executors(last)?;
            }
            self.ledger.drain().map_err(|source| Error::Hold { time, source })?;
        }
        self.record_profit();
        if !self.profile.closing_tick {
            self.ended.truncate(self.ended_before_last_decision);
        }
        Ok(Replay {
            executors: self.ended,
            open: Vec::new(),
            series: self.series,
            held: self.held,
            hold: self.ledger.hold().copied(),
            last_close: last.map(|last| self.candles.close[last]),
            unstarted_count: 0,
        })
    }
}

fn active_count(active: &[ActiveExecutor]) -> u32 {
    u32::try_from(active.len()).expect("executors are numbered in 32 bits")
}

/// Refuses what newer executors refuse to be created with.
pub(super) fn refuse_non_positive(config: &ExecutorConfig, controller: &dyn Controller) -> Result<(), DecisionError> {
    match first_non_positive(config) {
        None => Ok(()),
        Some((what, value)) => {
            let level = config.level().map_or_else(String::new, |level| controller.level_name(level));
            Err(DecisionError::NotPositive { level, what, value })
        }
    }
}

/// Returns the first figure of a configuration that is not greater than zero, with its name.
fn first_non_positive(config: &ExecutorConfig) -> Option<(&'static str, Operand)> {
    let is_refused = |(_, value): &(&'static str, Operand)| !value.is_positive();
    match config {
        // Then the amount in base is positive as well.
        ExecutorConfig::Position(config) if config.amount.is_positive() && config.entry_price.is_positive() => None,
        ExecutorConfig::Position(config) => {
            [("the amount", config.amount_base().into()), ("the price", config.entry_price.into())]
                .into_iter()
                .find(is_refused)
        }
        ExecutorConfig::Order(config) => {
            [("the amount", config.amount.into()), ("the price", config.price.into())].into_iter().find(is_refused)
        }
        ExecutorConfig::Dca(config) if config.is_regular() => None,
        ExecutorConfig::Dca(config) => {
            let figures =
                |order: &DcaOrder| [("an amount", order.amount_quote.into()), ("a price", order.price.into())];
            config.orders().iter().flat_map(figures).find(is_refused)
        }
        ExecutorConfig::Grid(config) => [
            ("the amount", config.total_amount_quote.into()),
            ("the start price", config.start_price.into()),
            ("the end price", config.end_price.into()),
        ]
        .into_iter()
        .find(is_refused),
    }
}
