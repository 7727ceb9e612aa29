//! The causal loop: a candle closes, executors learn what it did to them, the controller decides.

use std::borrow::Cow;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::Moment;
use crate::engine::causal::bar::Bar;
use crate::engine::causal::costs::Costs;
use crate::engine::causal::ending::Ending;
use crate::engine::causal::life::Life;
use crate::engine::causal::sight;
use crate::engine::causal::sight::Sight;
use crate::engine::causal::sight::View;
use crate::engine::grid;
use crate::engine::hold::Deposit;
use crate::engine::hold::Ledger;
use crate::engine::plan;
use crate::engine::replay::Error;
use crate::engine::replay::Replay;
use crate::engine::replay::Setup;
use crate::engine::replay::refuse_non_positive;
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
use crate::executor::Snapshot;
use crate::executor::hold::HoldSummary;
use crate::market::Candles;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::candles;

/// Replays a controller over candles without look-ahead.
///
/// The setup's `trade_cost` is not looked at: `costs` takes its place. A candle counts once it has closed by the end of the
/// last candle that opens at or before the setup's end; candles before the start warm the controller's figures up. A grid
/// whose range is smaller than one step does not start, and is only counted.
///
/// # Errors
///
/// Returns an error where the candles do not fit, where the controller cannot decide, or where it asks for an order of
/// nothing.
pub fn replay(setup: &Setup<'_>, costs: &Costs, controller: &mut dyn Controller) -> Result<Replay, Error> {
    replay_watched(setup, costs, controller, &mut Nobody)
}

/// Replays as [`replay`] does, while somebody looks on.
///
/// # Errors
///
/// As [`replay`], and [`Error::Stopped`] where whoever looks on says so.
pub fn replay_watched(
    setup: &Setup<'_>,
    costs: &Costs,
    controller: &mut dyn Controller,
    watch: &mut dyn Watch,
) -> Result<Replay, Error> {
    let known = known(setup);
    let bars = bars(setup, &known)?;
    let mut sight = Sight::new(controller, &known).map_err(|error| match error {
        sight::Error::Candles(source) => Error::Candles(source),
        sight::Error::Controller(source) => Error::Decision { time: setup.start, source },
    })?;
    let mut run = Run::new(setup, costs, bars.len());
    let mut actions = Vec::new();
    for (row, bar) in bars.iter().enumerate() {
        let time = bar.close_time;
        if row % ROWS_BETWEEN_LOOKS == 0 && watch.look(&run.glimpse(row, &bars)).is_break() {
            return Err(Error::Stopped { time: bar.open_time });
        }
        run.live(bar)?;
        run.ledger.drain().map_err(|source| Error::Hold { time, source })?;
        let held = run.held(bar);
        run.record(bar, held.as_ref())?;
        run.forget(time);
        let Some(view) = sight.look(time, controller)? else { continue };
        let moment = run.moment(bar, view, held.as_ref());
        controller.decide(&moment, &mut actions).map_err(|source| Error::Decision { time, source })?;
        for action in actions.drain(..) {
            match action {
                Action::Create(config) => run.create(config, bar, controller)?,
                Action::Stop { id, keep_position } => run.stop(id, bar, keep_position),
            }
        }
    }
    run.finish(&bars)
}

/// Returns the candles that open at or before the end.
fn known<'a>(setup: &Setup<'a>) -> Cow<'a, Candles> {
    let first = setup.candles.time.first().copied().unwrap_or(setup.end);
    setup.candles.window(first, setup.end)
}

/// Returns the candles of the window that close before the known ones end.
fn bars(setup: &Setup<'_>, known: &Candles) -> Result<Vec<Bar>, candles::Error> {
    let joined = known.resampled(setup.resolution)?;
    let Some(&last) = known.time.last() else { return Ok(Vec::new()) };
    let horizon = last + known.interval().unwrap_or(setup.resolution);
    let bar = |row: usize| Bar {
        open_time: joined.time[row],
        close_time: joined.time[row] + setup.resolution,
        open: joined.open[row],
        high: joined.high[row],
        low: joined.low[row],
        close: joined.close[row],
    };
    let is_seen = |bar: &Bar| bar.open_time >= setup.start && bar.close_time <= horizon;
    Ok((0..joined.len()).map(bar).filter(is_seen).collect())
}

/// A causal replay on its way.
struct Run<'a> {
    setup: &'a Setup<'a>,
    costs: &'a Costs,
    /// What controllers see of the executors that have not ended, in the order of creation.
    active: Vec<ActiveExecutor>,
    /// The same executors' configurations and lives.
    lives: Vec<(ExecutorConfig, Life)>,
    created_count: u32,
    unstarted_count: usize,
    ended: Vec<ExecutorInfo>,
    visible_from: usize,
    realized_pnl_quote: f64,
    volume_quote: f64,
    ledger: Ledger,
    series: Series,
    held: HeldSeries,
}

impl<'a> Run<'a> {
    fn new(setup: &'a Setup<'a>, costs: &'a Costs, rows: usize) -> Self {
        Self {
            setup,
            costs,
            active: Vec::new(),
            lives: Vec::new(),
            created_count: 0,
            unstarted_count: 0,
            ended: Vec::new(),
            visible_from: 0,
            realized_pnl_quote: 0.0,
            volume_quote: 0.0,
            ledger: Ledger::default(),
            series: Series::with_capacity(rows),
            held: HeldSeries::default(),
        }
    }

    fn glimpse(&self, row: usize, bars: &[Bar]) -> Glimpse {
        Glimpse {
            row,
            row_count: bars.len(),
            time: bars[row].open_time,
            active_count: self.active.len(),
            ended_count: self.ended.len(),
            realized_pnl_quote: self.realized_pnl_quote,
        }
    }

    /// Lets every executor live through a candle, in the order of creation.
    fn live(&mut self, bar: &Bar) -> Result<(), Error> {
        let mut index = 0;
        while index < self.lives.len() {
            let life = &mut self.lives[index].1;
            if let Some(ending) = life.step(bar, self.costs) {
                self.end(index, ending, bar);
                continue;
            }
            let account = life.account();
            let active = &mut self.active[index];
            active.is_trading = account.has_traded();
            active.fill_time = account.first_time;
            index += 1;
        }
        if self.realized_pnl_quote.is_finite() { Ok(()) } else { Err(Error::NoProfit { time: bar.close_time }) }
    }

    /// Moves an executor to the ended ones; what it keeps goes to the ledger at its average price.
    fn end(&mut self, index: usize, ending: Ending, bar: &Bar) {
        self.active.remove(index);
        let (config, mut life) = self.lives.remove(index);
        let average_price =
            if ending.close_type == CloseType::PositionHold { self.keep(&config, &mut life) } else { None };
        let account = life.account();
        let mut figures = account.snapshot(bar.close);
        figures.average_price = average_price.unwrap_or(figures.average_price);
        self.realized_pnl_quote += figures.net_pnl_quote;
        self.volume_quote += figures.filled_amount_quote;
        self.ended.push(ExecutorInfo {
            close_time: ending.time,
            close_type: ending.close_type,
            figures,
            close_price: bar.close,
            grid: life.grid_report(),
            order_update_time: account.first_time.unwrap_or(ending.time),
            config,
        });
    }

    /// Hands an executor's position over to the ledger; returns the price, where there was one to hand over.
    fn keep(&mut self, config: &ExecutorConfig, life: &mut Life) -> Option<f64> {
        let (base, price) = life.hand_over();
        let kept = base > 0.0;
        if kept {
            self.ledger.push(Deposit {
                side: config.side(),
                filled_amount_quote: base * price,
                cum_fees_quote: life.account().fees_quote,
                average_price: price,
            });
        }
        kept.then_some(price)
    }

    fn forget(&mut self, time: i64) {
        let Some(memory) = self.setup.profile.memory else { return };
        let is_old = |ended: &&ExecutorInfo| ended.close_time < time - memory;
        self.visible_from += self.ended[self.visible_from..].iter().take_while(is_old).count();
    }

    /// Returns the position that is held, marked at the close.
    fn held(&self, bar: &Bar) -> Option<HoldSummary> {
        self.ledger.hold()?;
        self.ledger.open(Decimal::from_shortest(bar.close))
    }

    fn record(&mut self, bar: &Bar, held: Option<&HoldSummary>) -> Result<(), Error> {
        let unrealized_hold = held.map_or(0.0, |held| held.unrealized_pnl_quote.to_f64());
        let realized_hold = self.ledger.hold().map_or(0.0, |hold| hold.realized_pnl_quote.to_f64());
        let held_quote = held.map_or(0.0, |held| held.amount.to_f64() * bar.close);
        let accounts = || self.lives.iter().map(|(_, life)| life.account());
        let unrealized: f64 = accounts().map(|account| account.pnl_quote(bar.close)).sum();
        let volume: f64 = accounts().map(|account| account.volume_quote).sum();
        let open_quote: f64 = accounts().map(|account| account.base.abs() * bar.close).sum();
        let total = self.realized_pnl_quote + unrealized + realized_hold + unrealized_hold;
        if !total.is_finite() {
            return Err(Error::NoProfit { time: bar.close_time });
        }
        let series = &mut self.series;
        series.time.push(bar.close_time);
        series.executor_realized_pnl.push(self.realized_pnl_quote);
        series.executor_unrealized_pnl.push(unrealized);
        series.position_realized_pnl.push(realized_hold);
        series.position_unrealized_pnl.push(unrealized_hold);
        series.position_quote.push(open_quote + held_quote);
        series.total_pnl.push(total);
        series.active_count.push(u32::try_from(self.active.len()).expect("executors are numbered in 32 bits"));
        series.volume_quote.push(self.volume_quote + volume);
        if let Some(held) = held {
            let is_long = held.side == Side::Buy;
            self.held.time.push(bar.close_time);
            self.held.long_amount.push(if is_long { held_quote } else { 0.0 });
            self.held.short_amount.push(if is_long { 0.0 } else { held_quote });
            self.held.unrealized_pnl.push(unrealized_hold);
            self.held.realized_pnl.push(realized_hold);
        }
        Ok(())
    }

    fn moment<'m>(&'m self, bar: &Bar, view: View, held: Option<&'m HoldSummary>) -> Moment<'m> {
        Moment {
            time: bar.close_time,
            close: bar.close,
            reference_price: view.reference_price.unwrap_or(bar.close),
            spread_multiplier: view.spread_multiplier.unwrap_or(1.0),
            signal: view.signal.unwrap_or(0.0),
            active: &self.active,
            ended: &self.ended,
            visible_from: self.visible_from,
            held,
        }
    }

    fn create(&mut self, config: ExecutorConfig, bar: &Bar, controller: &dyn Controller) -> Result<(), Error> {
        let time = bar.close_time;
        refuse_non_positive(&config, controller).map_err(|source| Error::Decision { time, source })?;
        let life = match Life::new(&config, bar.close, &self.setup.rules) {
            Ok(life) => life,
            // A live bot logs the division by zero and goes on; its controller never sees the executor.
            Err(grid::Error::NoLevels { .. }) => {
                self.unstarted_count += 1;
                return Ok(());
            }
            Err(source) => return Err(Error::Executor { time, source: plan::Error::Grid(source) }),
        };
        self.active.push(ActiveExecutor::new(ExecutorId(self.created_count), &config));
        self.created_count += 1;
        self.lives.push((config, life));
        Ok(())
    }

    fn stop(&mut self, id: ExecutorId, bar: &Bar, keep_position: bool) {
        let Some(index) = self.active.iter().position(|active| active.id == id) else { return };
        if let Some(ending) = self.lives[index].1.stop(keep_position, bar.close_time) {
            self.end(index, ending, bar);
        }
    }

    fn finish(mut self, bars: &[Bar]) -> Result<Replay, Error> {
        let last = bars.last();
        if let Some(bar) = last {
            self.ledger.drain().map_err(|source| Error::Hold { time: bar.close_time, source })?;
        }
        let open = |(config, life): (ExecutorConfig, Life)| OpenExecutor {
            config,
            figures: last.map_or_else(Snapshot::default, |bar| life.account().snapshot(bar.close)),
            fill_time: life.account().first_time,
        };
        Ok(Replay {
            executors: self.ended,
            open: self.lives.into_iter().map(open).collect(),
            series: self.series,
            held: self.held,
            hold: self.ledger.hold().copied(),
            last_close: last.map(|bar| bar.close),
            unstarted_count: self.unstarted_count,
        })
    }
}
