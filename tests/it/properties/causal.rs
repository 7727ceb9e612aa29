//! What holds for causal replays: fees between maker's and taker's, profit that adds up, and no look into the future.

use hive::controller::Mode;
use hive::engine::Replay;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::ExecutorInfo;
use hive::executor::Snapshot;
use hive::executor::position::PositionConfig;
use hive::market::Candles;
use proptest::prelude::*;
use serde_json::Value;

use super::Case;
use super::Holds;
use super::strict;

/// Holds a causal replay against what it promises.
pub(super) fn holds(case: &Case, candles: &Candles, replay: &Replay, json: &Value) -> Holds {
    let ended = || replay.executors.iter().map(|executor| &executor.figures);
    let open = || replay.open.iter().map(|executor| &executor.figures);
    for figures in ended().chain(open()) {
        fees(case, figures)?;
    }
    for executor in &replay.executors {
        if let ExecutorConfig::Position(config) = &executor.config {
            position(config, executor)?;
        }
    }

    let series = &replay.series;
    prop_assert_eq!(&series.time, &candles.time.iter().map(|time| time + 60).collect::<Vec<i64>>());
    prop_assert_eq!([series.position_quote.len(), series.executor_unrealized_pnl.len()], [series.time.len(); 2]);
    prop_assert!(series.position_quote.iter().all(|quote| quote.is_finite() && *quote >= 0.0));
    let sum = |figure: fn(&Snapshot) -> f64| ended().chain(open()).map(figure).sum::<f64>();
    let volume = series.volume_quote.last().copied().unwrap_or_default();
    prop_assert!(near(volume, sum(|figures| figures.filled_amount_quote)));
    // Whatever is kept takes its profit along, so moving it to the holds changes nothing.
    let held = replay.hold.zip(replay.last_close).map(|(hold, close)| hold.summary(close));
    let held = held.map_or(0.0, |held| held.realized_pnl_quote.to_f64() + held.unrealized_pnl_quote.to_f64());
    let profit = series.total_pnl.last().copied().unwrap_or_default();
    let expected = sum(|figures| figures.net_pnl_quote) + held;
    prop_assert!((profit - expected).abs() <= 1e-9 * (1.0 + volume), "{profit} is not {expected}");

    let results = &json["results"];
    let float = |key: &str| results[key].as_f64().unwrap_or(f64::NAN);
    prop_assert_eq!(float("net_pnl_quote"), profit + 0.0);
    prop_assert!(near(float("total_volume"), volume) && near(float("net_pnl"), profit / 1_000.0), "{results}");
    prop_assert!(near(float("total_fees_quote"), sum(|figures| figures.cum_fees_quote)), "{results}");
    prop_assert!(near(float("realized_pnl_quote") + float("unrealized_pnl_quote"), profit), "{results}");
    prop_assert_eq!(results["total_executors"].as_u64(), Some(replay.executors.len() as u64));
    let by_type = results["close_types"].as_object().expect("a table").values();
    prop_assert_eq!(by_type.filter_map(Value::as_u64).sum::<u64>(), replay.executors.len() as u64);
    prop_assert!(float("max_drawdown") <= 0.0 && float("max_drawdown_quote") <= profit.min(0.0), "{results}");
    prop_assert!((0.0..=1.0).contains(&float("time_in_market")) && float("exposure") >= 0.0, "{results}");
    prop_assert_eq!(strict::problems(json), Vec::<String>::new());

    no_look_ahead(case, candles, replay)
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

fn fees(case: &Case, figures: &Snapshot) -> Holds {
    let (maker, taker) = (case.costs.maker_fee, case.costs.taker_fee);
    let bounds = [maker.min(taker), maker.max(taker)].map(|fee| fee * figures.filled_amount_quote);
    let is_between = bounds[0] - 1e-9 <= figures.cum_fees_quote && figures.cum_fees_quote <= bounds[1] + 1e-9;
    prop_assert!(is_between, "fees out of {bounds:?}: {figures:?}");
    Ok(())
}

/// A stop never fills better than its trigger, and a profit never better than its limit.
fn position(config: &PositionConfig, executor: &ExecutorInfo) -> Holds {
    let figures = &executor.figures;
    let opened = config.amount_base().to_f64() * figures.average_price;
    let gain = figures.net_pnl_quote + figures.cum_fees_quote;
    let limit = config.barrier.time_limit.map(|limit| config.time + limit);
    match executor.close_type {
        CloseType::StopLoss => {
            let loss = config.barrier.stop_loss.expect("it may end so") * opened;
            prop_assert!(gain <= 1e-9 - loss * (1.0 - 1e-9), "{executor:?}");
        }
        CloseType::TakeProfit => {
            let profit = config.barrier.take_profit.expect("it may end so") * opened;
            let is_exact = near(gain, profit);
            prop_assert!(is_exact || (config.barrier.take_profit_at_market && gain < profit), "{executor:?}");
        }
        CloseType::TimeLimit => prop_assert!(limit.is_some_and(|limit| executor.close_time >= limit), "{executor:?}"),
        _ => {}
    }
    Ok(())
}

/// The first candles alone give what they give with those that follow.
fn no_look_ahead(case: &Case, candles: &Candles, replay: &Replay) -> Holds {
    let count = 1 + case.cut.index(candles.len());
    let first = candles.picked(&(0..count).collect::<Vec<usize>>());
    let (cut, _) = case.replayed(Mode::Causal, &first).expect("the whole could be replayed");
    prop_assert_eq!(&cut.series.total_pnl, &replay.series.total_pnl[..count]);
    prop_assert_eq!(&cut.series.position_quote, &replay.series.position_quote[..count]);
    let known = cut.executors.len();
    prop_assert!(known <= replay.executors.len());
    prop_assert_eq!(&cut.executors, &replay.executors[..known]);
    Ok(())
}
