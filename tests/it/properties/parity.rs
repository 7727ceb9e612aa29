//! What holds for parity replays: upstream's fees, barriers in their order, sums that are those of the ledger.

use hive::controller::Mode;
use hive::engine::Replay;
use hive::engine::audit::Recorder;
use hive::engine::replay;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::ExecutorInfo;
use hive::executor::dca::DcaConfig;
use hive::executor::position::Entry;
use hive::executor::position::PositionConfig;
use hive::market::Candles;
use hive::market::Side;
use hive::metric::Convention;
use proptest::prelude::*;
use serde_json::Value;

use super::Case;
use super::Holds;
use super::TRADE_COST;
use super::strict;

/// The candles that were replayed, and what a position costs on them.
struct Ground {
    candles: Candles,
    cost: f64,
}

/// Holds a parity replay against what it promises.
pub(super) fn holds(case: &Case, candles: &Candles, replay: &Replay, json: &Value) -> Holds {
    let rows: Vec<usize> = replay.series.time.iter().filter_map(|time| candles.time.binary_search(time).ok()).collect();
    prop_assert_eq!(rows.len(), replay.series.time.len(), "a row is no candle");
    // Only a controller of indicators starts later, and then it misses no candle.
    prop_assert!(rows.windows(2).all(|pair| pair[0] + 1 == pair[1]) && rows.last() == Some(&(candles.len() - 1)));
    prop_assert!(rows[0] == 0 || case.config.get("interval").is_some());

    let ground = Ground { candles: candles.picked(&rows), cost: case.profile.fee_sides * TRADE_COST };
    for executor in &replay.executors {
        match &executor.config {
            ExecutorConfig::Position(config) => position(&ground, config, executor)?,
            ExecutorConfig::Dca(config) => dca(&ground, config, executor)?,
            ExecutorConfig::Grid(_) => grid(executor)?,
            ExecutorConfig::Order(config) => {
                let is_kept = executor.close_type == CloseType::PositionHold;
                let filled = if is_kept { config.amount.to_f64() * executor.close_price } else { 0.0 };
                let figures = &executor.figures;
                prop_assert_eq!((figures.filled_amount_quote, figures.net_pnl_quote), (filled, 0.0));
                prop_assert_eq!(figures.cum_fees_quote, TRADE_COST * filled);
            }
        }
    }
    idleness(case, candles)?;
    series(case, replay)?;
    results(case, replay, &json["results"])?;
    prop_assert_eq!(json["n_executors"].as_u64(), Some(replay.executors.len() as u64));
    prop_assert_eq!(strict::problems(json), Vec::<String>::new());
    Ok(())
}

/// Nothing comes of asking a controller also where it has said that it would do nothing, candles with a gap or without.
fn idleness(case: &Case, candles: &Candles) -> Holds {
    let gap = case.cut.index(candles.len());
    let gap = gap..gap + candles.len() / 5;
    let rows: Vec<usize> = (0..candles.len()).filter(|row| !gap.contains(row)).collect();
    for candles in [candles, &candles.picked(&rows)] {
        let prepared = || super::prepared(Mode::Parity, &case.config, candles, case.walk.tick, case.profile);
        let (setup, mut controller) = prepared();
        let found = replay::replay(&setup, controller.as_mut());
        let (setup, mut controller) = prepared();
        // A recorder makes no promises.
        prop_assert_eq!(found, replay::replay(&setup, &mut Recorder::new(controller.as_mut())));
    }
    Ok(())
}

impl Ground {
    fn row(&self, time: i64) -> usize {
        self.candles.time.binary_search(&time).expect("executors live on candles")
    }

    /// Returns the profit of a position, net of fees, as a fraction: not compounded, so not to the last bit.
    fn pnl_pct(&self, side: Side, fill: usize, row: usize) -> f64 {
        (self.candles.close[row] / self.candles.close[fill] - 1.0) * side.sign() - self.cost
    }
}

/// How far a profit may be from a barrier and count as being on either side of it.
const NEAR: f64 = 1e-9;

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= NEAR * expected.abs().max(1.0)
}

/// Whether an executor was ended by its controller, in the middle of its way: its exit is then not in its volume.
fn is_stopped(executor: &ExecutorInfo) -> bool {
    matches!(executor.close_type, CloseType::EarlyStop | CloseType::PositionHold)
}

fn position(ground: &Ground, config: &PositionConfig, executor: &ExecutorInfo) -> Holds {
    let figures = &executor.figures;
    if figures.filled_amount_quote == 0.0 {
        prop_assert!(matches!(executor.close_type, CloseType::EarlyStop | CloseType::StopLoss | CloseType::TimeLimit));
        return Ok(());
    }
    let Candles { time, high, low, close, .. } = &ground.candles;
    let (fill, end) = (ground.row(executor.order_update_time), ground.row(executor.close_time));
    let created = ground.row(config.time);
    prop_assert!(created <= fill && fill <= end, "filled out of its life: {executor:?}");
    let reaches = |row: usize| match (config.entry, config.side) {
        (Entry::Market, _) => true,
        (Entry::Limit, Side::Buy) => close[row] <= config.entry_price.nearest().floor(),
        (Entry::Limit, Side::Sell) => close[row] >= config.entry_price.nearest().ceil(),
    };
    prop_assert!(reaches(fill) && !(created..fill).any(reaches), "not its first fill: {executor:?}");

    let opened = config.amount_base().to_f64() * close[fill];
    prop_assert_eq!(figures.filled_amount_quote, if is_stopped(executor) { opened } else { opened * 2.0 });
    prop_assert_eq!(figures.cum_fees_quote, ground.cost * opened);
    prop_assert!(near(figures.net_pnl_pct, ground.pnl_pct(config.side, fill, end)), "{executor:?}");
    prop_assert_eq!(figures.net_pnl_quote, figures.net_pnl_pct * opened);

    let pnl = |row: usize| ground.pnl_pct(config.side, fill, row);
    let stops = |row: usize| {
        config.barrier.stop_loss.is_some_and(|loss| {
            let price = close[fill] * (1.0 - loss * config.side.sign());
            if config.side == Side::Buy { low[row] <= price } else { high[row] >= price }
        })
    };
    // Barriers that an executor came through, and those that a nearer one on its last candle came before.
    let profits = |row: usize, bound: f64| config.barrier.take_profit.is_some_and(|profit| pnl(row) > profit + bound);
    let through = if is_stopped(executor) { end + 1 } else { end };
    prop_assert!(!(fill..through).any(|row| profits(row, NEAR) || stops(row)), "lived on: {executor:?}");
    let limit = config.barrier.time_limit.map(|limit| config.time + limit);
    prop_assert!(limit.is_none_or(|limit| executor.close_time <= limit), "outlived its time: {executor:?}");
    match executor.close_type {
        CloseType::TakeProfit => prop_assert!(profits(end, -NEAR), "{executor:?}"),
        CloseType::StopLoss => prop_assert!(stops(end) && !profits(end, NEAR), "{executor:?}"),
        CloseType::TrailingStop => {
            let stop = config.barrier.trailing_stop.expect("it may end so");
            let best = (fill..=end).map(pnl).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(best > stop.activation - NEAR && pnl(end) < best.max(0.0) - stop.delta + NEAR, "{executor:?}");
            prop_assert!(!stops(end) && !profits(end, NEAR), "{executor:?}");
        }
        CloseType::TimeLimit => {
            let is_last = time.get(end + 1).is_none_or(|&next| limit.is_some_and(|limit| next > limit));
            prop_assert!(is_last && !stops(end) && !profits(end, NEAR), "{executor:?}");
        }
        _ => {}
    }
    Ok(())
}

fn dca(ground: &Ground, config: &DcaConfig, executor: &ExecutorInfo) -> Holds {
    let figures = &executor.figures;
    let opened = figures.filled_amount_quote / if is_stopped(executor) { 1.0 } else { 2.0 };
    prop_assert!(near(figures.cum_fees_quote, ground.cost * opened), "{executor:?}");
    let orders = config.orders();
    let amounts = orders.iter().map(|order| order.amount_quote.to_f64());
    let mut sums = amounts.scan(0.0, |sum, amount| {
        *sum += amount;
        Some(*sum)
    });
    prop_assert!(opened == 0.0 || sums.any(|sum| near(opened, sum)), "not its first orders: {executor:?}");
    Ok(())
}

/// Nobody stops a grid, so its volume counts everything twice, as its fees do.
fn grid(executor: &ExecutorInfo) -> Holds {
    let figures = &executor.figures;
    prop_assert!(near(figures.cum_fees_quote, TRADE_COST * figures.filled_amount_quote), "{executor:?}");
    let report = executor.grid.as_ref().expect("a grid has levels");
    prop_assert_eq!(report.prices.len(), report.take_profit_prices.len());
    prop_assert!(report.fill_event_count > 0 || figures.filled_amount_quote == 0.0, "{executor:?}");
    Ok(())
}

fn series(case: &Case, replay: &Replay) -> Holds {
    let series = &replay.series;
    let of_holds = |values: &[f64]| if values.is_empty() { vec![0.0; series.time.len()] } else { values.to_vec() };
    let [held, open] = [&series.position_realized_pnl, &series.position_unrealized_pnl].map(|column| of_holds(column));
    let columns = series.executor_realized_pnl.iter().zip(&held);
    let sums = columns.zip(&open).map(|((executors, held), open)| executors + held + open);
    prop_assert_eq!(&series.total_pnl, &sums.collect::<Vec<f64>>());

    let last = series.time.last().copied().expect("there is a row");
    // When an executor was created that is stamped with the wall clock cannot be told.
    if replay.executors.iter().any(|executor| executor.config.time() > last) {
        return Ok(());
    }
    // What ended on the last candle after its row was written is not in the row.
    let is_late = |executor: &&ExecutorInfo| {
        let is_new = executor.config.time() == last;
        case.profile.closing_tick && executor.close_time == last && (is_new || is_stopped(executor))
    };
    let booked = |executor: &&ExecutorInfo| executor.close_type != CloseType::PositionHold;
    let in_row = || replay.executors.iter().filter(|executor| !is_late(executor));
    let realized: f64 = in_row().filter(booked).map(|executor| executor.figures.net_pnl_quote).sum();
    let found = series.executor_realized_pnl.last().copied().unwrap_or_default();
    prop_assert!(near(found, realized), "{found} is not {realized}");
    Ok(())
}

fn results(case: &Case, replay: &Replay, results: &Value) -> Holds {
    let float = |key: &str| results[key].as_f64().unwrap_or(f64::NAN);
    let count = |key: &str| results[key].as_u64().unwrap_or(u64::MAX);
    let booked: Vec<&ExecutorInfo> =
        replay.executors.iter().filter(|executor| executor.close_type != CloseType::PositionHold).collect();
    let sum = |figure: fn(&ExecutorInfo) -> f64| booked.iter().map(|executor| figure(executor)).sum::<f64>();
    let held = replay.hold.map_or(0.0, |hold| hold.realized_pnl_quote.to_f64());
    let decided = booked.iter().filter(|executor| executor.figures.net_pnl_quote != 0.0);
    let volume: f64 = decided.clone().map(|executor| executor.figures.filled_amount_quote).sum();
    prop_assert!(near(float("net_pnl_quote"), sum(|executor| executor.figures.net_pnl_quote) + held), "{results}");
    prop_assert!(near(float("total_volume"), volume), "{results}");

    let all = replay.executors.len() as u64;
    let by_type = results["close_types"].as_object().expect("a table").values();
    prop_assert_eq!(count("total_executors"), all);
    prop_assert_eq!(by_type.filter_map(Value::as_u64).sum::<u64>(), all);
    prop_assert_eq!(count("total_positions"), decided.count() as u64);
    prop_assert_eq!(count("total_executors_with_position"), count("total_positions"));
    prop_assert_eq!(count("total_long") + count("total_short"), count("total_positions"));
    prop_assert_eq!(count("win_signals") + count("loss_signals"), count("total_positions"));
    prop_assert!((0.0..=1.0).contains(&float("accuracy")) && float("max_drawdown_usd") <= 0.0, "{results}");

    if case.profile.convention == Convention::Series {
        let fees: f64 = replay.executors.iter().map(|executor| executor.figures.cum_fees_quote).sum();
        prop_assert!(near(float("total_fees_quote"), fees), "{results}");
        prop_assert!(near(float("position_realized_pnl_quote"), held), "{results}");
    }
    if case.profile.closing_tick {
        let kept = replay.executors.iter().filter(|executor| executor.close_type == CloseType::PositionHold);
        let kept: f64 = kept.map(|executor| executor.figures.filled_amount_quote).sum();
        let volume = replay.hold.map_or(0.0, |hold| hold.volume_traded_quote.to_f64());
        prop_assert!(near(volume, kept), "{volume} is held of {kept}");
    }
    Ok(())
}
